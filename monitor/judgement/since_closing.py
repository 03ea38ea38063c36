"""What was looked up since a closing, judged without what the closing answered."""

from dataclasses import dataclass, field, replace
from datetime import date

from alerts.cases import Case
from alerts.judging import Unjudged, Week
from alerts.raising import Earlier, Grounds
from alerts.teaching import Taught
from detectors.model import Frame
from monitor.judgement.bench import Bench
from monitor.judgement.cases import cases_of
from monitor.judgement.grounds import grounds_of
from monitor.judgement.identities import Identities, identities_of
from monitor.judgement.reading import Reading, lay_rows_of_interest, reading_of
from monitor.judgement.sitting import Sitting
from monitor.passing_over import NOTHING_WAITS
from monitor.reference_folder import NoReferences
from monitor.settled import unsettled
from monitor.utc_day import number_of


@dataclass(slots=True, kw_only=True)  # it keeps what it has read, for it is seldom asked
class Apart:
    """The same week read without what closings have answered, once somebody looks again."""

    bench: Bench
    week: Week
    model: Taught | None
    whole: Frame  # of all lookups
    readings: dict[bool, Reading] = field(default_factory=dict)
    cases: dict[tuple[date, bool], tuple[Case, ...]] = field(default_factory=dict)

    def sitting(self, like: Sitting, *, alone: bool) -> Sitting | None:
        """A sitting over what is left of the same week; nothing where that cannot be judged."""
        if alone not in self.readings:
            self.readings[alone] = self._read(alone=alone)
        reading = self.readings[alone]
        if isinstance(reading.verdict, Unjudged):
            return None
        return replace(like, frame=reading.frame, verdict=reading.verdict, draws=frozenset())

    def cases_of(self, left: Sitting, *, alone: bool) -> tuple[Case, ...]:
        """The cases beyond the floor of one day over what is left."""
        day, floor = left.circumstances.day, left.circumstances.floor
        if (day, alone) not in self.cases:
            places = left.verdict.on_day(left.frame, number_of(day), floor=floor)
            self.cases[day, alone] = cases_of(left, places, held=NOTHING_WAITS)
        return self.cases[day, alone]

    def _read(self, *, alone: bool) -> Reading:
        bench = self.bench
        connection = unsettled(
            self.whole, bench.desk.values(), closings=bench.closings, alone=alone
        )
        # What is left has a reference of its own, which nobody will ask for again.
        left = replace(bench.records, connection=connection, references=NoReferences())
        reading = reading_of(bench, self.week, model=self.model, records=left)
        lay_rows_of_interest(bench, reading, week=self.week, drawn=frozenset())
        return reading

    def close(self) -> None:
        """Lets go of what was read."""
        for reading in self.readings.values():
            reading.close()
            reading.frame.connection.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Anew:
    """What was looked up since a closing, which clears the floor by itself."""

    sitting: Sitting  # over what is left
    case: Case
    grounds: Grounds


def counted_anew(sitting: Sitting, case: Case, *, earlier: Earlier, apart: Apart) -> Anew | None:
    """The case that lookups since a closing make by themselves; nothing below the floor."""
    if earlier.closed_at >= sitting.until:
        return None
    left = apart.sitting(sitting, alone=case.alone)
    if left is None:
        return None
    named = identities_of(sitting.frame, case)
    for one in apart.cases_of(left, alone=case.alone):
        if one.alone is case.alone and _meet(
            named, identities_of(left.frame, one), alone=one.alone
        ):
            since = max(earlier.closed_at, one.since or earlier.closed_at)
            counted = replace(one, since=since)
            grounds = grounds_of(left, counted, earlier=earlier)
            return Anew(sitting=left, case=counted, grounds=grounds) if grounds else None
    return None


def _meet(one: Identities, other: Identities, *, alone: bool) -> bool:
    """Whether two cases are about the same member of staff, and people as an alert matches them."""
    around = other.subject_ids[0] in one.subject_ids or one.subject_ids[0] in other.subject_ids
    return one.user_id == other.user_id and (alone or around)

"""The monitor itself at work on a made-up force, by the shipped settings, and what it took."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from time import perf_counter

from detectors.framing import framed
from detectors.model import Frame, Window
from monitor.judgement import DayOutcome, judged_days
from monitor.knowledge import Records, Rules
from monitor.prompts import pack_at
from monitor.running import running_at, strands
from monitor.settings import settings_at, shipped_config
from tests.benchmarks.forces import Bed
from tests.benchmarks.matching import Item, midnight, number_of, of_alerts


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """An alert on the day it was first raised, and what it says of how it came about.

    An alert does not name the way of fusing that carried it: it says whether it is about a member
    of staff alone, whether a model judged, and without which detectors it would not be there.
    """

    alert_id: str
    user_id: str
    subject_ids: tuple[str, ...]
    day: int  # since 1970-01-01 UTC
    alone: bool  # about a member of staff, whomever they looked up
    taught: bool  # whether a model that drills taught had a share in it
    hinges_on: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """Every day of a force judged."""

    bed: Bed
    items: tuple[Item, ...]  # every alert, as it stood at the end of each day that changed it
    raised: tuple[Raised, ...]  # each alert once
    days: int  # judged
    seconds: float

    @property
    def seconds_a_day(self) -> float:
        """Time a judged day took, all of it."""
        return self.seconds / max(self.days, 1)


def shipped_rules(*, budget: float | None = None, without: Sequence[str] = ()) -> Rules:
    """The rules as they are shipped, but for a review budget or shapes of drills that are named.

    Args:
        budget: chance alerts in 1,000 user-weeks.
        without: shapes of drills that teach nothing.
    """
    config = shipped_config()
    settings = settings_at(config)
    if budget is not None:
        judging = settings.judging.model_copy(update={"chance_alerts_per_1000_user_weeks": budget})
        settings = settings.model_copy(update={"judging": judging})
    if without:
        teaching = settings.teaching.model_copy(update={"without": tuple(without)})
        settings = settings.model_copy(update={"teaching": teaching})
    return Rules(
        settings=settings,
        strands=strands(running_at(config)),
        pack=pack_at(config / "prompts", settings.force.jurisdiction),
        settings_fingerprint=f"sha256:shipped{'-'.join(without)}",
        code_version="benchmark",
    )


def warm_up(rules: Rules) -> int:
    """Days of history before anybody is judged."""
    return rules.settings.judging.warm_up_days


def sat(bed: Bed, rules: Rules) -> Sitting:
    """Every day of a force, judged one after another as a scan would."""
    records = bed.records()
    began = perf_counter()
    days = bed.days(warm_up=warm_up(rules))
    outcomes = tuple(judged_days(records, rules, days=days, until=bed.end, known=()))
    seconds = perf_counter() - began
    records.connection.close()
    return Sitting(
        bed=bed,
        items=tuple(of_alerts(outcomes)),
        raised=first_raised(outcomes),
        days=len(days),
        seconds=seconds,
    )


def first_raised(outcomes: Iterable[DayOutcome]) -> tuple[Raised, ...]:
    """Each alert of judged days as it was first raised, in that order."""
    found: dict[str, Raised] = {}
    for outcome in outcomes:
        for alert in outcome.alerts:
            found.setdefault(
                alert.alert_id,
                Raised(
                    alert_id=alert.alert_id,
                    user_id=alert.user_ids[0],
                    subject_ids=alert.subject_ids,
                    day=number_of(outcome.day),
                    alone=not alert.focus_subject_id,
                    taught=bool(alert.contributions),
                    hinges_on=alert.hinges_on,
                ),
            )
    return tuple(found.values())


def whole_frame(bed: Bed, rules: Rules, *, records: Records | None = None) -> Frame:
    """One frame over every judged day, for whoever looks at all rows at once."""
    known = records or bed.records()
    first = number_of(bed.days(warm_up=warm_up(rules))[0])
    window = Window(start=midnight(first), end=bed.end)
    return framed(known.connection, window, limits=rules.limits, feeds=known.feeds)

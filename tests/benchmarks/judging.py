"""The monitor itself at work on a made-up force, by the shipped settings, and what it took."""

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
from tests.benchmarks.matching import midnight, number_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """Every day of a force judged."""

    bed: Bed
    outcomes: tuple[DayOutcome, ...]
    seconds: float

    @property
    def seconds_a_day(self) -> float:
        """Time a judged day took, all of it."""
        return self.seconds / max(len(self.outcomes), 1)


def shipped_rules(*, budget: float | None = None) -> Rules:
    """The rules as they are shipped; another review budget where one is given.

    Args:
        budget: chance alerts in 1,000 user-weeks.
    """
    config = shipped_config()
    settings = settings_at(config)
    if budget is not None:
        judging = settings.judging.model_copy(update={"chance_alerts_per_1000_user_weeks": budget})
        settings = settings.model_copy(update={"judging": judging})
    return Rules(
        settings=settings,
        strands=strands(running_at(config)),
        pack=pack_at(config / "prompts", settings.force.jurisdiction),
        settings_fingerprint="sha256:shipped",
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
    return Sitting(bed=bed, outcomes=outcomes, seconds=seconds)


def whole_frame(bed: Bed, rules: Rules, *, records: Records | None = None) -> Frame:
    """One frame over every judged day, for whoever looks at all rows at once."""
    known = records or bed.records()
    first = number_of(bed.days(warm_up=warm_up(rules))[0])
    window = Window(start=midnight(first), end=bed.end)
    return framed(known.connection, window, limits=rules.limits, feeds=known.feeds)

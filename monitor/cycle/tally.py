"""Totals of a scan so far."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from detectors.model import Abstention
from monitor.judgement import DayOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """What one day's transaction did to the queue."""

    raised: int
    extended: int
    drawn: int = 0  # of the raised


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Totals of a scan so far."""

    days: tuple[date, ...] = ()
    accesses: int = 0
    candidates: int = 0
    raised: int = 0
    extended: int = 0
    held_back: int = 0
    passed_over: Mapping[str, int] = field(default_factory=dict)
    drawn: int = 0
    abstentions: Mapping[tuple[str, int, str], Abstention] = field(default_factory=dict)

    def plus(self, outcome: DayOutcome, put: Put) -> "Tally":
        """The totals with one more day; abstentions for one reason are added up."""
        declined = dict(self.abstentions)
        for item in outcome.abstentions:
            before = declined.get((item.detector, item.version, item.reason))
            declined[item.detector, item.version, item.reason] = _added(item, before)
        return Tally(
            days=(*self.days, outcome.day),
            accesses=self.accesses + outcome.accesses,
            candidates=self.candidates + outcome.candidates,
            raised=self.raised + put.raised,
            extended=self.extended + put.extended,
            held_back=self.held_back + outcome.held_back,
            passed_over=dict(Counter(self.passed_over) + Counter(outcome.passed.counts or {})),
            drawn=self.drawn + put.drawn,
            abstentions=declined,
        )


def _added(item: Abstention, before: Abstention | None) -> Abstention:
    """One day's abstention with those before it for the same reason."""
    if before is None:
        return item
    return replace(item, pairs=before.pairs + item.pairs, days=before.days + item.days)

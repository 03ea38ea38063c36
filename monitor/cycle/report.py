"""What a scan covered and what came of it, added up day by day."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from detectors.model import Abstention
from monitor.cycle.tally import Tally
from monitor.feeds import REFERENCE_TABLES
from monitor.knowledge import Records
from monitor.utc_day import midnight


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanReport:
    """What one scan covered and what came of it."""

    until: datetime
    judged: tuple[date, ...]
    accesses: int
    candidates: int
    raised: int
    extended: int
    held_back: int  # by suppressions in force
    passed_over: Mapping[str, int]  # beyond the lower floor and no alert, by reason
    drawn: int  # at random for audit, of the raised
    abstentions: tuple[Abstention, ...]
    feeds_missing: tuple[str, ...]
    warming_up_until: date | None  # first day that can be judged, while the history is too short
    judged_again: Mapping[date, tuple[str, ...]] = field(default_factory=dict)  # feeds, by day
    failed: Mapping[date, str] = field(default_factory=dict)  # why, without identities, by day
    waiting: tuple[date, ...] = ()  # days that failed before, whose next try has not come
    left: int = 0  # days that are owed still, since the scan was broken off
    trouble: Exception | None = None  # the first that a day met

    def as_json(self) -> dict[str, object]:
        """The report as one JSON document."""
        return {
            "format": 1,
            "until": _stamp(self.until),
            "judged_days": len(self.judged),
            "first": self.judged[0].isoformat() if self.judged else None,
            "last": self.judged[-1].isoformat() if self.judged else None,
            "accesses": self.accesses,
            "candidates": self.candidates,
            "raised": self.raised,
            "extended": self.extended,
            "held_back": self.held_back,
            "passed_over": dict(self.passed_over),
            "drawn_at_random": self.drawn,
            "abstentions": [abstention_facts(item) for item in self.abstentions],
            "feeds_missing": list(self.feeds_missing),
            "warming_up_until": self.warming_up_until.isoformat()
            if self.warming_up_until
            else None,
            "judged_again": len(self.judged_again),
            "late_feeds": sorted({feed for feeds in self.judged_again.values() for feed in feeds}),
            "failed": {day.isoformat(): why for day, why in sorted(self.failed.items())},
            "waiting_days": len(self.waiting),
            "left_days": self.left,
        }


def report_of(
    tally: Tally, records: Records, *, until: datetime, first: date, last: date
) -> ScanReport:
    """The report of a scan that has counted so much.

    Args:
        tally: what it has counted.
        records: what it judged.
        until: accesses from here on did not count.
        first: day that can be judged.
        last: day on which there is any access.
    """
    return ScanReport(
        until=until,
        judged=tally.days,
        accesses=tally.accesses,
        candidates=tally.candidates,
        raised=tally.raised,
        extended=tally.extended,
        held_back=tally.held_back,
        passed_over=dict(sorted(tally.passed_over.items())),
        drawn=tally.drawn,
        abstentions=tuple(tally.abstentions[key] for key in sorted(tally.abstentions)),
        feeds_missing=tuple(feed for feed in REFERENCE_TABLES if feed not in records.feeds),
        warming_up_until=first if midnight(first) >= until or first > last else None,
    )


def nothing_scanned(until: datetime) -> ScanReport:
    """The report of a scan that found no access at all."""
    return ScanReport(
        until=until,
        judged=(),
        accesses=0,
        candidates=0,
        raised=0,
        extended=0,
        held_back=0,
        passed_over={},
        drawn=0,
        abstentions=(),
        feeds_missing=REFERENCE_TABLES,
        warming_up_until=None,
    )


def abstention_facts(item: Abstention) -> dict[str, object]:
    """An abstention as reports and the ledger keep it."""
    return {
        "detector": item.detector,
        "version": item.version,
        "reason": item.reason,
        "pairs": item.pairs,
        "days": item.days,
        "needs": list(item.needs),
    }


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")

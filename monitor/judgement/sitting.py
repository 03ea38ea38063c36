"""One day on the bench, and the circumstances under which it raises alerts."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from alerts.judging import Judged
from alerts.raising import Circumstances
from detectors.model import Frame
from monitor.feeds import REFERENCE_TABLES
from monitor.judgement.bench import SETTLING_DAYS, Bench
from monitor.utc_day import midnight


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """One day on the bench, with the week's verdict on every pair."""

    bench: Bench
    frame: Frame
    verdict: Judged
    circumstances: Circumstances
    until: datetime
    draws: frozenset[int]  # places of the week that are drawn at random for audit

    @property
    def episode(self) -> timedelta:
        """How long a pair may be quiet before new evidence begins a new episode."""
        return timedelta(days=self.bench.rules.settings.judging.episode_days)


def circumstances_of(bench: Bench, frame: Frame, *, day: date, until: datetime) -> Circumstances:
    """Under which circumstances a day raises alerts, judged up to a moment."""
    records, rules = bench.records, bench.rules
    reference = rules.settings.judging.reference_days + SETTLING_DAYS
    history = (midnight(day) - records.first_event_at) / timedelta(days=1)
    return Circumstances(
        at=bench.due_at(day, until=until),
        day=day,
        floor=rules.floor,
        feeds_missing=tuple(feed for feed in REFERENCE_TABLES if feed not in frame.feeds),
        pack=rules.pack,
        settings_fingerprint=rules.settings_fingerprint,
        code_version=rules.code_version,
        data_version=records.data_version,
        provisional=history < reference,
    )

"""The signs as Prometheus reads them: a gauge for each, in base units, and no name of anybody."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from monitor.health.signs import Signs

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

# name -> field of the signs, and what it says
_PLAIN: Final[dict[str, tuple[str, str]]] = {
    "psdmon_lag_seconds": (
        "lag_seconds",
        "Newest event, past the last judged day.",
    ),
    "psdmon_gaps_days": ("days_owed", "Settled days that are not judged."),
    "psdmon_failing_days": ("days_failing", "Days whose judging was tried and did not end well."),
    "psdmon_late_rows": ("late_rows", "Rows loaded in 7 days, after their day had settled."),
    "psdmon_quarantined_rows": ("quarantined_rows", "Rows in quarantine."),
    "psdmon_raised_alerts": ("raised_in_week", "Alerts raised in the last 7 days."),
    "psdmon_run_seconds": ("run_seconds", "How long the last scan that ended well took."),
    "psdmon_run_memory_bytes": ("run_memory_bytes", "The most memory that scan held."),
    "psdmon_feed_findings": ("findings", "Open health findings about feeds."),
    "psdmon_channels_in_trouble": (
        "channels_in_trouble",
        "Channels over which something could not be delivered.",
    ),
    "psdmon_home_bytes": ("home_bytes", "What the home takes on disk."),
    "psdmon_free_bytes": ("free_bytes", "Room left on the disk of the home."),
}
_BY_STATE: Final[dict[str, tuple[str, str, str]]] = {
    "psdmon_queue_alerts": ("queue", "status", "Alerts by status, off the sealed route."),
    "psdmon_step_ended_well": ("steps", "step", "Whether a step of the last wake ended well."),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Reading(Collector):
    """One reading of the signs; collected once and thrown away."""

    signs: Signs
    now: datetime
    memory_bytes: int | None

    def collect(self) -> Iterator[GaugeMetricFamily | HistogramMetricFamily]:
        """Every gauge that has a value, and the histogram where something was loaded."""
        yield from _moments(self.signs, self.now)
        for name, (attribute, says) in _PLAIN.items():
            value = getattr(self.signs, attribute)
            if value is not None:
                yield GaugeMetricFamily(name, says, value=float(value))
        yield from _share_of_budget(self.signs)
        for name, (attribute, label, says) in _BY_STATE.items():
            yield _by_state(name, says, label=label, values=getattr(self.signs, attribute))
        if self.signs.lateness:
            yield HistogramMetricFamily(
                "psdmon_lateness_seconds",
                "Rows loaded in 7 days, by how long after they happened.",
                buckets=sorted(self.signs.lateness.items(), key=lambda one: float(one[0])),
                sum_value=self.signs.lateness_seconds,
            )
        if self.memory_bytes is not None:
            says = "Memory the daemon holds now."
            yield GaugeMetricFamily("psdmon_resident_memory_bytes", says, value=self.memory_bytes)


def exposition(signs: Signs, *, now: datetime, memory_bytes: int | None = None) -> str:
    """The text of `/metrics`; ages are counted to this moment, the rest is as the signs were taken.

    Args:
        signs: what was taken at the last wake.
        now: the moment of asking.
        memory_bytes: what the process that answers holds, where it is the daemon.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Reading(signs=signs, now=now, memory_bytes=memory_bytes))
    return generate_latest(registry).decode("utf-8")


def _moments(signs: Signs, now: datetime) -> Iterator[GaugeMetricFamily]:
    yield GaugeMetricFamily(
        "psdmon_signs_age_seconds", "Since these signs were taken.", value=_age(signs.at, now)
    )
    if signs.last_success_at is None:
        return
    says = "When a scan last ended well, in seconds since 1970."
    at = signs.last_success_at.timestamp()
    yield GaugeMetricFamily("psdmon_last_success_timestamp_seconds", says, value=at)
    says = "Since a scan last ended well."
    age = _age(signs.last_success_at, now)
    yield GaugeMetricFamily("psdmon_last_success_age_seconds", says, value=age)


def _share_of_budget(signs: Signs) -> Iterator[GaugeMetricFamily]:
    if signs.budget_in_week > 0:
        says = "Alerts raised in 7 days, over those that chance alone may raise in 7 days."
        share = signs.raised_in_week / signs.budget_in_week
        yield GaugeMetricFamily("psdmon_budget_used_ratio", says, value=share)


def _by_state(
    name: str, says: str, *, label: str, values: Mapping[str, float]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, says, labels=[label])
    for state, value in sorted(values.items()):
        family.add_metric([state], float(value))
    return family


def _age(then: datetime, now: datetime) -> float:
    """Seconds from one moment to another; 0 where the clock was set back in between."""
    return max((now - then).total_seconds(), 0.0)

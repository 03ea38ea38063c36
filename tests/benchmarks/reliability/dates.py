"""Days on which programs go wrong: clocks that change, a leap day, and forty days of outage."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.benchmarks.figures import Figure
from tests.benchmarks.reliability.damaged_input import quietly
from tests.benchmarks.reliability.living import (
    DAY,
    Force,
    Life,
    arrives,
    gaps_in,
    judged_in,
    morning_after,
)
from tests.benchmarks.reliability.orders import differing_alerts
from tests.benchmarks.reliability.worlds import world

SEED, STAFF = 861, 50
ZONE = ZoneInfo("Europe/London")
BEFORE = 35  # days of a force before the day that is looked at; 14 of them are history
BEGUN = 28  # days of it that are there when the service begins
PROMISED = "each day once, none again, no gap, every event once, the same alerts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a home came to."""

    once: int
    again: int
    gaps: int
    events: int
    troubles: int
    alerts: Mapping[str, dict[str, Any]]


def dates() -> list[Figure]:
    """Both clock changes, a leap day, and an outage, each in a force of its own."""
    quietly()
    return [
        _around(
            date(2026, 3, 29), "clocks go forward on 29 March 2026, woken each hour of that night"
        ),
        _around(
            date(2026, 10, 25), "clocks go back on 25 October 2026, woken each hour of that night"
        ),
        _around(date(2028, 2, 29), "a leap day, 29 February 2028, woken each hour of that night"),
        _outage(date(2026, 3, 2), days=40),
    ]


def _around(day: date, says: str) -> Figure:
    """Woken each local hour of a night, held against one wake after the last day."""
    with tempfile.TemporaryDirectory(prefix="psdmon-dates-") as name:
        force = _force(Path(name), day, weeks=6)
        hours = [
            datetime.combine(day, time(hour, 10, fold=fold), tzinfo=ZONE)
            for hour in range(4)
            for fold in (0, 1)
        ]
        wakes = {at.astimezone(UTC) for at in hours}
        wakes |= set(_mornings(force))
        lived = _lived(Path(name) / "lived", force, sorted(wakes))
        usual = _lived(Path(name) / "usual", force, [morning_after(max(force.by_day))])
    return _figure(f"{says}, seed {SEED}", force, lived, usual)


def _outage(day: date, *, days: int) -> Figure:
    """No wake for so many days, held against a wake each day."""
    with tempfile.TemporaryDirectory(prefix="psdmon-dates-") as name:
        force = _force(Path(name), day, weeks=12)
        every = _mornings(force)
        back = morning_after(day + timedelta(days=days - 1))
        wakes = [at for at in every if not morning_after(day - DAY) < at < back]
        lived = _lived(Path(name) / "lived", force, wakes)
        usual = _lived(Path(name) / "usual", force, every)
    says = f"an outage of {days} days, the logs lying in the folder meanwhile, seed {SEED}"
    return _figure(says, force, lived, usual)


def _mornings(force: Force) -> list[datetime]:
    """When a service wakes each day, from when it begins with some weeks at once."""
    return [morning_after(one) for one in list(force.by_day)[BEGUN - 1 :]]


def _force(folder: Path, day: date, *, weeks: int) -> Force:
    start = day - timedelta(days=BEFORE)
    start -= timedelta(days=start.weekday())
    made = world(
        folder / "made",
        staff=STAFF,
        weeks=weeks,
        seed=SEED,
        cases=6,
        activity=0.4,
        start=start,
    )
    return Force(made, returns=[made.ends])


def _lived(folder: Path, force: Force, wakes: Sequence[datetime]) -> Outcome:
    life = Life(folder, force)
    waiting = list(force.by_day)
    for at in wakes:
        while waiting and arrives(waiting[0]) < at:
            life.arrive(waiting.pop(0))
        life.wake(at)
    judged = judged_in(life.site)
    span = life.site.lake.event_span()
    outcome = Outcome(
        once=sum(times == 1 for times in judged.values()),
        again=sum(times > 1 for times in judged.values()),
        gaps=len(gaps_in(life.site)),
        events=span.rows if span else 0,
        troubles=len(life.troubles),
        alerts=life.alerts(),
    )
    life.close()
    return outcome


def _figure(says: str, force: Force, lived: Outcome, usual: Outcome) -> Figure:
    sent = sum(map(len, force.by_day.values()))
    other = differing_alerts(lived.alerts, usual.alerts)
    alike = "the same" if not other else f"{len(other):,} fields other of"
    return Figure(
        says=says,
        value=f"{lived.once:,} days once, {lived.again:,} again, {lived.gaps:,} gaps,"
        f" {lived.events:,} of {sent:,} events, {lived.troubles:,} steps in trouble,"
        f" {alike} {len(lived.alerts):,} alerts",
        unit="",
        limit=PROMISED,
    )

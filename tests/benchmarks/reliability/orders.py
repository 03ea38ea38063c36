"""The order in which rows arrive: any permutation and batching ends in the same alerts."""

import csv
import logging
import random
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import structlog

from alerts.contract import as_contract
from monitor.clock import FixedClock
from monitor.cycle import scan
from monitor.wiring import Site, open_site
from tests.benchmarks.figures import Figure
from tests.benchmarks.reliability.damage import chance_of
from tests.benchmarks.reliability.worlds import EVENTS, START, World, a_home, loaded, world

SEED = 821
STAFF, WEEKS, CASES = 60, 8, 8
# Many alerts, so that there is something to compare; the wall clock has no part in it.
SETTINGS = {
    "chance_alerts_per_1000_user_weeks = 1.0": "chance_alerts_per_1000_user_weeks = 40.0",
    "threads = 2 ": "threads = 1 ",
}
TAUGHT = SETTINGS | {"least_user_years = 30.0": "least_user_years = 3.0"}
OF_LOADING = frozenset({"data_version"})  # numbers of loads, which batching makes other


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Rows of one table that arrive together."""

    table: str
    rows: Sequence[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a home came to."""

    alerts: Mapping[str, dict[str, Any]]  # by id, without what loading numbers
    events: int


@cache
def the_world() -> World:
    """The force of every trial, made once in each process."""
    with tempfile.TemporaryDirectory() as folder:
        return world(Path(folder), staff=STAFF, weeks=WEEKS, seed=SEED, cases=CASES)


def as_written() -> list[Batch]:
    """Every table as one file."""
    found = the_world()
    return [Batch(table=table, rows=rows) for table, rows in found.rows.items() if rows]


def shuffled(chance: random.Random) -> list[Batch]:
    """The rows of every table in any order, in one to six files, some sent twice, in any order."""
    batches = []
    for table, rows in the_world().rows.items():
        mixed = list(rows)
        chance.shuffle(mixed)
        cuts = sorted(chance.randrange(len(mixed) + 1) for _ in range(chance.randint(0, 5)))
        for start, end in zip((0, *cuts), (*cuts, len(mixed)), strict=True):
            again = chance.choices(mixed, k=chance.randint(0, 20)) if mixed else []
            if start < end:
                batches.append(Batch(table=table, rows=[*mixed[start:end], *again]))
    chance.shuffle(batches)
    return batches


def judged_after(root: Path, batches: Sequence[Batch], *, settings: Mapping[str, str]) -> Outcome:
    """What one scan makes of rows that came in these batches, one an hour."""
    ends = the_world().ends
    site = a_home(root, at=ends, changes=settings)
    for number, batch in enumerate(batches):
        site = _later(site, hours=number + 1)
        _load(site, batch, number=number)
    return _outcome(_later(site, hours=len(batches) + 1))


def _later(site: Site, *, hours: int) -> Site:
    site.close()
    return open_site(site.home.root, clock=FixedClock(the_world().ends + timedelta(hours=hours)))


def _load(site: Site, batch: Batch, *, number: int) -> None:
    header = the_world().header[batch.table]
    loaded(site, batch.table, batch.rows, header=header, name=f"{batch.table}-{number}.csv")


def _outcome(site: Site) -> Outcome:
    scan(site, until=the_world().ends, actor="bench")
    alerts = {alert.alert_id: as_contract(alert) for alert in site.store.alerts()}
    span = site.lake.event_span()
    site.close()
    for alert in alerts.values():
        for name in OF_LOADING:
            del alert[name]
    return Outcome(alerts=alerts, events=span.rows if span else 0)


def differing(one: Outcome, other: Outcome) -> list[str]:
    """Where two outcomes differ: alerts that only one has, and fields that are not the same."""
    found = differing_alerts(one.alerts, other.alerts)
    if one.events != other.events:
        found.append(f"{one.events} events and {other.events}")
    return found


def differing_alerts(
    one: Mapping[str, dict[str, Any]], other: Mapping[str, dict[str, Any]]
) -> list[str]:
    """Alerts that only one has, and fields of the others that are not the same."""
    found = [f"{key}: only in one" for key in sorted(set(one) ^ set(other))]
    for key in sorted(set(one) & set(other)):
        first, second = one[key], other[key]
        found += [f"{key}: {name}" for name in first if first[name] != second.get(name)]
    return found


def judged_between(root: Path, batches: Sequence[Batch], *, settings: Mapping[str, str]) -> Outcome:
    """What scans make of the same when one follows each batch of events."""
    ends = the_world().ends
    site = a_home(root, at=ends, changes=settings)
    for number, batch in enumerate(batches):
        site = _later(site, hours=2 * number + 1)
        _load(site, batch, number=number)
        if batch.table == EVENTS:
            scan(site, until=ends, actor="bench")
    return _outcome(_later(site, hours=2 * len(batches) + 2))


def day_by_day(*, days: int) -> list[Batch]:
    """Every reference table at first, then the events in the order of their days."""
    found = the_world()
    batches = [Batch(table=t, rows=rows) for t, rows in found.rows.items() if rows and t != EVENTS]
    place = next(csv.reader([found.header[EVENTS].decode()])).index("occurred_at")
    by_span: dict[int, list[bytes]] = {}
    for row in found.rows[EVENTS]:
        day = date.fromisoformat(next(csv.reader([row.decode()]))[place][:10])
        by_span.setdefault((day - START).days // days, []).append(row)
    return [*batches, *(Batch(table=EVENTS, rows=by_span[span]) for span in sorted(by_span))]


def orders(count: int, *, between: int) -> list[Figure]:
    """So many orders judged at the end, the order of the weeks, and some judged on the way."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory(prefix="psdmon-orders-") as folder:
        root = Path(folder) / "home"
        usual = judged_after(root, as_written(), settings=SETTINGS)
        mixed = [
            judged_after(root, shuffled(chance_of(SEED, n)), settings=SETTINGS)
            for n in range(count)
        ]
        weekly = judged_between(root, day_by_day(days=7), settings=SETTINGS)
        early = [
            judged_between(root, shuffled(chance_of(SEED, 100 + n)), settings=SETTINGS)
            for n in range(between)
        ]
    alike = sum(not differing(usual, one) for one in mixed)
    pairs = _pairs(usual)
    missing = sum(len(pairs - _pairs(one)) for one in early)
    more = sum(len(_pairs(one) - pairs) for one in early)
    sizes = f"{usual.events:,} events and 12 tables, {len(usual.alerts):,} alerts, seed {SEED}"
    return [
        Figure(
            says=f"orders of {sizes}: shuffled rows in one to six files a table, some sent twice",
            value=f"{alike:,} of {count:,} the same",
            unit="in every field but the numbers of loads",
            limit="all",
        ),
        Figure(
            says="the same rows week by week, judged after each week",
            value="the same" if not differing(usual, weekly) else "other",
            unit="in every field but the numbers of loads",
            limit="the same",
        ),
        Figure(
            says=f"{between:,} shuffled orders judged again after each file of events",
            value=f"{missing:,} missing, {more:,} more",
            unit="members of staff and people, which stand as what was known then raised them",
            limit="none missing",
        ),
    ]


def _pairs(outcome: Outcome) -> set[tuple[str, str]]:
    return {(alert["user_ids"][0], alert["focus_subject_id"]) for alert in outcome.alerts.values()}

"""A home that lives by a made-up clock: each day's log is dropped, then the daemon wakes."""

import csv
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from alerts.contract import as_contract
from monitor.daemon.serving import Service
from monitor.daemon.steps import STEPS
from monitor.gaps import Kind, gaps
from monitor.owing import settled
from monitor.wake import AGAIN
from monitor.wiring import Site, open_site
from tests.benchmarks.reliability.lives import CHANNEL, SETTINGS, few_detectors, returning
from tests.benchmarks.reliability.worlds import EVENTS, World, a_home, loaded

DAY = timedelta(days=1)
HOME = "home"
TOLD = "told.jsonl"
ARRIVES = time(1, 0)  # UTC, when the log of the day before lies in the folder
WAKES = time(2, 30)  # UTC, when a day has settled
TABLES = ("staff", "shifts", "taskings", "cases")  # each table costs every wake some reading
AGAIN_ROWS = 20  # of the day before, which a file brings once more
FEED = """format = 1
[health]
ahead_minutes = 5
grace_minutes = 120
learning_days = 56
fall_pvalue = 0.0001
[[feed]]
name = "log"
kind = "folder"
table = "events"
profile = "canonical"
source = ""
path = "{path}"
names = ["*.csv"]
settle_seconds = 60
manifest = ""
listed_only = false
when_read = "leave"
expected_minutes = 0
sequence_column = ""
"""
# Of an alert, what hangs on the path of its home and on how often something was loaded.
_OF_PLACE = ("data_version", "settings_fingerprint")


@dataclass(slots=True)
class MadeUpClock:
    """A clock that stands where it is put."""

    moment: datetime

    def now(self) -> datetime:
        """The moment it was put at."""
        return self.moment


class Force:
    """A made-up force and its log by day."""

    def __init__(self, world: World, *, returns: Sequence[datetime]) -> None:
        """The rows of a world, and of three who return to one person each in two weeks before."""
        self.world = world
        self.more = [
            row
            for number, until in enumerate(returns)
            for row in returning(world, until=until, name=f"R{number}-")
        ]

    @cached_property
    def by_day(self) -> Mapping[date, Sequence[bytes]]:
        """The rows of each day, in order of days."""
        found: dict[date, list[bytes]] = {}
        for row in (*self.world.rows[EVENTS], *self.more):
            at = datetime.fromisoformat(self._cell(row, "occurred_at"))
            found.setdefault(at.astimezone(UTC).date(), []).append(row)
        return dict(sorted(found.items()))

    def ids(self, day: date) -> list[str]:
        """The ids of the events of a day."""
        return [self._cell(row, "event_id") for row in self.by_day[day]]

    def _cell(self, row: bytes, name: str) -> str:
        return next(csv.reader([row.decode()]))[self._names.index(name)]

    @cached_property
    def _names(self) -> list[str]:
        return next(csv.reader([self.world.header[EVENTS].decode()]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """A folder into which the log of a force is dropped, a file a day."""

    folder: Path
    force: Force

    def arrive(self, day: date, *, twice: bool = False) -> None:
        """The log of a day lies in the folder the morning after, some rows before it again."""
        before = self.force.by_day.get(day - DAY, ())[-AGAIN_ROWS:]
        content = b"".join([self.force.world.header[EVENTS], *before, *self.force.by_day[day]])
        for name in (f"{day}.csv", f"{day}-again.csv")[: 1 + twice]:
            path = self.folder / name
            path.write_bytes(content)
            at = arrives(day).timestamp()
            os.utime(path, (at, at))


def a_living_home(
    folder: Path,
    force: Force,
    *,
    changes: Mapping[str, str] | None = None,
    url: str = "",
    told: str = TOLD,
) -> Drop:
    """A home below a folder, the day before the force's first: one feed, one channel, tables.

    Args:
        folder: of the home and of what is dropped.
        force: whose log it is.
        changes: of the settings, line by line.
        url: of the store; empty: a file of the home.
        told: the file of the channel, below the folder.
    """
    drop = Drop(folder=folder / "drop", force=force)
    drop.folder.mkdir(parents=True)
    begins = datetime.combine(next(iter(force.by_day)), time(), tzinfo=UTC)
    site = a_home(folder / HOME, at=begins, changes=SETTINGS | dict(changes or {}), url=url)
    channel = CHANNEL.format(who=site.actor, path=folder / told)
    few_detectors(site.home.config / "detectors.toml")
    (site.home.config / "notify.toml").write_text(channel, encoding="utf-8")
    feeds = FEED.format(path=drop.folder)
    (site.home.config / "feeds.toml").write_text(feeds, encoding="utf-8")
    for table, rows in force.world.rows.items():
        if table in TABLES and rows:
            header = force.world.header[table]
            loaded(site, table, rows, header=header, name=f"{table}.csv")
    site.close()
    return drop


class Life:
    """One home with a feed and a channel, served in this process by a clock that is put."""

    def __init__(self, folder: Path, force: Force) -> None:
        """Make the home, and begin to serve it."""
        drop = a_living_home(folder, force)
        self.arrive = drop.arrive
        self.clock = MadeUpClock(datetime.combine(next(iter(force.by_day)), time(), tzinfo=UTC))
        self.service = Service(site=open_site(folder / HOME, clock=self.clock), steps=STEPS)
        self.service.begin()
        self.troubles: list[str] = []

    @property
    def site(self) -> Site:
        """The home as it is served."""
        return self.service.site

    def wake(self, at: datetime) -> None:
        """The daemon wakes, and again while something is left."""
        self.clock.moment = at
        while True:
            steps = self.service.wake().steps
            self.troubles += [f"{at}: {one.name}: {one.trouble}" for one in steps if one.trouble]
            if not any(one.facts.get(AGAIN) for one in steps):
                return

    def alerts(self) -> dict[str, dict[str, Any]]:
        """The alerts by id, without what hangs on the place and number of loads."""
        found = {one.alert_id: as_contract(one) for one in self.site.store.alerts()}
        for one in found.values():
            for name in _OF_PLACE:
                del one[name]
        return found

    def close(self) -> None:
        """Close what is open."""
        self.site.close()


def judged_in(site: Site) -> dict[str, int]:
    """How often each day was judged, by the chain."""
    counts: dict[str, int] = {}
    for entry in site.store.chain(kinds=("day.judged",)):
        counts[entry.about] = counts.get(entry.about, 0) + 1
    return counts


def gaps_in(site: Site) -> list[str]:
    """What is not covered now, the history that is only drawn on left out."""
    found = gaps(site, until=settled(site))
    return [f"{one.first} to {one.end}: {one.kind}" for one in found if one.kind != Kind.WARM_UP]


def arrives(day: date) -> datetime:
    """When the log of a day lies in the folder."""
    return datetime.combine(day + DAY, ARRIVES, tzinfo=UTC)


def morning_after(day: date) -> datetime:
    """When a day has settled."""
    return datetime.combine(day + DAY, WAKES, tzinfo=UTC)

"""A real log of people at work on tickets, as it is and with misuse injected into it.

It is never part of the project: whoever has it names the file in PSDMON_TICKET_LOG. The log is that
of the BPI Challenge 2013 (W. Steeman, 4TU.ResearchData) in the columns of the contract.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv, parquet

from monitor.judgement import judged_days
from monitor.knowledge import Records, Rules
from monitor.lake.shape import EVENT_INPUTS
from tests.benchmarks.forces import Case, as_stored, connected
from tests.benchmarks.judging import warm_up
from tests.benchmarks.matching import Item, of_alerts

Ints = NDArray[np.int64]

_BUSY = datetime(2012, 2, 27, tzinfo=UTC)  # before this the log holds the tail of old tickets only
_MACHINES = ("Siebel",)  # the service account that its README names
CASES = 60
_SEED = 411
_DAY = 86_400_000_000  # microseconds
SHAPES = ("burst", "burst on several", "twice a week", "every other day", "many people")


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketLog:
    """The log below a folder, ready to be judged, and what was injected into it."""

    folder: Path
    cases: tuple[Case, ...]
    users: int

    def user_weeks(self, days: int) -> float:
        """Weeks of work in so many days, everybody together."""
        return self.users * days / 7


def ticket_logs(path: Path, out: Path) -> tuple[TicketLog, TicketLog]:
    """The log as it is, and with misuse injected."""
    plain = _loaded(path)
    users = len(set(plain.column("user_id").to_pylist()))
    rows, cases = _injected(plain)
    found = []
    for name, table, told in (("plain", plain, ()), ("injected", rows, cases)):
        folder = out / "tickets" / name
        folder.mkdir(parents=True, exist_ok=True)
        parquet.write_table(table, folder / "events.parquet")
        found.append(TicketLog(folder=folder, cases=tuple(told), users=users))
    return found[0], found[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedLog:
    """What the monitor raises on a log."""

    items: tuple[Item, ...]
    days: int


def judged_log(log: TicketLog, rules: Rules) -> JudgedLog:
    """Every day of the log after the warm-up, judged."""
    connection = connected(log.folder, referenced=False)
    first, last = _span(connection)
    records = Records(
        connection=connection, feeds=frozenset(), first_event_at=first, data_version={"events": 1}
    )
    start = first.date() + timedelta(days=warm_up(rules))
    days = [start + timedelta(days=n) for n in range((last.date() - start).days + 1)]
    outcomes = list(judged_days(records, rules, days=days, until=last, known=()))
    connection.close()
    return JudgedLog(items=tuple(of_alerts(outcomes)), days=len(days))


def _span(connection: duckdb.DuckDBPyConnection) -> tuple[datetime, datetime]:
    row = connection.execute("select min(occurred_at), max(occurred_at) from events").fetchall()[0]
    return row[0].replace(tzinfo=UTC), row[1].replace(tzinfo=UTC) + timedelta(seconds=1)


def _loaded(path: Path) -> pa.Table:
    """The busy months of the log, service accounts marked as machines."""
    read = csv.read_csv(
        path, convert_options=csv.ConvertOptions(
            column_types=dict.fromkeys(EVENT_INPUTS, pa.string()), strings_can_be_null=True
        )
    )  # fmt: skip
    machine = pa.array([user in _MACHINES for user in read.column("user_id").to_pylist()])
    stored = as_stored(read.append_column("is_machine", machine), "events")
    busy = pa.scalar(_BUSY.replace(tzinfo=None), pa.timestamp("us"))
    return stored.filter(pc.greater_equal(stored.column("occurred_at"), busy))


def _injected(plain: pa.Table) -> tuple[pa.Table, list[Case]]:
    """The log with made-up misuse at the users' own working times, and the truth about it."""
    chance = np.random.default_rng(_SEED)
    table = plain.filter(pc.invert(plain.column("is_machine")))
    users = np.array(table.column("user_id").to_pylist(), dtype=object)
    at = table.column("occurred_at").to_numpy().astype("datetime64[us]").astype(np.int64)
    subjects = np.array(table.column("subject_id").to_pylist(), dtype=object)
    steady, rows = np.unique(users, return_counts=True)
    chosen = chance.choice(steady[rows >= 40], CASES, replace=False)
    parts, cases = [plain], []
    for number, user in enumerate(chosen.tolist()):
        own = np.sort(at[users == user])
        told = _story(SHAPES[number % len(SHAPES)], own, np.unique(subjects), chance)
        parts.append(_rows(table, user, told, number=number))
        cases.append(_case(user, told, number=number))
    whole = pa.concat_tables(parts)
    return whole.sort_by("occurred_at"), cases


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    shape: str
    at: Ints  # microseconds
    subject: NDArray[np.object_]


def _story(shape: str, own: Ints, pool: NDArray[np.object_], chance: np.random.Generator) -> _Told:
    """Moments near the user's own rows of the last five weeks, and whom they are about."""
    late = own[own > own.max() - 35 * _DAY]
    one, several = chance.choice(pool), chance.choice(pool, 6, replace=False)
    day = late[late // _DAY == chance.choice(late // _DAY)]
    if shape == "burst":
        at, subject = _near(day, 25, chance), np.full(25, one, dtype=object)
    elif shape == "burst on several":
        at, subject = _near(day, 36, chance), chance.choice(several, 36)
    elif shape == "many people":
        at = _near(late, 50, chance)
        subject = chance.choice(pool, 50, replace=False)
    else:
        visits = 10 if shape == "twice a week" else 18
        at = _near(late, visits, chance)
        subject = np.full(visits, one, dtype=object)
    return _Told(shape=shape, at=np.sort(at), subject=subject)


def _near(moments: Ints, count: int, chance: np.random.Generator) -> Ints:
    picked: Ints = chance.choice(moments, count) + chance.integers(
        -40 * 60_000_000, 40 * 60_000_000, count
    )
    return picked


def _rows(table: pa.Table, user: str, told: _Told, *, number: int) -> pa.Table:
    """Rows of a story in the layout of the log."""
    size = len(told.at)
    made = table.slice(0, 1).take(pa.array(np.zeros(size, dtype=np.int64)))
    columns = {
        "event_id": pa.array([f"made-up-{number}-{row}" for row in range(size)]),
        "user_id": pa.array([user] * size),
        "subject_id": pa.array(told.subject.tolist()),
        "occurred_at": pa.array(told.at.astype("datetime64[us]")),
    }
    columns["month"] = pc.strftime(columns["occurred_at"], format="%Y-%m")
    for name, cells in columns.items():
        made = made.set_column(made.schema.get_field_index(name), name, cells)
    return made.cast(table.schema)


def _case(user: str, told: _Told, *, number: int) -> Case:
    moments = told.at[[0, -1]].astype("datetime64[us]").tolist()
    return Case(
        case_id=f"M{number:04d}", typology=told.shape, strength="medium",
        user_ids=frozenset([user]), subject_ids=frozenset(told.subject.tolist()),
        first_visit_at=moments[0].replace(tzinfo=UTC), last_visit_at=moments[1].replace(tzinfo=UTC),
        event_ids=(),
    )  # fmt: skip

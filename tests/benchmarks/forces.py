"""Made-up forces as the lake would hold them, kept on disk between runs, with their truth."""

import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from time import perf_counter

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

import monitor.demo
from monitor.demo import Force, inject, make_force, truth_of
from monitor.demo.log import event_batches
from monitor.demo.tables import table_of
from monitor.demo.world import chance_for
from monitor.feeds import REFERENCE_TABLES
from monitor.knowledge import Records
from monitor.lake.shape import TABLES, shape_of, stored_columns
from monitor.lake.snapshot import Snapshot
from monitor.settings import Engine
from tests.benchmarks.trials import Trial

_ENGINE = Engine(threads=2, memory="6GB")
_SOURCE = "made-up"
_MASKED = "***"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One story of misuse: who, about whom, and from when to when."""

    case_id: str
    typology: str
    strength: str
    user_ids: frozenset[str]
    subject_ids: frozenset[str]  # the focus and those around
    first_visit_at: datetime
    last_visit_at: datetime
    event_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bed:
    """A force on disk, ready to be judged."""

    trial: Trial
    folder: Path
    cases: tuple[Case, ...]
    lookalikes: int
    events: int
    seconds_to_make: float

    @property
    def first_day(self) -> date:
        """First day of the history."""
        return self.trial.plan.start

    @property
    def end(self) -> datetime:
        """First moment after the history."""
        return datetime.fromtimestamp(self.trial.plan.ends, UTC)

    def days(self, *, warm_up: int) -> tuple[date, ...]:
        """The days to be judged, once so many days of history are there."""
        span = self.trial.plan.days
        return tuple(self.first_day + timedelta(days=number) for number in range(warm_up, span))

    def user_weeks(self, *, warm_up: int) -> float:
        """Weeks of work judged, all members of staff together."""
        return self.trial.staff * len(self.days(warm_up=warm_up)) / 7

    def records(self) -> Records:
        """What judgement is told: the views of the lake over this force's files."""
        connection = connected(self.folder, referenced=self.trial.referenced)
        return Records(
            connection=connection,
            feeds=_feeds(connection),
            first_event_at=_first_event_at(connection),
            data_version={"events": 1},
        )


def bed(trial: Trial, out: Path) -> Bed:
    """The force of a trial below `out`; made if it is not there."""
    folder = out / "forces" / f"{_stem(trial)}-{_digest(trial)}"
    if not (folder / "facts.json").is_file():
        _make(trial, folder)
    facts = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
    truth = (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    stories = [json.loads(line) for line in truth]
    return Bed(
        trial=trial,
        folder=folder,
        cases=tuple(_case(story) for story in stories if _is_case(story)),
        lookalikes=sum(story["kind"] == "lookalike" for story in stories),
        events=facts["events"],
        seconds_to_make=facts["seconds_to_make"],
    )


def connected(folder: Path, *, referenced: bool) -> duckdb.DuckDBPyConnection:
    """A connection with the lake's views over a folder of Parquet files, empty where none is."""
    connection = Snapshot(tables={}).connect(engine=_ENGINE)
    tables = ("events", *TABLES) if referenced else ("events",)
    for table in tables:
        path = folder / f"{table}.parquet"
        if path.is_file():
            columns = ", ".join(f'"{name}"' for name in _seen(table))
            connection.execute(
                f"create or replace view {table} as select {columns} "
                f"from read_parquet('{path.as_posix()}')"
            )
    return connection


def as_stored(table: pa.Table, name: str, *, occurred_at: pa.Array | None = None) -> pa.Table:
    """A table of the contract's columns as the lake stores it: typed, in UTC, with every column."""
    shape, rows = shape_of(name), table.num_rows
    given = {column: table.column(column) for column in table.column_names}
    made = {"loaded_seq": pa.array(np.ones(rows, dtype=np.int64))}
    if name == "events":
        made |= _of_events(given, occurred_at)
    columns = {}
    for column in _seen(name):
        kind = shape.type_of(column)
        cells = made.get(column, given.get(column))
        columns[column] = pa.nulls(rows, kind) if cells is None else _typed(cells, kind)
    return pa.table(columns)


def _of_events(
    given: dict[str, pa.ChunkedArray], occurred_at: pa.Array | None
) -> dict[str, pa.Array | pa.ChunkedArray]:
    subject = given["subject_id"]
    masked = pc.fill_null(pc.equal(subject, _MASKED), fill_value=False)
    when = _typed(given["occurred_at"] if occurred_at is None else occurred_at, _MOMENT)
    state = pc.if_else(masked, "masked", pc.if_else(pc.is_null(subject), "blank", "resolved"))
    return {
        "source": pa.array([_SOURCE] * len(when)),
        "occurred_at": when,
        "subject_state": state,
        "subject_id": pc.if_else(masked, pa.scalar(None, pa.string()), subject),
        "month": pc.strftime(when, format="%Y-%m"),
    }


_MOMENT = pa.timestamp("us")


def _typed(cells: pa.Array | pa.ChunkedArray, kind: pa.DataType) -> pa.Array | pa.ChunkedArray:
    if kind == _MOMENT and pa.types.is_string(cells.type):
        return cells.cast(pa.timestamp("us", "UTC")).cast(_MOMENT)
    return cells.cast(kind)


def _seen(table: str) -> tuple[str, ...]:
    """The columns a reader of the lake sees."""
    return tuple(column for column in stored_columns(table) if column != "key_sha256")


def _make(trial: Trial, folder: Path) -> None:
    """Make a force and put it on disk; a folder without facts.json is one that was interrupted."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    began = perf_counter()
    force = make_force(trial.plan)
    if trial.cases:
        force = inject(force, trial.cases, trial.seed)
    seconds = perf_counter() - began
    _write(_events_of(force), folder / "events.parquet")
    for name in TABLES:
        rows = table_of(force, name)
        if name == "taskings":  # what comes late is not there on the night that it would explain
            late = chance_for(force.plan, 40).random(rows.num_rows) < force.plan.late_taskings
            rows = rows.filter(pa.array(~late))
        if rows.num_rows:
            _write(iter([as_stored(rows, name)]), folder / f"{name}.parquet")
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in truth_of(force))
    (folder / "truth.jsonl").write_text("".join(lines), encoding="utf-8")
    facts = {"events": len(force.rows.at), "seconds_to_make": round(seconds, 1)}
    (folder / "facts.json").write_text(json.dumps(facts) + "\n", encoding="utf-8")


def _events_of(force: Force) -> Iterator[pa.Table]:
    first = 0
    for batch in event_batches(force):
        moments = force.rows.at[first : first + batch.num_rows]
        first += batch.num_rows
        yield as_stored(
            batch, "events", occurred_at=pa.array(moments.astype("datetime64[s]")).cast(_MOMENT)
        )


def _write(batches: Iterator[pa.Table], path: Path) -> None:
    writer = None
    for batch in batches:
        writer = writer or parquet.ParquetWriter(path, batch.schema, compression="zstd")
        writer.write_table(batch)
    if writer is not None:
        writer.close()


def _feeds(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    return frozenset(
        feed
        for feed in REFERENCE_TABLES
        if connection.execute(f"select 1 from {feed} limit 1").fetchall()
    )


def _first_event_at(connection: duckdb.DuckDBPyConnection) -> datetime:
    moment: datetime = connection.execute("select min(occurred_at) from events").fetchall()[0][0]
    return moment.replace(tzinfo=UTC)


def _is_case(story: dict[str, object]) -> bool:
    """Whether a story is misuse that left a row in the log."""
    return story["kind"] == "misuse" and story["first_visit_at"] is not None


def _case(story: dict[str, object]) -> Case:
    around = [story["focus_subject_id"], *_strings(story["ring_subject_ids"])]
    return Case(
        case_id=str(story["case_id"]),
        typology=str(story["typology"]),
        strength=str(story["strength"]),
        user_ids=frozenset(_strings(story["user_ids"])),
        subject_ids=frozenset(str(one) for one in around if one),
        first_visit_at=datetime.fromisoformat(str(story["first_visit_at"])).astimezone(UTC),
        last_visit_at=datetime.fromisoformat(str(story["last_visit_at"])).astimezone(UTC),
        event_ids=tuple(_strings(story["event_ids"])),
    )


def _strings(value: object) -> Sequence[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _stem(trial: Trial) -> str:
    return trial.name.removesuffix("-no-tables")


def _digest(trial: Trial) -> str:
    """What the force is made from: the plan, the cases, and the code of the simulator."""
    sources = sorted(Path(str(monitor.demo.__file__)).parent.glob("*.py"))
    code = "".join(hashlib.sha256(path.read_bytes()).hexdigest() for path in sources)
    own = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    made_from = f"{trial.plan!r}{trial.cases!r}{code}{own}"
    return hashlib.sha256(made_from.encode()).hexdigest()[:12]

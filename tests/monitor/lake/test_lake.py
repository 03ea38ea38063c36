"""Stories: the lake opens with whatever there is, and a reader keeps what it opened."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts.errors import Misused
from monitor.home import Home
from monitor.lake import EVENT_COLUMNS, TABLES, Lake, Span, delta
from monitor.settings import Engine, LakeSettings
from tests.monitor.ingest.loaded import NOW, Loads, csv, event

ENGINE = Engine(threads=1, memory="1GB")


@pytest.fixture
def loads(tmp_path: Path) -> Loads:
    """Loads into a home whose path needs care."""
    return Loads(home=Home(tmp_path / "the force's home, é = 1?*"), folder=tmp_path / "files")


def described(lake: Lake, table: str) -> dict[str, str]:
    """The columns of a view and their types."""
    con = lake.connect(engine=ENGINE)
    try:
        return {str(row[0]): str(row[1]) for row in con.execute(f"DESCRIBE {table}").fetchall()}
    finally:
        con.close()


def test_a_lake_without_any_table_has_every_view_and_no_rows(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")

    assert (lake.versions(), lake.feeds(), lake.event_span()) == ({}, frozenset(), None)
    assert tuple(described(lake, "events")) == EVENT_COLUMNS
    assert lake.wants_compaction(small_files=1) == ()
    con = lake.connect(engine=ENGINE)
    try:
        assert [con.execute(f"FROM {table}").fetchall() for table in TABLES] == [[]] * len(TABLES)
    finally:
        con.close()


@pytest.mark.parametrize("table", ["events", *sorted(TABLES)])
def test_a_view_has_the_same_columns_with_and_without_rows(loads: Loads, table: str) -> None:
    lake = Lake(loads.home.lake)
    before = described(lake, table)
    if table == "events":
        loads.events(csv(event(1)))
    else:
        required = {names[0] for names in TABLES[table].required}
        cells = {
            name: "2026-03-01T09:00:00Z" if name in TABLES[table].times else "1"
            for name in required
        }
        loads.table(table, csv(",".join(cells.values()), header=",".join(cells)))

    assert described(lake, table) == before
    assert lake.versions() == {table: 1}


def test_times_are_naive_and_utc(loads: Loads) -> None:
    loads.events(csv(event(1, occurred_at="2026-03-01T09:00:00+05:00")))

    types = described(Lake(loads.home.lake), "events")
    assert (types["occurred_at"], types["loaded_at"]) == ("TIMESTAMP", "TIMESTAMP")
    assert loads.rows("occurred_at, month, loaded_at") == [
        (datetime(2026, 3, 1, 4), "2026-03", NOW.replace(tzinfo=None))  # noqa: DTZ001 naive UTC
    ]


def test_the_span_of_the_events_is_known(loads: Loads) -> None:
    loads.events(csv(event(1), event(5, occurred_at="2025-12-01T00:00:00.5Z")))

    assert Lake(loads.home.lake).event_span() == Span(
        first=datetime(2025, 12, 1, microsecond=500_000, tzinfo=UTC),
        last=datetime(2026, 3, 1, 9, 1, tzinfo=UTC),
        rows=2,
    )


def test_a_reader_sees_neither_later_loads_nor_compaction(loads: Loads) -> None:
    lake = Lake(loads.home.lake)
    for n in range(3):
        loads.events(csv(event(n)), f"{n}.csv")
    reader = lake.connect(engine=ENGINE)

    loads.events(csv(event(3)), "3.csv")
    replaced = lake.compact("events", kept_hours=168)
    seen = reader.execute("SELECT count(*), max(loaded_seq) FROM events").fetchone()
    reader.close()

    assert (seen, replaced) == ((3, 3), {"events": 4})
    assert loads.rows("event_id, loaded_seq") == [("E0", 1), ("E1", 2), ("E2", 3), ("E3", 4)]


def test_the_sequence_of_loads_grows_across_a_compaction(loads: Loads) -> None:
    lake = Lake(loads.home.lake)
    for n in range(2):
        loads.events(csv(event(n)), f"{n}.csv")
    lake.compact("events", kept_hours=168)
    loads.events(csv(event(2)), "2.csv")

    assert loads.rows("loaded_seq") == [(1,), (2,), (4,)]


def test_many_small_loads_are_put_together_by_themselves(loads: Loads) -> None:
    few = LakeSettings(most_files=3)
    often = replace(loads, settings=loads.settings.model_copy(update={"lake": few}))
    for n in range(5):
        often.events(csv(event(n)), f"{n}.csv")

    found = delta.files_of(loads.home.lake / "events")
    assert found is not None
    assert (len(found.paths), found.rows) == (2, 5)


def test_what_was_known_when_stays_as_it_was_across_a_compaction(loads: Loads) -> None:
    moments = [NOW + timedelta(days=n) for n in range(3)]
    for n, at in enumerate(moments):
        loads.events(csv(event(n)), f"{n}.csv", at=at)
    before = [loads.rows("event_id, loaded_at, loaded_seq", known_at=at) for at in moments]

    Lake(loads.home.lake).compact("events", kept_hours=0)

    after = [loads.rows("event_id, loaded_at, loaded_seq", known_at=at) for at in moments]
    assert [len(rows) for rows in after] == [1, 2, 3]
    assert after == before
    assert len(list((loads.home.lake / "events").rglob("*.parquet"))) == 2  # one a checkpoint


def test_a_month_can_be_read_alone(loads: Loads) -> None:
    days = [NOW - timedelta(days=31 * n) for n in range(3)]
    loads.events(csv(*(event(n, occurred_at=day.isoformat()) for n, day in enumerate(days))))

    con = Lake(loads.home.lake).connect(engine=ENGINE)
    try:
        found = con.execute("SELECT event_id FROM events WHERE month = '2026-02'").fetchall()
    finally:
        con.close()
    assert found == [("E1",)]


@pytest.mark.parametrize("name", ["a[b", "a%20b", "a]b"])
def test_a_home_that_delta_cannot_name_is_refused_before_anything_is_written(
    tmp_path: Path, name: str
) -> None:
    loads = Loads(home=Home(tmp_path / name), folder=tmp_path / "files")

    with pytest.raises(Misused, match="possible: a home without them"):
        loads.events(csv(event(1)))

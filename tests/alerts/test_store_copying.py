"""A store copied out whole while others write, and filled again on this database or the other."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from alerts.chain import Head
from alerts.errors import IntegrityBroken, Misused
from alerts.store import Store
from alerts.store.copying import Filling
from tests.alerts.stores import HOME_ID, judged
from tests.alerts.tamperings import held_by, lived
from tests.factories import a_moment, an_alert

AT = a_moment("2026-03-09T09:00:00Z")
Copied = Mapping[str, Sequence[Mapping[str, Any]]]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A store without any table, on either database, whichever the copy is from."""
    url = f"sqlite:///{tmp_path / 'filled.db'}"
    if request.param == "postgresql":
        url = str(request.getfixturevalue("postgresql_url"))
    store = Store.at(url)
    yield store
    store.close()


def copied(store: Store) -> tuple[str, Head, Copied]:
    """The step of the schema, the end of the chain, and every table of a copy."""
    with store.copying() as copy:
        tables = {name: [json.loads(line) for line in copy.lines(name)] for name in copy.tables}
        return copy.schema, copy.head, tables


def filling(schema: str, tables: Copied, **facts: Any) -> Filling:
    """What fills a store with these rows."""
    ordinary: dict[str, Any] = {
        "schema": schema,
        "tables": frozenset(tables),
        "rows": tables.__getitem__,
        "actor": "admin",
        "at": AT,
        "facts": {"chain": {"seq": 1}},
        "home_id": HOME_ID,
        "holds": lambda _: (),
    }
    return Filling(**{**ordinary, **facts})


def test_what_is_filled_is_what_was_copied_on_whichever_database(
    store: Store, empty: Store
) -> None:
    lived(store, alerts=3, seed=5)
    schema, head, tables = copied(store)

    empty.fill(filling(schema, tables))

    last = empty.last_entry()
    assert last is not None
    assert (last.kind, last.seq, last.prev_hash) == ("home.restored", head.seq + 1, head.hash)
    assert empty.verify(checkpoints=[head]).intact
    before, after = held_by(store), held_by(empty)
    for table in before.keys() - {"chain", "chain_head"}:
        assert after[table] == before[table]
    assert after["chain"][:-1] == before["chain"]


def test_a_copy_is_of_one_moment_whoever_writes_meanwhile(store: Store) -> None:
    judged(store, an_alert())
    with store.copying() as copy:
        before = copy.head
        store.record("alert.shown", actor="auditor", at=AT)
        entries = [json.loads(line) for line in copy.lines("chain")]

    assert (entries[-1]["seq"], entries[-1]["hash"]) == (before.seq, before.hash)
    assert store.head().seq == before.seq + 1


def test_a_store_that_holds_anything_is_never_filled(store: Store) -> None:
    schema, _, tables = copied(store)
    before = held_by(store)

    with pytest.raises(Misused, match=r"it is not empty: it holds .* a database without tables"):
        store.fill(filling(schema, tables))
    assert held_by(store) == before


def test_a_copy_whose_row_was_changed_fills_nothing(store: Store, empty: Store) -> None:
    judged(store, an_alert())
    schema, _, tables = copied(store)
    changed = {**tables, "alert": [{**tables["alert"][0], "held_by": "somebody"}]}

    with pytest.raises(IntegrityBroken, match="alert A-7F3K9Q2M: who works on it is not who"):
        empty.fill(filling(schema, changed))
    assert empty.schema_version() == ""


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"home_id": "another"}, "entry 1: it names another home than the backup does"),
        ({"checkpoints": (Head(seq=2, hash="f" * 64),)}, "entry 2: .*checkpoint"),
        ({"schema": "9999"}, "its schema 9999 is newer than this psdmon knows"),
    ],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("empty", ["sqlite"], indirect=True)
def test_a_copy_that_is_not_what_it_says_fills_nothing(
    store: Store, empty: Store, wrong: dict[str, Any], says: str
) -> None:
    judged(store, an_alert())
    schema, _, tables = copied(store)
    facts = {"schema": schema, **wrong}

    with pytest.raises((IntegrityBroken, Misused), match=says):
        empty.fill(filling(facts.pop("schema"), tables, **facts))
    assert empty.schema_version() == ""


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_store_of_an_older_psdmon_is_not_copied_half_understood(
    store: Store, opened: Callable[[], Store]
) -> None:
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")

    with pytest.raises(Misused, match="its schema 0001 is not that of this psdmon"):
        copied(opened())

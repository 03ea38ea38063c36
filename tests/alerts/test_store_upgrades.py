"""A store of any earlier psdmon, with a life in it, brought to this one without losing a row."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, MetaData

from alerts.gates import Deed
from alerts.lifecycle import Action, Disposition
from alerts.schema import metadata
from alerts.store import Store
from alerts.store.database import altering
from alerts.store.migrating import newest, revisions, settings_for
from tests.alerts.stores import HOME_ID, begun, judged
from tests.alerts.tamperings import Rows, held_by
from tests.factories import a_moment, an_alert

AT = a_moment("2026-03-02T09:00:00Z")
ALERT = "A-7F3K9Q2M"


@pytest.fixture
def older(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Store]:
    """A store without any table yet."""
    url = f"sqlite:///{tmp_path / 'older.db'}"
    if database == "postgresql":
        url = str(request.getfixturevalue("postgresql_url"))
    store = Store.at(url)
    yield store
    store.close()


def of_0001(store: Store) -> None:
    """Casework of the first release."""
    judged(store, an_alert())
    store.grant("one", "reviewer", actor="admin", at=AT)
    store.act(ALERT, Action.TAKE, actor="one", at=AT)
    store.act(ALERT, Action.NOTE, actor="one", at=AT, reason="asked the sergeant")
    store.answer_prompt(ALERT, "P32", answer="done", reason="", actor="one", at=AT)
    until = a_moment("2026-04-01T00:00:00Z")
    silence = {"detector": "circle", "reason": "declared", "expires_at": until}
    (made,) = store.suppress(ALERT, **silence, actor="two", at=AT)
    store.lift_suppression(made.seq, reason="enough", actor="two", at=AT)


def of_0002(store: Store) -> None:
    """A second person, and a second look."""
    asked = {"detector": "circle", "expires_at": "2026-04-01T00:00:00Z"}
    request = store.ask(ALERT, deed=Deed.SUPPRESS, asked=asked, reason="l", actor="one", at=AT)
    store.answer_request(request.seq, answer="declined", reason="no", actor="two", at=AT)
    store.follow(ALERT, due_on=AT.date(), reason="the roster comes", actor="one", at=AT)


def of_0003(store: Store) -> None:
    """A fact beyond the log."""
    store.record_fact(ALERT, "apsp", value="no", reason="none seen", actor="one", at=AT)


LIVES: Mapping[str, Callable[[Store], None]] = {"0001": of_0001, "0002": of_0002, "0003": of_0003}


@pytest.mark.parametrize("revision", [one for one in revisions() if one != newest()])
def test_a_store_of_an_earlier_release_is_brought_here_with_all_it_holds(
    older: Store, tmp_path: Path, revision: str
) -> None:
    source = begun(f"sqlite:///{tmp_path / 'source.db'}")
    for since in sorted(LIVES):
        if since <= revision:
            LIVES[since](source)
    how = Disposition.CANNOT_TELL
    source.act(ALERT, Action.CLOSE, actor="one", at=AT, reason="no roster", disposition=how)
    rows = held_by(source)
    with altering(older.engine) as connection:
        command.upgrade(settings_for(connection), revision)
        written(connection, rows)
    assert older.schema_version() == revision

    older.migrate()

    assert older.ready()
    assert older.verify().discrepancies == ()
    assert (older.head(), older.home_id()) == (source.head(), HOME_ID)
    assert older.alerts() == source.alerts()
    assert older.notes(ALERT) == source.notes(ALERT)
    assert held_by(older) == rows
    older.record("alert.shown", actor="auditor", at=AT, about=ALERT)
    assert older.verify().intact
    source.close()


def written(connection: Connection, rows: Rows) -> None:
    """The rows put into tables as they were at a revision, with the columns they had then."""
    shapes = MetaData()
    shapes.reflect(connection)
    ours = [table for table in shapes.sorted_tables if table.name in metadata.tables]
    for table in reversed(ours):
        connection.execute(table.delete())
    for table in ours:
        kept: list[dict[str, Any]] = [
            {name: value for name, value in row.items() if name in table.c}
            for row in rows[table.name]
        ]
        if kept:
            connection.execute(table.insert(), kept)

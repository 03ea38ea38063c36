"""Stores for tests: begun, emptied, judged, and tampered with past every rule they keep."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, NullPool, create_engine

from alerts.chain import NOTHING
from alerts.model import Alert
from alerts.schema import chain_head, metadata, operational
from alerts.store import JudgedDay, Store, Stored
from tests.factories import a_moment

HOME_ID = "5f0c1f6a-7c39-4a0e-9d43-2f6a0a1b2c3d"
LEASE = timedelta(hours=1)
FIRST_DAY = date(2026, 2, 28)


def begun(url: str) -> Store:
    """A store with its schema and entry 1."""
    store = Store.at(url)
    store.migrate()
    store.begin(HOME_ID, actor="init", at=a_moment("2026-01-01T00:00:00Z"))
    return store


def emptied(store: Store) -> Store:
    """The store on PostgreSQL as it was before its chain began."""
    with tampering(store) as connection:
        for table in (*operational.sorted_tables, *reversed(metadata.sorted_tables)):
            connection.execute(table.delete())
        connection.execute(chain_head.insert().values(id=1, seq=0, hash=NOTHING, home_id=""))
    return store


def a_judged_day(day: date = FIRST_DAY, **facts: Any) -> JudgedDay:
    """One quiet day judged whole."""
    ordinary: dict[str, Any] = {
        "day": day,
        "until": datetime.combine(day + timedelta(days=1), time(), tzinfo=UTC),
        "loaded_seq": 41,
        "events": 20_000,
        "pairs": 9_000,
        "candidates": 1,
        "abstentions": [
            {"detector": "circle", "version": 1, "reason": "no links", "pairs": 12, "needs": []}
        ],
        "seconds": 1.25,
        "settings_fingerprint": "sha256:" + "0" * 64,
        "code_version": "0.1.0",
    }
    return JudgedDay(**{**ordinary, **facts})


def judged(
    store: Store, *alerts: Alert, day: date = FIRST_DAY, at: datetime | None = None
) -> Stored:
    """What came of one day judged from claim to ledger."""
    at = at or datetime.combine(day + timedelta(days=1), time(2, 10), tzinfo=UTC)
    assert store.days.claim(day, owner="scan/1", at=at, lease=LEASE)
    return store.days.finish(a_judged_day(day), alerts=alerts, owner="scan/1", at=at)


@contextmanager
def tampering(store: Store) -> Iterator[Connection]:
    """A connection for which no foreign key holds, as somebody has who owns the database."""
    if store.engine.dialect.name == "postgresql":
        with store.engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            yield connection
        return
    past_the_store = create_engine(store.engine.url, poolclass=NullPool)  # no foreign keys
    with past_the_store.begin() as connection:
        yield connection

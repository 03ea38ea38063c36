"""Alerts and words taken out of the store for good, so that the chain still says what was there.

alert.erased   about an alert: each of its rows by table, entry and SHA-256, and the entries about
               it whose words went with it
words.erased   entries about nothing that is kept, whose words went when their time was over

Rows hang on the chain by their hashes, so that they go and the chain stays. A row that is gone and
was not named so, or that was named so and is there, is found; see verifying.py.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    Select,
    Table,
    Text,
    delete,
    select,
    text,
)

from alerts import chain
from alerts.chain import Entry, stamp
from alerts.errors import Busy
from alerts.records import Erased
from alerts.schema import alert, alert_version, metadata
from alerts.schema import chain as chain_table
from alerts.store.database import BUSY_SECONDS, in_words, place
from alerts.store.entries import append, entries_after, seal
from alerts.store.queue import ALERT_ERASED, kept

WORDS_ERASED: Final = "words.erased"
_STATISTICS: Final = "pg_catalog.pg_statistic"  # samples of values, names among them
_STILL_THERE: Final = re.compile(r"\b[1-9]\d* dead row versions? cannot be removed yet")
_PAUSE_SECONDS: Final = 0.2
_MANY: Final = 1000  # entries that one entry tells of
_KEPT_KINDS: Final = ("retention.", "chain.")  # what is said of erasing stays as long as the chain


def erase_alert(
    connection: Connection, alert_id: str, *, actor: str, at: datetime, facts: Mapping[str, object]
) -> Erased:
    """Takes out an alert with all that hangs on it and all that was typed about it.

    Args:
        connection: inside `writing`.
        alert_id: of the alert.
        actor: who erases.
        at: when.
        facts: why, and by which schedule.
    """
    standing = kept(connection, alert_id).alert
    rows = list(_rows(connection, alert_id))
    words = [entry for entry in entries_after(connection, 0, about=alert_id) if _typed(entry)]
    told = {
        **facts,
        "rows": rows,
        "words": [entry.seq for entry in words],
        # Judging that comes to the same evidence again must not raise it anew.
        "last_event_at": stamp(standing.last_event_at),
    }
    append(connection, ALERT_ERASED, actor=actor, at=at, about=alert_id, facts=told)
    for table in reversed(metadata.sorted_tables):
        condition = _hangs_on(table, alert_id)
        if condition is not None:
            connection.execute(delete(table).where(condition))
    _empty(connection, words)
    return Erased(rows=len(rows), words=len(words))


def words_due(
    connection: Connection, *, before: datetime, still: AbstractSet[str]
) -> Iterator[Entry]:
    """The entries older than a moment that hold what somebody typed about nothing that is kept.

    Args:
        connection: within a transaction.
        before: a moment.
        still: alerts that are kept: what was typed about them, or about lists in which they stood,
            stays with them.
    """
    question = (
        select(chain_table)
        .where(chain_table.c.at < stamp(before), chain_table.c.salt != "")
        .order_by(chain_table.c.seq)
    )
    for row in connection.execute(question).mappings():
        entry = Entry(**row)
        if entry.kind.startswith(_KEPT_KINDS) or entry.about in still:
            continue
        if still.isdisjoint(_listed(entry)):
            yield entry


def erase_words(
    connection: Connection,
    entries: Iterable[Entry],
    *,
    actor: str,
    at: datetime,
    facts: Mapping[str, object],
) -> Erased:
    """Takes out what was typed in some entries; the entries stay, with their hashes."""
    found = list(entries)
    for start in range(0, len(found), _MANY):
        some = found[start : start + _MANY]
        told = {**facts, "words": [entry.seq for entry in some]}
        append(connection, WORDS_ERASED, actor=actor, at=at, facts=told)
        _empty(connection, some)
    return Erased(rows=0, words=len(found))


def emptied(connection: Connection) -> frozenset[int]:
    """The entries whose words were erased, as the chain says."""
    told: set[int] = set()
    for entry in entries_after(connection, 0, kinds=(ALERT_ERASED, WORDS_ERASED)):
        told.update(_words(entry))
    return frozenset(told)


def purge(engine: Engine) -> None:
    """Writes the database anew, so that nothing of what was erased is left in its files.

    Raises:
        Busy: somebody reads an older moment of it.
    """
    with in_words(engine):
        if engine.dialect.name == "postgresql":
            _written_anew_on_a_server(engine)
        else:
            _written_anew_in_a_file(engine)


def _written_anew_in_a_file(engine: Engine) -> None:
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("PRAGMA secure_delete = ON")
        cursor.execute("VACUUM")
        (still_read, *_) = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        cursor.close()
    finally:
        raw.close()
    if still_read:
        raise Busy(
            f"{place(engine)}: somebody reads an older moment of it, so what was erased is still in"
            " its log; possible: try again"
        )


def _written_anew_on_a_server(engine: Engine) -> None:
    """Every table without its dead rows, and what the planner remembers of values drawn anew."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"SET lock_timeout = '{BUSY_SECONDS}s'"))
        said: list[str] = []
        driver: Any = connection.connection.driver_connection
        driver.add_notice_handler(lambda notice: said.append(notice.message_detail or ""))
        quote = connection.dialect.identifier_preparer.format_table
        for table in metadata.sorted_tables:
            name = quote(table)
            _write_anew(connection, name, said=said, where=place(engine))
            for column in table.c:  # to name its type again drops what was sampled of it
                if isinstance(column.type, Text):
                    retyped = f'ALTER TABLE {name} ALTER COLUMN "{column.name}" TYPE text'
                    connection.exec_driver_sql(retyped)
            connection.exec_driver_sql(f"ANALYZE {name}")
        _write_anew(connection, _STATISTICS, said=said, where=place(engine))
        connection.execute(text("RESET lock_timeout"))


def _write_anew(connection: Connection, name: str, *, said: list[str], where: str) -> None:
    """One table written anew; dead rows stay while somebody's older moment still shows them.

    Raises:
        Busy: they stayed too long.
    """
    for _ in range(int(BUSY_SECONDS / _PAUSE_SECONDS)):
        said.clear()
        connection.exec_driver_sql(f"VACUUM (FULL, VERBOSE) {name}")
        # Who may not write the catalogue anew is told so, and the next ANALYZE writes over it.
        if not any(_STILL_THERE.search(detail) for detail in said):
            return
        connection.execute(text(f"SELECT pg_sleep({_PAUSE_SECONDS})"))
    raise Busy(
        f"{where}: somebody reads an older moment of it, so what was erased is still in its files;"
        " possible: try again"
    )


def _rows(connection: Connection, alert_id: str) -> Iterator[tuple[str, int, str]]:
    """Each row of an alert that an entry tells of: table, entry and SHA-256."""
    for table in metadata.sorted_tables:
        condition = _hangs_on(table, alert_id)
        if condition is None or "seq" not in table.c or table is alert:
            continue
        for row in connection.execute(select(table).where(condition)).mappings():
            held = row["line"] if table is alert_version else None
            yield table.name, row["seq"], seal(dict(row)) if held is None else chain.sha256(held)


def _hangs_on(table: Table, alert_id: str) -> ColumnElement[bool] | None:
    """What says that a row belongs to an alert, by itself or by the row it hangs on."""
    if _is_of_an_alert(table):
        return table.c.alert_id == alert_id
    for column in table.c:
        for key in column.foreign_keys:
            above = key.column.table
            if _is_of_an_alert(above) and above is not alert_version:
                return column.in_(_keys(key.column, of=above, alert_id=alert_id))
    return None


def _is_of_an_alert(table: Table) -> bool:
    """Whether rows of a table stand and fall with an alert; a notice only names one."""
    if table in {alert, alert_version}:
        return True
    return "alert_id" in table.c and bool(table.c.alert_id.foreign_keys)


def _keys(column: Column[Any], *, of: Table, alert_id: str) -> Select[Any]:
    return select(column).where(of.c.alert_id == alert_id)


def _typed(entry: Entry) -> bool:
    """Whether an entry holds what somebody typed, sealed so that it can go."""
    return bool(entry.salt) and not entry.kind.startswith(_KEPT_KINDS)


def _empty(connection: Connection, entries: Iterable[Entry]) -> None:
    for entry in entries:
        left = chain.emptied(entry)
        this = chain_table.c.seq == entry.seq
        values = {"purpose": left.purpose, "salt": left.salt}
        connection.execute(chain_table.update().where(this).values(values))


def _words(entry: Entry) -> list[int]:
    """The entries that an entry of an erasure names; none where it cannot be read."""
    try:
        return [int(seq) for seq in entry.told["words"]]
    except (KeyError, TypeError, ValueError):
        return []


def _listed(entry: Entry) -> tuple[str, ...]:
    listed = entry.told.get("alert_ids", ()) if '"alert_ids"' in entry.facts else ()
    return tuple(listed)

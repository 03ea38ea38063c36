"""Shaped rows committed to the lake, and counted: stored, known already, or refused."""

from collections.abc import Iterable, Sequence

import pyarrow as pa

from monitor.ingest.quarantine import Origin, refused_table
from monitor.ingest.rows import Refusal
from monitor.ingest.run import Loading, Tally
from monitor.ingest.shaping import Shaped
from monitor.ingest.spool import spooled

COMMIT_ROWS = 500_000  # rows of events that are written together
COMMIT_REFUSED = 20_000  # refused rows that are held before they are written


def stored(parts: Iterable[Shaped], *, place: str, loading: Loading, tally: Tally) -> None:
    """Commit the rows of one place and count them; events in several commits, others in one."""
    if loading.table == "events":
        _store_events(parts, place=place, loading=loading, tally=tally)
    else:
        _store_rows(parts, place=place, loading=loading, tally=tally)


def _store_events(parts: Iterable[Shaped], *, place: str, loading: Loading, tally: Tally) -> None:
    waiting: list[pa.Table] = []
    refused: list[Refusal] = []

    def commit() -> None:
        if waiting:
            refused.extend(_commit_events(pa.concat_tables(waiting), loading, tally))
        _commit_refused(refused, place=place, loading=loading, tally=tally)
        waiting.clear()
        refused.clear()

    for part in parts:
        waiting.append(part.rows)
        refused.extend(part.refused)
        if sum(rows.num_rows for rows in waiting) >= COMMIT_ROWS or len(refused) >= COMMIT_REFUSED:
            commit()
    commit()


def _store_rows(parts: Iterable[Shaped], *, place: str, loading: Loading, tally: Tally) -> None:
    """One commit for the file: which row of a key is the last shows only at its end."""
    with spooled() as spool:
        for part in parts:
            spool.add(part.rows.drop_columns(["raw"]))
            _commit_refused(part.refused, place=place, loading=loading, tally=tally)
        rows = spool.rows()
        if rows is not None and rows.num_rows:
            now = loading.clock.now()
            appended = loading.lake.append_rows(loading.table, rows, loaded_at=now, con=loading.con)
            tally.stored += appended.stored
            tally.already_known += appended.already_known


def _commit_events(rows: pa.Table, loading: Loading, tally: Tally) -> list[Refusal]:
    """The rows whose id is known with other content; the rest is stored and counted."""
    if not rows.num_rows:
        return []
    appended = loading.lake.append_events(rows, loaded_at=loading.clock.now(), con=loading.con)
    tally.stored += appended.stored
    tally.already_known += appended.already_known
    tally.contradicted.update(appended.conflicts["line"].to_pylist())
    return [
        Refusal(
            line=row["line"],
            reason=f"event id {row['event_id']!r} of source {row['source']!r} is already known"
            " with other content",
            raw=row["raw"],
        )
        for row in appended.conflicts.select(["line", "event_id", "source", "raw"]).to_pylist()
    ]


def _commit_refused(
    refused: Sequence[Refusal], *, place: str, loading: Loading, tally: Tally
) -> None:
    tally.quarantined += len(refused)
    if not refused:
        return
    origin = Origin(
        table=loading.table,
        source=loading.source,
        profile=loading.profile.name,
        file=place,
        header=tally.header,
        layout=tally.layout,
    )
    appended = loading.lake.append_refused(
        refused_table(refused, origin=origin),
        loaded_at=loading.clock.now(),
        con=loading.con,
    )
    tally.newly_quarantined += appended.stored

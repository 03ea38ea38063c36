"""What a home knows, as days are judged by it: its rules, and what its lake holds."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import duckdb

from monitor.feeds import REFERENCE_TABLES
from monitor.knowledge import Records, Rules, lay_allowances
from monitor.owing import Arrivals
from monitor.reference_folder import FolderOfReferences
from monitor.running import running_at, strands
from monitor.settings import Engine
from monitor.wiring import Site

if TYPE_CHECKING:
    from alerts.records import Upheld


def rules_of(site: Site) -> Rules:
    """The rules of a home."""
    return Rules(
        settings=site.settings,
        strands=strands(running_at(site.home.config)),
        pack=site.prompt_pack,
        settings_fingerprint=site.config_fingerprint,
        code_version=site.code_version,
        draw_key=site.draw_key,
    )


def records_of(
    site: Site,
    *,
    engine: Engine,
    known_at: datetime | None = None,
    whole: bool = False,
    keeping: bool = False,
) -> tuple[Records, Arrivals] | None:
    """What the lake knows, or nothing where no access was ever loaded.

    Args:
        site: whose lake.
        engine: what may be used of the machine.
        known_at: what was loaded later is not seen.
        whole: whether to see what is held back of a time that was erased, too; nobody is judged by
            it, for it stands alone.
        keeping: whether references that are worked out anew are kept in the home.
    """
    snapshot = site.lake.snapshot()
    erased = None if whole else site.lake.erased
    since = erased.until if erased else None
    connection = snapshot.connect(engine=engine, known_at=known_at, since=since)
    arrivals = arrivals_in(connection)
    if arrivals is None:
        return None
    lay_allowances(connection, site.store.allowances(known_at=known_at))
    if since is not None:  # the history begins anew where what was before it is gone
        arrivals = replace(arrivals, first_event_at=max(since, arrivals.first_event_at))
    feeds = frozenset(
        feed
        for feed in REFERENCE_TABLES
        if connection.execute(f"select count(*) from (select 1 from {feed} limit 1)").fetchall()[0][
            0
        ]
    )
    versions = (
        {name: number for name, number in snapshot.versions.items() if name != "quarantine"}
        if known_at is None
        else _loads_in(connection)
    )
    return Records(
        connection=connection,
        feeds=feeds,
        first_event_at=arrivals.first_event_at,
        data_version=versions,
        suppressions=site.store.suppressions(),
        upheld=upheld(site),
        closings=site.store.closings(),
        references=FolderOfReferences(folder=site.home.references, read_only=not keeping),
    ), arrivals


def upheld(site: Site) -> tuple["Upheld", ...]:
    """The cases that people upheld, each from the moment of the decision."""
    from alerts.lifecycle import Disposition
    from alerts.model import Status
    from alerts.records import Upheld

    upholding = {Disposition.CONDUCT_MATTER, Disposition.SUSPECTED_CRIME}
    return tuple(
        Upheld(user_ids=alert.user_ids, subject_ids=alert.subject_ids, at=note.at)
        for alert in site.store.alerts(statuses={Status.CLOSED})
        for note in site.store.notes(alert.alert_id)
        if note.disposition in upholding
    )


def _loads_in(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """The newest load of each table among the rows that are seen, by name."""
    tables = " union all ".join(
        f"select '{name}' as name, max(loaded_seq) as seq from {view}"
        for name, view in (("events", "events"), *((t, f"{t}_told") for t in REFERENCE_TABLES))
    )
    rows = connection.execute(f"select name, seq from ({tables}) where seq is not null").fetchall()
    return {str(name): int(seq) for name, seq in rows}


def arrivals_in(connection: duckdb.DuckDBPyConnection) -> Arrivals | None:
    """When each day's accesses came in, or nothing where there are none."""
    rows = connection.execute("""
        select occurred_at::date as day, max(loaded_seq), min(occurred_at)
        from events group by 1 order by 1
    """).fetchall()
    if not rows:
        return None
    return Arrivals(
        first_event_at=rows[0][2].replace(tzinfo=UTC),
        newest_load={day: int(load) for day, load, _ in rows},
    )

"""Files of events and reference tables into the lake, by profile, exactly once."""

from collections.abc import Sequence
from pathlib import Path

from alerts.errors import Misused
from monitor.clock import Clock
from monitor.home import Home
from monitor.ingest.loading import Stretch, load, load_stretch
from monitor.ingest.profile import Profile, profile_named, profiles_at
from monitor.ingest.quarantine import Refused
from monitor.ingest.report import FileProgress, FileReport, IngestReport
from monitor.ingest.retrying import quarantined_rows, retry
from monitor.ingest.rows import Rows
from monitor.ingest.run import Progress
from monitor.ingest.shaping import Shaped
from monitor.lake import TABLES
from monitor.settings import Settings

__all__ = [
    "FileProgress",
    "FileReport",
    "IngestReport",
    "Profile",
    "Refused",
    "Rows",
    "Shaped",
    "Stretch",
    "ingest_events",
    "ingest_table",
    "load",
    "load_stretch",
    "profile_named",
    "profiles_at",
    "quarantined_rows",
    "retry",
]


def ingest_events(  # noqa: PLR0913 each is a fact of its own, all but the first named
    home: Home,
    files: Sequence[Path],
    *,
    profile: Profile,
    clock: Clock,
    settings: Settings,
    source: str | None = None,
    progress: Progress | None = None,
    dry_run: bool = False,
) -> IngestReport:
    """Load files of access events; what became of every row.

    Args:
        home: where the lake is.
        files: plain or compressed; told apart by their first bytes.
        profile: how they are read.
        clock: says when rows were loaded.
        settings: the force's zone, and what may be used of the machine.
        source: within which event ids are unique; None: as the profile says.
        progress: told how far each file has been read.
        dry_run: whether everything is counted and nothing written.

    Raises:
        Misused: when the profile does not read events.
        Busy: when another run holds the ingest lock.
    """
    return load(
        home,
        "events",
        files,
        profile=profile,
        source=source,
        clock=clock,
        settings=settings,
        progress=progress,
        dry_run=dry_run,
    )


def ingest_table(  # noqa: PLR0913 each is a fact of its own, all but the first named
    home: Home,
    table: str,
    files: Sequence[Path],
    *,
    profile: Profile,
    clock: Clock,
    settings: Settings,
    source: str | None = None,
    progress: Progress | None = None,
    dry_run: bool = False,
) -> IngestReport:
    """Load files of one reference table; what became of every row. See `ingest_events`.

    Raises:
        Misused: when there is no such table, or the profile does not read it.
        Busy: when another run holds the ingest lock.
    """
    if table not in TABLES:
        raise Misused(f"table {table}: is not there; possible: events, {', '.join(TABLES)}")
    return load(
        home,
        table,
        files,
        profile=profile,
        source=source,
        clock=clock,
        settings=settings,
        progress=progress,
        dry_run=dry_run,
    )

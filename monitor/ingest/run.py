"""One run of ingest: what it loads with, what it counts on the way, and its report."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import duckdb
import pyarrow.compute as pc

from monitor.clock import Clock
from monitor.ingest.matching import Matched
from monitor.ingest.profile import Profile
from monitor.ingest.report import FileProgress, FileReport
from monitor.ingest.rows import Rows
from monitor.ingest.shaping import Shaped, Shaping
from monitor.lake import Lake
from monitor.settings import Settings

Progress = Callable[[FileProgress], None]
Observer = Callable[[Rows, Shaped], None]

MOST_CODES = 20  # unlisted codes of a column that a report names
_AHEAD = timedelta(days=1)  # how far an event time may lie past loading


@dataclass(frozen=True, slots=True, kw_only=True)
class Loading:
    """What one run loads with.

    Attributes:
        lake: where to.
        table: which table.
        profile: how the files are read.
        source: within which event ids are unique.
        clock: says when rows were loaded.
        settings: the force's zone, and what may be used of the machine.
        con: a DuckDB connection that computes hashes and looks keys up.
        progress: told how far a file has been read.
        observe: shown the rows as they were read, and what came of them.
    """

    lake: Lake
    table: str
    profile: Profile
    source: str
    clock: Clock
    settings: Settings
    con: duckdb.DuckDBPyConnection
    progress: Progress | None = None
    observe: Observer | None = None


@dataclass(slots=True, kw_only=True)  # counts on the way
class Tally:
    """Counts of one file on the way, and why it was refused if it was."""

    read: int = 0
    stored: int = 0
    already_known: int = 0
    quarantined: int = 0
    newly_quarantined: int = 0
    unsure: int = 0
    problem: str = ""
    header: tuple[str, ...] = ()
    layout: str = ""
    contradicted: set[int] = field(default_factory=set)
    unknown: dict[str, None] = field(default_factory=dict)
    codes: dict[str, set[str]] = field(default_factory=dict)

    def note(self, part: Shaped, by: Matched) -> None:
        """Count what was odd about these rows."""
        self.unknown |= dict.fromkeys(by.unknown)
        for column, codes in part.codes.items():
            self.codes.setdefault(column, set()).update(codes)
        if part.rows.num_rows:
            self.unsure += pc.sum(pc.not_equal(part.rows["time_mark"], "")).as_py()


def shaping_of(loading: Loading, place: str) -> Shaping:
    """What the rows of a file or table are shaped by, now."""
    return Shaping(
        table=loading.table,
        profile=loading.profile,
        source=loading.source,
        file=Path(place).name,
        zone=loading.settings.zone,
        latest=loading.clock.now() + _AHEAD,
        con=loading.con,
    )


def report_of(name: str, tally: Tally) -> FileReport:
    """The counts of a file as its report."""
    return FileReport(
        file=name,
        read=tally.read,
        stored=tally.stored,
        already_known=tally.already_known,
        quarantined=tally.quarantined,
        newly_quarantined=tally.newly_quarantined,
        problem=tally.problem,
        unknown_columns=tuple(tally.unknown),
        unknown_codes={c: tuple(sorted(codes))[:MOST_CODES] for c, codes in tally.codes.items()},
        unsure_times=tally.unsure,
    )

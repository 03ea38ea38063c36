"""Files into the lake, exactly once: read, shaped, stored, and counted to the last row."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import filelock
import structlog

from alerts.errors import Busy, DataRefused
from monitor.clock import Clock
from monitor.home import Home
from monitor.ingest.committing import stored
from monitor.ingest.matching import Matched, matched
from monitor.ingest.profile import Profile
from monitor.ingest.reading import layout_of, rows_of
from monitor.ingest.report import FileProgress, FileReport, IngestReport
from monitor.ingest.rereading import shaped_by_line
from monitor.ingest.rows import Rows
from monitor.ingest.run import Loading, Observer, Progress, Tally, report_of, shaping_of
from monitor.ingest.shaping import Shaped
from monitor.lake import Lake
from monitor.lake.shape import QUARANTINE
from monitor.lake.verdicts import connection
from monitor.settings import Settings

log = structlog.get_logger()

_LOCK_SECONDS = 30  # how long another run is waited for


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Rows that somebody else reads: some lines of a file that grows, some rows of a database.

    Attributes:
        place: where they come from, the same each time they are read.
        layout: csv or jsonl: how a refused row is read when it is tried again.
        rows: as they are read; may end in DataRefused, after the rows before the trouble.
        required: whether a required column that is missing refuses all of them.
    """

    place: str
    layout: str
    rows: Iterable[Rows]
    required: bool


def load(  # noqa: PLR0913 each is a fact of its own, all but the first named
    home: Home,
    table: str,
    files: Sequence[Path],
    *,
    profile: Profile,
    source: str | None,
    clock: Clock,
    settings: Settings,
    progress: Progress | None = None,
    observe: Observer | None = None,
    dry_run: bool,
) -> IngestReport:
    """Load the files one after another; what became of them.

    Raises:
        Busy: when another run holds the ingest lock.
        Misused: when the profile does not read this table.
    """
    with _loading(
        home,
        table,
        profile=profile,
        source=source,
        clock=clock,
        settings=settings,
        progress=progress,
        observe=observe,
        dry_run=dry_run,
    ) as loading:
        report = IngestReport(files=tuple(_load_file(file, loading) for file in files))
        tidied(loading.lake, table, QUARANTINE.name, settings=settings)
    return report


def load_stretch(  # noqa: PLR0913 each is a fact of its own, all but the first named
    home: Home,
    table: str,
    stretch: Stretch,
    *,
    profile: Profile,
    source: str | None,
    clock: Clock,
    settings: Settings,
    observe: Observer | None = None,
    dry_run: bool,
) -> FileReport:
    """Load rows that somebody else reads, on the same path as a file; what became of them.

    Raises:
        Busy: when another run holds the ingest lock.
        Misused: when the profile does not read this table.
    """
    with _loading(
        home,
        table,
        profile=profile,
        source=source,
        clock=clock,
        settings=settings,
        progress=None,
        observe=observe,
        dry_run=dry_run,
    ) as loading:
        tally = Tally(layout=stretch.layout)
        parts = _shaped_parts(
            stretch.rows,
            place=stretch.place,
            loading=loading,
            tally=tally,
            required=stretch.required,
        )
        stored(_up_to_trouble(parts, tally), place=stretch.place, loading=loading, tally=tally)
        tidied(loading.lake, table, QUARANTINE.name, settings=settings)
    return report_of(stretch.place, tally)


@contextmanager
def _loading(  # noqa: PLR0913 each is a fact of its own, all but the first named
    home: Home,
    table: str,
    *,
    profile: Profile,
    source: str | None,
    clock: Clock,
    settings: Settings,
    progress: Progress | None,
    observe: Observer | None,
    dry_run: bool,
) -> Iterator[Loading]:
    """What one run loads with, while it holds the ingest lock."""
    profile.reading_of(table)
    with ExitStack() as open_things:
        open_things.enter_context(lock_held(home))
        lake = open_things.enter_context(lake_for(home, dry_run=dry_run))
        con = connection(settings.engine)
        open_things.callback(con.close)
        yield Loading(
            lake=lake,
            table=table,
            profile=profile,
            source=source or profile.source,
            clock=clock,
            settings=settings,
            con=con,
            progress=progress,
            observe=observe,
        )


@contextmanager
def lock_held(home: Home) -> Iterator[None]:
    """Hold the ingest lock of a home.

    Raises:
        Busy: when another run holds it and does not let go.
    """
    home.root.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(home.ingest_lock, timeout=_LOCK_SECONDS):
            yield
    except filelock.Timeout as trouble:
        raise Busy(f"ingest: {home.ingest_lock} is held by another run; try again") from trouble


@contextmanager
def lake_for(home: Home, *, dry_run: bool) -> Iterator[Lake]:
    """The lake of a home; for a dry run, one above it that is thrown away."""
    if not dry_run:
        yield Lake(home.lake)
        return
    with tempfile.TemporaryDirectory(prefix="psdmon-dry-run-") as folder:
        yield Lake(Path(folder), beneath=home.lake)


def tidied(lake: Lake, *tables: str, settings: Settings) -> dict[str, int]:
    """Small files put together where some table, of these or of all, has too many; how many."""
    wanted = lake.wants_compaction(*tables, small_files=settings.lake.most_files)
    return lake.compact(*wanted, kept_hours=settings.lake.kept_hours)


def _load_file(file: Path, loading: Loading) -> FileReport:
    began = loading.clock.now()
    tally = Tally()
    parts = _parts(file, loading, tally)
    stored(parts, place=str(file.absolute()), loading=loading, tally=tally)
    seconds = (loading.clock.now() - began).total_seconds()
    if tally.problem:
        log.warning("ingest.file_refused", table=loading.table, file=file.name, read=tally.read)
    else:
        log.info(
            "ingest.file_loaded",
            table=loading.table,
            file=file.name,
            read=tally.read,
            stored=tally.stored,
            already_known=tally.already_known,
            quarantined=tally.quarantined,
            seconds=seconds,
        )
    return report_of(str(file), tally)


def _parts(file: Path, loading: Loading, tally: Tally) -> Iterator[Shaped]:
    """The rows of a file as the lake wants them; where it breaks off becomes the problem."""
    done = 0

    def seen(read: int) -> None:
        nonlocal done
        done = read

    try:
        tally.layout = layout_of(file, loading.profile)
        size = file.stat().st_size
        rows = rows_of(file, table=loading.table, profile=loading.profile, seen=seen)
        for part in _shaped_parts(rows, place=str(file), loading=loading, tally=tally):
            yield part
            if loading.progress:
                now = FileProgress(file=file, bytes_done=done, bytes_total=size, rows=tally.read)
                loading.progress(now)
    except DataRefused as trouble:
        tally.problem = str(trouble)
    except OSError as trouble:
        tally.problem = f"{file}: cannot be read: {trouble.strerror}"


def _shaped_parts(
    found: Iterable[Rows], *, place: str, loading: Loading, tally: Tally, required: bool = True
) -> Iterator[Shaped]:
    """The rows as the lake wants them, counted; names that cannot be matched refuse the rest."""
    shaping = shaping_of(loading, place)
    by: dict[tuple[str, ...], Matched] = {}
    for rows in found:
        if rows.names not in by:
            by[rows.names] = _matched(place, rows, loading, first=required and not any(by))
        if tally.layout == "csv":
            tally.header = rows.names
        part = shaped_by_line(rows, by=by[rows.names], shaping=shaping)
        tally.read += part.read
        tally.note(part, by[rows.names])
        if loading.observe:
            loading.observe(rows, part)
        yield part


def _up_to_trouble(parts: Iterable[Shaped], tally: Tally) -> Iterator[Shaped]:
    """The parts; what they break off with becomes the problem."""
    try:
        yield from parts
    except DataRefused as trouble:
        tally.problem = str(trouble)


def _matched(place: str, rows: Rows, loading: Loading, *, first: bool) -> Matched:
    """How the names answer the profile; only the first names of a file can refuse it."""
    reading = loading.profile.reading_of(loading.table)
    required = first and bool(rows.names)
    return matched(place, rows.names, table=loading.table, reading=reading, required=required)

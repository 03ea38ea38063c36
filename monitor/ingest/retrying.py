"""Refused rows tried again, after a profile, a code list or a clock was put right."""

import hashlib
from collections.abc import Iterable, Sequence
from itertools import groupby

import pyarrow as pa

from alerts.errors import Misused
from monitor.clock import Clock
from monitor.home import Home
from monitor.ingest.committing import stored
from monitor.ingest.delimited import Dialect, records
from monitor.ingest.json_lines import objects_from
from monitor.ingest.loading import lake_for, lock_held
from monitor.ingest.matching import matched, paths_of
from monitor.ingest.profile import Profile, profile_named
from monitor.ingest.quarantine import Refused, refused_rows, settled_table, whole
from monitor.ingest.report import FileReport, IngestReport
from monitor.ingest.rows import Rows
from monitor.ingest.run import Loading, Tally, report_of, shaping_of
from monitor.ingest.shaping import shaped
from monitor.lake.verdicts import connection
from monitor.settings import Settings


def quarantined_rows(  # noqa: PLR0913 each is a fact of its own, all but the first named
    home: Home,
    *,
    settings: Settings,
    ids: Sequence[str] = (),
    table: str = "",
    settled: bool = False,
    most: int | None = None,
) -> list[Refused]:
    """Rows of the quarantine, by file and line; see `refused_rows` for the arguments."""
    with lake_for(home, dry_run=False) as lake:
        return refused_rows(
            lake, engine=settings.engine, ids=ids, table=table, settled=settled, most=most
        )


def retry(  # noqa: PLR0913 each is a fact of its own, all but the first named
    home: Home,
    ids: Sequence[str] = (),
    *,
    clock: Clock,
    settings: Settings,
    profile: Profile | None = None,
    dry_run: bool = False,
) -> IngestReport:
    """What became of waiting rows of the quarantine when they were read again.

    Args:
        home: whose quarantine.
        ids: beginnings of the ids of rows; none: every row that waits.
        clock: says when.
        settings: the force's zone, and what may be used of the machine.
        profile: to read them by; None: the profile that refused them, as it stands now.
        dry_run: whether nothing is written.

    Raises:
        Misused: when an id is in no waiting row.
        Busy: when another run holds the ingest lock.
    """
    with lock_held(home), lake_for(home, dry_run=dry_run) as lake:
        waiting = quarantined_rows(home, settings=settings, ids=ids)
        unknown = [i for i in ids if not any(row.id.startswith(i) for row in waiting)]
        if unknown:
            raise Misused(f"quarantine: no waiting row {', '.join(unknown)}; possible: list them")
        con = connection(settings.engine)
        reports: list[FileReport] = []
        try:
            for group in _groups(row for row in waiting if whole(row)):
                loading = Loading(
                    lake=lake,
                    table=group[0].table,
                    profile=profile or profile_named(home.config, group[0].profile),
                    source=group[0].source,
                    clock=clock,
                    settings=settings,
                    con=con,
                )
                reports.append(_retried(group, loading))
        finally:
            con.close()
    return IngestReport(files=tuple(reports))


def _groups(rows: Iterable[Refused]) -> list[list[Refused]]:
    """The rows of one origin together: they were read, and can be read, in the same way."""

    def origin(row: Refused) -> tuple[object, ...]:
        return row.file, row.table, row.source, row.profile, row.layout, row.header

    return [list(group) for _, group in groupby(sorted(rows, key=origin), key=origin)]


def _retried(group: Sequence[Refused], loading: Loading) -> FileReport:
    place = group[0].file
    tally = Tally(header=group[0].header, layout=group[0].layout)
    rows = _read(group, loading)
    tally.read = rows.read
    reading = loading.profile.reading_of(loading.table)
    by = matched(place, rows.names, table=loading.table, reading=reading, required=False)
    part = shaped(rows, by=by, shaping=shaping_of(loading, place))
    tally.note(part, by)
    stored([part], place=place, loading=loading, tally=tally)
    lines, hashes = (part.rows[name].to_pylist() for name in ("line", "raw_sha256"))
    taken = {
        place for place in zip(lines, hashes, strict=True) if place[0] not in tally.contradicted
    }
    _settle(group, taken, loading)
    return report_of(place, tally)


def _settle(group: Sequence[Refused], places: set[tuple[int, str]], loading: Loading) -> None:
    """Write down which rows were taken; rows of a database may share their line."""
    taken = [
        (row, "taken")
        for row in group
        if (row.line, hashlib.sha256(row.bytes).hexdigest()) in places
    ]
    if taken:
        now = loading.clock.now()
        loading.lake.settle_refused(settled_table(taken, at=now), loaded_at=now)


def _read(group: Sequence[Refused], loading: Loading) -> Rows:
    """The raw rows read again, each by itself, with its own line."""
    profile = loading.profile
    if group[0].layout == "csv":
        dialect = Dialect(delimiter=profile.delimiter, encoding=profile.encoding)
        return _together(
            [
                records(row.header, row.bytes, first_line=row.line, dialect=dialect, ends=True)[0]
                for row in group
            ]
        )
    encoding = "utf-8" if group[0].layout == "parquet" else profile.encoding
    paths = paths_of(profile.reading_of(loading.table), loading.table)
    numbered = [(row.line, row.bytes) for row in group]
    return objects_from(numbered, encoding=encoding, paths=paths)


def _together(parts: Sequence[Rows]) -> Rows:
    columns = zip(*(part.columns for part in parts), strict=True)
    return Rows(
        names=parts[0].names,
        columns=tuple(pa.concat_arrays(column) for column in columns),
        lines=pa.concat_arrays([part.lines for part in parts]),
        raws=pa.concat_arrays([part.raws for part in parts]),
        refused=tuple(refusal for part in parts for refusal in part.refused),
    )

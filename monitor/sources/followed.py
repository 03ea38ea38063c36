"""A file that grows and is rotated, followed by what it begins with, by inode and by offset.

    audit.jsonl.2.gz   audit.jsonl.1   audit.jsonl
          |                 |               |
    read to its end  ->  the rest   ->  from its first line

A file is known again by its first bytes and by those before the place where reading ended, so
that it does not matter whether rotation renamed it, copied and truncated it, or compressed it.
Only whole lines are taken; a record with a line end inside quotes only when the quote is closed.
"""

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

from alerts.chain import moment, stamp
from alerts.errors import DataRefused
from monitor.ingest import FileReport, Rows, Stretch
from monitor.ingest.delimited import header_in
from monitor.ingest.matching import matched
from monitor.ingest.reading import dialect_of, layout_of, rows_following
from monitor.ingest.stream import Following, inside, is_compressed
from monitor.sources.declared import FileFeed
from monitor.sources.observed import Observed
from monitor.sources.taking import Kind, Noticed, Step, Taking, told_of

_HEAD_BYTES: Final = 4096  # by which a file is known again
_TAIL_BYTES: Final = 256  # before the place where reading ended: the same
_MOST_BYTES: Final = 64 << 20  # read before the place is written down
_MOST_FINISHED: Final = 32  # rotated files of which it is remembered that they were read
_COMPRESSED: Final = (".gz", ".zst")
_PATIENCE: Final = timedelta(seconds=60)  # for a quote to be closed, a file to be compressed
_FIRST_LINE: Final = 1 << 16  # bytes in which a header must end
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where reading ended in one generation of the file, and by what that is known again.

    Attributes:
        generation: 1 for the first that was followed, one more with each rotation.
        inode: of the file; a sign, not a proof, for numbers are used again.
        offset: bytes that were read.
        line: number of the next line.
        head_bytes: of the beginning that is remembered.
        head: SHA-256 of those.
        tail_bytes: of what stands before the offset that is remembered.
        tail: SHA-256 of those.
        modified_ns: time of the file when it was read, in nanoseconds since 1970.
        header: names of the columns of a delimited file.
        has_bom: whether it begins with a UTF-8 mark.
        open_since: when a quote was first seen open at the offset; empty when none is.
        finished: heads of rotated files that were read to their end, the last ones.
    """

    generation: int = 1
    inode: int = 0
    offset: int = 0
    line: int = 1
    head_bytes: int = 0
    head: str = ""
    tail_bytes: int = 0
    tail: str = ""
    modified_ns: int = 0
    header: tuple[str, ...] = ()
    has_bom: bool = False
    open_since: str = ""
    finished: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Position":
        """The position as a cursor keeps it."""
        tuples = {name: tuple(told[name]) for name in ("header", "finished")}
        return cls(**{**told, **tuples})

    def as_json(self) -> dict[str, object]:
        """The position for a cursor."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A file that may hold a generation."""

    path: Path
    inode: int
    size: int
    modified_ns: int
    current: bool

    @property
    def age_order(self) -> tuple[bool, int, str]:
        """Oldest first, the one that grows last."""
        return self.current, self.modified_ns, self.path.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A file that is to be read.

    Attributes:
        file: which.
        ends: whether nothing more will be written to it.
        goes_on: whether reading goes on where it ended; else it begins at the first line.
    """

    file: Found
    ends: bool
    goes_on: bool


@dataclass(slots=True, kw_only=True)  # its position moves on with each step
class Followed:
    """Reads one file that grows, from where the last reading ended."""

    taking: Taking
    feed: FileFeed
    position: Position | None
    seen: list[Noticed] = field(default_factory=list)
    stuck: bool = False  # at a file whose header cannot be used: what follows waits, and is told

    def steps(self) -> Iterator[Step]:
        """The rest of what was begun, then what came after it, then the file as it grows now.

        Raises:
            DataRefused: there is no such file, or it may not be read.
        """
        began = self.position
        try:
            for planned in self._in_order(self._found()):
                if self._may_be_written(planned.file):
                    return
                at = began if planned.goes_on else None
                yield from self._generation(planned, at=at)
                if self.stuck:
                    return
        except OSError as trouble:
            raise DataRefused(
                f"feed {self.feed.name}: {trouble.filename or self.feed.path}:"
                f" cannot be read: {trouble.strerror}"
            ) from trouble

    def noticed(self) -> tuple[Noticed, ...]:
        """What was wrong with the file in this reading."""
        return tuple(self.seen)

    # which files, in which order

    def _found(self) -> list[Found]:
        """The file and what rotation made of it, oldest first; empty files are left out."""
        path = self.feed.path
        patterns = self.feed.rotated or (f"{path.name}.*", f"{path.name}-*")
        with os.scandir(path.parent) as entries:
            names = {
                entry.name
                for entry in entries
                if entry.name != path.name
                and any(fnmatchcase(entry.name, pattern) for pattern in patterns)
            }
        # While a file is being compressed, both are there, and the plain one is whole.
        names = {n for n in names if not (n.endswith(_COMPRESSED) and Path(n).stem in names)}
        files = [_file_at(path.parent / name, current=False) for name in names]
        files.append(_file_at(path, current=True))
        if not any(files):
            raise DataRefused(
                f"feed {self.feed.name}: {path}: is not there; possible: the file that grows"
            )
        return sorted((f for f in files if f and f.size), key=lambda file: file.age_order)

    def _in_order(self, found: Sequence[Found]) -> list[Planned]:
        """What is to be read, oldest first."""
        position, current = self.position, [file for file in found if file.current]
        if position is None:
            return [Planned(file=file, ends=False, goes_on=False) for file in current]
        holder = _holder(found, position)
        if holder is None:
            self._tell_cut_short(position, current)
        later = _unread(found, position, after=holder)
        before = [holder] if holder and not holder.current else []
        files = [*before, *later, *current]
        # The writer may hold a file that was renamed until the new one has its first line, so
        # that the last of them is never at its end.
        return [Planned(file=f, ends=f is not files[-1], goes_on=f is holder) for f in files]

    def _may_be_written(self, file: Found) -> bool:
        """Whether a compressed file may still be written, so that it waits, and what follows."""
        age = self.taking.clock.now() - _moment(file.modified_ns)
        return not file.current and is_compressed(file.path) and age < _PATIENCE

    def _tell_cut_short(self, position: Position, current: Sequence[Found]) -> None:
        same = [file for file in current if file.inode == position.inode]
        became = (
            f"now it has {same[0].size} bytes, was truncated or written over, and no copy was"
            " found; it is read from its start"
            if same
            else "now it is gone; what followed there was not read"
        )
        says = (
            f"{self.feed.path.name} was read to byte {position.offset}, line {position.line - 1};"
            f" {became}"
        )
        detail = f"generation {position.generation}, byte {position.offset}"
        since = _moment(position.modified_ns)
        self.seen.append(Noticed(kind=Kind.CUT_SHORT, detail=detail, says=says, since=since))

    # one generation

    def _generation(self, planned: Planned, *, at: Position | None) -> Iterator[Step]:
        """The lines of one file that were not read, in stretches of bounded size."""
        file = planned.file
        layout = layout_of(self.feed.path, self.taking.profile)
        compressed = is_compressed(file.path)
        if layout == "parquet" or (compressed and file.current):
            raise DataRefused(
                f"feed {self.feed.name}: {file.path}: is Parquet or compressed;"
                " possible: a file of lines that grows"
            )
        before = self._next_of(at) if at else self._first_of(file)
        more = True
        while more:
            following = Following(
                path=file.path,
                offset=before.offset,
                line=before.line,
                ends=planned.ends,
                most=_MOST_BYTES,
                has_bom=before.has_bom,
            )
            report, observed, after = self._stretch(file, following, at=before, layout=layout)
            if report.problem:
                detail = f"generation {after.generation}"
                now = self.taking.clock.now()
                says = told_of(report.problem)
                kind = Kind.CUT_SHORT if compressed else Kind.FILE_REFUSED
                refused = Noticed(kind=kind, detail=detail, says=says, since=now)
                self.seen.append(refused)
            more = following.more and not report.problem
            if planned.ends and not more and (compressed or not report.problem):
                after = replace(after, finished=_finished(after, file))
            self.stuck = bool(report.problem) and not compressed
            moved = _moved_on(self.position, after)
            if moved or report.problem:
                step = self._step(file, after, report=report, observed=observed)
                yield replace(step, kept=moved)
                self.position = after if moved else self.position
            before = after

    def _next_of(self, at: Position) -> Position:
        """Where to go on; under a new number where other generations were read in between."""
        now = self.position
        between = now is not None and now.generation > at.generation
        return replace(at, generation=now.generation + 1) if between and now else at

    def _first_of(self, file: Found) -> Position:
        """The first line of a generation that comes after those before."""
        before = self.position or Position(generation=0)
        return Position(
            generation=before.generation + 1,
            inode=file.inode,
            modified_ns=file.modified_ns,
            header=self._header_kept(file, before.header),
            finished=before.finished,
        )

    def _header_kept(self, file: Found, known: tuple[str, ...]) -> tuple[str, ...]:
        """The header of the generation before, where this one begins without one; else none."""
        if not known:
            return ()
        first = inside(file.path, start=0, size=_FIRST_LINE).removeprefix(_BOM)
        names = header_in(file.path, first, dialect=dialect_of(self.taking.profile))
        reading = self.taking.profile.reading_of(self.feed.table)
        try:
            matched(str(file.path), names, table=self.feed.table, reading=reading)
        except DataRefused:
            return known if len(names) == len(known) else ()
        return ()

    def _stretch(
        self, file: Found, following: Following, *, at: Position, layout: str
    ) -> tuple[FileReport, Observed, Position]:
        """What became of the next lines, and where the ones after them begin."""
        opened: list[tuple[int, int]] = []  # offset and line of a quote that is not closed yet
        names: list[tuple[str, ...]] = [at.header]
        now = self.taking.clock.now()

        def waits(tail: bytes, line: int) -> bool:
            start = following.offset - len(tail)
            waited = bool(at.open_since) and start == at.offset
            since = moment(at.open_since) if waited else now
            if following.ends or now - since >= _PATIENCE:
                return False
            opened.append((start, line))
            return True

        rows = rows_following(
            following,
            table=self.feed.table,
            profile=self.taking.profile,
            layout=layout,
            known=at.header,
            waits=waits,
        )
        observed = self.taking.observing()
        given = Stretch(
            place=f"{self.feed.path}#{at.generation}",
            layout=layout,
            rows=_noting_names(rows, names),
            required=layout == "csv" and not at.offset,
        )
        report = self.taking.stretch(given, observed)
        if report.problem and not is_compressed(file.path):
            return report, observed, at
        offset, line = opened[0] if opened else (following.offset, following.line)
        head_bytes, tail_bytes = min(_HEAD_BYTES, offset), min(_TAIL_BYTES, offset)
        after = replace(
            at,
            inode=file.inode,
            modified_ns=file.modified_ns,
            offset=offset,
            line=line,
            head_bytes=head_bytes,
            head=_hash_inside(file.path, start=0, size=head_bytes),
            tail_bytes=tail_bytes,
            tail=_hash_inside(file.path, start=offset - tail_bytes, size=tail_bytes),
            header=names[-1] if layout == "csv" else (),
            has_bom=following.has_bom,
            open_since=_open_since(at, offset, now=now) if opened else "",
        )
        return report, observed, after

    def _step(self, file: Found, at: Position, *, report: FileReport, observed: Observed) -> Step:
        facts: dict[str, object] = {
            "file": file.path.name,
            "generation": at.generation,
            "head_sha256": at.head,
            "offset": at.offset,
            "compressed": is_compressed(file.path),
        }
        return Step(cursor=at.as_json(), report=report, observed=observed, facts=facts)


def _file_at(path: Path, *, current: bool) -> Found | None:
    """A regular file; None where there is none, or it was renamed at this moment."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    return Found(
        path=path,
        inode=found.st_ino,
        size=found.st_size,
        modified_ns=found.st_mtime_ns,
        current=current,
    )


def _holder(found: Sequence[Found], position: Position) -> Found | None:
    """The file in which reading ended, whatever it is called now; None when it is gone."""
    # Where only a header was read, the next file begins alike: then the inode decides, and a
    # rotated file comes before the one that grows.
    by_likeness = sorted(found, key=lambda f: (f.inode != position.inode, f.current))
    return next((file for file in by_likeness if _holds(file, position)), None)


def _holds(file: Found, position: Position) -> bool:
    """Whether a file begins as the one that was read, and has the same before the offset."""
    if not is_compressed(file.path) and file.size < position.offset:
        return False
    head = _hash_inside(file.path, start=0, size=position.head_bytes)
    start = position.offset - position.tail_bytes
    return head == position.head and position.tail == _hash_inside(
        file.path, start=start, size=position.tail_bytes
    )


def _unread(found: Sequence[Found], position: Position, *, after: Found | None) -> list[Found]:
    """Rotated files that came after the one in which reading ended, oldest first."""
    since = after.modified_ns if after and not after.current else position.modified_ns
    later = [f for f in found if not f.current and f is not after and f.modified_ns >= since]
    return [file for file in later if _head_of(file) not in position.finished]


def _finished(position: Position, file: Found) -> tuple[str, ...]:
    """The rotated files that were read to their end, with one more."""
    return (*position.finished, _head_of(file))[-_MOST_FINISHED:]


def _head_of(file: Found) -> str:
    return _hash_inside(file.path, start=0, size=_HEAD_BYTES)


def _hash_inside(path: Path, *, start: int, size: int) -> str:
    return hashlib.sha256(inside(path, start=start, size=size)).hexdigest()


def _moved_on(before: Position | None, after: Position) -> bool:
    """Whether a position says more than the one before, besides the time of the file.

    Before its first whole line a file has nothing to be known again by: then reading still stands
    at the end of the one before.
    """
    if before is None or not after.offset:
        return after.offset > 0
    return after != replace(before, modified_ns=after.modified_ns, inode=after.inode)


def _open_since(at: Position, offset: int, *, now: datetime) -> str:
    return at.open_since if at.open_since and offset == at.offset else stamp(now)


def _noting_names(rows: Iterable[Rows], names: list[tuple[str, ...]]) -> Iterator[Rows]:
    """The rows, while the last header is noted."""
    for part in rows:
        if part.names:
            names.append(part.names)
        yield part


def _moment(nanoseconds: int) -> datetime:
    return datetime.fromtimestamp(nanoseconds / 1e9, tz=UTC)

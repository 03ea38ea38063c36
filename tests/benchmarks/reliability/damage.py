"""Damaged files read in process, and held against an oracle of what nothing touched."""

import random
import tempfile
import traceback
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import zstandard

from alerts.errors import DataRefused
from monitor.ingest.matching import Matched, matched
from monitor.ingest.profile import Profile, profiles_at
from monitor.ingest.reading import rows_of
from monitor.ingest.rereading import shaped_by_line
from monitor.ingest.shaping import Shaping
from monitor.lake.verdicts import Connection, connection
from monitor.settings import Engine, Settings, shipped_config
from tests.benchmarks.reliability.mutations import Mutated

NOW = datetime(2026, 3, 10, 6, tzinfo=UTC)
SETTINGS = Settings(engine=Engine(threads=1, memory="1GB"))


@dataclass(slots=True, kw_only=True)  # adds up
class Tally:
    """What became of files and of their rows."""

    files: int = 0
    lines_touched: int = 0
    read: int = 0
    usable: int = 0
    refused: int = 0
    refused_whole: int = 0
    untouched: int = 0
    inside_a_cell: int = (
        0  # untouched, and between two quotes that both stand where cells begin and end
    )
    lost: list[str] = field(default_factory=list)
    crashed: list[str] = field(default_factory=list)
    miscounted: list[str] = field(default_factory=list)
    misplaced: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Count what another counted."""
        for name in Tally.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def troubles(self) -> list[str]:
        """Everything that should not have been."""
        return [*self.crashed, *self.lost, *self.miscounted, *self.misplaced]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What the reader made of a file."""

    usable: dict[int, bytes]  # raw row by its first line
    refused: dict[int, bytes]
    read: int
    rows: int
    problem: str


@cache
def profiles() -> dict[str, Profile]:
    """The shipped profiles."""
    return profiles_at(shipped_config())


@cache
def hashing() -> Connection:
    """One connection for every file."""
    return connection(SETTINGS.engine)


def examined(found: Mutated, *, label: str) -> Tally:
    """What the reader makes of a file, held against what nothing touched."""
    tally = Tally(files=1, lines_touched=found.lines_touched)
    with tempfile.TemporaryDirectory(dir=_memory()) as folder:
        path = Path(folder) / found.name
        path.write_bytes(found.content)
        try:
            read = _read(path, found)
        except Exception:  # noqa: BLE001 whatever it is, it is what is looked for
            tally.crashed.append(f"{label}: {traceback.format_exc(limit=-3)}")
            return tally
    tally.read, tally.usable, tally.refused = read.read, len(read.usable), len(read.refused)
    tally.refused_whole = int(bool(read.problem))
    if read.rows != read.read or read.rows != len(read.usable) + len(read.refused):
        tally.miscounted.append(f"{label}: {read.read} read, {read.rows} rows")
    text = _reached(found)
    if text is None:
        return tally
    lines = text.splitlines(keepends=True)
    starts = _starts(lines)
    if not found.header_touched and (found.content is found.text or not read.problem):
        _hold_to_partition(tally, read, lines, label=label, header=bool(found.sample.header))
    if not found.header_touched:
        _hold_to_oracle(tally, read, found, starts, reached=len(text), label=label)
    return tally


def _read(path: Path, found: Mutated) -> _Read:
    profile, table = profiles()[found.sample.profile], found.sample.table
    shaping = Shaping(
        table=table,
        profile=profile,
        source="s",
        file=path.name,
        zone=SETTINGS.zone,
        latest=NOW,
        con=hashing(),
    )
    usable: dict[int, bytes] = {}
    refused: dict[int, bytes] = {}
    read = rows = 0
    by: dict[tuple[str, ...], Matched] = {}
    problem = ""
    try:
        for part in rows_of(path, table=table, profile=profile, seen=lambda _: None):
            if part.names not in by:
                by[part.names] = matched(
                    path.name,
                    part.names,
                    table=table,
                    reading=profile.reading_of(table),
                    required=not any(by) and bool(part.names),
                )
            shape = shaped_by_line(part, by=by[part.names], shaping=shaping)
            read += part.read if shape.read == part.read else shape.read
            rows += shape.rows.num_rows + len(shape.refused)
            pairs = zip(shape.rows["line"].to_pylist(), shape.rows["raw"].to_pylist(), strict=True)
            usable.update(pairs)
            refused.update((one.line, one.kept) for one in shape.refused)
            if any(not one.reason or one.line < 1 for one in shape.refused):
                problem = "a refusal has no place or no reason"
    except DataRefused as trouble:
        problem = str(trouble)
        if path.name not in problem:
            raise
    return _Read(usable=usable, refused=refused, read=read, rows=rows, problem=problem)


def _reached(found: Mutated) -> bytes | None:
    """The text that a reader can come by; None where nobody can tell."""
    if found.content is found.text:
        return found.text
    if found.damaged:
        return None
    if found.content.startswith(b"\x1f\x8b"):
        return zlib.decompressobj(wbits=31).decompress(found.content)
    if found.content.startswith(b"\x28\xb5\x2f\xfd"):
        return zstandard.ZstdDecompressor().decompressobj().decompress(found.content)
    return None  # cut before it could be told


def _starts(lines: Sequence[bytes]) -> dict[int, int]:
    """Line number by the offset at which the line begins."""
    starts, at = {}, 0
    for number, line in enumerate(lines, start=1):
        starts[at] = number
        at += len(line)
    return starts


def _hold_to_partition(
    tally: Tally, read: _Read, lines: Sequence[bytes], *, label: str, header: bool
) -> None:
    """Every line that is not blank belongs to one row or one refusal."""
    if read.problem:
        return
    taken: dict[int, int] = {}
    for first, raw in (*read.usable.items(), *read.refused.items()):
        for line in range(first, first + max(len(raw.splitlines()), 1)):
            taken[line] = taken.get(line, 0) + 1
    filled = [n for n, line in enumerate(lines, start=1) if _filled(line)]
    wanted = set(filled[1:] if header else filled)
    twice = [line for line, count in taken.items() if count > 1]
    dropped = sorted(wanted - set(taken))
    if twice or dropped:
        tally.miscounted.append(f"{label}: lines {dropped[:5]} dropped, {twice[:5]} twice")
    wrong = [
        line
        for line, raw in read.refused.items()
        if line > len(lines) or not b"".join(lines[line - 1 : line + 1200]).startswith(raw[:1000])
    ]
    if wrong:
        tally.misplaced.append(f"{label}: refusals at lines {wrong[:5]}")


def _filled(line: bytes) -> bool:
    return bool(line.decode("utf-8", "surrogateescape").strip().strip('"').strip())


def _hold_to_oracle(
    tally: Tally,
    read: _Read,
    found: Mutated,
    starts: dict[int, int],
    *,
    reached: int,
    label: str,
) -> None:
    """Every record that nothing touched is a usable row in its place."""
    for at, record in found.untouched:
        if at not in starts or at + len(record) > reached:
            continue
        tally.untouched += 1
        line, raw = starts[at], record.rstrip(b"\r\n")
        if read.usable.get(line) == raw:
            continue
        if any(
            first < line < first + len(row.splitlines()) + 1 and raw in row
            for first, row in read.usable.items()
        ):
            tally.inside_a_cell += 1
            continue
        tally.lost.append(
            f"{label}: line {line} of {found.name}: {raw[:80]!r} {read.problem[:200]}"
        )


def _memory() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 a disk in memory


def chance_of(seed: int, number: int) -> random.Random:
    """Chance of one file, the same whichever worker reads it."""
    return random.Random(f"{seed}:{number}")  # noqa: S311 repeated, nothing is guarded by it


def numbered(total: int, *, batch: int) -> Iterator[range]:
    """Numbers of files in batches."""
    return (range(first, min(first + batch, total)) for first in range(0, total, batch))

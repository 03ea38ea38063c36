"""Laws: nothing is lost, nothing is counted twice, and the order of loading leaves no trace."""

import gzip
import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.errors import DataRefused
from monitor.home import Home
from monitor.ingest.delimited import Dialect, _at_once, delimited_rows, records
from monitor.ingest.matching import matched
from monitor.ingest.reading import rows_of
from monitor.ingest.rows import Rows
from monitor.ingest.shaping import Shaped, Shaping, shaped
from monitor.ingest.stream import Block
from monitor.lake.verdicts import Connection, connection
from tests.monitor.ingest.loaded import (
    HEADER,
    NOW,
    PROFILES,
    SETTINGS,
    Loads,
    counts,
    csv,
    event,
)

COMMAS = Dialect(delimiter=",", encoding="utf-8")
EVENTS = tuple(event(n) for n in range(12))
NAMES = ("a", "b")

cells = st.text(alphabet='x ,"\r\n\0é*', max_size=4)
lines_of_cells = st.lists(st.lists(cells, min_size=1, max_size=3), max_size=8)
# Good rows with a few bytes put in, taken out or changed anywhere, the header included.
edits = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 3), st.binary(min_size=1, max_size=3)), max_size=6
)


@contextmanager
def fresh() -> Iterator[Loads]:
    """Loads into a home of its own."""
    with tempfile.TemporaryDirectory() as folder:
        yield Loads(home=Home(Path(folder) / "home"), folder=Path(folder) / "files")


def mangled(content: bytes, changes: Sequence[tuple[float, int, bytes]]) -> bytes:
    """The content with bytes changed at relative places, from 0 to 1."""
    for place, length, put in changes:
        at = int(place * len(content))
        content = content[:at] + put + content[at + length :]
    return content


def as_objects(rows: Sequence[str]) -> bytes:
    """The rows as one object a line."""
    names = HEADER.split(",")
    objects = (dict(zip(names, row.split(","), strict=True)) for row in rows)
    return "\n".join(json.dumps(one) for one in objects).encode()


@cache
def _hashing() -> Connection:
    """One connection for every example: making one takes longer than an example."""
    return connection(SETTINGS.engine)


def parts_of(path: Path) -> Iterator[tuple[Shaped, int]]:
    """The shaped rows of a file, with the number that were read, up to where it breaks off."""
    profile = PROFILES["canonical"]
    con = _hashing()
    shaping = Shaping(
        table="events",
        profile=profile,
        source="s",
        file=path.name,
        zone=SETTINGS.zone,
        latest=NOW,
        con=con,
    )
    reading = profile.reading_of("events")
    with suppress(DataRefused):
        for rows in rows_of(path, table="events", profile=profile, seen=lambda _: None):
            by = matched(path.name, rows.names, table="events", reading=reading, required=False)
            yield shaped(rows, by=by, shaping=shaping), rows.read


def plain(rows: Rows) -> list[tuple[object, ...]]:
    """The rows and refusals by line."""
    cells_by_row = zip(*(column.to_pylist() for column in rows.columns), strict=True)
    read = zip(rows.lines.to_pylist(), rows.raws.to_pylist(), cells_by_row, strict=True)
    return sorted(
        [*read, *((r.line, r.raw, r.reason) for r in rows.refused)], key=lambda row: row[0]
    )


@given(lines_of_cells)
def test_reading_at_once_and_record_by_record_give_the_same_rows(lines: list[list[str]]) -> None:
    data = "\n".join(",".join(line) for line in lines).encode()

    singly, _, _ = records(NAMES, data, first_line=2, dialect=COMMAS, ends=True)
    at_once = _at_once(NAMES, data, first_line=2, dialect=COMMAS) if data else singly

    assert at_once is None or plain(at_once) == plain(singly)


@given(lines_of_cells, st.sets(st.integers(0, 20)))
def test_where_a_block_ends_leaves_no_trace(lines: list[list[str]], cuts: set[int]) -> None:
    data = "a,b\n" + "\n".join(",".join(line) for line in lines)
    pieces = data.encode().splitlines(keepends=True)
    blocks, first = [], 0
    for end in sorted({*(c for c in cuts if 0 < c < len(pieces)), len(pieces)}):
        blocks.append(Block(first_line=first + 1, data=b"".join(pieces[first:end])))
        first = end
    whole = [Block(first_line=1, data=data.encode())]

    cut, uncut = (
        [row for rows in delimited_rows(Path("f"), b, dialect=COMMAS) for row in plain(rows)]
        for b in (blocks, whole)
    )

    assert sorted(cut, key=lambda row: row[0]) == uncut  # type: ignore[arg-type,return-value]  # the first is always a line number


@settings(max_examples=40)
@given(edits, st.sampled_from(["log.csv", "log.jsonl", "log.csv.gz"]))
def test_every_row_that_is_read_is_usable_or_refused_with_its_line(
    changes: list[tuple[float, int, bytes]], name: str
) -> None:
    content = csv(*EVENTS) if name.startswith("log.csv") else as_objects(EVENTS)
    pressed = gzip.compress(content, mtime=0) if name.endswith(".gz") else content
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(mangled(pressed, changes))
        parts = list(parts_of(path))

    for part, read in parts:
        assert part.rows.num_rows + len(part.refused) == read
        assert all(refusal.line > 0 and refusal.reason for refusal in part.refused)


@settings(max_examples=5)
@given(edits, st.booleans())
def test_every_row_is_stored_known_or_quarantined_and_the_second_time_nothing_changes(
    changes: list[tuple[float, int, bytes]],
    last_line_ends: bool,  # noqa: FBT001 drawn by the property
) -> None:
    content = mangled(csv(*EVENTS[:6], event(1), event(2, reason="other")), changes)
    with fresh() as loads:
        first = loads.events(content if last_line_ends else content.rstrip(b"\n"))
        rows, waiting = loads.rows("*"), loads.waiting()
        second = loads.events(content if last_line_ends else content.rstrip(b"\n"))

        assert first.read == first.stored + first.already_known + first.quarantined
        assert counts(second) == (first.read, 0, len(rows) + first.already_known, first.quarantined)
        assert (loads.rows("*"), loads.waiting()) == (rows, waiting)


@settings(max_examples=10)
@given(st.binary(max_size=400), st.sampled_from(["log.csv", "log.jsonl", "log.csv.gz"]))
def test_no_bytes_whatever_end_in_anything_but_a_report(content: bytes, name: str) -> None:
    with fresh() as loads:
        report = loads.events(content, name)

        assert report.read == report.stored + report.already_known + report.quarantined
        assert report.stored == 0


@settings(max_examples=5)
@given(st.lists(st.lists(st.sampled_from(EVENTS), max_size=8), min_size=1, max_size=3))
def test_any_split_and_any_overlap_in_any_order_give_the_same_events(
    files: list[list[str]],
) -> None:
    rest = [row for row in EVENTS if not any(row in file for file in files)]
    with fresh() as loads:
        reports = [
            loads.events(csv(*file, header=HEADER), f"{n}.csv")
            for n, file in enumerate([*files, rest])
        ]

        stored = sum(report.stored for report in reports)
        assert loads.rows("event_id") == sorted((f"E{n}",) for n in range(len(EVENTS)))
        assert stored == len(EVENTS)
        assert loads.waiting() == []

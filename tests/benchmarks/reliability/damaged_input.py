"""Thousands of damaged files and lines: no crash, no good row lost, every count adds up."""

import logging
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path

import structlog

from monitor.clock import FixedClock
from monitor.home import Home
from monitor.ingest import IngestReport, ingest_events, ingest_table
from monitor.lake import Lake
from tests.benchmarks.figures import Figure
from tests.benchmarks.reliability.damage import (
    NOW,
    SETTINGS,
    Tally,
    chance_of,
    examined,
    numbered,
    profiles,
)
from tests.benchmarks.reliability.mutations import Mutated, mutated, with_lines_changed
from tests.benchmarks.reliability.samples import Sample, parquet_bytes, sample

FILES, LINES, COLUMNAR, STORED = 811, 812, 813, 814  # seeds, one for each kind of trial
WORKERS = 2
ROWS_A_FILE = 1_000  # of the files whose lines are changed, half of them


def damaged_files(count: int) -> list[Figure]:
    """So many files of ten layouts, changed in places or as a whole."""
    tally = _all_of(_files, count, batch=100)
    says = f"{tally.files:,} damaged files of ten layouts, plain and compressed, seed {FILES}"
    return [Figure(says=says, **_lost(tally)), _inside(tally)]


def damaged_lines(count: int) -> list[Figure]:
    """At least so many lines changed, every second line of large files."""
    tally = _all_of(_lines, -(-count * 2 // ROWS_A_FILE) + 4, batch=4)
    says = f"{tally.lines_touched:,} damaged lines in {tally.files:,} files, seed {LINES}"
    wrong = len(tally.miscounted)
    return [
        Figure(says=says, **_lost(tally)),
        Figure(
            says="every line of them that is not blank",
            value=f"{tally.read:,} read = {tally.usable:,} usable + {tally.refused:,} refused;"
            f" {wrong:,}",
            unit="dropped or counted twice",
            limit="none",
        ),
        _inside(tally),
    ]


def damaged_columnar(count: int) -> list[Figure]:
    """So many damaged Parquet files, which a library written in C++ reads."""
    tally = _all_of(_columnar, count, batch=50)
    whole, refused = tally.files - tally.refused_whole, tally.refused_whole
    return [
        Figure(
            says=f"{tally.files:,} damaged Parquet files, seed {COLUMNAR}",
            value=f"{len(tally.crashed):,} crashes; {refused:,} refused; {whole:,} read",
            unit="",
            limit="no crash",
        )
    ]


def damaged_and_stored(count: int) -> list[Figure]:
    """So many damaged files loaded into lakes, twice."""
    tally = _all_of(_stored, count, batch=10)
    return [
        Figure(
            says=f"{tally.files:,} damaged files loaded twice, {tally.read:,} rows, seed {STORED}",
            value=f"{len(tally.miscounted):,}",
            unit="in which read is not stored + known + quarantined, or the second load changed"
            " the lake",
            limit="none",
        )
    ]


def _lost(tally: Tally) -> dict[str, str]:
    lost = f"{len(tally.lost):,} of {tally.untouched:,} good rows lost"
    return {
        "value": f"{len(tally.crashed):,} crashes; {lost}; {len(tally.misplaced):,}",
        "unit": "refusals without their place",
        "limit": "none",
    }


def quietly() -> None:
    """Log lines of a trial are not shown."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def _inside(tally: Tally) -> Figure:
    return Figure(
        says="of the good rows, those between two stray quotes that make one well-formed cell",
        value=f"{tally.inside_a_cell:,}",
        unit="kept in that cell, as RFC 4180 has it",
    )


def _all_of(work: Callable[[Sequence[int]], Tally], count: int, *, batch: int) -> Tally:
    """The tally of numbered files, worked through by processes that may die of them."""
    tally = Tally()
    batches = list(numbered(count, batch=batch))
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn"), initializer=quietly) as pool:
        futures = [pool.submit(work, numbers) for numbers in batches]
        for numbers, future in zip(batches, futures, strict=True):
            try:
                tally.add(future.result())
            except BrokenProcessPool:
                tally.crashed.append(f"{work.__name__}: a process died at {numbers}")
    return tally


def _files(numbers: Iterable[int]) -> Tally:
    tally = Tally()
    for number in numbers:
        chance = chance_of(FILES, number)
        found = mutated(sample(chance, rows=chance.randint(1, 40)), chance)
        tally.add(examined(found, label=f"file {number}"))
    return tally


def _lines(numbers: Iterable[int]) -> Tally:
    tally = Tally()
    for number in numbers:
        chance = chance_of(LINES, number)
        found = with_lines_changed(sample(chance, rows=ROWS_A_FILE), chance, share=0.5)
        tally.add(examined(found, label=f"lines {number}"))
    return tally


def _columnar(numbers: Iterable[int]) -> Tally:
    tally = Tally()
    for number in numbers:
        chance = chance_of(COLUMNAR, number)
        content = bytearray(parquet_bytes(30, checksums=chance.random() < 0.5))
        if chance.random() < 0.2:
            content = content[: chance.randrange(len(content))]
        for _ in range(chance.randint(1, 4)):
            footer = min(len(content), 1_500)  # where the lengths are that a reader believes
            start = 0 if chance.random() < 0.5 else len(content) - footer
            if content:
                content[chance.randrange(start, len(content))] = chance.randrange(256)
        tally.add(examined(_as_file(bytes(content)), label=f"Parquet {number}"))
    return tally


def _as_file(content: bytes) -> Mutated:
    whole = Sample(name="log.parquet", table="events", profile="canonical", header=b"", records=())
    return Mutated(
        sample=whole,
        text=b"",
        content=content,
        name=whole.name,
        untouched=(),
        lines_touched=0,
        header_touched=True,
    )


def _stored(numbers: Iterable[int]) -> Tally:
    """Files loaded one after another into one lake, each twice."""
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="psdmon-bench-") as folder:
        home = Home(Path(folder) / "home")
        for number in numbers:
            chance = chance_of(STORED, number)
            found = mutated(sample(chance, rows=chance.randint(1, 40)), chance)
            path = Path(folder) / f"{number}-{found.name}"
            path.write_bytes(found.content)
            first = _loaded(home, path, found)
            before = Lake(home.lake).versions()
            second = _loaded(home, path, found)
            tally.files += 1
            tally.read += first.read
            sound = all(_adds_up(report) for report in (first, second))
            same = (second.read, second.stored) == (first.read, 0)
            if not (sound and same and Lake(home.lake).versions() == before):
                tally.miscounted.append(f"stored {number}: {first.as_json()} {second.as_json()}")
    return tally


def _adds_up(report: IngestReport) -> bool:
    return report.read == report.stored + report.already_known + report.quarantined


def _loaded(home: Home, path: Path, found: Mutated) -> IngestReport:
    facts = {
        "profile": profiles()[found.sample.profile],
        "clock": FixedClock(NOW),
        "settings": SETTINGS,
    }
    if found.sample.table == "events":
        return ingest_events(home, [path], **facts)
    return ingest_table(home, found.sample.table, [path], **facts)

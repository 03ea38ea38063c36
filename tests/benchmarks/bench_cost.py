"""What a judged day costs, by size of the force and length of its history, and what it holds."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from tests.benchmarks.asked import Asked
from tests.benchmarks.costing import SPAN_DAYS
from tests.benchmarks.figures import Figure

STAFF, WEEKS = 2_000, 26
OTHERS = ((300, 26), (10_000, 12))
HISTORIES = (13, 26, 52, 104)  # weeks, of one small force: what is held must not grow with them
SMALL = 300


def measure(asked: Asked) -> list[Figure]:
    """Processor seconds beside seconds, since others may use the machine; memory at its most."""
    if asked.quick:
        return list(_of_size(asked, SMALL, 20, whole=False))
    return [
        *_of_size(asked, STAFF, WEEKS, whole=True),
        *_of_histories(asked),
        *(each for staff, weeks in OTHERS for each in _of_size(asked, staff, weeks, whole=False)),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one part took, in a process of its own."""

    processor_seconds: float
    seconds: float
    most_mib: float
    days: int
    rows: int

    def words(self, *, each: int = 1) -> str:
        """Seconds of processors, and of the clock in brackets."""
        return f"{self.processor_seconds / each:.1f} ({self.seconds / each:.1f} by the clock)"


def _of_size(asked: Asked, staff: int, weeks: int, *, whole: bool) -> Iterator[Figure]:
    """The figures of one force; the whole of them with what drills taught, and a span of days."""
    _cost(asked, "make", staff=staff, weeks=weeks)
    group = _cost(asked, "group", staff=staff, weeks=weeks)
    where = f"{staff:,} staff, {group.rows:,} rows in {weeks} weeks"
    promised = "3 by the clock" if (staff, weeks) == (STAFF, WEEKS) else ""
    if whole:
        teaching = _cost(asked, "teach", staff=staff, weeks=weeks)
        yield Figure(
            says=f"teaching, once in four weeks, and the first day judged by it; {where}",
            value=teaching.words(), unit="processor seconds",
        )  # fmt: skip
    untaught = "" if whole else ", nothing taught"
    first = _cost(asked, "first", staff=staff, weeks=weeks)
    yield Figure(
        says=f"the first day of a week, its reference drawn for it{untaught}; {where}",
        value=first.words(), unit="processor seconds",
    )  # fmt: skip
    night = _cost(asked, "night", staff=staff, weeks=weeks)
    yield Figure(
        says=f"one new day judged by itself, as on the other nights{untaught}; {where}",
        value=night.words(), unit="processor seconds", limit=promised,
    )  # fmt: skip
    if whole:
        span = _cost(asked, "span", staff=staff, weeks=weeks)
        yield Figure(
            says=f"a day of {SPAN_DAYS} judged together, as in a replay; {where}",
            value=span.words(each=max(span.days, 1)), unit="processor seconds", limit=promised,
        )  # fmt: skip
    yield Figure(
        says=f"all rows counted by user, record and day in plain DuckDB; {where}",
        value=group.words(), unit="processor seconds",
    )  # fmt: skip
    yield Figure(
        says=f"one new day over that count; {where}",
        value=f"{night.processor_seconds / group.processor_seconds:.0f} in time, "
        f"{night.most_mib / group.most_mib:.1f} in memory", unit="times",
    )  # fmt: skip
    yield Figure(
        says=f"most memory held for one new day, and for the first of a week; {where}",
        value=f"{night.most_mib:,.0f}, {first.most_mib:,.0f} (that count: {group.most_mib:,.0f})",
        unit="MiB",
    )  # fmt: skip


def _of_histories(asked: Asked) -> Iterator[Figure]:
    for weeks in HISTORIES:
        _cost(asked, "make", staff=SMALL, weeks=weeks)
        group = _cost(asked, "group", staff=SMALL, weeks=weeks)
        first = _cost(asked, "first", staff=SMALL, weeks=weeks)
        night = _cost(asked, "night", staff=SMALL, weeks=weeks)
        yield Figure(
            says=f"most memory held for one new day, and for the first of a week, {SMALL} staff, "
            f"{weeks} weeks of history, {night.rows:,} rows",
            value=f"{night.most_mib:,.0f}, {first.most_mib:,.0f} "
            f"(that count: {group.most_mib:,.0f})", unit="MiB",
            limit="bounded by the 61 weeks looked back on",
        )  # fmt: skip


def _cost(asked: Asked, part: str, *, staff: int, weeks: int) -> Cost:
    sys.stderr.write(f"  {part}, {staff:,} staff, {weeks} weeks\n")
    sys.stderr.flush()
    command = [sys.executable, "-m", "tests.benchmarks.costing", part]
    command += ["--staff", str(staff), "--weeks", str(weeks), "--out", str(asked.out)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Cost(**json.loads(done.stdout.splitlines()[-1]))

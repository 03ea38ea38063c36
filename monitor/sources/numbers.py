"""Numbers that should follow one another: which are there, and which are missing since when."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from alerts.chain import moment, stamp

MOST_HOLES: Final = 1000  # of a column with more, the oldest are let go: its numbers are not dense

Run = tuple[int, int]  # first and last, both of them included


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """Numbers that are missing in a row."""

    first: int
    last: int
    seen_at: datetime  # when it was first seen that they are missing

    @property
    def says(self) -> str:
        """The numbers in figures: 42, or 42-44."""
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """What is known of numbers that should have no gap.

    Attributes:
        first: the lowest that is known to exist.
        last: the highest that is known to exist.
        holes: which of those between were never seen, in order.
    """

    first: int
    last: int
    holes: tuple[Hole, ...] = ()

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Numbers":
        """The numbers, as a cursor keeps them."""
        holes = (
            Hole(first=first, last=last, seen_at=moment(at)) for first, last, at in told["holes"]
        )
        return cls(first=told["first"], last=told["last"], holes=tuple(holes))

    def as_json(self) -> dict[str, object]:
        """The numbers for a cursor."""
        holes = [[hole.first, hole.last, stamp(hole.seen_at)] for hole in self.holes]
        return {"first": self.first, "last": self.last, "holes": holes}

    def missing_before(self, moment_: datetime) -> tuple[Hole, ...]:
        """The holes that were seen before a moment."""
        return tuple(hole for hole in self.holes if hole.seen_at <= moment_)


def with_seen(
    before: Numbers | None, values: NDArray[np.int64], *, at: datetime, known_to: int | None = None
) -> Numbers | None:
    """What is known once more numbers have been seen; nothing where none ever was.

    Args:
        before: what was known.
        values: numbers that were seen, in any order.
        at: when.
        known_to: the highest number that is known to exist, seen or not.
    """
    new = list(_runs(np.unique(values)))
    old = list(_present(before)) if before else []
    there = _joined([*old, *new])
    bounds = [b for run in there for b in run]
    bounds += [before.first, before.last] if before else []
    bounds += [known_to] if known_to is not None and (before or there) else []
    if not bounds:
        return None
    first, last = min(bounds), max(bounds)
    gaps = list(_gaps(there, first=first, last=last))[-MOST_HOLES:]
    was = before.holes if before else ()
    holes = tuple(hole for gap in gaps for hole in _dated(gap, was, at=at))
    return Numbers(first=first, last=last, holes=holes)


def _runs(values: NDArray[np.int64]) -> Iterator[Run]:
    """Each stretch of numbers that follow one another."""
    if not values.size:
        return
    ends = np.flatnonzero(np.diff(values) > 1)
    starts = np.concatenate(([0], ends + 1))
    for start, end in zip(starts, np.concatenate((ends, [values.size - 1])), strict=True):
        yield int(values[start]), int(values[end])


def _present(numbers: Numbers) -> Iterator[Run]:
    at = numbers.first
    for hole in numbers.holes:
        if hole.first > at:
            yield at, hole.first - 1
        at = hole.last + 1
    if at <= numbers.last:
        yield at, numbers.last


def _joined(runs: Sequence[Run]) -> list[Run]:
    """The same numbers in as few stretches as they make, in order."""
    joined: list[Run] = []
    for first, last in sorted(runs):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined


def _gaps(there: Sequence[Run], *, first: int, last: int) -> Iterator[Run]:
    at = first
    for start, end in there:
        if start > at:
            yield at, start - 1
        at = end + 1
    if at <= last:
        yield at, last


def _dated(gap: Run, was: Sequence[Hole], *, at: datetime) -> Iterator[Hole]:
    """The gap in parts: those that were missing before keep their date."""
    start, end = gap
    for hole in was:
        first, last = max(hole.first, start), min(hole.last, end)
        if first > last:
            continue
        if first > start:
            yield Hole(first=start, last=first - 1, seen_at=at)
        yield Hole(first=first, last=last, seen_at=hole.seen_at)
        start = last + 1
    if start <= end:
        yield Hole(first=start, last=end, seen_at=at)

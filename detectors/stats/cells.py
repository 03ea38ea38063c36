"""Laws fitted by cell; a thin cell borrows its parent's, a thin parent borrows everybody's."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import prod
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Law = TypeVar("Law")

_MOST_BINS = 4  # times the rows, keys up to which they are counted without being sorted
LEAST_ROWS = 300  # below this a cell says too little of its own (METHODS 2.0)
LEAST_IN_ALL = 50  # below this nothing can be said, by any cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Which cell each row belongs to, and which parent each cell has."""

    of_row: Codes  # shape (rows,)
    parent_of: Codes  # shape (cells,)
    weaker_of: Codes | None = (
        None  # the cell with less excuse for a count, itself if none, (cells,)
    )

    @property
    def count(self) -> int:
        """Number of cells."""
        return int(self.parent_of.size)

    def weaker(self) -> "Cells":
        """Each row in the cell with less excuse for its count."""
        of_row = self.of_row if self.weaker_of is None else self.weaker_of[self.of_row]
        return Cells(of_row=of_row, parent_of=self.parent_of, weaker_of=self.weaker_of)


@dataclass(frozen=True, slots=True, kw_only=True)
class Laws(Generic[Law]):
    """One law for every cell."""

    by_cell: tuple[Law, ...]
    rows: int  # that all of them rest on

    @property
    def speak(self) -> bool:
        """Whether there were enough rows to fit any law."""
        return self.rows >= LEAST_IN_ALL

    def values(self, cells: Codes, of: Callable[[Law], float]) -> Floats:
        """A parameter of the law of each row's cell, shape (rows,)."""
        distinct = {id(law): law for law in self.by_cell}  # thin cells share one: it is asked once
        told = {key: of(law) for key, law in distinct.items()}
        table = np.array([told[id(law)] for law in self.by_cell])
        return table[cells]


def by_cell(
    columns: tuple[Floats, ...],
    cells: Cells,
    fit: Callable[[tuple[Floats, ...], Floats], Law],
    *,
    least: int = LEAST_ROWS,
) -> Laws[Law]:
    """The law of each cell, fitted on its own rows, its parent's or everybody's.

    Args:
        columns: what the law describes, each shape (rows,); equal rows are pooled.
        cells: of those rows.
        fit: makes a law of distinct rows and how often each occurs.
        least: rows below which a cell or a parent borrows.

    Two cells of one parent; the second has a single row and borrows the mean of all three:

    >>> cells = Cells(of_row=np.array([0, 0, 1]), parent_of=np.array([0, 0]))
    >>> def mean(columns, weights):
    ...     return float(np.average(columns[0], weights=weights))
    >>> by_cell((np.array([2.0, 2.0, 5.0]),), cells, mean, least=2).by_cell
    (2.0, 3.0)
    """
    pooled = _pooled(columns, cells)
    everybody = cache(lambda: _fit(pooled, fit))
    parent = cache(lambda number: _fit(pooled.where(cells.parent_of[pooled.cell] == number), fit))
    sizes = np.bincount(cells.of_row, minlength=cells.count)
    of_parent = np.bincount(cells.parent_of[cells.of_row], minlength=cells.count)

    def law(cell: int) -> Law:
        number = int(cells.parent_of[cell])
        if sizes[cell] >= least:
            return _fit(pooled.where(pooled.cell == cell), fit)
        return parent(number) if of_parent[number] >= least else everybody()

    return Laws(rows=columns[0].size, by_cell=tuple(law(cell) for cell in range(cells.count)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pooled:
    """Equal rows of one cell once, with how often each occurs."""

    cell: Codes  # shape (distinct,)
    columns: Floats  # shape (columns, distinct)
    times: Floats  # shape (distinct,)

    def where(self, chosen: NDArray[np.bool_]) -> "_Pooled":
        """The chosen ones alone."""
        return _Pooled(
            cell=self.cell[chosen], columns=self.columns[:, chosen], times=self.times[chosen]
        )


def _pooled(columns: tuple[Floats, ...], cells: Cells) -> _Pooled:
    key = cells.of_row.astype(np.int64)
    bases = [int(column.max(initial=0.0)) + 1 for column in columns]
    for column, base in zip(columns, bases, strict=True):
        key = key * base + column.astype(np.int64)
    distinct, times = _counted(key, most=cells.count * prod(bases))
    told = []
    for base in reversed(bases):
        distinct, value = np.divmod(distinct, base)
        told.append(value)
    return _Pooled(cell=distinct, columns=np.stack(told[::-1]).astype(np.float64), times=times)


def _counted(key: Codes, *, most: int, times: Floats | None = None) -> tuple[Codes, Floats]:
    """The distinct keys, ascending, and how often each occurs."""
    if most <= _MOST_BINS * key.size:
        of_key = np.bincount(key, times, minlength=most)
        distinct = np.flatnonzero(of_key)
        return distinct, of_key[distinct].astype(np.float64)
    distinct, place = np.unique(key, return_inverse=True)
    return distinct, np.bincount(place, times, distinct.size).astype(np.float64)


def _fit(pooled: _Pooled, fit: Callable[[tuple[Floats, ...], Floats], Law]) -> Law:
    """The law of pooled rows, whatever cell they are of; of nothing at all, that of one nought."""
    if pooled.times.size == 0:
        return fit(tuple(np.zeros(1) for _ in pooled.columns), np.ones(1))
    columns = pooled.columns.astype(np.int64)
    bases = [int(column.max()) + 1 for column in columns]
    key = np.zeros(columns.shape[1], dtype=np.int64)
    for column, base in zip(columns, bases, strict=True):
        key = key * base + column
    distinct, times = _counted(key, most=prod(bases), times=pooled.times)
    told = []
    for base in reversed(bases):
        distinct, value = np.divmod(distinct, base)
        told.append(value.astype(np.float64))
    return fit(tuple(told[::-1]), times)

"""Laws fitted by cell; a thin cell borrows its parent's, a thin parent borrows everybody's."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Law = TypeVar("Law")

_KEY_BASE = 1_000_003  # counts are whole and below this; two of them make one key
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
        table = np.array([of(law) for law in self.by_cell])
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
    everybody = _fit(columns, fit)
    parents = cells.parent_of[cells.of_row]
    by_parent = {
        int(parent): _fit(_chosen(columns, parents == parent), fit) if size >= least else everybody
        for parent, size in zip(*np.unique(parents, return_counts=True), strict=True)
    }
    sizes = np.bincount(cells.of_row, minlength=cells.count)
    return Laws(
        rows=columns[0].size,
        by_cell=tuple(
            _fit(_chosen(columns, cells.of_row == cell), fit)
            if sizes[cell] >= least
            else by_parent.get(int(cells.parent_of[cell]), everybody)
            for cell in range(cells.count)
        ),
    )


def _chosen(columns: tuple[Floats, ...], rows: NDArray[np.bool_] | Codes) -> tuple[Floats, ...]:
    return tuple(column[rows] for column in columns)


def _fit(columns: tuple[Floats, ...], fit: Callable[[tuple[Floats, ...], Floats], Law]) -> Law:
    if columns[0].size == 0:
        return fit(tuple(np.zeros(1) for _ in columns), np.ones(1))
    key = np.zeros(columns[0].size, dtype=np.int64)
    for column in columns:
        key = key * _KEY_BASE + column.astype(np.int64)
    _, first, weights = np.unique(key, return_index=True, return_counts=True)
    return fit(_chosen(columns, first), weights.astype(np.float64))

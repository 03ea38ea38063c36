"""Equal rows worked out once: the distinct rows of several columns, and the place of each row."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class DistinctRows:
    """Columns with every combination once, and where each row is found among them."""

    columns: Floats  # shape (columns, distinct rows)
    place: NDArray[np.int64]  # of each row among the distinct ones, shape (rows,)


def distinct(columns: Floats) -> DistinctRows:
    """The distinct rows of columns of shape (columns, rows).

    >>> found = distinct(np.array([[1.0, 2.0, 1.0], [5.0, 5.0, 5.0]]))
    >>> found.columns.tolist(), found.place.tolist()
    ([[1.0, 2.0], [5.0, 5.0]], [0, 1, 0])
    """
    key = np.zeros(columns.shape[1], dtype=np.int64)
    for column in columns:
        # Codes are renumbered after each column, so that they stay below the rows squared.
        values, code = np.unique(column, return_inverse=True)
        _, key = np.unique(key * values.size + code, return_inverse=True)
    _, first = np.unique(key, return_index=True)
    return DistinctRows(columns=columns[:, first], place=key)

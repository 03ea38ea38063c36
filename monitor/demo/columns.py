"""Records kept as columns of equal length: stacked, chosen from, filled."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, TypeVar

import numpy as np

from monitor.demo.drawing import Flags, Ints

Columns = TypeVar("Columns")  # a dataclass whose every field is an array, all of one length


def stacked(parts: Sequence[Columns]) -> Columns:
    """The parts one after another."""
    kind: Any = type(parts[0])
    whole: Columns = kind(
        **{f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(kind)}
    )
    return whole


def chosen(columns: Columns, rows: Flags | Ints) -> Columns:
    """The rows named by a mask or by places."""
    kind: Any = type(columns)
    part: Columns = kind(**{f.name: getattr(columns, f.name)[rows] for f in fields(kind)})
    return part


def filled(value: Ints | int, like: Ints) -> Ints:
    """The value in every place of an array like the other."""
    return np.broadcast_to(np.asarray(value, dtype=np.int64), like.shape)

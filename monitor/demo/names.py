"""Numbers as words: ids, vocabulary words, counts, null where there is nothing."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitor.demo.drawing import (
    Flags,
    Ints,
    Numbers,
)
from monitor.demo.force import Force


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The ids of a force, in the order of their numbers."""

    users: pa.Array
    subjects: pa.Array
    cases: pa.Array
    areas: pa.Array


def names_of(force: Force) -> Names:
    """Every id of a force."""
    return Names(
        users=pa.array(force.world.staff.ids()),
        subjects=pa.array(force.world.people.ids()),
        cases=pa.array(force.book.references()),
        areas=pa.array([f"A{area:02d}" for area in range(force.plan.areas)]),
    )


def event_ids(places: Ints) -> list[str]:
    """The ids of rows by their place in time."""
    return [f"E{place + 1:08d}" for place in places.tolist()]


def word(vocabulary: pa.Array, numbers: Numbers | Flags) -> pa.Array:
    """The word of each number; null where it is negative."""
    places = pa.array(numbers.astype(np.int64), mask=numbers.astype(np.int64) < 0)
    return vocabulary.take(places)


def number(values: Numbers) -> pa.Array:
    """Whole numbers; null where negative."""
    return pa.array(values.astype(np.int64), mask=values < 0)


def joined(head: str, numbers: Ints) -> pa.Array:
    """A letter or two and seven digits."""
    digits = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width=7, padding="0")
    return pc.binary_join_element_wise(head, digits, "")

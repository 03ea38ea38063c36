"""Chance drawn in bulk: ragged lists, picks from them, and counts with heavy tails."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Small = npt.NDArray[np.int32]
Numbers = Ints | Small
Chance = np.random.Generator


@dataclass(frozen=True, slots=True, kw_only=True)
class Ragged:
    """Lists of unequal length, laid end to end."""

    first: Ints  # shape (lists + 1,): where each list begins
    values: Ints

    def of(self, key: int) -> Ints:
        """The values of one list."""
        return self.values[self.first[key] : self.first[key + 1]]

    def lengths(self, keys: Ints) -> Ints:
        """How many values each named list has, shape of keys."""
        found: Ints = self.first[keys + 1] - self.first[keys]
        return found

    def pick(self, chance: Chance, keys: Ints) -> Ints:
        """One value of each named list, -1 where it is empty, shape of keys."""
        lengths = self.lengths(keys)
        place = self.first[keys] + (chance.random(len(keys)) * lengths).astype(np.int64)
        last = max(len(self.values) - 1, 0)
        return np.where(lengths > 0, np.append(self.values, -1)[np.minimum(place, last)], -1)

    def members(self, keys: Ints) -> Ints:
        """All values of the named lists, one list after another."""
        lengths = self.lengths(keys)
        held: Ints = self.values[np.repeat(self.first[keys], lengths) + ordinals(lengths)]
        return held


def ragged(keys: Ints, values: Ints, *, lists: int) -> Ragged:
    """The values gathered by key, each list in the order given."""
    order = np.argsort(keys, kind="stable")
    first = np.zeros(lists + 1, dtype=np.int64)
    np.cumsum(np.bincount(keys, minlength=lists), out=first[1:])
    return Ragged(first=first, values=values[order].astype(np.int64))


def ordinals(counts: Ints) -> Ints:
    """0, 1, ... within each run of the given lengths, shape (sum of counts,)."""
    ends = np.cumsum(counts)
    return np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - counts, counts)


def owners(counts: Ints) -> Ints:
    """The index of the run each item belongs to, shape (sum of counts,)."""
    return np.repeat(np.arange(len(counts)), counts)


def overdispersed(chance: Chance, mean: Floats | float, *, shape: float, size: int) -> Ints:
    """Negative-binomial counts: Poisson with gamma rates; a small shape means a heavy tail."""
    return chance.poisson(chance.gamma(shape, 1.0, size) * mean / shape).astype(np.int64)


def weighted(chance: Chance, weights: Floats, *, size: int) -> Ints:
    """Indices drawn in proportion to the weights, shape (size,)."""
    edges = np.cumsum(weights)
    drawn = np.searchsorted(edges, chance.random(size) * edges[-1], side="right")
    places: Ints = np.minimum(drawn, len(weights) - 1).astype(np.int64)
    return places


def scrambled(indices: Ints, *, salt: int) -> Ints:
    """Numbers below 9,999,991, one per index, whose order tells nothing of the index's."""
    return (indices * 6_180_339 + salt * 271_828 + 31_415) % 9_999_991  # a prime: one to one

"""A count given that it is at least one, against comparable people and one's own habit."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors.stats import counts as nb
from detectors.stats.cells import Cells, Laws, by_cell
from detectors.stats.own_rate import Sums, multiplier, summed

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

_PRIOR = 8.0  # pseudo-counts for an ordinary rate; between-user variance of METHODS 2.0
_MOST_COUNTED = 2000.0  # a larger count is as unheard of as this one


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Counts of one or more, with the cell, user and pair of each; NaN is a row without a count."""

    counts: Floats  # shape (rows,)
    cells: Cells
    users: Codes  # shape (rows,)
    pairs: Codes  # shape (rows,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surprise:
    """How surprising each row is; NaN where nothing can be said."""

    middle: Floats  # mid-p, 0 to 1, shape (rows,)
    at_least: Floats  # the cautious p-value, 0 to 1, shape (rows,)
    expected: Floats  # mean of comparable rows, shape (rows,)


def surprise(judged: Sample, *, peers: Sample, own: Sample) -> Surprise:
    r"""How each count departs from the law of its cell.

    $N - 1$ given $N \ge 1$ is negative binomial of mean $\mu_c \nu_u$ and shape $k_c$: the shifted
    law of Heard et al., Annals of Applied Statistics, 2010, with the user's multiplier $\nu_u$.
    Where there are next to no peers, nothing is said.

    Args:
        judged: the rows to be tested.
        peers: rows of other users, from which the law of each cell is fitted.
        own: earlier rows of the judged users, for the multiplier of each.

    Where half of all counts are 1, a quarter 2 and so on, 3 or more has the chance 1/4:

    >>> counts = np.repeat(np.arange(1.0, 16.0), 2 ** np.arange(14, -1, -1))
    >>> cells = Cells(of_row=np.zeros(counts.size, dtype=int), parent_of=np.array([0]))
    >>> nobody = np.zeros(counts.size, dtype=int)
    >>> peers = Sample(counts=counts, cells=cells, users=nobody, pairs=nobody)
    >>> one = Cells(of_row=np.array([0]), parent_of=np.array([0]))
    >>> judged = Sample(counts=np.array([3.0]), cells=one, users=np.array([1]), pairs=np.array([1]))
    >>> round(float(surprise(judged, peers=peers, own=judged).at_least[0]), 2)
    0.25
    """
    laws = _laws(peers)
    extra, multiplied = _extra(judged.counts), _own_multiplier(judged, own, laws)
    known = ~np.isnan(judged.counts) & laws.speak

    def by_law_of(cells: Cells, rows: NDArray[np.bool_]) -> Surprise:
        mean = laws.values(cells.of_row[rows], lambda law: law.mean) * multiplied[rows]
        shape = laws.values(cells.of_row[rows], lambda law: law.shape)
        return Surprise(
            middle=nb.middle_p(extra[rows], mean=mean, shape=shape),
            at_least=nb.at_least(extra[rows], mean=mean, shape=shape),
            expected=1.0 + mean,
        )

    return least_surprise(judged.cells, by_law_of, known=known)


def least_surprise(
    cells: Cells,
    by_law_of: Callable[[Cells, NDArray[np.bool_]], Surprise],
    *,
    known: NDArray[np.bool_],
) -> Surprise:
    """Each row by its own cell's law, or by a weaker one's where that is less surprised.

    An explanation never makes a count more surprising than it is without one: the cells of well
    explained pairs hold few long series, and their law alone would call any a wonder.

    Args:
        cells: of the rows.
        by_law_of: the reading of the chosen rows, were they in these cells.
        known: rows of which something can be said, shape (rows,); the others are NaN.

    A row of the excused cell 1, which is less surprised as one of the cell 0:

    >>> cells = Cells(of_row=np.array([1]), parent_of=np.array([0, 0]), weaker_of=np.array([0, 0]))
    >>> def reading(cells, rows):
    ...     p = np.array([0.2, 0.001])[cells.of_row[rows]]
    ...     return Surprise(middle=p, at_least=p, expected=p)
    >>> least_surprise(cells, reading, known=np.array([True])).at_least.tolist()
    [0.2]
    """
    told = {name: np.full(known.size, np.nan) for name in ("middle", "at_least", "expected")}
    rows = known
    while rows.any():
        reading = by_law_of(cells, rows)
        better = ~(reading.at_least <= told["at_least"][rows])  # NaN is still to be told
        place = np.flatnonzero(rows)[better]
        for name, column in told.items():
            column[place] = getattr(reading, name)[better]
        weaker = cells.weaker()
        rows = rows & (weaker.of_row != cells.of_row)
        cells = weaker
    return Surprise(**told)


def _laws(peers: Sample) -> Laws[nb.NegativeBinomial]:
    known = peers.counts >= 1
    cells = Cells(of_row=peers.cells.of_row[known], parent_of=peers.cells.parent_of)
    return by_cell((_extra(peers.counts[known]),), cells, _likeliest)


def _likeliest(columns: tuple[Floats, ...], weights: Floats) -> nb.NegativeBinomial:
    return nb.fitted(columns[0], weights)


def _own_multiplier(judged: Sample, own: Sample, laws: Laws[nb.NegativeBinomial]) -> Floats:
    """The user's habit with everybody else, no pair counted beyond what one in twenty exceeds.

    A habit is what somebody does to many; a few people visited very often are none.
    """
    known = own.counts >= 1
    cell = own.cells.of_row[known]
    most = laws.values(cell, nb.usual_most)
    extra = np.minimum(_extra(own.counts[known]), most)
    mean = laws.values(cell, lambda law: nb.mean_up_to(law, nb.usual_most(law)))
    of_users = summed(own.users[known], observed=extra, expected=mean)
    of_pairs = summed(own.pairs[known], observed=extra, expected=mean)
    mine = of_users.at(judged.users)
    pairs_of_mine = _pairs_of_users(own.users[known], own.pairs[known]).at(judged.users).rows
    per_pair = np.maximum(mine.rows / np.maximum(pairs_of_mine, 1.0), 1.0)
    return multiplier(mine, of_pairs.at(judged.pairs), rows_per_pair=per_pair, prior=_PRIOR)


def _pairs_of_users(users: Codes, pairs: Codes) -> Sums:
    """One row for each pair, summed by its user."""
    _, first = np.unique(pairs, return_index=True)
    nought = np.zeros(first.size)
    return summed(users[first], observed=nought, expected=nought)


def _extra(counts: Floats) -> Floats:
    return np.clip(np.nan_to_num(counts, nan=1.0) - 1.0, 0.0, _MOST_COUNTED)

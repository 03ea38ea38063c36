"""One count given another, as a table of how often it was seen: no law, only what peers do."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors.stats.cells import LEAST_IN_ALL, LEAST_ROWS, Cells
from detectors.stats.conditional import Surprise

Floats = NDArray[np.float64]

MOST_GIVEN = 10  # a larger number of chances is taken for this one (METHODS 2.1, D12)
_MOST_COUNTED = 30  # no force has more systems than this that anybody opens for one person
_PRIOR = 20.0  # rows that everybody's table counts for beside the role's


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenSample:
    """Counts of 1 or more out of so many chances; NaN where there was none."""

    counts: Floats  # shape (rows,)
    chances: Floats  # no less than the counts, shape (rows,)
    cells: Cells


def surprising_given(judged: GivenSample, *, peers: GivenSample) -> Surprise:
    r"""How each count departs from those of peers who had as many chances.

    $P(K \ge k \mid n, r) = (R_{nk} + 20 P_{nk}) / (R_n + 20)$ with $R$ the rows of the role, and
    $P_{nk}$ the share among everybody's rows with the judged one counted in, so that what was never
    seen is as rare as one row more. Numbers of chances that few had are taken together. Source:
    Bates et al., Testing for outliers with conformal p-values, Annals of Statistics, 2023.

    Args:
        judged: the rows to be tested.
        peers: rows of other users.

    Of 99 rows with two chances nine have a count of 2; with itself that is 10 of 100:

    >>> cells = Cells(of_row=np.zeros(99, dtype=int), parent_of=np.array([0]))
    >>> counts = np.where(np.arange(99) < 9, 2.0, 1.0)
    >>> peers = GivenSample(counts=counts, chances=np.full(99, 2.0), cells=cells)
    >>> one = Cells(of_row=np.array([0]), parent_of=np.array([0]))
    >>> new = GivenSample(counts=np.array([2.0]), chances=np.array([2.0]), cells=one)
    >>> surprising_given(new, peers=peers).at_least.round(2).tolist()
    [0.09]
    """
    known = judged.counts >= 1
    nothing = np.full(known.size, np.nan)
    if (peers.counts >= 1).sum() < LEAST_IN_ALL:
        return Surprise(middle=nothing, at_least=nothing, expected=nothing)
    band_of = _bands(peers)
    table = _table(peers, band_of)
    role = judged.cells.parent_of[judged.cells.of_row[known]]
    chances = band_of[_capped(judged.chances[known])]
    counts = _clipped(judged.counts[known])
    at_least, above = table[role, chances, counts], table[role, chances, counts + 1]
    told = {name: nothing.copy() for name in ("middle", "at_least", "expected")}
    told["at_least"][known] = at_least
    told["middle"][known] = (at_least + above) / 2.0
    told["expected"][known] = table[role, chances, 1:].sum(axis=1)
    return Surprise(**told)


def _bands(peers: GivenSample) -> NDArray[np.int64]:
    """The band of each number of chances: those next to one another that few peers had, together.

    A band is named by its largest number, and filled from above; one chance stands alone.
    """
    had = np.bincount(_capped(peers.chances[peers.counts >= 1]), minlength=MOST_GIVEN + 1)
    band_of = np.arange(MOST_GIVEN + 1)
    top, rows = MOST_GIVEN, 0
    for chances in range(MOST_GIVEN, 1, -1):
        if rows >= LEAST_ROWS:
            top, rows = chances, 0
        band_of[chances] = top
        rows += int(had[chances])
    return band_of


def _table(peers: GivenSample, band_of: NDArray[np.int64]) -> Floats:
    """The chance of each count or more, shape (roles, chances, counts)."""
    known = peers.counts >= 1
    role = peers.cells.parent_of[peers.cells.of_row[known]]
    shape = (int(peers.cells.parent_of.max()) + 1, MOST_GIVEN + 1, _MOST_COUNTED + 2)
    cell = np.ravel_multi_index(
        (role, band_of[_capped(peers.chances[known])], _clipped(peers.counts[known])), shape
    )
    rows = np.bincount(cell, minlength=int(np.prod(shape))).reshape(shape).astype(np.float64)
    or_more = rows[:, :, ::-1].cumsum(axis=2)[:, :, ::-1]
    everybody = (or_more.sum(axis=0) + _ITSELF) / (or_more[:, :, :1].sum(axis=0) + 1.0)
    table: Floats = (or_more + _PRIOR * everybody) / (or_more[:, :, :1] + _PRIOR)
    return table


# The judged row itself counts among everybody's; a count beyond the last is nobody's.
_ITSELF = np.append(np.ones(_MOST_COUNTED + 1), 0.0)


def _capped(chances: Floats) -> NDArray[np.int64]:
    return np.clip(chances, 1, MOST_GIVEN).astype(np.int64)


def _clipped(counts: Floats) -> NDArray[np.int64]:
    return np.clip(counts, 1, _MOST_COUNTED).astype(np.int64)

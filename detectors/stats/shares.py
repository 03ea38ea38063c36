"""A share of trials, against the shares of comparable people."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors.stats.cells import Cells, Laws, by_cell
from detectors.stats.conditional import Surprise, least_surprise
from detectors.stats.proportions import BetaBinomial, fitted, tails

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareSample:
    """Successes among trials, with the cell of each row; rows without a trial say nothing."""

    successes: Floats  # 0 to the trials, shape (rows,)
    trials: Floats  # 0 or more, NaN where unknown, shape (rows,)
    cells: Cells


def surprising_share(judged: ShareSample, *, peers: ShareSample) -> Surprise:
    r"""How each share departs: $K$ of $n$ is beta-binomial of mean $m_c$ and precision $s_c$.

    Args:
        judged: the rows to be tested.
        peers: rows of other users, from which the law of each cell is fitted.

    Peers have none, one or two of two alike often, so two of two have the chance 1/3:

    >>> cells = Cells(of_row=np.zeros(300, dtype=int), parent_of=np.array([0]))
    >>> twice = np.full(300, 2.0)
    >>> peers = ShareSample(successes=np.tile([0.0, 1.0, 2.0], 100), trials=twice, cells=cells)
    >>> one = Cells(of_row=np.array([0]), parent_of=np.array([0]))
    >>> judged = ShareSample(successes=np.array([2.0]), trials=np.array([2.0]), cells=one)
    >>> round(float(surprising_share(judged, peers=peers).at_least[0]), 2)
    0.33
    """
    laws = _laws(peers)
    known = (judged.trials >= 1) & ~np.isnan(judged.successes) & laws.speak

    def by_law_of(cells: Cells, rows: NDArray[np.bool_]) -> Surprise:
        mean = laws.values(cells.of_row[rows], lambda law: law.mean)
        precision = laws.values(cells.of_row[rows], lambda law: law.precision)
        trials = judged.trials[rows]
        a, b = mean * precision, (1.0 - mean) * precision
        tail = tails(judged.successes[rows], trials=trials, a=a, b=b)
        return Surprise(middle=tail.middle_p, at_least=tail.at_least, expected=trials * mean)

    return least_surprise(judged.cells, by_law_of, known=known)


def _laws(peers: ShareSample) -> Laws[BetaBinomial]:
    spoken = (peers.trials >= 1) & ~np.isnan(peers.successes)
    cells = Cells(of_row=peers.cells.of_row[spoken], parent_of=peers.cells.parent_of)
    return by_cell((peers.successes[spoken], peers.trials[spoken]), cells, _likeliest)


def _likeliest(columns: tuple[Floats, ...], weights: Floats) -> BetaBinomial:
    return fitted(columns[0], trials=np.maximum(columns[1], 1.0), weights=weights)

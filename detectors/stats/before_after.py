"""What happened after a moment, of all that happened before and after it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import betaln

from detectors.stats.cells import Cells, Laws, by_cell
from detectors.stats.conditional import Surprise, least_surprise
from detectors.stats.proportions import tails

Floats = NDArray[np.float64]

_LOG_PRECISION_BOUNDS = (-2.0, 7.0)  # s from 0.14 (all or nothing) to 1,100 (nearly binomial)
_GRAIN = 1000.0  # shares of exposure are told apart to a thousandth
_EDGE = 0.5  # thousandths: no share of exposure is nought or one


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitSample:
    """Counts after a moment among those before and after; NaN is a row without such a moment."""

    after: Floats  # 0 to all, shape (rows,)
    in_all: Floats  # before and after, 0 or more, shape (rows,)
    exposure: Floats  # share of the exposure that lies after the moment, 0 to 1, shape (rows,)
    cells: Cells


def surprising_after(judged: SplitSample, *, peers: SplitSample) -> Surprise:
    r"""How each count after a moment departs, had nothing changed at it.

    Two Poisson counts of one rate, given their sum, are binomial with the share of exposure $q$.
    Counts that come in spells vary more: the share itself is beta of mean $q$ and precision $s_c$,
    which is that of peers around moments at which nothing happened.
    Source: Przyborowski, Wilenski, Homogeneity of results in testing samples from Poisson series,
    Biometrika, 1940.

    Args:
        judged: the rows to be tested.
        peers: rows of other users, split at moments of no meaning.

    Peers have none, one or two of two after the half of their time alike often, so two of two have
    the chance 1/3:

    >>> cells = Cells(of_row=np.zeros(300, dtype=int), parent_of=np.array([0]))
    >>> two, half = np.full(300, 2.0), np.full(300, 0.5)
    >>> after = np.tile([0.0, 1.0, 2.0], 100)
    >>> peers = SplitSample(after=after, in_all=two, exposure=half, cells=cells)
    >>> one = Cells(of_row=np.array([0]), parent_of=np.array([0]))
    >>> new = SplitSample(after=two[:1], in_all=two[:1], exposure=half[:1], cells=one)
    >>> round(float(surprising_after(new, peers=peers).at_least[0]), 2)
    0.33
    """
    laws = _laws(peers)
    known = _known(judged) & laws.speak

    def by_law_of(cells: Cells, rows: NDArray[np.bool_]) -> Surprise:
        precision = laws.values(cells.of_row[rows], lambda law: law)
        share, in_all = _inside(judged.exposure[rows]), judged.in_all[rows]
        a, b = share * precision, (1.0 - share) * precision
        tail = tails(judged.after[rows], trials=in_all, a=a, b=b)
        return Surprise(middle=tail.middle_p, at_least=tail.at_least, expected=in_all * share)

    return least_surprise(judged.cells, by_law_of, known=known)


def _known(sample: SplitSample) -> NDArray[np.bool_]:
    known: NDArray[np.bool_] = (
        (sample.in_all >= 1) & ~np.isnan(sample.after) & ~np.isnan(sample.exposure)
    )
    return known


def _inside(share: Floats) -> Floats:
    """The shares to a thousandth, never nought and never one."""
    return np.clip(np.round(share * _GRAIN), _EDGE, _GRAIN - _EDGE) / _GRAIN


def _laws(peers: SplitSample) -> Laws[float]:
    known = _known(peers)
    cells = Cells(of_row=peers.cells.of_row[known], parent_of=peers.cells.parent_of)
    columns = (peers.after[known], peers.in_all[known], np.round(peers.exposure[known] * _GRAIN))
    return by_cell(columns, cells, _likeliest)


def _likeliest(columns: tuple[Floats, ...], weights: Floats) -> float:
    """The precision that makes weighted rows likeliest, above 0."""
    after, in_all, share = columns[0], columns[1], _inside(columns[2] / _GRAIN)

    def cost(log_precision: float) -> float:
        a, b = share * np.exp(log_precision), (1.0 - share) * np.exp(log_precision)
        return -float(weights @ (betaln(after + a, in_all - after + b) - betaln(a, b)))

    search = minimize_scalar(
        cost, bounds=_LOG_PRECISION_BOUNDS, method="bounded", options={"xatol": 1e-3}
    )
    return float(np.exp(search.x))

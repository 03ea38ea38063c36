"""A share of trials, against the shares of comparable people."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors.stats.cells import Cells, by_cell
from detectors.stats.conditional import Surprise
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
    """
    spoken = judged.trials >= 1
    trials = np.where(spoken, judged.trials, 1.0)
    law = _laws_of(judged.cells, peers)
    tail = tails(
        np.where(spoken, judged.successes, 0.0),
        trials=trials,
        a=law.mean * law.precision,
        b=(1.0 - law.mean) * law.precision,
    )
    return Surprise(
        middle=np.where(spoken, tail.middle_p, np.nan),
        at_least=np.where(spoken, tail.at_least, np.nan),
        expected=np.where(spoken, trials * law.mean, np.nan),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _LawOfRows:
    mean: Floats  # shape (rows,)
    precision: Floats  # shape (rows,)


def _laws_of(judged: Cells, peers: ShareSample) -> _LawOfRows:
    spoken = peers.trials >= 1
    laws = by_cell(
        (peers.successes[spoken], peers.trials[spoken]),
        Cells(of_row=peers.cells.of_row[spoken], parent_of=peers.cells.parent_of),
        _likeliest,
    )
    return _LawOfRows(
        mean=laws.values(judged.of_row, lambda law: law.mean),
        precision=laws.values(judged.of_row, lambda law: law.precision),
    )


def _likeliest(columns: tuple[Floats, ...], weights: Floats) -> BetaBinomial:
    return fitted(columns[0], trials=np.maximum(columns[1], 1.0), weights=weights)

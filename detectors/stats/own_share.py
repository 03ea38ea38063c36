r"""A share of trials, against what the same user does with everybody else.

Successes among the trials of one pair are beta-binomial: their mean is the user's own, and their
precision tells how much the pairs of one user differ.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import betaln, expit, logit

from detectors.stats.cells import Cells, by_cell
from detectors.stats.conditional import Surprise, least_surprise
from detectors.stats.own_rate import summed
from detectors.stats.proportions import fitted, tails

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

_LEAST_USERS = 20  # below this a role says too little of its users and borrows everybody's law
_FEWEST_USERS = 5  # below this nothing can be said of anybody
_LOG_PRECISION_BOUNDS = (-2.0, 7.0)  # from all or nothing to nearly binomial
_BINS, _BIN = 60, 0.1  # of the logit of a user's mean, from -6 to 6


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnShareSample:
    """Successes among trials, with cell, user and pair; rows without a trial say nothing."""

    successes: Floats  # 0 to the trials, shape (rows,)
    trials: Floats  # 0 or more, NaN where unknown, shape (rows,)
    cells: Cells
    users: Codes  # shape (rows,)
    pairs: Codes  # shape (rows,)

    @property
    def known(self) -> NDArray[np.bool_]:
        """Rows with a trial, shape (rows,)."""
        found: NDArray[np.bool_] = (self.trials >= 1) & ~np.isnan(self.successes)
        return found


def surprising_own_share(
    judged: OwnShareSample, *, peers: OwnShareSample, own: OwnShareSample
) -> Surprise:
    r"""How each share departs from the user's own, shrunk to those of the role.

    $K$ of $n$ is beta-binomial of mean $m_u = (a + x_u) / (a + b + n_u)$ and precision $s_c$, where
    $n_u$ are the user's other pairs, $x_u$ the sum of their shares, $a, b$ the law of the users of
    the role, and $s_c$ that of pairs about the means of their users. A pair is one trial: what is
    left out once is left out for the whole of it.

    Args:
        judged: the rows to be tested.
        peers: rows of other users, from which the laws are fitted.
        own: earlier rows of the judged users.

    Every user has one success in two trials with everybody; two of two have a chance near 1/4:

    >>> users = np.repeat(np.arange(125), 4)
    >>> cells = Cells(of_row=np.zeros(500, dtype=int), parent_of=np.array([0]))
    >>> peers = OwnShareSample(successes=np.ones(500), trials=np.full(500, 2.0), cells=cells,
    ...                        users=users, pairs=np.arange(500))
    >>> one = Cells(of_row=np.array([0]), parent_of=np.array([0]))
    >>> new = OwnShareSample(successes=np.array([2.0]), trials=np.array([2.0]), cells=one,
    ...                      users=np.array([999]), pairs=np.array([999]))
    >>> round(float(surprising_own_share(new, peers=peers, own=peers).at_least[0]), 2)
    0.25
    """
    prior = _prior(peers)
    peers_means = _means(peers, own=peers, prior=prior)
    laws = by_cell(
        (peers.successes[peers.known], peers.trials[peers.known], _bin(peers_means[peers.known])),
        Cells(of_row=peers.cells.of_row[peers.known], parent_of=peers.cells.parent_of),
        _precision,
    )
    mean = _means(judged, own=own, prior=prior)
    known = judged.known & laws.speak & (prior.users >= _FEWEST_USERS)

    def by_law_of(cells: Cells, rows: NDArray[np.bool_]) -> Surprise:
        precision = laws.values(cells.of_row[rows], float)
        a, b = mean[rows] * precision, (1.0 - mean[rows]) * precision
        trials = judged.trials[rows]
        tail = tails(judged.successes[rows], trials=trials, a=a, b=b)
        return Surprise(middle=tail.middle_p, at_least=tail.at_least, expected=trials * mean[rows])

    return least_surprise(judged.cells, by_law_of, known=known)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prior:
    a: Floats  # by parent
    b: Floats  # by parent
    users: int  # that both rest on


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trials:
    users: Codes  # shape (pairs,)
    pairs: Codes  # shape (pairs,)
    parents: Codes  # shape (pairs,)
    shares: Floats  # 0 to 1, shape (pairs,)


def _trials(sample: OwnShareSample) -> _Trials:
    known = sample.known
    pairs, first, place = np.unique(sample.pairs[known], return_index=True, return_inverse=True)
    successes = np.bincount(place, sample.successes[known], pairs.size)
    trials = np.bincount(place, sample.trials[known], pairs.size)
    return _Trials(
        users=sample.users[known][first],
        pairs=pairs,
        parents=sample.cells.parent_of[sample.cells.of_row[known][first]],
        shares=successes / np.maximum(trials, 1.0),
    )


def _prior(peers: OwnShareSample) -> _Prior:
    """The law of each parent's share, over its users."""
    trial = _trials(peers)
    users, first, place = np.unique(trial.users, return_index=True, return_inverse=True)
    shares = np.round(np.bincount(place, trial.shares, users.size))
    pairs = np.bincount(place, minlength=users.size).astype(np.float64)
    parents = int(peers.cells.parent_of.max(initial=0)) + 1
    cells = Cells(of_row=trial.parents[first], parent_of=np.arange(parents))
    laws = by_cell(
        (np.minimum(shares, pairs), pairs),
        cells,
        lambda columns, weights: fitted(
            columns[0], trials=np.maximum(columns[1], 1.0), weights=weights
        ),
        least=_LEAST_USERS,
    )
    return _Prior(
        a=np.array([law.mean * law.precision for law in laws.by_cell]),
        b=np.array([(1.0 - law.mean) * law.precision for law in laws.by_cell]),
        users=users.size,
    )


def _means(sample: OwnShareSample, *, own: OwnShareSample, prior: _Prior) -> Floats:
    """The share of each row's user over their other pairs, shrunk, shape (rows,)."""
    trial = _trials(own)
    nought = np.zeros(trial.pairs.size)
    of_user = summed(trial.users, observed=trial.shares, expected=nought).at(sample.users)
    of_pair = summed(trial.pairs, observed=trial.shares, expected=nought).at(sample.pairs)
    parents = sample.cells.parent_of[sample.cells.of_row]
    a, b = prior.a[parents], prior.b[parents]
    shares = np.maximum(of_user.observed - of_pair.observed, 0.0)
    mean: Floats = (a + shares) / (a + b + of_user.rows - of_pair.rows)
    return np.clip(mean, expit(-_BINS * _BIN), expit(_BINS * _BIN))


def _bin(means: Floats) -> Floats:
    """Means that are nearly equal as one whole number, so that equal rows are pooled."""
    number: Floats = np.round(logit(means) / _BIN) + _BINS
    return number


def _precision(columns: tuple[Floats, ...], weights: Floats) -> float:
    """The precision that makes the shares likeliest about the means of their users.

    Half a row of successes alone and half a row of none are added, as in `proportions.fitted`.
    """
    successes, trials, number = columns
    mean = expit((number - _BINS) * _BIN)
    usual = max(round(float(weights @ trials) / float(weights.sum())), 1)
    middle = float(weights @ mean) / float(weights.sum())
    successes = np.append(successes, [usual, 0.0])
    trials = np.append(np.maximum(trials, 1.0), [usual, usual])
    mean = np.append(mean, [middle, middle])
    weights = np.append(weights, [0.5, 0.5])

    def cost(log_precision: float) -> float:
        a, b = mean * np.exp(log_precision), (1.0 - mean) * np.exp(log_precision)
        return -float(weights @ (betaln(successes + a, trials - successes + b) - betaln(a, b)))

    search = minimize_scalar(
        cost, bounds=_LOG_PRECISION_BOUNDS, method="bounded", options={"xatol": 1e-3}
    )
    return float(np.exp(search.x))

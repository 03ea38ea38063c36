"""A count given that it is at least one, against the counts of comparable people and one's own habit."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors.stats import counts as nb
from detectors.stats import proportions as bb
from detectors.stats.cells import Cells, Laws, by_cell
from detectors.stats.own_rate import multiplier, summed

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

_PRIOR = 8.0  # pseudo-counts for an ordinary rate; between-user variance of METHODS 2.0
_MOST_COUNTED = 2000.0  # a larger count is as unheard of as this one


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Counts of one or more, with the cell, user and pair of each; NaN counts are rows without one."""

    counts: Floats  # shape (rows,)
    cells: Cells
    users: Codes  # shape (rows,)
    pairs: Codes  # shape (rows,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surprise:
    """How surprising each count is; NaN where there was none."""

    middle: Floats  # mid-p, 0 to 1, shape (rows,)
    at_least: Floats  # the cautious p-value, 0 to 1, shape (rows,)
    expected: Floats  # mean count of comparable rows, shape (rows,)


def surprise(judged: Sample, *, peers: Sample, own: Sample) -> Surprise:
    r"""How each count departs: $N - 1$ given $N \ge 1$ is negative binomial of mean $\mu_c \nu_u$, shape $k_c$.

    Args:
        judged: the rows to be tested.
        peers: rows of other users, from which the law of each cell is fitted.
        own: earlier rows of the judged users, for the multiplier of each.
    """
    laws = _laws(peers)
    mean = laws.values(judged.cells.of_row, lambda law: law.mean) * _own_multiplier(
        judged, own, laws
    )
    shape = laws.values(judged.cells.of_row, lambda law: law.shape)
    extra = _extra(judged.counts)
    known = ~np.isnan(judged.counts)
    return Surprise(
        middle=np.where(known, nb.middle_p(extra, mean=mean, shape=shape), np.nan),
        at_least=np.where(known, nb.at_least(extra, mean=mean, shape=shape), np.nan),
        expected=np.where(known, 1.0 + mean, np.nan),
    )


def event_share(judged: Sample, *, peers: Sample, own: Sample) -> Floats:
    """The chance that a pair of this user has a count at all, shape (rows,), one trial a pair.

    The counts of these samples are 0 for no event and 1 or more for an event; rows of one pair are one trial.
    """
    law = _share_law(peers)
    a = np.array([item.mean * item.precision for item in law.by_cell])
    b = np.array([(1.0 - item.mean) * item.precision for item in law.by_cell])
    parents = judged.cells.parent_of[judged.cells.of_row]
    trial = _trials(own)
    nought = np.zeros(trial.users.size)
    by_user = summed(trial.users, observed=trial.events, expected=nought).at(judged.users)
    by_pair = summed(trial.pairs, observed=trial.events, expected=nought).at(judged.pairs)
    events = by_user.observed - by_pair.observed
    share: Floats = (a[parents] + events) / (a[parents] + b[parents] + by_user.rows - by_pair.rows)
    return share


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trials:
    users: Codes  # shape (pairs,)
    pairs: Codes  # shape (pairs,)
    parents: Codes  # shape (pairs,)
    events: Floats  # 0 or 1, shape (pairs,)


def _trials(sample: Sample) -> _Trials:
    pairs, first, place = np.unique(sample.pairs, return_index=True, return_inverse=True)
    happened = np.bincount(place, np.nan_to_num(sample.counts) >= 1, pairs.size) > 0
    parents = sample.cells.parent_of[sample.cells.of_row[first]]
    return _Trials(
        users=sample.users[first], pairs=pairs, parents=parents, events=happened.astype(np.float64)
    )


def _share_law(peers: Sample) -> Laws[bb.BetaBinomial]:
    """The law of each parent's share of pairs with an event, fitted over its users."""
    trial = _trials(peers)
    users, first, place = np.unique(trial.users, return_index=True, return_inverse=True)
    events = np.bincount(place, trial.events, users.size)
    pairs = np.bincount(place, minlength=users.size).astype(np.float64)
    parents = int(peers.cells.parent_of.max(initial=0)) + 1
    cells = Cells(of_row=trial.parents[first], parent_of=np.arange(parents))
    return by_cell((events, pairs), cells, _share_fit, least=20)


def _share_fit(columns: tuple[Floats, ...], weights: Floats) -> bb.BetaBinomial:
    return bb.fitted(columns[0], trials=columns[1], weights=weights)


def _laws(peers: Sample) -> Laws[nb.NegativeBinomial]:
    known = peers.counts >= 1
    cells = Cells(of_row=peers.cells.of_row[known], parent_of=peers.cells.parent_of)
    return by_cell(
        (_extra(peers.counts[known]),),
        cells,
        lambda columns, weights: nb.fitted(columns[0], weights),
    )


def _own_multiplier(judged: Sample, own: Sample, laws: Laws[nb.NegativeBinomial]) -> Floats:
    known = own.counts >= 1
    extra = _extra(own.counts[known])
    mean = laws.values(own.cells.of_row[known], lambda law: law.mean)
    by_user = summed(own.users[known], observed=extra, expected=mean)
    by_pair = summed(own.pairs[known], observed=extra, expected=mean)
    _, first = np.unique(own.pairs[known], return_index=True)
    owners = own.users[known][first]  # one entry for each pair
    spread = summed(owners, observed=np.ones(owners.size), expected=np.zeros(owners.size)).at(
        judged.users
    )
    mine = by_user.at(judged.users)
    per_pair = np.maximum(mine.rows / np.maximum(spread.rows, 1.0), 1.0)
    return multiplier(mine, by_pair.at(judged.pairs), rows_per_pair=per_pair, prior=_PRIOR)


def _extra(counts: Floats) -> Floats:
    return np.clip(np.nan_to_num(counts, nan=1.0) - 1.0, 0.0, _MOST_COUNTED)

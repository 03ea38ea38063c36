"""A share of somebody's days with one person, against their days with everybody else."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors.stats.cells import Cells, Laws, by_cell
from detectors.stats.conditional import Surprise
from detectors.stats.own_rate import Sums, summed
from detectors.stats.proportions import BetaBinomial, fitted, tails

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

_LEAST_USERS = 20  # below this a parent says too little of its users and borrows everybody's law
_FEWEST_USERS = 5  # below this nothing can be said of anybody


@dataclass(frozen=True, slots=True, kw_only=True)
class HabitSample:
    """Of the days of each pair, those of one kind; and the kind of the row's own day."""

    successes: Floats  # 0 to the trials, shape (rows,)
    trials: Floats  # 0 or more, NaN where unknown, shape (rows,)
    today: Floats  # 1 if the row's own day is one of them, 0 if not, NaN if unknown; shape (rows,)
    cells: Cells
    users: Codes  # shape (rows,)
    pairs: Codes  # shape (rows,)
    days: Codes  # shape (rows,)


def beyond_habit(judged: HabitSample, *, peers: HabitSample, own: HabitSample) -> Surprise:
    r"""How each share departs from the user's own habit, shrunk to that of comparable people.

    $K$ of $D$ is beta-binomial of $a_r + x_u$ and $b_r + y_u$: the user's days of one kind and of
    the other, the row's own pair left out, beside $a_r, b_r$ of the users of the role. All rows of
    one day are one trial of the habit: whoever stays on for an evening looks at several people.

    Args:
        judged: the rows to be tested.
        peers: rows of other users, from which a and b are fitted.
        own: earlier rows of the judged users.

    Peers have one such day in four; for somebody new two of two are rarer than one of one:

    >>> users, days = np.divmod(np.arange(400), 8)
    >>> cells = Cells(of_row=np.zeros(400, dtype=int), parent_of=np.array([0]))
    >>> one_in_four = np.tile([1.0, 0.0, 0.0, 0.0], 100)
    >>> peers = HabitSample(successes=one_in_four, trials=np.ones(400), today=one_in_four,
    ...     cells=cells, users=users, pairs=np.arange(400), days=days)
    >>> two, nobody = Cells(of_row=np.zeros(2, dtype=int), parent_of=np.array([0])), np.full(2, -1)
    >>> new = HabitSample(successes=np.array([1.0, 2.0]), trials=np.array([1.0, 2.0]),
    ...     today=np.ones(2), cells=two, users=nobody, pairs=nobody, days=nobody)
    >>> beyond_habit(new, peers=peers, own=peers).at_least.round(2).tolist()
    [0.25, 0.07]
    """
    law = _law_of_users(peers)
    a = np.array([item.mean * item.precision for item in law.by_cell])
    b = np.array([(1.0 - item.mean) * item.precision for item in law.by_cell])
    known = (judged.trials >= 1) & ~np.isnan(judged.successes) & (law.rows >= _FEWEST_USERS)
    parent = judged.cells.parent_of[judged.cells.of_row[known]]
    habit = _habit(judged, own, known=known)
    a_user, b_user = a[parent] + habit.observed, b[parent] + habit.rows - habit.observed
    trials = judged.trials[known]
    tail = tails(judged.successes[known], trials=trials, a=a_user, b=b_user)
    told = {name: np.full(known.size, np.nan) for name in ("middle", "at_least", "expected")}
    told["middle"][known], told["at_least"][known] = tail.middle_p, tail.at_least
    told["expected"][known] = trials * a_user / (a_user + b_user)
    return Surprise(**told)


def _habit(judged: HabitSample, own: HabitSample, *, known: NDArray[np.bool_]) -> Sums:
    """Days of the kind, and days, that each row's user had with everybody but its own person."""
    told = np.flatnonzero(~np.isnan(own.today))
    _, place, often = np.unique(
        np.stack([own.users[told], own.days[told]]),
        axis=1,
        return_inverse=True,
        return_counts=True,
    )
    share = 1.0 / often[place.ravel()]  # all rows of a user's day are one trial together
    kind = own.today[told] * share
    of_user = summed(own.users[told], observed=kind, expected=share).at(judged.users[known])
    of_pair = summed(own.pairs[told], observed=kind, expected=share).at(judged.pairs[known])
    days = _hundredths(np.maximum(of_user.expected - of_pair.expected, 0.0))
    kinds = np.clip(_hundredths(of_user.observed - of_pair.observed), 0.0, days)
    return Sums(keys=judged.users[known], observed=kinds, expected=days, rows=days)


def _hundredths(days: Floats) -> Floats:
    """As fine as a habit is known: coarser rows are fewer to be worked out."""
    return np.asarray(np.round(days, 2), dtype=np.float64)


def _law_of_users(peers: HabitSample) -> Laws[BetaBinomial]:
    """The law of each parent's share of such days, fitted over its users."""
    told = np.flatnonzero(~np.isnan(peers.today))
    days, first, place = np.unique(
        np.stack([peers.users[told], peers.days[told]]),
        axis=1,
        return_index=True,
        return_inverse=True,
    )
    of_day = np.zeros(days.shape[1])
    np.maximum.at(of_day, place.ravel(), peers.today[told])
    parents_of_day = peers.cells.parent_of[peers.cells.of_row[told[first]]]
    users, one, user = np.unique(days[0], return_index=True, return_inverse=True)
    kind = np.bincount(user, of_day, users.size).astype(np.float64)
    many = np.bincount(user, minlength=users.size).astype(np.float64)
    cells = Cells(
        of_row=parents_of_day[one], parent_of=np.arange(int(peers.cells.parent_of.max()) + 1)
    )
    return by_cell((kind, many), cells, _likeliest, least=_LEAST_USERS)


def _likeliest(columns: tuple[Floats, ...], weights: Floats) -> BetaBinomial:
    return fitted(columns[0], trials=np.maximum(columns[1], 1.0), weights=weights)

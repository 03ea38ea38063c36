"""What is usual for a member of staff as a whole: laws that rest on users and not on rows.

A count of a user's whole month is the same on all of their rows. Rows there are many and users few,
so that a cell needs users enough, and all rows of a cell together weigh as much as its users.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from detectors.stats import counts as nb
from detectors.stats.cells import LEAST_IN_ALL, Cells, Laws, by_cell
from detectors.stats.conditional import Surprise
from detectors.stats.hurdle import hurdle
from detectors.stats.proportions import fitted, tails

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Law = TypeVar("Law")

LEAST_IN_CELL = 50  # users; below this a cell borrows: half a user is added to each end of a law
LEAST_USERS = 20  # in all; below this nothing is said
_MOST_COUNTED = 2000.0  # a larger count is as unheard of as this one


@dataclass(frozen=True, slots=True, kw_only=True)
class UserSample:
    """Counts of users, 0 or more, with the trials they are of; NaN is a row without a count."""

    counts: Floats  # shape (rows,)
    trials: Floats  # at least the count where the count is a share, else not looked at, (rows,)
    cells: Cells
    users: Codes  # shape (rows,)

    def where(self, chosen: NDArray[np.bool_]) -> "UserSample":
        """The chosen rows alone."""
        return UserSample(
            counts=self.counts[chosen],
            trials=self.trials[chosen],
            cells=Cells(of_row=self.cells.of_row[chosen], parent_of=self.cells.parent_of),
            users=self.users[chosen],
        )


def surprising_share_of_users(judged: UserSample, *, peers: UserSample) -> Surprise:
    """How each share departs: beta-binomial with the law of the users of the cell.

    Of users with none, one or two of two alike often, two of two have the chance 1/3:

    >>> cells = Cells(of_row=np.zeros(3000, dtype=int), parent_of=np.array([0]))
    >>> peers = UserSample(counts=np.tile([0.0, 1.0, 2.0], 1000), trials=np.full(3000, 2.0),
    ...                    cells=cells, users=np.arange(3000))
    >>> one = Cells(of_row=np.array([0]), parent_of=np.array([0]))
    >>> two = np.array([2.0])
    >>> judged = UserSample(counts=two, trials=two, cells=one, users=np.array([9999]))
    >>> round(float(surprising_share_of_users(judged, peers=peers).at_least[0]), 2)
    0.33
    """
    spoken = peers.where((peers.trials >= 1) & ~np.isnan(peers.counts))
    laws = laws_of_users(
        (spoken.counts, spoken.trials),
        spoken,
        lambda columns, weights: fitted(
            columns[0], trials=np.maximum(columns[1], 1.0), weights=weights
        ),
    )
    known = (judged.trials >= 1) & ~np.isnan(judged.counts) & laws.speak
    cell = judged.cells.of_row[known]
    mean = laws.values(cell, lambda law: law.mean)
    precision = laws.values(cell, lambda law: law.precision)
    trials = judged.trials[known]
    tail = tails(
        judged.counts[known], trials=trials, a=mean * precision, b=(1.0 - mean) * precision
    )
    users = laws.values(cell, lambda law: float(law.rows))
    return _laid(
        known,
        middle=beyond_support(tail.middle_p, users=users),
        at_least=beyond_support(tail.at_least, users=users),
        expected=trials * mean,
    )


def surprising_count_of_users(judged: UserSample, *, peers: UserSample) -> Surprise:
    r"""How each count departs: whether there is any, and then a shifted negative binomial.

    Half of the users have none; of the others half have 1, a quarter 2 and so on, so that 3 or more
    has the chance 1/8:

    >>> some = np.repeat(np.arange(1.0, 14.0), 2 ** np.arange(12, -1, -1))
    >>> counts = np.concatenate([np.zeros(some.size), some])
    >>> cells = Cells(of_row=np.zeros(counts.size, dtype=int), parent_of=np.array([0]))
    >>> peers = UserSample(counts=counts, trials=counts, cells=cells, users=np.arange(counts.size))
    >>> one = Cells(of_row=np.array([0]), parent_of=np.array([0]))
    >>> three = np.array([3.0])
    >>> judged = UserSample(counts=three, trials=three, cells=one, users=np.array([-1]))
    >>> round(float(surprising_count_of_users(judged, peers=peers).at_least[0]), 3)
    0.125
    """
    spoken = peers.where(~np.isnan(peers.counts))
    counted = np.minimum(spoken.counts, _MOST_COUNTED)
    some = counted >= 1
    shares = laws_of_users((some.astype(np.float64),), spoken, _share)
    laws = laws_of_users((counted[some] - 1.0,), spoken.where(some), _likeliest)
    cell = judged.cells.of_row
    share = np.where(shares.speak, shares.values(cell, float), np.nan)
    return hurdle(judged.counts, share=share, beyond=_beyond(judged, laws))


def _beyond(judged: UserSample, laws: Laws[nb.NegativeBinomial]) -> Surprise:
    known = (judged.counts >= 1) & laws.speak
    cell = judged.cells.of_row[known]
    mean = laws.values(cell, lambda law: law.mean)
    shape = laws.values(cell, lambda law: law.shape)
    extra = np.minimum(judged.counts[known], _MOST_COUNTED) - 1.0
    usual = laws.values(judged.cells.of_row, lambda law: 1.0 + law.mean)
    users = laws.values(cell, lambda law: float(law.rows))
    told = _laid(
        known,
        middle=beyond_support(nb.middle_p(extra, mean=mean, shape=shape), users=users),
        at_least=beyond_support(nb.at_least(extra, mean=mean, shape=shape), users=users),
        expected=usual[known],
    )
    return Surprise(middle=told.middle, at_least=told.at_least, expected=usual)


def beyond_support(pvalues: Floats, *, users: Floats) -> Floats:
    r"""P-values that count half of their logarithm where they are rarer than one user of the law.

    $p$ below $1/n$ becomes $\sqrt{p/n}$. A law of fifty users says nothing certain of one user in a
    million; taken at its word it was five times too often beyond one in a thousand.

    >>> beyond_support(np.array([0.05, 0.02, 0.0002]), users=np.full(3, 50.0)).round(6).tolist()
    [0.05, 0.02, 0.002]
    """
    least = 1.0 / np.maximum(users, 1.0)
    return np.where(pvalues < least, np.sqrt(pvalues * least), pvalues)


def laws_of_users(
    columns: tuple[Floats, ...],
    sample: UserSample,
    fit: Callable[[tuple[Floats, ...], Floats], Law],
) -> Laws[Law]:
    """The law of each cell, of its parent where its users are few, or else of everybody.

    Args:
        columns: what the law describes, each shape (rows,).
        sample: whose cells and users the rows are of.
        fit: makes a law of distinct rows and their weights.

    Fifty users of the first cell, and one of the second who borrows the mean of all rows:

    >>> cells = Cells(of_row=np.repeat([0, 1], [100, 100]), parent_of=np.array([0, 0]))
    >>> users = np.concatenate([np.arange(100) % 50, np.full(100, 99)])
    >>> counts = np.repeat([2.0, 4.0], 100)
    >>> sample = UserSample(counts=counts, trials=counts, cells=cells, users=users)
    >>> def mean(columns, weights):
    ...     return float(np.average(columns[0], weights=weights)), round(float(weights.sum()))
    >>> laws_of_users((counts,), sample, mean).by_cell
    ((2.0, 50), (3.0, 51))
    """
    cells, parents = sample.cells, int(sample.cells.parent_of.max(initial=0)) + 1
    parent = cells.parent_of[cells.of_row]
    thin_cell = _users_in(cells.of_row, sample.users, places=cells.count) < LEAST_IN_CELL
    thin_parent = _users_in(parent, sample.users, places=parents) < LEAST_IN_CELL
    # Rows of thin cells move to a cell of their parent's that nobody asks for, those of thin
    # parents to a parent that nobody asks for: what is left empty borrows.
    moved = np.where(thin_cell[cells.of_row], cells.count + parent, cells.of_row)
    moved = np.where(thin_parent[parent], cells.count + parents, moved)
    wider = Cells(
        of_row=moved,
        parent_of=np.concatenate([cells.parent_of, np.arange(parents + 1)]),
    )

    def weighed(given: tuple[Floats, ...], weights: Floats) -> Law:
        users = np.unique(given[-1]).size
        return fit(given[:-1], weights * (users / float(weights.sum())))

    laws = by_cell((*columns, sample.users.astype(np.float64)), wider, weighed, least=1)
    enough = np.unique(sample.users).size >= LEAST_USERS
    return Laws(
        by_cell=laws.by_cell[: cells.count], rows=max(laws.rows, LEAST_IN_ALL) if enough else 0
    )


def _users_in(place: Codes, users: Codes, *, places: int) -> Codes:
    """How many different users there are in each place, shape (places,)."""
    seen = np.unique(users * places + place)
    return np.bincount(seen % places, minlength=places)


def _share(columns: tuple[Floats, ...], weights: Floats) -> float:
    """The share of users with any, with half a user of each kind added."""
    return (float(weights @ columns[0]) + 0.5) / (float(weights.sum()) + 1.0)


def _likeliest(columns: tuple[Floats, ...], weights: Floats) -> nb.NegativeBinomial:
    return nb.fitted(columns[0], weights)


def _laid(
    known: NDArray[np.bool_], *, middle: Floats, at_least: Floats, expected: Floats
) -> Surprise:
    """What is known, on all rows."""
    told = []
    for column in (middle, at_least, expected):
        whole = np.full(known.size, np.nan)
        whole[known] = column
        told.append(whole)
    return Surprise(middle=told[0], at_least=told[1], expected=told[2])

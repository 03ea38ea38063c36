"""Where the people are from whom somebody looks up: how unlikely one place is for them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors.stats.cells import LEAST_IN_ALL, Cells
from detectors.stats.distinct import distinct

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

_PRIOR = 5.0  # people that the peers' places count for beside one's own (METHODS 2.1, D6)
_PEERS_PRIOR = 20.0  # people that everybody's places count for beside the role's
_ROWS_AT_ONCE = 8192  # of a table with a column for each place


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceSample:
    """The place of each row's person by number; NaN where it is not known."""

    places: Floats  # whole, 0 or more, shape (rows,)
    cells: Cells
    users: Codes  # shape (rows,)
    pairs: Codes  # shape (rows,)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceSurprise:
    """How unlikely each row's place is for its user; NaN where nothing can be said."""

    middle: Floats  # mid-p, 0 to 1, shape (rows,)
    at_least: Floats  # mass of all places no likelier, 0 to 1, shape (rows,)
    observed: Floats  # the user's other people of that place, shape (rows,)
    expected: Floats  # how many of as many the peers would have, shape (rows,)


def unlikely_place(judged: PlaceSample, *, peers: PlaceSample, own: PlaceSample) -> PlaceSurprise:
    r"""How unlikely the place of each row is, with all places no likelier than it.

    The chance of place $z$ is the Dirichlet-multinomial predictive
    $w_{uz} = (n_{uz} + 5 p_{rz}) / (n_u + 5)$ over the people the user looked up, the row's own
    pair left out, with $p_{rz}$ the share of the user's role. Source: Heard, Weston, Platanioti,
    Hand, Annals of Applied Statistics, 2010; Johnson, Kotz, Balakrishnan, Discrete Multivariate
    Distributions, 1997, chapter 35.

    Args:
        judged: the rows to be tested.
        peers: rows of other users, for the shares of each role.
        own: earlier rows of the judged users.

    Peers look up 3 of 4 people in place 0 and 1 of 4 in place 1; so does a newcomer:

    >>> cells = Cells(of_row=np.zeros(4000, dtype=int), parent_of=np.array([0]))
    >>> users = np.arange(4000)
    >>> peers = PlaceSample(
    ...     places=np.tile([0.0, 0.0, 0.0, 1.0], 1000), cells=cells, users=users, pairs=users
    ... )
    >>> one = Cells(of_row=np.array([0]), parent_of=np.array([0]))
    >>> new = PlaceSample(
    ...     places=np.ones(1), cells=one, users=np.array([-1]), pairs=np.array([-1])
    ... )
    >>> told = unlikely_place(new, peers=peers, own=new)
    >>> told.at_least.round(2).tolist(), told.middle.round(3).tolist()
    ([0.25], [0.125])
    """
    known = ~np.isnan(judged.places)
    people = _people(peers)
    if not known.any() or people.size < LEAST_IN_ALL:
        nothing = np.full(known.size, np.nan)
        return PlaceSurprise(middle=nothing, at_least=nothing, observed=nothing, expected=nothing)
    return _told(judged, _Usual.of(judged, peers=peers, own=own))


def _people(sample: PlaceSample) -> Codes:
    """One row for each pair whose place is known."""
    known = np.flatnonzero(~np.isnan(sample.places))
    _, first = np.unique(sample.pairs[known], return_index=True)
    found: Codes = known[first]
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Usual:
    """Which places are usual, for each role and for each user."""

    of_role: Floats  # shares, shape (roles, places)
    users: Codes  # ascending, shape (users,)
    of_user: Floats  # people, shape (users + 1, places); the last is anybody without history
    own_pairs: Codes  # ascending, shape (pairs,)
    own_places: Codes  # of each of them, shape (pairs,)

    @classmethod
    def of(cls, judged: PlaceSample, *, peers: PlaceSample, own: PlaceSample) -> "_Usual":
        """What peers and the users themselves have looked up so far."""
        samples = (judged, peers, own)
        many = int(max(np.nanmax(s.places, initial=0.0) for s in samples)) + 1
        seen, mine = _people(peers), _people(own)
        roles = peers.cells.parent_of[peers.cells.of_row[seen]]
        everybody = _table(
            roles, peers.places[seen], shape=(int(peers.cells.parent_of.max()) + 1, many)
        )
        users, place = np.unique(own.users[mine], return_inverse=True)
        return cls(
            of_role=_shares(everybody),
            users=users,
            of_user=_table(place, own.places[mine], shape=(users.size + 1, many)),
            own_pairs=own.pairs[mine],
            own_places=own.places[mine].astype(np.int64),
        )


def _table(rows: Codes, places: Floats, *, shape: tuple[int, int]) -> Floats:
    cell = rows * shape[1] + places.astype(np.int64)
    return np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)


def _shares(people: Floats) -> Floats:
    """Shares of each role, drawn to everybody's, in which no place is quite unheard of."""
    total = people.sum(axis=0)
    everybody = (total + 0.5) / (total.sum() + 0.5 * total.size)
    shares: Floats = (people + _PEERS_PRIOR * everybody) / (
        people.sum(axis=1, keepdims=True) + _PEERS_PRIOR
    )
    return shares


def _told(judged: PlaceSample, usual: _Usual) -> PlaceSurprise:
    known = ~np.isnan(judged.places)
    place = judged.places[known].astype(np.int64)
    role = judged.cells.parent_of[judged.cells.of_row[known]]
    user = _found(usual.users, judged.users[known], missing=usual.users.size)
    pair = _found(usual.own_pairs, judged.pairs[known], missing=-1)
    left_out = (pair >= 0) & (np.append(usual.own_places, -1)[pair] == place)
    rows = distinct(np.stack([user, role, place, left_out]).astype(np.float64))
    parts = [
        _weighed(rows.columns[:, start : start + _ROWS_AT_ONCE].astype(np.int64), usual)
        for start in range(0, rows.columns.shape[1], _ROWS_AT_ONCE)
    ]
    told = np.full((4, known.size), np.nan)
    told[:, known] = np.concatenate(parts, axis=1)[:, rows.place]
    return PlaceSurprise(middle=told[0], at_least=told[1], observed=told[2], expected=told[3])


def _found(keys: Codes, wanted: Codes, *, missing: int) -> Codes:
    """The place of each wanted key among the ascending ones, or another number where it is not."""
    if not keys.size:
        return np.full(wanted.size, missing)
    place = np.minimum(np.searchsorted(keys, wanted), keys.size - 1)
    return np.where(keys[place] == wanted, place, missing)


def _weighed(rows: Codes, usual: _Usual) -> Floats:
    """Mid-p, p, people observed and people expected of distinct rows, shape (4, rows)."""
    user, role, place, left_out = rows
    row = np.arange(place.size)
    people = usual.of_user[user].copy()
    people[row, place] -= left_out
    share = usual.of_role[role]
    chance = (people + _PRIOR * share) / (people.sum(axis=1, keepdims=True) + _PRIOR)
    own = chance[row, place][:, None]
    alike = np.isclose(chance, own, rtol=1e-9, atol=0.0)
    less = np.where((chance < own) & ~alike, chance, 0.0).sum(axis=1)
    equal = np.where(alike, chance, 0.0).sum(axis=1)
    return np.stack(
        [
            less + equal / 2.0,
            np.minimum(less + equal, 1.0),
            people[row, place],
            people.sum(axis=1) * share[row, place],
        ]
    )

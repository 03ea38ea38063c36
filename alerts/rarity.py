"""How rarely chance alone brings evidence this strong, in user-years of a role."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors.stats.tails import Tail, fitted
from detectors.stats.tilted import TiltedTail, tilted

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

LEAST_EPISODES = 20_000  # below this a role borrows everybody's tail (METHODS 2.0, cold start)
DAYS_IN_YEAR = 365.25
FURTHEST = (
    1000.0  # times the user-years of the reference, to which the fitted tail is trusted for order
)
_LEAST_YEARS = 1 / DAYS_IN_YEAR


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRarity:
    """The reference of one role: how often episodes occur, and how strong they are."""

    tail: Tail | TiltedTail  # of the strongest log-evidence of each episode
    episodes_per_user_year: float
    user_years: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rarity:
    """The references by role; everybody's where a role is thin."""

    everybody: RoleRarity
    by_role: Mapping[int, RoleRarity]

    def of_role(self, role_no: int) -> RoleRarity:
        """The reference that speaks for a role."""
        return self.by_role.get(role_no, self.everybody)

    def user_years_between(self, log_evidence: Floats, role_no: Codes) -> Floats:
        """The recurrence interval of each row in user-years, shape (rows,)."""
        interval = np.zeros(log_evidence.size)
        for role in np.unique(role_no):
            rows = role_no == role
            source = self.of_role(int(role))
            chance = source.tail.share_at_or_above(log_evidence[rows])
            untold = 1.0 / np.maximum(chance * source.episodes_per_user_year, 1e-300)
            interval[rows] = np.minimum(untold, source.user_years * FURTHEST)
        return interval


_NO_DRILLS: Floats = np.zeros(0)


def rarity(  # noqa: PLR0913 the columns of the reference, each named
    *,
    log_evidence: Floats,
    user_no: Codes,
    pair_no: Codes,
    role_no: Codes,
    reference_days: float,
    drills: Floats = _NO_DRILLS,
) -> Rarity:
    """The references of a stretch of days.

    An episode is one pair in the stretch, with the strongest evidence it reached: daily re-testing,
    overlapping windows and dependent detectors are all paid for by taking the maximum on both
    sides (METHODS 3.1).

    Args:
        log_evidence: of reference rows, shape (rows,), as are user_no, pair_no and role_no.
        user_no: number of the user.
        pair_no: number of the pair of user and focus.
        role_no: number of the role.
        reference_days: length of the stretch.
        drills: strongest score of each drill, shape (drills,); without any, or where they tell too
            little, the end of the reference is told by the reference itself.
    """
    pairs, place = np.unique(pair_no, return_inverse=True)
    strongest = np.full(pairs.size, -np.inf)
    np.maximum.at(strongest, place, log_evidence)
    role_of_pair = np.zeros(pairs.size, dtype=np.int64)
    role_of_pair[place] = role_no
    years = max(reference_days / DAYS_IN_YEAR, _LEAST_YEARS)
    everybody = _of(strongest, users=np.unique(user_no).size, years=years, drills=drills)
    by_role = {}
    for role, episodes in zip(*np.unique(role_of_pair, return_counts=True), strict=True):
        if episodes >= LEAST_EPISODES:
            users = np.unique(user_no[role_no == role]).size
            of_role = strongest[role_of_pair == role]
            by_role[int(role)] = _of(of_role, users=users, years=years, drills=drills)
    return Rarity(everybody=everybody, by_role=by_role)


def _of(strongest: Floats, *, users: int, years: float, drills: Floats) -> RoleRarity:
    user_years = users * years
    return RoleRarity(
        tail=(tilted(strongest, drills) if drills.size else None) or fitted(strongest),
        episodes_per_user_year=strongest.size / user_years,
        user_years=user_years,
    )

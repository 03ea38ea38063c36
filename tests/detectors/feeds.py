"""What else a force at ordinary work writes down: rosters, changes of records, systems.

Each is drawn from chance of its own, so that one feed more changes none of the others.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Ints = NDArray[np.int64]

SYSTEMS = ("RMS", "PNC", "CAD", "INTEL")
_SHARES_OF_SYSTEMS = (0.8, 0.12, 0.06, 0.02)
_CHANGED = ("address", "phone", "marker", "occupation")
_HOUR = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookups:
    """Who looked at whom, and when; seconds since the first day of the force."""

    user: Ints
    person: Ints
    second: Ints
    met: Ints  # the engagement of each


def systems(many: int, *, seed: int) -> list[str]:
    """The system of each row."""
    chance = np.random.default_rng((seed, 1))
    return [SYSTEMS[place] for place in chance.choice(len(SYSTEMS), many, p=_SHARES_OF_SYSTEMS)]


def aftermath(closed: Lookups, *, days: int, seed: int) -> Lookups:
    """Paperwork and afterthoughts: one engagement in eight is looked at once its case has closed.

    Args:
        closed: who was tasked to whom, and when the case closed.
        days: of the force.
        seed: of its chance.
    """
    chance = np.random.default_rng((seed, 2))
    often = np.where(
        chance.random(closed.user.size) < 1 / 8,
        1 + chance.negative_binomial(0.8, 0.5, closed.user.size),
        0,
    )
    which = np.repeat(np.arange(closed.user.size), often)
    later = 3 + chance.geometric(0.06, which.size)
    second = (closed.second[which] // (24 * _HOUR) + later) * 24 * _HOUR
    second += chance.integers(8 * _HOUR, 16 * _HOUR, which.size)
    kept = second < days * 24 * _HOUR
    return Lookups(
        user=closed.user[which][kept],
        person=closed.person[which][kept],
        second=second[kept],
        met=closed.met[which][kept],
    )


def shifts(
    looked: Lookups, *, on_duty: NDArray[np.bool_], first: datetime, ids: list[str], seed: int
) -> pa.Table:
    """A shift for every day on duty, and overtime for most other days of somebody who looked.

    Args:
        looked: every look.
        on_duty: whether somebody is, shape (users, days).
        first: day of the force.
        ids: of the users.
        seed: of its chance.
    """
    chance = np.random.default_rng((seed, 3))
    worked = np.zeros(on_duty.shape, dtype=bool)
    worked[looked.user, looked.second // (24 * _HOUR)] = True
    posts = chance.beta(12.0, 3.0, on_duty.shape[0])  # how much of their overtime each writes down
    overtime = worked & ~on_duty & (chance.random(on_duty.shape) < posts[:, None])
    parts = [
        _shifts(days, kind, first, ids)
        for days, kind in ((on_duty, "duty"), (overtime, "overtime"))
    ]
    return pa.concat_tables(parts)


def _shifts(days: NDArray[np.bool_], kind: str, first: datetime, ids: list[str]) -> pa.Table:
    user, day = np.nonzero(days)
    midnight = np.datetime64(first.replace(tzinfo=None), "us") + day.astype("timedelta64[D]")
    return pa.table(
        {
            "user_id": [ids[number] for number in user],
            "starts_at": midnight + np.timedelta64(7 * _HOUR, "s"),
            "ends_at": midnight + np.timedelta64(18 * _HOUR, "s"),
            "kind": [kind] * user.size,
        }
    )


def changes(people: list[str], *, days: int, first: datetime, seed: int) -> pa.Table:
    """Changes of the records of people, one in sixty days for the average person."""
    chance = np.random.default_rng((seed, 5))
    who = np.repeat(np.arange(len(people)), chance.poisson(days / 60, len(people)))
    second = chance.integers(0, days * 24 * _HOUR, who.size)
    field = chance.integers(0, len(_CHANGED), who.size)
    start = np.datetime64(first.replace(tzinfo=None), "us")
    return pa.table(
        {
            "subject_id": [people[number] for number in who],
            "field": [_CHANGED[number] for number in field],
            "changed_at": start + (second * 1_000_000).astype("timedelta64[us]"),
        }
    )

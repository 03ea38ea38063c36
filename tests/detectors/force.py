"""A small force at ordinary work: nobody in it does anything that is not work.

Engagements are what clusters: a member of staff meets a person, comes back on some days, looks
several times on each, and at some of the people around. Whether a tasking is on file is one chance
for each engagement, at a rate proper to the user. Counts are negative binomial, so that a Poisson
law is wrong by design; users differ in how much they look and in what they write down.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tests.detectors import traits
from tests.detectors.tables import an_empty_lake, load

Ints = NDArray[np.int64]
Moments = NDArray[np.datetime64]

DAY = 86_400
ROLES = ("response", "neighbourhood", "investigation")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdinaryForce:
    """How many, for how long, and how they work."""

    users: int = 60
    days: int = 130
    first: datetime = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday
    seed: int = 11
    engagements_a_day: float = 0.9  # of one user on duty
    people_of_each: int = 40  # people in the area, for each user
    household: int = 4  # people at one address; with the address, the circle of each
    returns: float = 0.5  # further days of an engagement, mean
    shape: float = 0.8  # of every overdispersed count
    recorded: tuple[float, float] = (8.0, 4.0)  # Beta, per user: share with a tasking on file


@dataclass(slots=True, kw_only=True)
class _Engagements:
    """One row for each: who meets whom, on which day."""

    user: Ints
    person: Ints
    day: Ints
    recorded: NDArray[np.bool_]
    last_day: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))


def an_ordinary_force(plan: OrdinaryForce | None = None) -> duckdb.DuckDBPyConnection:
    """The lake of a force at ordinary work."""
    plan = plan or OrdinaryForce()
    chance = np.random.default_rng(plan.seed)
    met = _engagements(plan, chance)
    looks = _looks(plan, met, chance)
    connection = an_empty_lake()
    load(connection, "events", _events(plan, met, looks))
    load(connection, "staff", _staff(plan))
    load(connection, "subject_links", _links(plan))
    load(connection, "subjects", _subjects(plan, met, looks))
    load(connection, "declared_associations", traits.declared(_told(met, looks), seed=plan.seed))
    for name, rows in _records(plan, met).items():
        load(connection, name, rows)
    return connection


def _engagements(plan: OrdinaryForce, chance: np.random.Generator) -> _Engagements:
    busy = chance.gamma(4.0, 1 / 4.0, plan.users) * plan.engagements_a_day
    on_duty = (np.arange(plan.days)[None, :] + np.arange(plan.users)[:, None]) % 7 < 5
    many = chance.poisson(busy[:, None] * on_duty)
    user, day = (np.repeat(axis.ravel(), many.ravel()) for axis in np.indices(many.shape))
    heat = chance.lognormal(0.0, 1.0, plan.users * plan.people_of_each)
    person = chance.choice(heat.size, size=user.size, p=heat / heat.sum())
    written = chance.beta(*plan.recorded, plan.users)
    return _Engagements(
        user=user, person=person, day=day, recorded=chance.random(user.size) < written[user]
    )


@dataclass(slots=True, kw_only=True)
class _Looks:
    user: Ints
    person: Ints
    second: Ints  # since the first day of the force
    met: Ints  # engagement


def _looks(plan: OrdinaryForce, met: _Engagements, chance: np.random.Generator) -> _Looks:
    habit = chance.gamma(6.0, 1 / 6.0, plan.users)
    further = _overdispersed(plan.returns * habit[met.user], plan.shape, chance)
    visit_of = np.repeat(np.arange(met.user.size), 1 + further)
    turn = np.arange(visit_of.size) - np.repeat(np.cumsum(1 + further) - 1 - further, 1 + further)
    gap = np.where(turn == 0, 0, 1 + chance.geometric(0.18, visit_of.size))
    start_of = np.repeat(np.cumsum(1 + further) - 1 - further, 1 + further)
    so_far = np.cumsum(gap)
    day = met.day[visit_of] + so_far - so_far[start_of]
    kept = day < plan.days
    visit_of, day = visit_of[kept], day[kept]
    met.last_day = met.day.copy()
    np.maximum.at(met.last_day, visit_of, day)
    around, beside = _looks_around(plan, met, visit_of, chance=chance)
    person = np.concatenate([met.person[visit_of], beside])
    which = np.concatenate([np.arange(visit_of.size), around])
    looks = 1 + _overdispersed(np.full(which.size, 0.5), plan.shape, chance)
    began = day[which] * DAY + 8 * 3600 + chance.integers(0, 8 * 3600, which.size)
    row = np.repeat(np.arange(which.size), looks)
    return _Looks(
        user=met.user[visit_of[which[row]]],
        person=person[row],
        second=began[row] + chance.integers(0, 5400, row.size),
        met=visit_of[which[row]],
    )


def _looks_around(
    plan: OrdinaryForce, met: _Engagements, visit_of: Ints, *, chance: np.random.Generator
) -> tuple[Ints, Ints]:
    """On which visits the household is looked at too, and whom of it."""
    curious = chance.beta(0.2, 4.0, visit_of.size)
    hits = chance.random((visit_of.size, plan.household)) < curious[:, None]
    visit, place = np.nonzero(hits)
    home = met.person[visit_of[visit]] // plan.household
    other = home * plan.household + place
    strangers = other != met.person[visit_of[visit]]
    return visit[strangers], other[strangers]


def _overdispersed(mean: NDArray[np.float64], shape: float, chance: np.random.Generator) -> Ints:
    return chance.negative_binomial(shape, shape / (shape + mean))


def _events(plan: OrdinaryForce, met: _Engagements, looks: _Looks) -> pa.Table:
    said = pa.table(traits.said(_told(met, looks), seed=plan.seed))
    order = np.argsort(looks.second, kind="stable")
    at = _moments(plan, looks.second[order])
    size = order.size
    return pa.table(
        {
            "source": ["log"] * size,
            "event_id": [f"e{number:07d}" for number in range(size)],
            "occurred_at": at,
            "user_id": [user_id(number) for number in looks.user[order]],
            "system": ["RMS"] * size,
            "subject_id": [person_id(number) for number in looks.person[order]],
            "subject_type": ["person"] * size,
            "is_machine": [False] * size,
            "month": np.datetime_as_string(at, unit="M"),
            **{name: said[name].take(pa.array(order)) for name in said.column_names},
        }
    )


def _told(met: _Engagements, looks: _Looks) -> traits.Met:
    """The engagements and rows as their traits are drawn from them."""
    return traits.Met(
        user=met.user,
        person=met.person,
        recorded=met.recorded,
        of_row=looks.met,
        person_of_row=looks.person,
        day_of_row=looks.second // DAY,
    )


def _subjects(plan: OrdinaryForce, met: _Engagements, looks: _Looks) -> pa.Table:
    return traits.subjects(
        _told(met, looks),
        people=plan.users * plan.people_of_each,
        household=plan.household,
        seed=plan.seed,
    )


def _staff(plan: OrdinaryForce) -> pa.Table:
    numbers = range(plan.users)
    return pa.table(
        {
            "user_id": [user_id(number) for number in numbers],
            "role": [ROLES[number % len(ROLES)] for number in numbers],
            "team": [f"T{number // 6}" for number in numbers],
            **traits.staff(plan.users, seed=plan.seed),
        }
    )


def _links(plan: OrdinaryForce) -> pa.Table:
    people = np.arange(plan.users * plan.people_of_each)
    pairs = [
        (person_id(one), person_id(one - one % plan.household + place))
        for one in people
        for place in range(one % plan.household + 1, plan.household)
    ]
    return pa.table(
        {
            "subject_id": [one for one, _ in pairs],
            "linked_subject_id": [other for _, other in pairs],
            "relation": ["household"] * len(pairs),
        }
    )


def _records(plan: OrdinaryForce, met: _Engagements) -> dict[str, pa.Table]:
    rows = np.flatnonzero(met.recorded)
    case = [f"C{number:06d}" for number in rows]
    start = _moments(plan, met.day[rows] * DAY)
    end = _moments(plan, (met.last_day[rows] + 1) * DAY)
    tasked = {
        "user_id": [user_id(number) for number in met.user[rows]],
        "case_ref": case,
        "starts_at": start,
        "ends_at": end,
    }
    return {
        "cases": pa.table({"case_ref": case, "opened_at": start, "closed_at": end}),
        "case_subjects": pa.table(
            {
                "case_ref": case,
                "subject_id": [person_id(number) for number in met.person[rows]],
            }
        ),
        "taskings": pa.table(tasked),
    }


def user_id(number: int) -> str:
    """The id of one member of staff."""
    return f"U{number:04d}"


def person_id(number: int) -> str:
    """The id of one person."""
    return f"P{number:06d}"


def _moments(plan: OrdinaryForce, seconds: Ints) -> Moments:
    first = np.datetime64(plan.first.replace(tzinfo=None), "us")
    return first + seconds.astype("timedelta64[s]").astype("timedelta64[us]")


def day_of(plan: OrdinaryForce, number: int) -> str:
    """A day of the force as text."""
    return f"{plan.first + timedelta(days=number):%Y-%m-%d}"

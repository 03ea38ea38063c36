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

from tests.detectors import feeds, traits
from tests.detectors.besides import outcomes, said_besides, watched_records
from tests.detectors.feeds import Lookups
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
    looks = _with_aftermath(plan, met, _looks(plan, met, chance))
    connection = an_empty_lake()
    load(connection, "events", said_besides(_events(plan, met, looks), seed=plan.seed))
    load(connection, "staff", _staff(plan))
    load(connection, "subject_links", _links(plan))
    loaded = _records(plan, met) | _feeds(plan, looks) | _watched_and_advised(plan)
    for name, rows in (loaded | _traits(plan, _told(met, looks))).items():
        load(connection, name, rows)
    return connection


def _with_aftermath(plan: OrdinaryForce, met: _Engagements, looks: Lookups) -> Lookups:
    """The looks, and those at people whose case was closed."""
    rows = np.flatnonzero(met.recorded)
    closed = Lookups(
        user=met.user[rows],
        person=met.person[rows],
        second=(met.last_day[rows] + 1) * DAY,
        met=rows,
    )
    later = feeds.aftermath(closed, days=plan.days, seed=plan.seed)
    return Lookups(
        user=np.concatenate([looks.user, later.user]),
        person=np.concatenate([looks.person, later.person]),
        second=np.concatenate([looks.second, later.second]),
        met=np.concatenate([looks.met, later.met]),
    )


def _feeds(plan: OrdinaryForce, looks: Lookups) -> dict[str, pa.Table]:
    """Rosters and changes of records."""
    people = [person_id(number) for number in range(plan.users * plan.people_of_each)]
    return {
        "shifts": feeds.shifts(
            looks,
            on_duty=_on_duty(plan),
            first=plan.first,
            ids=[user_id(number) for number in range(plan.users)],
            seed=plan.seed,
        ),
        "record_changes": feeds.changes(people, days=plan.days, first=plan.first, seed=plan.seed),
    }


def _on_duty(plan: OrdinaryForce) -> NDArray[np.bool_]:
    """Whether each user is on duty on each day, shape (users, days)."""
    turn: NDArray[np.bool_] = (
        np.arange(plan.days)[None, :] + np.arange(plan.users)[:, None]
    ) % 7 < 5
    return turn


def _watched_and_advised(plan: OrdinaryForce) -> dict[str, pa.Table]:
    """Records that are watched, and outcomes of earlier matters."""
    return {
        "watched_records": watched_records(plan.users * plan.people_of_each, seed=plan.seed),
        "outcomes": outcomes(plan.users, days=plan.days, first=plan.first, seed=plan.seed),
    }


def _engagements(plan: OrdinaryForce, chance: np.random.Generator) -> _Engagements:
    busy = chance.gamma(4.0, 1 / 4.0, plan.users) * plan.engagements_a_day
    many = chance.poisson(busy[:, None] * _on_duty(plan))
    user, day = (np.repeat(axis.ravel(), many.ravel()) for axis in np.indices(many.shape))
    heat = chance.lognormal(0.0, 1.0, plan.users * plan.people_of_each)
    person = chance.choice(heat.size, size=user.size, p=heat / heat.sum())
    written = chance.beta(*plan.recorded, plan.users)
    return _Engagements(
        user=user, person=person, day=day, recorded=chance.random(user.size) < written[user]
    )


def _looks(plan: OrdinaryForce, met: _Engagements, chance: np.random.Generator) -> Lookups:
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
    return Lookups(
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


def _events(plan: OrdinaryForce, met: _Engagements, looks: Lookups) -> pa.Table:
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
            "system": feeds.systems(size, seed=plan.seed),
            "subject_id": [person_id(number) for number in looks.person[order]],
            "subject_type": ["person"] * size,
            "is_machine": [False] * size,
            "month": np.datetime_as_string(at, unit="M"),
            **{name: said[name].take(pa.array(order)) for name in said.column_names},
        }
    )


def _told(met: _Engagements, looks: Lookups) -> traits.Met:
    """The engagements and rows as their traits are drawn from them."""
    return traits.Met(
        user=met.user,
        person=met.person,
        recorded=met.recorded,
        of_row=looks.met,
        person_of_row=looks.person,
        day_of_row=looks.second // DAY,
    )


def _traits(plan: OrdinaryForce, told: traits.Met) -> dict[str, pa.Table]:
    """What the people looked up are like, and associations that were declared."""
    people = plan.users * plan.people_of_each
    return {
        "subjects": traits.subjects(told, people=people, household=plan.household, seed=plan.seed),
        "declared_associations": traits.declared(told, seed=plan.seed),
    }


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

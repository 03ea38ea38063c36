"""Work on one's own initiative: the innocent repetition that looks most like misuse."""

from dataclasses import replace

import numpy as np

from monitor.demo.casebook import cases, parts, taskings
from monitor.demo.columns import chosen
from monitor.demo.drawing import Chance, Flags, Ints, ordinals, overdispersed, owners
from monitor.demo.engagements import Engagements, visits_in
from monitor.demo.posts import Role, habit
from monitor.demo.visits import Visits, visits
from monitor.demo.vocabulary import NONE, CaseType, Job, Part
from monitor.demo.work import Work, at_random_duties, pages
from monitor.demo.world import World
from monitor.demo.zone import DAY, HOUR

_HALF_YEAR = 182.0  # days the rates of a post are said for


def _first_role(world: World) -> Ints:
    """The role each user starts with, shape (users,)."""
    users = np.arange(world.staff.size)
    return world.staff.role(users, np.zeros_like(users))


def nominals(world: World, chance: Chance, *, first_case: int) -> Work:
    """People followed up for weeks: nominals, repeat callers, cars. Most is never written down."""
    plan, staff = world.plan, world.staff
    role = _first_role(world)
    mean = habit("nominals")[role] * plan.activity * plan.initiative * plan.days / _HALF_YEAR * 1.4
    user = owners(overdispersed(chance, mean, shape=2.0, size=staff.size))
    size = len(user)
    days = chance.lognormal(np.log(40), 0.9, size).clip(1, 400)
    start = plan.begins + (chance.uniform(-40, plan.days, size) * DAY).astype(np.int64)
    end = start + (days * DAY).astype(np.int64)
    start = np.maximum(start, plan.begins)
    area = world.area_of(user, start)
    area = np.where(chance.random(size) < 0.1, chance.integers(0, plan.areas, size), area)
    weeks = np.maximum(end - start, 0) / (7 * DAY)
    known = chance.random(size) < habit("recorded")[role[user]] * (1 - staff.unwritten[user])
    return _followed(
        world,
        chance,
        known=known,
        first_case=first_case,
        type_=CaseType.NOMINAL_MANAGEMENT,
        engagements=Engagements(
            user=user,
            focus=world.warm(chance, area),
            case=np.full(size, NONE),
            start=start,
            end=end,
            sittings=habit("weekly")[role[user]] * weeks * chance.gamma(1.3, 1 / 1.3, size),
            ring=chance.beta(0.5, 3.0, size),
            breadth=chance.gamma(0.6, 0.8, size),
        ),
    )


def busy_days(world: World, chance: Chance, *, first_case: int) -> Work:
    """Hours spent on one family: a live enquiry, a file, a merge. Most of it is on a case."""
    plan, staff = world.plan, world.staff
    duties = len(world.roster.user)
    rows = np.flatnonzero(chance.random(duties) < 0.009 * plan.activity * plan.initiative)
    user, start = world.roster.user[rows], np.maximum(world.roster.start[rows], plan.begins)
    size = len(rows)
    length = chance.uniform(0.3, 1.0, size) * (world.roster.end[rows] - start)
    known = chance.random(size) < 0.92 * (1 - staff.unwritten[user] / 2)
    return _followed(
        world,
        chance,
        known=known,
        first_case=first_case,
        type_=CaseType.INTELLIGENCE_RESEARCH,
        engagements=Engagements(
            user=user,
            focus=world.warm(chance, world.area_of(user, start)),
            case=np.full(size, NONE),
            start=start,
            end=start + length.astype(np.int64),
            sittings=np.where(known, 9.0, 5.0),
            ring=chance.beta(0.8, 0.9, size),
            breadth=chance.gamma(1.0, 0.8, size),
        ),
    )


def _followed(  # noqa: PLR0913 the parts of one made-up record, each named
    world: World,
    chance: Chance,
    *,
    engagements: Engagements,
    known: Flags,
    first_case: int,
    type_: CaseType,
) -> Work:
    """The visits of engagements, and a case with its tasking for those that are known."""
    case = np.full(len(known), NONE)
    case[known] = first_case + np.arange(known.sum())
    e = replace(engagements, case=case)
    start, end, number = e.start[known], e.end[known], case[known]
    area = world.people.area[e.focus[known]]
    written = pages(
        new=cases(
            type_, area=area, opened=start, closed=np.where(end < world.plan.ends, end, NONE)
        ),
        people=parts(number, subject=e.focus[known], part=Part.NOMINAL),
        given=taskings(number, start=start, end=end, job=Job.MANAGER, user=e.user[known]),
    )
    return Work(visits=visits_in(world, e, chance, shape=1.1), book=written)


def stops(world: World, chance: Chance, *, first_case: int) -> Work:
    """Stop-checks of a car, its keeper and his address; one in five leaves a record."""
    plan = world.plan
    role = _first_role(world)
    duties = np.bincount(world.roster.user, minlength=world.staff.size)
    mean = habit("stops")[role] * duties * world.staff.rate * plan.activity
    empty = at_random_duties(world, chance, user=np.arange(len(role)), count=chance.poisson(mean))
    area = world.area_of(empty.user, empty.at)
    area = np.where(
        chance.random(empty.size) < 0.08, chance.integers(0, plan.areas, empty.size), area
    )
    cool = world.people.by_area.pick(chance, area)
    person = np.where(chance.random(empty.size) < 0.5, world.warm(chance, area), cool)
    records = 1 + chance.binomial(2, 0.35, empty.size)
    row = owners(records)
    subject = np.where(ordinals(records) == 0, person[row], world.near(chance, person[row]))
    known = np.flatnonzero(chance.random(empty.size) < 0.2)
    case = np.full(empty.size, NONE)
    case[known] = first_case + np.arange(len(known))
    looked = visits(
        empty.at[row] + 60 * ordinals(records),
        user=empty.user[row],
        subject=subject,
        case=case[row],
    )
    opened = empty.at[known]
    book = pages(
        new=cases(CaseType.STOP_CHECK, area=area[known], opened=opened, closed=opened + HOUR),
        people=parts(case[known], subject=person[known], part=Part.NOMINAL),
        given=taskings(
            case[known], start=opened, end=opened + HOUR, job=Job.RESPONDER, user=empty.user[known]
        ),
    )
    return Work(visits=looked, book=book)


def briefings(world: World, chance: Chance) -> Visits:
    """Every week three people of each area are briefed; many on duty look, nobody is tasked."""
    plan = world.plan
    weeks = np.arange(plan.weeks)
    area = np.tile(np.repeat(np.arange(plan.areas), 3), len(weeks))
    week = np.repeat(weeks, plan.areas * 3)
    hot = world.warm(chance, area)
    viewers = overdispersed(
        chance, plan.staff / plan.areas * 0.06 * plan.activity, shape=1.0, size=len(hot)
    )
    row = owners(viewers)
    at = plan.begins + week[row] * 7 * DAY + chance.integers(0, 7 * DAY, len(row))
    role = chance.choice(
        [Role.RESPONSE, Role.NEIGHBOURHOOD, Role.DETECTIVE], len(row), p=[0.6, 0.3, 0.1]
    )
    user = world.on_duty.somebody(chance, role, area[row], at)
    found = visits(at, user=user, subject=hot[row])
    return chosen(found, user != NONE)

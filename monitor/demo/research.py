"""Names worked through by researchers: yesterday's incidents, requests, and a machine's list."""

import numpy as np

from monitor.demo.casebook import cases, parts, taskings
from monitor.demo.drawing import Chance, Ints, overdispersed, owners, ragged
from monitor.demo.incidents import Incidents
from monitor.demo.posts import Role, habit
from monitor.demo.visits import Visits, visits
from monitor.demo.vocabulary import NONE, CaseType, Job, Kind, Part, reason_of
from monitor.demo.work import Work, pages
from monitor.demo.world import World
from monitor.demo.zone import DAY

_REFERRED = (CaseType.DOMESTIC_ABUSE, CaseType.CONCERN_FOR_SAFETY, CaseType.MISSING_PERSON)
_MACHINE_ROWS = 160  # a day for each service account


def referrals(world: World, incidents: Incidents, chance: Chance) -> Work:
    """Safeguarding researchers work through the families of the last days' incidents."""
    listed = np.flatnonzero(np.isin(incidents.book.cases.type, _REFERRED))
    duty = _list_duties(world, Role.SAFEGUARDING)
    row, at = _list_moments(world, chance, duty)
    user = world.roster.user[duty][row]
    opened = incidents.book.cases.opened[listed]
    case = listed[_recent(chance, opened, at)] if len(listed) else np.zeros_like(at)
    everybody = ragged(
        incidents.everybody.case, incidents.everybody.subject, lists=incidents.book.size
    )
    person = everybody.pick(chance, case)
    subject = np.where(chance.random(len(row)) < 0.15, world.near(chance, person), person)
    team = world.staff.team(user, world.plan.day_of(at))
    told, first = np.unique(case, return_index=True)
    written = chance.random(len(told)) < 0.96
    told, first = told[written], first[written]
    start = incidents.book.cases.opened[told]
    given = taskings(told, start=start, end=start + 21 * DAY, job=Job.RESEARCHER, team=team[first])
    return Work(visits=visits(at, user=user, subject=subject, case=case), book=pages(given=given))


def requests(world: World, chance: Chance, *, first_case: int) -> Work:
    """Analysts and clerks answer requests: a list a duty, four in five with a case of its own."""
    duty = _list_duties(world, Role.INTELLIGENCE, Role.DISCLOSURE, Role.PSD)
    row, at = _list_moments(world, chance, duty)
    known = chance.random(len(duty)) < 0.82
    number = np.where(known, first_case + np.cumsum(known) - 1, NONE)
    focus = world.warm(chance, chance.integers(0, world.plan.areas, len(duty)))
    other = world.warm(chance, chance.integers(0, world.plan.areas, len(row)))
    chosen_ = chance.random(len(row))
    subject = np.select(
        [chosen_ < 0.3, chosen_ < 0.65], [focus[row], world.near(chance, focus[row])], other
    )
    case = number[row]
    start, user = world.roster.start[duty][known], world.roster.user[duty][known]
    role = world.role_of(user, start)
    type_ = np.where(
        role == Role.DISCLOSURE, CaseType.SUBJECT_ACCESS_REQUEST, CaseType.INTELLIGENCE_RESEARCH
    )
    end = start + 5 * DAY
    written = (case != NONE) & (chance.random(len(row)) < 0.9)
    pairs = np.unique(np.stack([case[written], subject[written]]), axis=1)
    made = number[known]
    book = pages(
        new=cases(
            type_,
            area=world.area_of(user, start),
            opened=start,
            closed=np.where(end < world.plan.ends, end, NONE),
        ),
        people=parts(pairs[0], subject=pairs[1], part=Part.NOMINAL),
        given=taskings(made, start=start, end=end, job=Job.RESEARCHER, user=user),
    )
    return Work(
        visits=visits(at, user=world.roster.user[duty][row], subject=subject, case=case), book=book
    )


def machines(world: World, chance: Chance) -> Visits:
    """Service accounts check vehicles at even intervals, day and night."""
    accounts = world.staff.of_role(Role.SERVICE_ACCOUNT)
    each = world.plan.days * _MACHINE_ROWS
    at = world.plan.begins + (np.arange(each) * DAY) // _MACHINE_ROWS
    cars = np.flatnonzero(world.people.kind == Kind.VEHICLE)
    return visits(
        np.tile(at, len(accounts)),
        user=np.repeat(accounts, each),
        subject=chance.choice(cars, each * len(accounts)),
        reason=int(reason_of(np.array(CaseType.STOP_CHECK))),
        reference=NONE,
    )


def _list_duties(world: World, *roles: Role) -> Ints:
    """Duties worked in one of the roles."""
    role = world.role_of(world.roster.user, world.roster.start)
    return np.flatnonzero(np.isin(role, roles))


def _list_moments(world: World, chance: Chance, duty: Ints) -> tuple[Ints, Ints]:
    """For each name on each list, its duty's place in `duty` and its moment."""
    user, begins, ends = (
        column[duty] for column in (world.roster.user, world.roster.start, world.roster.end)
    )
    mean = (
        habit("lists")[world.role_of(user, begins)] * world.staff.rate[user] * world.plan.activity
    )
    row = owners(overdispersed(chance, mean, shape=1.5, size=len(duty)))
    at = begins[row] + (chance.random(len(row)) * (ends - begins)[row]).astype(np.int64)
    return row, at


def _recent(chance: Chance, opened: Ints, at: Ints) -> Ints:
    """For each moment, the place of a case opened in the days before it."""
    last = np.searchsorted(opened, at)
    first = np.searchsorted(opened, at - 3 * DAY)
    place = first + (chance.random(len(at)) * (last - first)).astype(np.int64)
    return place.clip(0, len(opened) - 1)

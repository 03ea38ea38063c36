"""Everyday work on incidents and cases: attending, investigating, court files, helping out."""

from dataclasses import dataclass

import numpy as np

from monitor.demo.casebook import Casebook, Cases, Parts, Taskings, cases, parts, taskings
from monitor.demo.columns import chosen, stacked
from monitor.demo.drawing import Chance, Ints, overdispersed, owners, ragged
from monitor.demo.engagements import Engagements, visits_in
from monitor.demo.incidents import Incidents
from monitor.demo.posts import Role
from monitor.demo.visits import Visits, visits
from monitor.demo.vocabulary import NONE, Job
from monitor.demo.world import World
from monitor.demo.zone import DAY, HOUR

NO_CASES = cases(0, area=0, opened=np.zeros(0, dtype=np.int64), closed=0)
NO_PARTS = parts(np.zeros(0, dtype=np.int64), subject=np.zeros(0, dtype=np.int64), part=0)
NO_TASKINGS = taskings(
    np.zeros(0, dtype=np.int64),
    start=np.zeros(0, dtype=np.int64),
    end=np.zeros(0, dtype=np.int64),
    job=0,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Visits, and what was written down about them."""

    visits: Visits
    book: Casebook


def pages(
    *, new: Cases = NO_CASES, people: Parts = NO_PARTS, given: Taskings = NO_TASKINGS
) -> Casebook:
    """Further pages of a casebook."""
    return Casebook(cases=new, parts=people, taskings=given)


def attended(world: World, incidents: Incidents, chance: Chance) -> Work:
    """Everybody who is sent looks at some of those involved, before, during or after the call."""
    sent = incidents.sent
    everybody = ragged(
        incidents.everybody.case, incidents.everybody.subject, lists=incidents.book.size
    )
    looks = overdispersed(chance, 1.5 * world.staff.rate[sent.user], shape=1.2, size=len(sent.user))
    row = owners(np.where(sent.job == Job.CALL_HANDLER, np.maximum(looks, 1), looks))
    spread = np.where(sent.job[row] == Job.CALL_HANDLER, 240.0, 3_000.0)
    at = sent.at[row] + (chance.exponential(spread)).astype(np.int64)
    handling = sent.job[row] == Job.CALL_HANDLER  # looks only at whom he writes down
    recorded = incidents.book.subjects().pick(chance, sent.case[row])
    subject = np.where(handling, recorded, everybody.pick(chance, sent.case[row]))
    further = ~handling & (chance.random(len(row)) < 0.08)
    subject = np.where(further, world.near(chance, subject), subject)
    return Work(
        visits=visits(at, user=sent.user[row], subject=subject, case=sent.case[row]), book=pages()
    )


def investigated(world: World, incidents: Incidents, chance: Chance) -> Work:
    """Investigators come back to their cases, a few of them very often, most of them rarely."""
    given = incidents.given
    closed = incidents.book.cases.closed[given.case]
    end = np.where(closed == NONE, world.plan.ends, closed)
    everybody = ragged(
        incidents.everybody.case, incidents.everybody.subject, lists=incidents.book.size
    )
    size = len(given.case)
    looked = visits_in(
        world,
        Engagements(
            user=given.user,
            focus=everybody.pick(chance, given.case),
            case=given.case,
            start=given.at,
            end=np.maximum(end, given.at + HOUR),
            sittings=np.full(size, 4.5),
            ring=chance.beta(0.5, 3.0, size),
            breadth=chance.gamma(1.0, 0.9, size),
        ),
        chance,
        shape=0.8,
        in_case=everybody,
    )
    return Work(visits=looked, book=pages())


def court_files(world: World, incidents: Incidents, chance: Chance) -> Work:
    """Files built and victims updated after the case has closed; half of it on nobody's list."""
    given = incidents.given
    closed = incidents.book.cases.closed[given.case]
    rows = np.flatnonzero((closed != NONE) & (chance.random(len(closed)) < 0.16))
    user, case, start = given.user[rows], given.case[rows], closed[rows]
    end = start + (chance.uniform(4, 75, len(rows)) * DAY).astype(np.int64)
    everybody = ragged(
        incidents.everybody.case, incidents.everybody.subject, lists=incidents.book.size
    )
    looked = visits_in(
        world,
        Engagements(
            user=user,
            focus=everybody.pick(chance, case),
            case=case,
            start=start,
            end=end,
            sittings=chance.gamma(0.8, 3.5, len(rows)),
            ring=np.full(len(rows), 0.05),
            breadth=np.full(len(rows), 0.7),
        ),
        chance,
        shape=1.0,
        in_case=everybody,
    )
    written = chance.random(len(rows)) < 0.45
    told = taskings(
        case[written],
        start=start[written],
        end=end[written],
        job=Job.COURT_FILE,
        user=user[written],
    )
    return Work(visits=looked, book=pages(given=told))


def helped(world: World, done: Visits, chance: Chance) -> Visits:
    """A team-mate runs the check instead: on a case, for somebody who is out."""
    rows = np.flatnonzero((done.case != NONE) & (chance.random(done.size) < 0.03))
    asked = chosen(done, rows)
    day = world.plan.day_of(asked.at)
    helper = world.on_duty.somebody(
        chance, world.staff.role(asked.user, day), world.staff.area(asked.user, day), asked.at
    )
    found = visits(asked.at, user=helper, subject=asked.subject, case=asked.case)
    return chosen(found, helper != NONE)


def relayed(world: World, done: Visits, chance: Chance) -> Visits:
    """The same visits, of which some are run by a bureau or control-room operator who was asked."""
    role = world.role_of(done.user, done.at)
    out = np.isin(role, [Role.RESPONSE, Role.ROADS, Role.NEIGHBOURHOOD])
    asks = out & (chance.random(done.size) < 0.07)
    rows = np.flatnonzero(asks)
    operator_role = np.where(chance.random(len(rows)) < 0.9, Role.PNC_BUREAU, Role.CONTROL_ROOM)
    area = world.area_of(done.user[rows], done.at[rows])
    operator = world.on_duty.somebody(chance, operator_role, area, done.at[rows])
    rows, operator = rows[operator != NONE], operator[operator != NONE]
    by_operator = visits(
        done.at[rows],
        user=operator,
        subject=done.subject[rows],
        case=done.case[rows],
        requester=done.user[rows],
    )
    kept = np.ones(done.size, dtype=bool)
    kept[rows] = False
    return stacked([chosen(done, kept), by_operator])


def at_random_duties(world: World, chance: Chance, *, user: Ints, count: Ints) -> Visits:
    """Empty visits, so many for each user, at moments spread over their duties."""
    who = np.repeat(user, count)
    first, last = np.searchsorted(world.roster.user, [who, who + 1])
    duty = first + (chance.random(len(who)) * (last - first)).astype(np.int64)
    who, duty = who[last > first], duty[last > first]
    begins, ends = world.roster.start[duty], world.roster.end[duty]
    at = begins + (chance.random(len(who)) * (ends - begins)).astype(np.int64)
    return visits(at, user=who, subject=NONE)

"""Incidents: when and where they happen, who is in them, who is sent, who is given them."""

from dataclasses import dataclass

import numpy as np

from monitor.demo.casebook import Casebook, Parts, Taskings, cases, parts, taskings
from monitor.demo.columns import chosen, stacked
from monitor.demo.drawing import Chance, Ints, ordinals, owners, weighted
from monitor.demo.people import People
from monitor.demo.posts import Role
from monitor.demo.vocabulary import NONE, CaseType, Job, Kind, Part
from monitor.demo.world import World
from monitor.demo.zone import DAY, HOUR

# Calls by local hour (evening peak) and by day from Monday (weekend peak).
_HOURS = np.array(
    [5, 4, 3, 2, 2, 2, 3, 4, 5, 6, 6, 6, 7, 7, 7, 8, 9, 9, 10, 10, 10, 10, 9, 7], float
)
_DAYS = np.array([9, 9, 9, 10, 12, 13, 11], float)
# One in a hundred of a type, in the order of CaseType, incidents only.
_TYPES = np.array([13, 17, 7, 12, 13, 14, 7, 5, 4, 3, 4.9, 0.1])
_ARREST = 0.12  # share of incidents that end in custody
_ALLOCATED = 0.22
_BIG = 0.02  # of those allocated: six detectives, eight more people, thirty days
_UNRECORDED_PART = 0.06  # people who were there and are not in the case


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """People sent to cases: the truth behind taskings, shape (rows,)."""

    case: Ints
    user: Ints
    at: Ints
    job: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Incidents:
    """Incidents as cases, everybody truly in them, everybody truly sent, and who was given them."""

    book: Casebook
    everybody: Parts  # unrecorded parties included
    sent: Sent
    given: Sent  # investigators, at the moment of allocation

    def harmed(self, people: People) -> Ints:
        """People in domestic-abuse incidents, repeats kept."""
        abuse = self.book.cases.type[self.everybody.case] == CaseType.DOMESTIC_ABUSE
        who = self.everybody.subject[abuse & (self.everybody.part == Part.VICTIM)]
        persons: Ints = who[people.kind[who] == Kind.PERSON]
        return persons


def incidents_of(world: World, chance: Chance) -> Incidents:
    """All incidents of the span."""
    plan = world.plan
    count = int(
        chance.poisson(plan.staff * plan.days * plan.incidents_per_staff_day * plan.activity)
    )
    at = _moments(world, chance, count)
    area = chance.integers(0, plan.areas, count)
    type_ = weighted(chance, _TYPES, size=count)
    allocated = chance.random(count) < np.where(type_ >= CaseType.MISSING_PERSON, 1.0, _ALLOCATED)
    big = allocated & ((chance.random(count) < _BIG) | (type_ == CaseType.MURDER))
    length = np.where(allocated, chance.lognormal(np.log(11), 0.9, count) * DAY, 6 * HOUR)
    length = np.where(big, 30 * DAY + length, length).astype(np.int64)
    closed = at + length
    everybody = _parties(world, chance, area=area, big=big)
    recorded = chance.random(len(everybody.case)) >= _UNRECORDED_PART
    sent = _sent(world, chance, at=at, area=area)
    given = _given(world, chance, case=np.flatnonzero(allocated), at=at, area=area, big=big)
    return Incidents(
        book=Casebook(
            cases=cases(
                type_, area=area, opened=at, closed=np.where(closed < plan.ends, closed, NONE)
            ),
            parts=chosen(everybody, recorded | (everybody.part == Part.VICTIM)),
            taskings=_written(world, chance, sent=sent, given=given, end=closed),
        ),
        everybody=everybody,
        sent=sent,
        given=given,
    )


def _moments(world: World, chance: Chance, count: int) -> Ints:
    """UTC seconds, in order: evenings and weekends are busier."""
    plan = world.plan
    of_day = _DAYS[(np.arange(plan.days) + plan.start.weekday()) % 7]
    hour = weighted(chance, (of_day[:, None] * _HOURS).ravel(), size=count)
    local = plan.begins + hour * HOUR + chance.integers(0, HOUR, count)
    return np.sort(world.zone.utc(local))


def _parties(world: World, chance: Chance, *, area: Ints, big: Ints) -> Parts:
    """One to five linked records in each incident, and the address; eight more in a big one."""
    count = len(area)
    seed = world.warm(chance, area)
    more = np.minimum(chance.poisson(1.1, count), 4) + np.where(big, 8, 0)
    case = owners(more)
    linked = chance.random(len(case)) < 0.6
    other = np.where(linked, world.near(chance, seed[case]), world.warm(chance, area[case]))
    part = chance.choice([Part.SUSPECT, Part.WITNESS, Part.CALLER], len(case), p=[0.4, 0.4, 0.2])
    kind = world.people.kind[other]
    part = np.select(
        [kind == Kind.ADDRESS, kind == Kind.VEHICLE], [Part.ADDRESS, Part.VEHICLE], part
    )
    number = np.arange(count)
    return stacked(
        [
            parts(number, subject=seed, part=Part.VICTIM),
            parts(case, subject=other, part=part),
            parts(number, subject=world.people.home[seed], part=Part.ADDRESS),
        ]
    )


def _sent(world: World, chance: Chance, *, at: Ints, area: Ints) -> Sent:
    """The call handler, two responders, sometimes custody and the responders' supervisor."""
    number = np.arange(len(at))
    crew = np.repeat(number, 2)
    arrived = at[crew] + chance.integers(300, 5_400, len(crew))
    custody = np.flatnonzero(chance.random(len(at)) < _ARREST)
    jobs = [
        (number, Role.CONTROL_ROOM, at + chance.integers(0, 300, len(at)), Job.CALL_HANDLER),
        (crew, Role.RESPONSE, arrived, Job.RESPONDER),
        (
            custody,
            Role.CUSTODY,
            at[custody] + chance.integers(HOUR, 4 * HOUR, len(custody)),
            Job.CUSTODY,
        ),
    ]
    rows = []
    for case, role, when, job in jobs:
        who = world.on_duty.somebody(chance, np.full(len(case), role), area[case], when)
        rows.append(Sent(case=case, user=who, at=when, job=np.full(len(case), job)))
    checked = chosen(rows[1], chance.random(len(crew)) < 0.06)
    head = world.staff.supervisor(checked.user, world.plan.day_of(checked.at))
    rows.append(
        Sent(
            case=checked.case,
            user=head,
            at=checked.at + HOUR,
            job=np.full(len(head), Job.SUPERVISOR),
        )
    )
    sent = stacked(rows)
    return chosen(sent, sent.user != NONE)


def _given(  # noqa: PLR0913 the parts of one made-up record, each named
    world: World, chance: Chance, *, case: Ints, at: Ints, area: Ints, big: Ints
) -> Sent:
    """One investigator per allocated case, six on a big one: a detective there, or response."""
    case = np.repeat(case, np.where(big[case], 6, 1))
    when = at[case] + (chance.exponential(0.8, len(case)) * DAY).astype(np.int64)
    role = np.where(chance.random(len(case)) < 0.72, Role.DETECTIVE, Role.RESPONSE)
    role = np.where(ordinals(np.bincount(case)[np.unique(case)]) > 0, Role.DETECTIVE, role)
    hour = world.plan.begins + (when - world.plan.begins) // DAY * DAY + 11 * HOUR
    who = world.on_duty.somebody(
        chance, role, area[case], np.where(role == Role.DETECTIVE, hour, when)
    )
    given = Sent(case=case, user=who, at=when, job=np.full(len(case), Job.INVESTIGATOR))
    return chosen(given, (who != NONE) & (when < world.plan.ends))


def _written(world: World, chance: Chance, *, sent: Sent, given: Sent, end: Ints) -> Taskings:
    """The taskings that were written down: a whole engagement is there, or missing."""
    both = stacked([sent, given])
    hours = np.where(both.job == Job.INVESTIGATOR, 0, 8 * HOUR)
    until = np.where(hours > 0, both.at + hours, np.maximum(end[both.case], both.at + HOUR))
    machine_made = np.isin(
        both.job, [Job.CALL_HANDLER, Job.CUSTODY]
    )  # the system writes these itself
    kept = machine_made | (chance.random(len(both.user)) >= world.staff.unwritten[both.user])
    kept &= both.job != Job.SUPERVISOR
    return chosen(
        taskings(both.case, start=both.at - 300, end=until, job=both.job, user=both.user), kept
    )

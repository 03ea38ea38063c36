"""From visits to the rows of a log: systems, searches and refreshes, reasons, terminals, gaps."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from monitor.demo.casebook import Casebook
from monitor.demo.columns import chosen
from monitor.demo.drawing import Chance, Flags, Ints, Small, ordinals, owners, scrambled
from monitor.demo.habits import DESKS, Habits
from monitor.demo.posts import Role, habit
from monitor.demo.visits import BY_HABIT, Visits
from monitor.demo.vocabulary import GENERIC_REASONS, NONE, Action, Field, Kind, System, reason_of
from monitor.demo.world import World
from monitor.demo.zone import DAY, HOUR

_SPAN = 1 << 34  # more seconds than any moment holds
_ALWAYS_SEARCHED = (System.PNC, System.ANPR, System.PND)
_SIXTY_DAYS = 60 * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows of the access log, in numbers; NONE where a cell is empty."""

    at: Ints  # UTC seconds, the terminal's clock
    user: Small
    requester: Small
    system: Small
    action: Small
    subject: Small  # the true record; NONE: no single record
    local_id: Small  # 1 where the row carries the record's id in another system
    masked: Small  # 1 where the source hid the id
    reason: Small
    spelled: Small  # 1 where the reason's text ends in the case reference
    reference: Small
    terms: Small  # what kind of thing was typed
    results: Small
    opened: Small
    exported: Small
    terminal: Small
    session: Small
    broke_glass: Small
    story: Small


def rows_of(world: World, book: Casebook, habits: Habits, seen: Visits, chance: Chance) -> Rows:
    """Every visit as it stands in the log: one row, or several where the screen was refreshed."""
    system = _systems(world, habits, seen, chance)
    reference = _references(world, book, seen, chance)
    reason, spelled = _reasons(world, book, habits, seen, reference, chance)
    terminal, session = _places(world, habits, seen, chance)
    count = _row_counts(world, seen, chance)
    visit, number = owners(count), ordinals(count)
    subject = seen.subject[visit]
    later = np.where(number > 0, chance.exponential(45.0, len(visit)) * number, 0).astype(np.int64)
    action, exported = _actions(world, seen, system, visit, number, chance)
    nothing = (
        (action == Action.SEARCH)
        & (seen.action[visit] == BY_HABIT)
        & (chance.random(len(visit)) < 0.06)
    )
    denied = action == Action.DENIED
    several = np.where(chance.random(len(visit)) < 0.7, 1, chance.geometric(0.12, len(visit)))
    other_id = (
        habits.alias[np.maximum(subject, 0)] & np.isin(system, [System.PND, System.INTEL])[visit]
    )
    restricted = world.people.restricted[np.maximum(subject, 0)] & (subject != NONE)
    columns = {
        "at": seen.at[visit] + later + habits.skew[terminal][visit],
        "user": seen.user[visit],
        "requester": seen.requester[visit],
        "system": system[visit],
        "action": action,
        "subject": np.where(nothing, NONE, subject),
        "local_id": other_id & (subject != NONE),
        "masked": restricted & (chance.random(len(visit)) < 0.01),
        "reason": reason[visit],
        "spelled": spelled[visit],
        "reference": reference[visit],
        "terms": np.where(action == Action.SEARCH, _terms(world, subject, chance), NONE),
        "results": np.where(
            action == Action.SEARCH, np.where(nothing, 0, several), np.where(denied, 0, 1)
        ),
        "opened": np.where(
            np.isin(action, [Action.SEARCH, Action.DENIED]), NONE, _opened(seen, visit, chance)
        ),
        "exported": exported,
        "terminal": terminal[visit],
        "session": session[visit],
        "broke_glass": restricted & (action == Action.VIEW) & (chance.random(len(visit)) < 0.05),
        "story": seen.story[visit],
    }
    typed: dict[str, Any] = {
        k: v.astype(np.int64 if k == "at" else np.int32) for k, v in columns.items()
    }
    return _kept(world, habits, Rows(**typed))


def logins_of(world: World, habits: Habits, chance: Chance) -> Rows:
    """One log-in at the start of each duty, at the terminal of that duty."""
    duty = np.flatnonzero(chance.random(len(world.roster.user)) < 0.9)
    user, at = (
        world.roster.user[duty],
        world.roster.start[duty] + chance.integers(0, 900, len(duty)),
    )
    machine = world.role_of(user, at) == Role.SERVICE_ACCOUNT
    duty, user, at = duty[~machine], user[~machine], at[~machine]
    terminal = _desk(world, habits, user, at, duty)
    columns = {f.name: np.full(len(user), NONE) for f in fields(Rows)}
    flags = dict.fromkeys(("local_id", "masked", "spelled", "broke_glass"), np.zeros_like(user))
    said = {"at": at + habits.skew[terminal], "user": user, "terminal": terminal, "session": duty}
    where = {"system": np.full(len(user), System.RMS), "action": np.full(len(user), Action.LOGIN)}
    columns |= flags | said | where
    typed: dict[str, Any] = {
        k: v.astype(np.int64 if k == "at" else np.int32) for k, v in columns.items()
    }
    return _kept(world, habits, Rows(**typed))


def _systems(world: World, habits: Habits, seen: Visits, chance: Chance) -> Ints:
    """The system of each visit: set, or by role and kind of record."""
    role = world.role_of(seen.user, seen.at)
    kind = world.people.kind[np.maximum(seen.subject, 0)]
    shares = habits.shares.reshape(-1, len(System))
    drawn = chance.random(seen.size)
    place = role * len(Kind) + kind
    system = sum((drawn >= shares[:, s][place]).astype(np.int64) for s in range(len(System) - 1))
    return np.where(seen.system == BY_HABIT, system, seen.system)


def _references(world: World, book: Casebook, seen: Visits, chance: Chance) -> Ints:
    """The case each row names: its own by habit, now and then another one, often none."""
    staff = world.staff
    named = (seen.case != NONE) & (chance.random(seen.size) < staff.referenced[seen.user])
    stray = (seen.case == NONE) & (chance.random(seen.size) < staff.stray[seen.user])
    by_habit = np.where(named, seen.case, np.where(stray, _latest_own(book, seen), NONE))
    return np.where(seen.reference == BY_HABIT, by_habit, seen.reference)


def _latest_own(book: Casebook, seen: Visits) -> Ints:
    """The case last given to the user within sixty days before the visit, or NONE."""
    own = book.taskings.user != NONE
    key = book.taskings.user[own] * _SPAN + book.taskings.start[own]
    order = np.argsort(key, kind="stable")
    if not len(order):
        return np.full(seen.size, NONE)
    place = np.searchsorted(key[order], seen.user * _SPAN + seen.at) - 1
    latest = order[np.maximum(place, 0)]
    given = key[latest]
    fresh = (place >= 0) & (given // _SPAN == seen.user) & (seen.at - given % _SPAN < _SIXTY_DAYS)
    return np.where(fresh, book.taskings.case[own][latest], NONE)


def _reasons(  # noqa: PLR0913, PLR0917 the parts of one made-up record, each named
    world: World, book: Casebook, habits: Habits, seen: Visits, reference: Ints, chance: Chance
) -> tuple[Ints, Flags]:
    """The reason of each visit by the user's habit, and whether its text names the case."""
    staff = world.staff
    size = seen.size
    stray = np.where(reference != NONE, reference, seen.case)
    known = book.cases.type[np.maximum(stray, 0)] if book.size else np.zeros(size, dtype=np.int64)
    specific = (stray != NONE) & (chance.random(size) < staff.specific[seen.user])
    own = np.where(
        chance.random(size) < 0.75,
        habits.generic[seen.user],
        chance.integers(0, GENERIC_REASONS, size),
    )
    by_habit = np.where(specific, reason_of(known), own)
    by_habit = np.where(chance.random(size) < staff.blank[seen.user], NONE, by_habit)
    reason = np.where(seen.reason == BY_HABIT, by_habit, seen.reason)
    spelled = (reason >= GENERIC_REASONS) & (reference != NONE) & (chance.random(size) < 0.3)
    return reason, spelled


def _desk(world: World, habits: Habits, user: Ints, at: Ints, duty: Ints) -> Ints:
    """The terminal of a duty: one's own, or one of the office's."""
    role, area = world.role_of(user, at), world.area_of(user, at)
    spread = scrambled(duty, salt=4) % DESKS
    shared = (role * world.plan.areas + area) * DESKS + spread
    return np.where(habit("own_desk")[role] > 0, habits.desks + user, shared)


def _places(world: World, habits: Habits, seen: Visits, chance: Chance) -> tuple[Ints, Ints]:
    """Terminal and session of each visit: those of the duty; off duty, a session of its own."""
    near = world.roster.next_duty(seen.user, seen.at - 2 * HOUR)
    working = (near != NONE) & (world.roster.start[near] - HOUR <= seen.at)
    apart = len(world.roster.user) + seen.user * world.plan.days + world.plan.day_of(seen.at)
    session = np.where(working, near, apart)
    role = world.role_of(seen.user, seen.at)
    mobile = chance.random(seen.size) < habit("mobile")[role]
    own = habits.desks + world.staff.size + seen.user
    desk = _desk(world, habits, seen.user, seen.at, session)
    by_habit = np.where(mobile, own, desk)
    return np.where(seen.terminal == BY_HABIT, by_habit, seen.terminal), session


def _row_counts(world: World, seen: Visits, chance: Chance) -> Ints:
    """Rows in the log for each visit: one, more by habit, many when a screen refreshes itself."""
    counts = 1 + chance.poisson(world.staff.refresh[seen.user])
    stuck = chance.random(seen.size) < 0.004
    counts = np.where(stuck, counts + chance.integers(4, 25, seen.size), counts)
    machine = world.role_of(seen.user, seen.at) == Role.SERVICE_ACCOUNT
    return np.where(machine | (seen.subject == NONE), 1, counts)


def _actions(  # noqa: PLR0913, PLR0917 the parts of one made-up record, each named
    world: World, seen: Visits, system: Ints, visit: Ints, number: Ints, chance: Chance
) -> tuple[Ints, Ints]:
    """What each row does, and how many rows an export took away."""
    size = len(visit)
    searched = np.isin(system, _ALWAYS_SEARCHED) | (chance.random(seen.size) < 0.45)
    searched |= seen.subject == NONE
    first = (number == 0) & searched[visit]
    action = np.where(first, Action.SEARCH, Action.VIEW)
    drawn = chance.random(size)
    action = np.where((number > 0) & (drawn < 0.015), Action.PRINT, action)
    action = np.where((number > 0) & (drawn > 0.997), Action.EXPORT, action)
    shut = (
        world.people.restricted[np.maximum(seen.subject, 0)]
        & (seen.subject != NONE)
        & (seen.case == NONE)
    )
    shut &= chance.random(seen.size) < 0.3
    action = np.where(shut[visit], Action.DENIED, action)
    set_ = (seen.action[visit] != BY_HABIT) & (number == 0)
    action = np.where(set_, seen.action[visit], action)
    return action, np.where(action == Action.EXPORT, chance.geometric(0.05, size), NONE)


def _terms(world: World, subject: Ints, chance: Chance) -> Ints:
    """What was typed: an attribute search where nothing is opened, else by kind of record."""
    kind = world.people.kind[np.maximum(subject, 0)]
    of_person = np.where(chance.random(len(subject)) < 0.7, 0, 1)
    usual = np.select(
        [kind == Kind.PERSON, kind == Kind.ADDRESS, kind == Kind.VEHICLE], [of_person, 2, 3], 4
    )
    return np.where(subject == NONE, 5 + chance.integers(0, len(ATTRIBUTES), len(subject)), usual)


TERMS = ("name+dob", "id", "address", "vrm", "phone")
ATTRIBUTES = (
    "sex=F;age=18-25",
    "sex=F;age=20-35;marker=da",
    "sex=M;age=16-25",
    "area;street",
    "age=30-45;tattoo",
)


def _opened(seen: Visits, visit: Ints, chance: Chance) -> Ints:
    """Which part of the record was opened."""
    by_habit = chance.choice(len(Field), len(visit), p=[0.6, 0.14, 0.08, 0.12, 0.06])
    said = seen.opened[visit]
    return np.where(said == BY_HABIT, by_habit, said)


def _kept(world: World, habits: Habits, rows: Rows) -> Rows:
    """The rows inside the span that no outage swallowed."""
    kept = (rows.at >= world.plan.begins) & (rows.at < world.plan.ends)
    for system, begins, ends in habits.outages:
        kept &= ~((rows.system == system) & (rows.at >= begins) & (rows.at < ends))
    return chosen(rows, kept)


def is_machine(world: World) -> Flags:
    """Whether each user is a service account."""
    users = np.arange(world.staff.size)
    machine: Flags = world.staff.role(users, np.zeros_like(users)) == Role.SERVICE_ACCOUNT
    return machine

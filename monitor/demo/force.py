"""A whole force: everyday work, look-alikes and misuse, as one log with its reference tables."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from monitor.demo.casebook import Casebook
from monitor.demo.changes import Changes, changes_of, moved
from monitor.demo.columns import chosen, stacked
from monitor.demo.commissions import EVERY_TYPOLOGY, STRENGTHS, Commission, lookalike, misuse
from monitor.demo.drawing import Chance, Flags, Ints, ragged
from monitor.demo.habits import Habits, habits_of
from monitor.demo.incidents import incidents_of
from monitor.demo.initiative import briefings, busy_days, nominals, stops
from monitor.demo.misuse import TYPOLOGIES
from monitor.demo.plan import ForcePlan, MisuseCase
from monitor.demo.research import machines, referrals, requests
from monitor.demo.rows import Rows, logins_of, rows_of
from monitor.demo.scene import Scene
from monitor.demo.story import Declared, Draft, Identifier, Outcome, Story, Watched
from monitor.demo.visits import Visits, visits
from monitor.demo.vocabulary import NONE, Marker
from monitor.demo.work import attended, court_files, helped, investigated, relayed
from monitor.demo.world import World, chance_for, world_of
from monitor.demo.zone import DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Force:
    """A made-up force: what its systems would hold, and the truth about it."""

    world: World
    book: Casebook
    changes: Changes
    habits: Habits
    rows: Rows  # in order of time
    stories: tuple[Story, ...]
    declared: tuple[Declared, ...]
    watched: tuple[Watched, ...]
    outcomes: tuple[Outcome, ...]
    identifiers: tuple[Identifier, ...]

    @property
    def plan(self) -> ForcePlan:
        """What was asked for."""
        return self.world.plan


def make_force(plan: ForcePlan) -> Force:
    """A force at its everyday work, its innocent look-alikes among it; no misuse yet."""
    world = world_of(plan)
    incidents = incidents_of(world, chance_for(plan, 10))
    changes = changes_of(
        plan, world.people, chance_for(plan, 4), harmed=incidents.harmed(world.people)
    )
    world = replace(world, people=moved(world.people, changes, chance_for(plan, 5)))
    book = incidents.book
    seen: list[Visits] = []
    for stage, work in enumerate((attended, investigated, court_files, referrals)):
        done = work(world, incidents, chance_for(plan, 11, stage))
        book, seen = book.with_more(done.book), [*seen, done.visits]
    for stage, own in enumerate((nominals, busy_days, stops, requests)):
        done = own(world, chance_for(plan, 12, stage), first_case=book.size)
        book, seen = book.with_more(done.book), [*seen, done.visits]
    seen.append(briefings(world, chance_for(plan, 13)))
    everyday = _shared_out(world, stacked(seen))
    habits = habits_of(world, chance_for(plan, 14))
    chance = chance_for(plan, 15)
    rows = [rows_of(world, book, habits, everyday, chance), logins_of(world, habits, chance)]
    force = Force(
        world=world,
        book=book,
        changes=changes,
        habits=habits,
        rows=_in_order(stacked(rows), chance),
        stories=(),
        declared=_declared(world, chance_for(plan, 16)),
        watched=_watched(world, chance_for(plan, 17)),
        outcomes=_outcomes(world, chance_for(plan, 18)),
        identifiers=tuple(
            Identifier(subject=int(one), other=NONE) for one in np.flatnonzero(habits.alias)
        ),
    )
    each = plan.lookalikes_of_each or max(1, plan.staff // 250)
    return _told(
        force,
        [lookalike(plan, name) for name in plan.lookalikes for _ in range(each)],
        seed=plan.seed,
    )


def inject(force: Force, cases: Sequence[MisuseCase], seed: int) -> Force:
    """The same force with these cases of misuse woven into its work.

    Raises:
        Misused: a typology or a strength that does not exist, naming those that do.
    """
    return _told(force, [misuse(force.plan, case) for case in cases], seed=seed)


def cases_of_every_kind(count: int, *, controls: bool = False) -> tuple[MisuseCase, ...]:
    """So many cases: every typology in turn, every strength in turn."""
    names = tuple(EVERY_TYPOLOGY if controls else TYPOLOGIES)
    return tuple(
        MisuseCase(typology=names[n % len(names)], strength=STRENGTHS[n // len(names) % 3])
        for n in range(count)
    )


def _told(force: Force, commissions: Sequence[Commission], *, seed: int) -> Force:
    """The force with the stories told in it: their rows among the others, their records on file."""
    if not commissions:
        return force
    world, rows = force.world, force.rows
    known = rows.subject != NONE
    past = ragged(
        rows.user[known].astype(np.int64),
        rows.subject[known].astype(np.int64),
        lists=world.staff.size,
    )
    draft = Draft(next_case=force.book.size)
    taken = {user for story in force.stories for user in story.users}
    stories = []
    for number, commission in enumerate(commissions, start=len(force.stories)):
        scene = Scene(
            world=world,
            book=force.book,
            past=past,
            chance=chance_for(force.plan, 30, seed, number),
            strength=STRENGTHS.index(commission.strength) if commission.strength else 1,
            begins=commission.begins,
            ends=force.plan.ends,
            number=number,
            taken=taken,
            draft=draft,
        )
        commission.tell(scene)
        stories.append(_story(commission, scene))
    return _with(force, draft, stories, chance_for(force.plan, 31, seed, len(force.stories)))


def _story(commission: Commission, scene: Scene) -> Story:
    return Story(
        kind=commission.kind,
        typology=commission.name,
        pattern=commission.pattern,
        strength=commission.strength,
        users=tuple(dict.fromkeys(scene.users)),
        focus=scene.focus,
        ring=tuple(scene.ring),
    )


def _with(force: Force, draft: Draft, stories: Sequence[Story], chance: Chance) -> Force:
    """The force with a draft's rows and records added."""
    book = force.book.with_more(draft.book())
    people = force.world.people
    people = replace(people, links=stacked([people.links, *draft.links]))
    world = replace(force.world, people=people)
    seen = stacked([_no_visits(), *draft.visits])
    rows = rows_of(world, book, force.habits, seen, chance)
    return replace(
        force,
        world=world,
        book=book,
        changes=stacked([force.changes, *draft.changes]),
        rows=_in_order(stacked([force.rows, rows]), chance),
        stories=(*force.stories, *stories),
        declared=(*force.declared, *draft.declared),
        watched=(*force.watched, *draft.watched),
        outcomes=(*force.outcomes, *draft.outcomes),
        identifiers=(*force.identifiers, *draft.identifiers),
    )


def _no_visits() -> Visits:
    return visits(np.zeros(0, dtype=np.int64), user=0, subject=0)


def _shared_out(world: World, seen: Visits) -> Visits:
    """Everyday visits, some run by a team-mate or an operator, a few that opened nothing."""
    plan = world.plan
    chance = chance_for(plan, 19)
    seen = chosen(seen, (seen.subject != NONE) & (seen.at >= plan.begins) & (seen.at < plan.ends))
    seen = stacked([seen, helped(world, seen, chance)])
    seen = relayed(world, seen, chance)
    rows = np.flatnonzero(chance.random(seen.size) < 0.02)
    vain = visits(seen.at[rows] - 40, user=seen.user[rows], subject=NONE, case=seen.case[rows])
    return stacked([seen, vain, machines(world, chance)])


def _in_order(rows: Rows, chance: Chance) -> Rows:
    """Rows by time; rows of one second fall in no order."""
    return chosen(rows, np.lexsort((chance.random(len(rows.at)), rows.at)))


def _declared(world: World, chance: Chance) -> tuple[Declared, ...]:
    """One member of staff in twelve has declared somebody."""
    users = np.flatnonzero(chance.random(world.staff.size) < 1 / 12)
    near = world.near(chance, world.staff.person[users])
    since = world.plan.begins - chance.integers(10, 900, len(users)) * DAY
    pairs = zip(users.tolist(), near.tolist(), since.tolist(), strict=True)
    return tuple(Declared(user=u, subject=s, kind="association", since=at) for u, s, at in pairs)


def _watched(world: World, chance: Chance) -> tuple[Watched, ...]:
    """High-profile people, some staff, and some of those at risk at home."""
    people = world.people
    at_risk = np.flatnonzero(people.marked(Marker.DOMESTIC_ABUSE))
    famous = np.flatnonzero(people.restricted[: people.persons])
    groups = (
        ("high_profile", famous, 0.3),
        ("staff", world.staff.person, 0.05),
        ("protected", at_risk, 0.04),
    )
    since = world.plan.begins - 365 * DAY
    found = []
    for kind, subjects, share in groups:
        drawn: Flags = chance.random(len(subjects)) < share
        found += [Watched(subject=int(one), kind=kind, since=since) for one in subjects[drawn]]
    return tuple(found)


def _outcomes(world: World, chance: Chance) -> tuple[Outcome, ...]:
    """Earlier matters that ended one way or another; most are followed by nothing."""
    users: Ints = np.flatnonzero(chance.random(world.staff.size) < 0.006)
    decisions = chance.choice(
        ["words_of_advice", "no_further_action", "written_warning"], len(users)
    )
    at = chance.integers(world.plan.begins - 200 * DAY, world.plan.ends, len(users))
    rows = zip(users.tolist(), decisions.tolist(), at.tolist(), strict=True)
    return tuple(Outcome(user=u, decision=d, at=when) for u, d, when in rows)

"""The twenty typologies of misuse of METHODS 4.5, each woven into a user's own working life."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from monitor.demo.drawing import Ints, ordinals
from monitor.demo.posts import Role
from monitor.demo.premises import changed, exes, former_case, open_case
from monitor.demo.scene import Scene
from monitor.demo.vocabulary import NONE, CaseType, Field, Job, Kind, Marker, Part, Relation, System
from monitor.demo.zone import DAY, HOUR

Teller = Callable[[Scene], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Typology:
    """One shape of misuse: its pattern in DOMAIN.md 1.2 and what tells it."""

    pattern: str
    tell: Teller


def burst_and_circle(scene: Scene) -> None:
    """One person and those around her, many times in one duty."""
    user = scene.somebody()
    focus = scene.person(user, around=6)
    ring = scene.circle(focus, scene.by_strength(4, 8, 12))
    at = scene.in_one_duty(user, scene.by_strength(25, 40, 60), after=_early(scene))
    scene.look(user, at, scene.mixed(len(at), focus, ring, share=0.6))
    scene.about(focus, ring)


def burst_on_one(scene: Scene) -> None:
    """One person, many times in one duty."""
    user = scene.somebody()
    focus = scene.person(user)
    scene.look(
        user, scene.in_one_duty(user, scene.by_strength(6, 12, 30), after=_early(scene)), focus
    )
    scene.about(focus)


def drip(scene: Scene) -> None:
    """Two visits a week, for two months, a quarter, or as long as there is."""
    user = scene.somebody()
    _dripped(scene, user, apart=3.5, weeks=scene.by_strength(8, 13, 26))


def slow_drip(scene: Scene) -> None:
    """One visit a fortnight, or a week, for as long as there is."""
    user = scene.somebody()
    _dripped(scene, user, apart=scene.by_strength(14, 10, 7), weeks=52)


def after_case(scene: Scene) -> None:
    """The victim of a case that is closed, five to eight times more."""
    user, focus, closed = former_case(scene)
    at = scene.moments(
        user,
        scene.by_strength(5, 6, 8),
        start=closed + 3 * DAY,
        end=min(scene.ends, closed + 70 * DAY),
    )
    scene.look(user, at, focus)
    scene.about(focus)


def after_changes(scene: Scene) -> None:
    """A look a few days after each change of address or number."""
    user = scene.somebody()
    focus = scene.person(user)
    at = changed(scene, focus, scene.by_strength(3, 4, 6))
    later = at + (scene.chance.exponential(1.2, len(at)) * DAY).astype(np.int64)
    moments = scene.world.roster.at_work(scene.chance, np.full(len(at), user), later)
    scene.look(user, moments[moments != NONE], focus, opened=Field.ADDRESS)
    scene.about(focus)


def off_duty_only(scene: Scene) -> None:
    """Four to six sittings, of one to three looks each, when the user is at home by the roster."""
    user = scene.somebody()
    focus = scene.person(user)
    sittings = scene.off_duty(user, scene.by_strength(4, 5, 6), start=scene.begins, end=scene.ends)
    looks = scene.chance.integers(1, 4, len(sittings))
    at = np.repeat(sittings, looks) + HOUR // 5 * ordinals(looks)
    scene.look(user, at[at < scene.world.plan.ends], focus)
    scene.about(focus)


def ex_and_new_partner(scene: Scene) -> None:
    """A former partner and the new one, in turn."""
    user = scene.somebody()
    ex, new = exes(scene, user)
    at = scene.moments(user, scene.by_strength(8, 16, 30), start=scene.begins, end=scene.ends)
    scene.look(user, at, np.where(np.arange(len(at)) % 2, new, ex))
    scene.about(ex, [new])


def across_systems(scene: Scene) -> None:
    """One look in each of several systems, in minutes or over days; the strongest, week by week."""
    user = scene.somebody()
    focus = scene.person(user)
    systems = scene.chance.permutation(
        [System.RMS, System.PNC, System.INTEL, System.PND, System.CAD]
    )
    systems = systems[: 4 + scene.strength]
    span = scene.by_strength(9, 4, 1) * DAY
    start = _early(scene)
    if scene.strength < 2:
        at = scene.moments(user, len(systems), start=start, end=start + span)
        scene.look(user, at, focus, system=systems[: len(at)])
    else:
        for week in range(3):
            at = scene.in_one_duty(user, len(systems), after=start + 7 * week * DAY)
            scene.look(user, at, focus, system=systems)
    scene.about(focus)


def camouflaged(scene: Scene) -> None:
    """Half the visits under a case reference that is false or of the user's own making."""
    user = scene.somebody()
    focus = scene.person(user)
    at = scene.moments(
        user,
        scene.by_strength(8, 13, 20),
        start=scene.begins,
        end=scene.begins + min(60 * DAY, scene.length),
    )
    own = scene.book.taskings.case[scene.book.taskings.user == user]
    made = _self_made(scene, user, focus, at)
    false = made if made != NONE or not len(own) else int(scene.chance.choice(own))
    cover = scene.chance.random(len(at)) < 0.5
    scene.look(user, at, focus, reference=np.where(cover, false, NONE))
    scene.about(focus)


def hidden_in_a_case(scene: Scene) -> None:
    """Somebody near to the victim, looked at under cover of a genuine case."""
    user, victim, case = open_case(scene)
    around = scene.world.people.persons_around(victim)
    focus = int(scene.chance.choice(around)) if len(around) else victim
    opened = int(scene.book.cases.opened[case])
    at = scene.moments(user, scene.by_strength(8, 14, 22), start=opened, end=opened + 45 * DAY)
    scene.look(user, at, focus, case=case)
    scene.about(focus)


def vulnerable_people(scene: Scene) -> None:
    """Many women with a marker, two visits each."""
    user = scene.somebody(Role.RESPONSE, Role.NEIGHBOURHOOD, Role.DETECTIVE, Role.CONTROL_ROOM)
    wanted = {
        scene.person(user, marker=Marker.DOMESTIC_ABUSE)
        for _ in range(scene.by_strength(10, 15, 20))
    }
    ring = np.array(sorted(wanted))
    at = scene.moments(
        user, 2 * len(ring), start=scene.begins, end=scene.begins + min(70 * DAY, scene.length)
    )
    scene.look(user, at, np.tile(scene.chance.permutation(ring), 2)[: len(at)])
    scene.about(NONE, ring)


def by_proxy(scene: Scene) -> None:
    """A colleague runs the checks on request; half the time the requester is named."""
    asker = scene.somebody()
    ex, new = exes(scene, asker)
    operator = scene.somebody(Role.CONTROL_ROOM, Role.PNC_BUREAU)
    scene.users = [operator, asker]
    at = scene.moments(operator, scene.by_strength(4, 8, 12), start=scene.begins, end=scene.ends)
    named = np.where(scene.chance.random(len(at)) < 0.5, asker, NONE)
    scene.look(operator, at, scene.mixed(len(at), ex, np.array([new]), share=0.25), requester=named)
    scene.about(ex, [new])


def in_collusion(scene: Scene) -> None:
    """Two team-mates look at the same five people."""
    first = scene.somebody()
    second = scene.somebody(near=first)
    ring = np.array([scene.person(first) for _ in range(5)])
    for user in (first, second):
        at = scene.moments(
            user,
            scene.by_strength(8, 14, 22),
            start=scene.begins,
            end=scene.begins + min(60 * DAY, scene.length),
        )
        scene.look(user, at, scene.chance.choice(ring, len(at)))
    scene.about(NONE, ring)


def neighbours(scene: Scene) -> None:
    """The people next door, and now and then the user's own car."""
    user = scene.somebody()
    people, own = scene.world.people, int(scene.world.staff.person[user])
    door = np.clip(
        people.household[own] + np.array([-2, -1, 1, 2]), 0, people.household[people.persons - 1]
    )
    ring = np.concatenate([people.residents.members(door), people.linked(own, Relation.VEHICLE)])
    focus = int(ring[0])
    at = scene.moments(user, scene.by_strength(6, 10, 16), start=scene.begins, end=scene.ends)
    scene.look(user, at, scene.mixed(len(at), focus, ring[1:], share=0.5))
    scene.about(focus, ring[1:])


def a_colleague(scene: Scene) -> None:
    """A team-mate's own record."""
    user = scene.somebody()
    mate = scene.somebody(near=user)
    scene.users = [user]
    focus = int(scene.world.staff.person[mate])
    scene.look(
        user,
        scene.moments(user, scene.by_strength(4, 7, 11), start=scene.begins, end=scene.ends),
        focus,
    )
    scene.about(focus)


def a_celebrity(scene: Scene) -> None:
    """A watched record, once or twice."""
    user = scene.somebody()
    famous = np.flatnonzero(scene.world.people.restricted[: scene.world.people.persons])
    focus = int(scene.chance.choice(famous))
    at = scene.moments(user, 1 + (scene.strength > 0), start=scene.begins, end=scene.ends)
    scene.look(user, at, focus, opened=Field.PHOTOGRAPH)
    scene.about(focus)


def sells_data(scene: Scene) -> None:
    """Unrelated vehicles, one look each, no reason."""
    user = scene.somebody()
    cars = np.flatnonzero(scene.world.people.kind == Kind.VEHICLE)
    at = scene.moments(
        user,
        scene.by_strength(20, 30, 40),
        start=scene.begins,
        end=scene.begins + min(56 * DAY, scene.length),
    )
    ring = scene.chance.choice(cars, len(at), replace=False)
    scene.look(user, at, ring, reason=NONE, reference=NONE)
    scene.about(NONE, ring)


def escalates(scene: Scene) -> None:
    """One, one, two, three, five visits in spans of equal length."""
    user = scene.somebody()
    focus = scene.person(user)
    step = min(scene.length // 5, 28 * DAY)
    for part, visits_ in enumerate((1, 1, 2, 3, scene.by_strength(4, 5, 8))):
        start = scene.begins + part * step
        scene.look(user, scene.moments(user, visits_, start=start, end=start + step), focus)
    scene.about(focus)


def busy_users_drip(scene: Scene) -> None:
    """The drip of somebody whose job is hundreds of look-ups."""
    user = scene.somebody(Role.CONTROL_ROOM, Role.SAFEGUARDING, Role.INTELLIGENCE)
    _dripped(scene, user, apart=3.5, weeks=scene.by_strength(8, 13, 26))


def _early(scene: Scene) -> int:
    """A moment with at least two weeks, or a third of the story, left."""
    return int(scene.chance.integers(scene.begins, scene.ends - min(14 * DAY, scene.length // 3)))


def _dripped(scene: Scene, user: int, *, apart: float, weeks: int) -> None:
    focus = scene.person(user)
    end = min(scene.ends, scene.begins + weeks * 7 * DAY)
    scene.look(user, scene.evenly(user, apart=apart, start=scene.begins, end=end), focus)
    scene.about(focus)


def _self_made(scene: Scene, user: int, focus: int, at: Ints) -> int:
    """A case the user opened after the first visit and gave to himself, half the time; or NONE."""
    if scene.chance.random() < 0.5 or len(at) < 2:
        return NONE
    opened = int(at[0]) + DAY
    who = np.array([focus])
    area = scene.area(user)
    case = scene.draft.open_case(
        CaseType.INTELLIGENCE_RESEARCH,
        who,
        part=Part.NOMINAL,
        area=area,
        opened=opened,
        closed=NONE,
    )
    scene.draft.give(case, start=opened, end=opened + 5 * DAY, job=Job.RESEARCHER, user=user)
    return case


TYPOLOGIES: dict[str, Typology] = {
    "burst_and_circle": Typology(pattern="T01", tell=burst_and_circle),
    "burst_on_one": Typology(pattern="T02", tell=burst_on_one),
    "drip": Typology(pattern="T03", tell=drip),
    "slow_drip": Typology(pattern="T03", tell=slow_drip),
    "after_case": Typology(pattern="T04", tell=after_case),
    "after_changes": Typology(pattern="T09", tell=after_changes),
    "off_duty_only": Typology(pattern="T06", tell=off_duty_only),
    "ex_and_new_partner": Typology(pattern="T11", tell=ex_and_new_partner),
    "across_systems": Typology(pattern="T25", tell=across_systems),
    "camouflaged": Typology(pattern="T22", tell=camouflaged),
    "hidden_in_a_case": Typology(pattern="T05", tell=hidden_in_a_case),
    "vulnerable_people": Typology(pattern="T08", tell=vulnerable_people),
    "by_proxy": Typology(pattern="T19", tell=by_proxy),
    "in_collusion": Typology(pattern="T16", tell=in_collusion),
    "neighbours": Typology(pattern="T15", tell=neighbours),
    "a_colleague": Typology(pattern="T14", tell=a_colleague),
    "a_celebrity": Typology(pattern="T20", tell=a_celebrity),
    "sells_data": Typology(pattern="T17", tell=sells_data),
    "escalates": Typology(pattern="T03", tell=escalates),
    "busy_users_drip": Typology(pattern="T03", tell=busy_users_drip),
}

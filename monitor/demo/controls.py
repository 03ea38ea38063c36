"""The positive controls of DOMAIN.md 6: published patterns at their published strength."""

import numpy as np

from monitor.demo.drawing import Ints
from monitor.demo.habits import DESKS
from monitor.demo.misuse import Typology
from monitor.demo.posts import Role
from monitor.demo.premises import changed, exes, former_case
from monitor.demo.scene import Scene
from monitor.demo.story import Outcome
from monitor.demo.vocabulary import NONE, Action, Field, Marker, Relation, System
from monitor.demo.zone import DAY, HOUR


def star_and_ring(scene: Scene) -> None:
    """The review's case: a woman, her friends, family and colleagues, over 60 searches in a day."""
    user = scene.somebody(Role.NEIGHBOURHOOD)
    focus = _unknown_woman(scene, user)
    ring = _full_ring(scene, focus, 8)
    peak = scene.begins + int(scene.length * 0.7)
    before = scene.moments(user, 5, start=scene.begins, end=peak - 2 * DAY)
    scene.look(user, before, scene.mixed(len(before), focus, ring, share=0.3), action=Action.SEARCH)
    on_her = scene.in_one_duty(user, 26, after=peak)
    on_them = scene.in_one_duty(user, 46, after=peak)
    scene.look(user, on_her, focus, action=Action.SEARCH)
    scene.look(user, on_them, np.resize(ring, len(on_them)), action=Action.SEARCH)
    after = scene.moments(user, 9, start=peak + 2 * DAY, end=scene.ends)
    scene.look(user, after, scene.mixed(len(after), focus, ring, share=0.4), action=Action.SEARCH)
    scene.about(focus, ring)


def long_drip(scene: Scene) -> None:
    """134 separate days in 24 months: one day in five or six."""
    user = scene.somebody()
    focus = scene.person(user)
    ring = scene.world.people.persons_around(focus)[:3]
    at = scene.evenly(user, apart=5.4, start=scene.begins, end=scene.ends)
    scene.look(user, at, scene.mixed(len(at), focus, ring, share=0.25))
    scene.about(focus, ring)


def after_case_with_relatives(scene: Scene) -> None:
    """A victim and three relatives after her case closed; then her numbers across systems."""
    user, focus, closed = former_case(scene)
    people = scene.world.people
    kin = people.persons_around(focus)[:3]
    phones = people.linked(focus, Relation.PHONE)
    at = scene.moments(user, 10, start=closed + 2 * DAY, end=min(scene.ends, closed + 80 * DAY))
    scene.look(user, at, scene.mixed(len(at), focus, kin, share=0.45))
    if len(phones) and len(at):
        systems = np.array([System.RMS, System.INTEL, System.CAD])
        scene.look(user, at[-1] + 90 * np.arange(1, 4), int(phones[0]), system=systems)
    scene.about(focus, [*kin, *phones])


def address_chase(scene: Scene) -> None:
    """Nine accesses around a woman's moves, each to where she lives."""
    user = scene.somebody()
    focus = scene.person(user, marker=Marker.DOMESTIC_ABUSE)
    moves = changed(scene, focus, 3)
    wanted = np.repeat(moves, 3) + (scene.chance.exponential(1.5, 9) * DAY).astype(np.int64)
    at = scene.world.roster.at_work(scene.chance, np.full(9, user), wanted)
    scene.look(user, np.sort(at[at != NONE]), focus, opened=Field.ADDRESS)
    scene.about(focus)


def partner_and_ex(scene: Scene) -> None:
    """55 checks of a partner's car and 124 of that partner's former partner's, in two months."""
    user = scene.somebody()
    partner, ex = exes(scene, user)
    cars = [_car_of(scene, one) for one in (partner, ex)]
    end = min(scene.ends, scene.begins + 60 * DAY)
    for car, count in zip(cars, (55, 124), strict=True):
        at = scene.moments(user, count, start=scene.begins, end=end)
        scene.look(user, at, car, reason=0, system=System.ANPR, reference=NONE)
    scene.about(cars[1], [cars[0], partner, ex])


def attribute_trawl(scene: Scene) -> None:
    """19 searches by attribute, some opening a photograph."""
    user = scene.somebody(Role.RESPONSE, Role.NEIGHBOURHOOD, Role.CONTROL_ROOM)
    at = scene.moments(user, 19, start=scene.begins, end=min(scene.ends, scene.begins + 40 * DAY))
    scene.look(user, at, NONE, action=Action.SEARCH)
    ring = np.array([scene.person(user, marker=Marker.DOMESTIC_ABUSE) for _ in at])
    scene.look(user, at + 50, ring, opened=Field.PHOTOGRAPH)
    scene.about(NONE, np.unique(ring))


def proxy_at_night(scene: Scene) -> None:
    """An inspector has the control room run one car, at 02:02 and again at 05:16."""
    asker = scene.somebody(Role.RESPONSE, Role.NEIGHBOURHOOD, Role.DETECTIVE)
    ex, _ = exes(scene, asker)
    operator = scene.somebody(Role.CONTROL_ROOM)
    scene.users = [operator, asker]
    duties = scene.world.roster.duties_of(operator)
    begins = scene.world.roster.start[duties]
    zone = scene.world.zone
    local = zone.local(begins)
    nights = duties[
        (local % DAY > 18 * HOUR) & (begins > scene.begins) & (begins < scene.ends - DAY)
    ]
    night = int(scene.chance.choice(nights if len(nights) else duties))
    midnight = int(zone.local(scene.world.roster.start[[night]])[0]) // DAY * DAY + DAY
    minutes = np.array([2 * 60 + 2, 5 * 60 + 16]) * 60
    car = _car_of(scene, ex)
    scene.look(operator, zone.utc(midnight + minutes), car, requester=asker, system=System.ANPR)
    scene.about(car, [ex])


def browses_off_duty(scene: Scene) -> None:
    """Off-duty browsing of many people, at the rate of 1,700 queries in 20 months."""
    user = scene.somebody()
    count = max(8, round(scene.length / DAY * 1_700 / 608))
    at = scene.off_duty(user, count, start=scene.begins, end=scene.ends)
    ring = np.array([scene.person(user) for _ in range(max(4, count // 6))])
    scene.look(user, at, scene.chance.choice(ring, len(at)))
    scene.about(NONE, np.unique(ring))


def shared_account(scene: Scene) -> None:
    """A colleague's log-in, used at another's terminal while its owner is off duty."""
    owner = scene.somebody()
    borrower = scene.somebody(near=owner)
    scene.users = [owner, borrower]
    focus = scene.person(borrower)
    at = scene.moments(borrower, 80, start=scene.begins, end=scene.ends)
    away = at[scene.world.roster.duty_at(np.full(len(at), owner), at) == NONE][:14]
    desks = (
        scene.world.plan.areas * len(Role) * DESKS
    )  # after the shared terminals come the own ones
    scene.look(owner, away, focus, terminal=desks + borrower)
    scene.about(focus)


def pile_on(scene: Scene) -> None:
    """Up to 88 users on one person without a case, in a week."""
    focus = scene.person(scene.somebody())
    wanted = min(88, scene.world.staff.size // 4)
    for _ in range(wanted - 1):
        scene.somebody()
    start = scene.begins + scene.length // 3
    for user in scene.users:
        at = scene.moments(
            user, 1 + int(scene.chance.random() < 0.2), start=start, end=start + 7 * DAY
        )
        scene.look(user, at, focus)
    scene.about(focus)


def recycled_reason(scene: Scene) -> None:
    """`investigation`, 179 times, for the same few people."""
    user = scene.somebody()
    focus = scene.person(user)
    ring = scene.world.people.persons_around(focus)[:4]
    at = scene.moments(user, 179, start=scene.begins, end=min(scene.ends, scene.begins + 60 * DAY))
    scene.look(user, at, scene.mixed(len(at), focus, ring, share=0.5), reason=0, reference=NONE)
    scene.about(focus, ring)


def relapse(scene: Scene) -> None:
    """A written warning, and more than 50 further checks after it."""
    user = scene.somebody()
    focus = scene.person(user)
    warned = scene.begins + scene.length // 3
    before = scene.moments(user, 12, start=scene.begins, end=warned)
    after = scene.moments(user, 55, start=warned + 3 * DAY, end=scene.ends)
    scene.look(user, np.concatenate([before, after]), focus)
    scene.draft.outcomes.append(Outcome(user=user, decision="written_warning", at=warned))
    scene.about(focus)


def _unknown_woman(scene: Scene, user: int) -> int:
    """A woman of the area, well connected, in no case, whom the user has never looked at."""
    people = scene.world.people
    here = people.by_area.of(scene.area(user))
    fits = people.female[here] & (people.age[here] > 20) & (people.age[here] < 45)
    fits &= ~np.isin(here, scene.book.parts.subject) & ~np.isin(here, scene.past.of(user))
    fits &= ~np.isin(here, scene.world.staff.person)
    here = here[fits]
    size = np.array([len(people.persons_around(int(one))) for one in here])
    return int(scene.chance.choice(here[size >= min(7, size.max())]))


def _full_ring(scene: Scene, focus: int, size: int) -> Ints:
    """So many people around the focus: kin, friends and colleagues, added where too few."""
    people = scene.world.people
    around = people.persons_around(focus)[:size]
    pool = people.by_area.of(int(people.area[focus]))
    pool = pool[~np.isin(pool, [*around, focus])]
    pool = pool[~np.isin(pool, scene.book.parts.subject)]
    added = scene.chance.choice(pool, size - len(around), replace=False)
    if len(added):
        scene.draft.link(focus, added, Relation.COLLEAGUE, scene.world.plan.begins - 900 * DAY)
    return np.concatenate([around, added])


def _car_of(scene: Scene, person: int) -> int:
    """The person's car, or that of somebody near, or the person where there is none."""
    people = scene.world.people
    for one in (person, *people.persons_around(person)):
        cars = people.linked(int(one), Relation.VEHICLE)
        if len(cars):
            return int(cars[0])
    return person


CONTROLS: dict[str, Typology] = {
    "star_and_ring": Typology(pattern="T01", tell=star_and_ring),
    "long_drip": Typology(pattern="T03", tell=long_drip),
    "after_case_with_relatives": Typology(pattern="T04", tell=after_case_with_relatives),
    "address_chase": Typology(pattern="T09", tell=address_chase),
    "partner_and_ex": Typology(pattern="T10", tell=partner_and_ex),
    "attribute_trawl": Typology(pattern="T07", tell=attribute_trawl),
    "proxy_at_night": Typology(pattern="T19", tell=proxy_at_night),
    "browses_off_duty": Typology(pattern="T06", tell=browses_off_duty),
    "shared_account": Typology(pattern="T18", tell=shared_account),
    "pile_on": Typology(pattern="T21", tell=pile_on),
    "recycled_reason": Typology(pattern="T22", tell=recycled_reason),
    "relapse": Typology(pattern="T26", tell=relapse),
}

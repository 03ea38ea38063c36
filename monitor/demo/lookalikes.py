"""The innocent look-alikes of DOMAIN.md 6, each with the records that explain it."""

from collections.abc import Callable

import numpy as np

from monitor.demo.drawing import Ints
from monitor.demo.posts import Role
from monitor.demo.scene import Scene
from monitor.demo.story import Declared, Identifier, Watched
from monitor.demo.vocabulary import NONE, CaseType, Job, Marker, Part, Relation
from monitor.demo.zone import DAY, HOUR


def missing_person_ring(scene: Scene) -> None:
    """A missing person and the whole family, for three days, on a case they are all in."""
    user = scene.somebody(Role.MISSING_PERSONS)
    focus = scene.person(user, around=8)
    ring = scene.circle(focus, 10)
    case, start = _case(
        scene, user, CaseType.MISSING_PERSON, focus, ring, job=Job.INVESTIGATOR, lasting=9
    )
    for day, count in enumerate((40, 24, 12)):
        at = scene.in_one_duty(user, count, after=start + day * DAY)
        _seen(scene, user, at, scene.mixed(count, focus, ring, share=0.6), case)


def family_liaison(scene: Scene) -> None:
    """Weeks of visits to one bereaved family by the officer who was given to them."""
    user = scene.somebody(Role.FAMILY_LIAISON)
    focus = scene.person(user, around=5)
    ring = scene.circle(focus, 6)
    case, start = _case(
        scene, user, CaseType.ROAD_COLLISION, focus, ring, job=Job.LIAISON, lasting=70
    )
    at = scene.moments(user, scene.by_strength(25, 35, 45), start=start, end=start + 45 * DAY)
    _seen(scene, user, at, scene.mixed(len(at), focus, ring, share=0.5), case)


def research_list(scene: Scene) -> None:
    """An analyst's subject profile: one person and everybody around, several times."""
    user = scene.somebody(Role.INTELLIGENCE)
    focus = scene.person(user, around=6)
    ring = np.unique(
        np.concatenate(
            [scene.circle(focus, 10), *(scene.circle(int(k), 3) for k in scene.circle(focus, 4))]
        )
    )
    ring = ring[ring != focus]
    case, start = _case(
        scene, user, CaseType.INTELLIGENCE_RESEARCH, focus, ring, job=Job.RESEARCHER, lasting=21
    )
    for day in (0, 1, 4, 9):
        at = scene.in_one_duty(user, 22, after=start + day * DAY)
        _seen(scene, user, at, scene.mixed(len(at), focus, ring, share=0.75), case, reference=case)


def bureau_relay(scene: Scene) -> None:
    """A bureau operator runs the checks an officer on a case asks for."""
    operator = scene.somebody(Role.PNC_BUREAU)
    officer = scene.somebody(Role.RESPONSE, Role.DETECTIVE)
    scene.users = [operator, officer]
    focus = scene.person(officer, around=4)
    ring = scene.circle(focus, 4)
    case, start = _case(
        scene, officer, CaseType.ASSAULT, focus, ring, job=Job.INVESTIGATOR, lasting=30
    )
    at = scene.moments(operator, 16, start=start, end=start + 20 * DAY)
    _seen(
        scene, operator, at, scene.mixed(len(at), focus, ring, share=0.5), case, requester=officer
    )


def safeguarding_list(scene: Scene) -> None:
    """A safeguarding researcher with 200 names a day for a week."""
    user = scene.somebody(Role.SAFEGUARDING)
    names = np.array([scene.person(user) for _ in range(180)])
    start = int(scene.chance.integers(scene.begins, max(scene.ends - 10 * DAY, scene.begins + 1)))
    case = scene.draft.open_case(
        CaseType.SAFEGUARDING_REFERRAL, np.unique(names), part=Part.NOMINAL,
        area=scene.area(user), opened=start, closed=NONE,
    )  # fmt: skip
    scene.draft.give(
        case, start=start, end=start + 14 * DAY, job=Job.RESEARCHER, team=scene.team(user)
    )
    for day in range(5):
        at = scene.in_one_duty(user, 200, after=start + day * DAY)
        _seen(scene, user, at, scene.chance.choice(names, 200), case)
    scene.about(NONE, np.unique(names)[:1])


def offender_manager(scene: Scene) -> None:
    """An offender manager with nominals of his own, one of them seen twice a week."""
    user = scene.somebody(Role.OFFENDER_MANAGEMENT)
    nominals = np.unique([scene.person(user) for _ in range(30)])
    for nominal in nominals:
        case, start = _case(
            scene,
            user,
            CaseType.NOMINAL_MANAGEMENT,
            int(nominal),
            nominals[:0],
            job=Job.MANAGER,
            lasting=400,
            first=0.0,
        )
        apart = 3.0 if nominal == nominals[0] else 9.0
        at = scene.evenly(user, apart=apart, start=start, end=scene.ends)
        _seen(scene, user, at, int(nominal), case)
    scene.about(int(nominals[0]), nominals[1:])


def murder_enquiry(scene: Scene) -> None:
    """Six detectives on one dead person and a dozen others."""
    lead = scene.somebody(Role.DETECTIVE)
    focus = scene.person(lead, around=8)
    ring = scene.circle(focus, 12)
    case, start = _case(scene, lead, CaseType.MURDER, focus, ring, job=Job.INVESTIGATOR, lasting=60)
    for user in (lead, *(scene.somebody(Role.DETECTIVE, near=lead) for _ in range(5))):
        scene.draft.give(case, start=start, end=start + 60 * DAY, job=Job.INVESTIGATOR, user=user)
        at = scene.moments(user, scene.by_strength(15, 25, 40), start=start, end=start + 30 * DAY)
        _seen(scene, user, at, scene.mixed(len(at), focus, ring, share=0.7), case)


def repeat_victim_car(scene: Scene) -> None:
    """A beat officer checks a former partner's car each shift; the team is tasked."""
    user = scene.somebody(Role.NEIGHBOURHOOD, Role.RESPONSE)
    victim = scene.person(user, marker=Marker.DOMESTIC_ABUSE)
    ring = scene.world.people.linked(victim, Relation.EX, Relation.PARTNER, Relation.VEHICLE)
    focus = int(ring[-1]) if len(ring) else victim
    case, start = _case(
        scene,
        user,
        CaseType.DOMESTIC_ABUSE,
        focus,
        np.append(ring, victim),
        job=Job.RESPONDER,
        lasting=60,
    )
    scene.draft.give(
        case, start=start, end=start + 60 * DAY, job=Job.RESPONDER, team=scene.team(user)
    )
    at = scene.evenly(user, apart=1.2, start=start, end=start + 40 * DAY)
    _seen(scene, user, at, focus, case)


def disclosure_clerk(scene: Scene) -> None:
    """Everything held on one person, in a day, because that person asked for it."""
    user = scene.somebody(Role.DISCLOSURE)
    focus = scene.person(user, around=4)
    ring = scene.circle(focus, 5)
    case, start = _case(
        scene, user, CaseType.SUBJECT_ACCESS_REQUEST, focus, ring, job=Job.RESEARCHER, lasting=30
    )
    at = scene.in_one_duty(user, 34, after=start)
    _seen(scene, user, at, scene.mixed(34, focus, ring, share=0.3), case)


def record_auditor(scene: Scene) -> None:
    """A dip sample of records others have looked at; not tasked, the role explains it."""
    user = scene.somebody(Role.PSD, Role.DISCLOSURE)
    others = scene.chance.integers(0, scene.world.staff.size, 60)
    sample = scene.past.pick(scene.chance, others)
    sample = sample[sample != NONE]
    start = scene.begins + scene.length // 4
    at = scene.moments(user, len(sample), start=start, end=start + 20 * DAY)
    scene.look(user, at, sample[: len(at)])
    scene.about(NONE, np.unique(sample)[:10])


def new_joiner(scene: Scene) -> None:
    """Training on live records: the same few again and again, by a list and no tasking."""
    user = scene.somebody(Role.RESPONSE, Role.NEIGHBOURHOOD)
    ring = np.array([scene.person(user) for _ in range(5)])
    start = scene.begins + scene.length // 5
    for day in (0, 1, 2):
        at = scene.in_one_duty(user, 14, after=start + day * DAY)
        scene.look(user, at, scene.chance.choice(ring, len(at)))
    scene.about(int(ring[0]), ring[1:])


def namesake(scene: Scene) -> None:
    """Somebody with the user's surname and no tie, on a case the user was given."""
    user = scene.somebody(Role.DETECTIVE, Role.RESPONSE)
    people, own = scene.world.people, int(scene.world.staff.person[user])
    same = np.flatnonzero(
        (people.surname == people.surname[own]) & (people.household != people.household[own])
    )
    focus = int(scene.chance.choice(same))
    case, start = _case(
        scene, user, CaseType.THEFT, focus, same[:0], job=Job.INVESTIGATOR, lasting=30
    )
    _seen(scene, user, scene.moments(user, 9, start=start, end=start + 25 * DAY), focus, case)


def officer_victim(scene: Scene) -> None:
    """A member of staff who is the victim looks at her own crime; the tie is declared."""
    user = scene.somebody()
    focus = int(scene.world.staff.person[user])
    other = scene.somebody(Role.DETECTIVE)
    scene.users = [user]
    case, start = _case(
        scene,
        other,
        CaseType.HARASSMENT,
        focus,
        np.zeros(0, dtype=np.int64),
        job=Job.INVESTIGATOR,
        lasting=40,
    )
    scene.users = [user]
    scene.draft.declared.append(
        Declared(user=user, subject=focus, kind="self_as_victim", since=start)
    )
    scene.look(
        user, scene.moments(user, 3, start=start, end=start + 30 * DAY), focus, reference=case
    )


def shift_swap(scene: Scene) -> None:
    """Work on a case on days the roster gives as free."""
    user = scene.somebody(Role.RESPONSE, Role.DETECTIVE)
    focus = scene.person(user, around=3)
    ring = scene.circle(focus, 3)
    case, start = _case(
        scene, user, CaseType.BURGLARY, focus, ring, job=Job.INVESTIGATOR, lasting=40
    )
    at = scene.off_duty(user, 8, start=start, end=min(start + 30 * DAY, scene.ends))
    _seen(scene, user, at, scene.mixed(len(at), focus, ring, share=0.4), case)


def merged_twins(scene: Scene) -> None:
    """A case on one of two records that were merged; the work is done on the other."""
    user = scene.somebody(Role.DETECTIVE, Role.SAFEGUARDING)
    focus = scene.person(user)
    twins = scene.world.people.linked(focus, Relation.SIBLING)
    twin = int(twins[0]) if len(twins) else focus
    case, start = _case(
        scene, user, CaseType.CONCERN_FOR_SAFETY, focus, twins[:0], job=Job.INVESTIGATOR, lasting=40
    )
    scene.draft.identifiers.append(Identifier(subject=focus, other=twin))
    _seen(scene, user, scene.moments(user, 14, start=start, end=start + 30 * DAY), twin, case)
    scene.about(twin, [focus])


def on_call(scene: Scene) -> None:
    """A superintendent called at night looks at the incident he decides on."""
    user = scene.somebody(Role.SUPERINTENDENT)
    focus = scene.person(user, around=3)
    ring = scene.circle(focus, 3)
    case, start = _case(
        scene, user, CaseType.CONCERN_FOR_SAFETY, focus, ring, job=Job.SUPERVISOR, lasting=5
    )
    at = scene.off_duty(user, 4, start=start, end=start + 4 * DAY)
    _seen(scene, user, at, scene.mixed(len(at), focus, ring, share=0.4), case)


def curious_crowd(scene: Scene) -> None:
    """A week in which a twentieth of the force looks at one famous record, once or twice each."""
    lead = scene.somebody()
    focus = scene.person(lead, around=3)
    start = scene.begins + scene.length // 2
    for _ in range(max(5, scene.world.staff.size // 20) - 1):
        scene.users.append(int(scene.chance.integers(0, scene.world.staff.size)))
    for user in scene.users:
        at = scene.moments(
            user, 1 + int(scene.chance.random() < 0.3), start=start, end=start + 7 * DAY
        )
        scene.look(user, at, focus)
    scene.draft.watched.append(Watched(subject=focus, kind="high_profile", since=start))
    scene.about(focus)


def _case(  # noqa: PLR0913 the parts of one made-up record, each named
    scene: Scene,
    user: int,
    type_: CaseType,
    focus: int,
    ring: Ints,
    *,
    job: Job,
    lasting: int,
    first: float = 0.6,
) -> tuple[int, int]:
    """A case on the focus, those around as witnesses, given to the user; number and start."""
    latest = scene.begins + int(first * scene.length)
    start = int(scene.chance.integers(scene.begins, latest + 1))
    opened = int(scene.moments(user, 1, start=start, end=start + HOUR)[0]) - HOUR
    part = np.append(
        Part.NOMINAL if job is Job.MANAGER else Part.VICTIM, np.full(len(ring), Part.WITNESS)
    )
    closed = opened + lasting * DAY
    area = int(scene.world.people.area[focus])
    case = scene.draft.open_case(
        type_, np.append(focus, ring), part=part, area=area, opened=opened,
        closed=closed if closed < scene.world.plan.ends else NONE,
    )  # fmt: skip
    scene.draft.give(case, start=opened, end=closed, job=job, user=user)
    scene.about(focus, ring)
    return case, opened


def _seen(
    scene: Scene, user: int, at: Ints, subject: Ints | int, case: int, **said: Ints | int
) -> None:
    """Visits of a look-alike, whose true reason is the case."""
    scene.look(
        user, at, subject if isinstance(subject, int) else subject[: len(at)], case=case, **said
    )


Teller = Callable[[Scene], None]
LOOKALIKES: dict[str, Teller] = {
    tell.__name__: tell
    for tell in (
        missing_person_ring,
        family_liaison,
        research_list,
        bureau_relay,
        safeguarding_list,
        offender_manager,
        murder_enquiry,
        repeat_victim_car,
        disclosure_clerk,
        record_auditor,
        new_joiner,
        namesake,
        officer_victim,
        shift_swap,
        merged_twins,
        on_call,
        curious_crowd,
    )
}

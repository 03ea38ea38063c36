"""The innocent look-alikes of DOMAIN.md 6, each with the records that explain it."""

import numpy as np

from monitor.demo import oddities
from monitor.demo.assignments import given_case, seen
from monitor.demo.misuse import Teller
from monitor.demo.posts import Role
from monitor.demo.scene import Scene
from monitor.demo.vocabulary import NONE, CaseType, Job, Marker, Part, Relation
from monitor.demo.zone import DAY


def missing_person_ring(scene: Scene) -> None:
    """A missing person and the whole family, for three days, on a case they are all in."""
    user = scene.somebody(Role.MISSING_PERSONS)
    focus = scene.person(user, around=8)
    ring = scene.circle(focus, 10)
    case, start = given_case(
        scene, user, CaseType.MISSING_PERSON, focus, ring, job=Job.INVESTIGATOR, lasting=21
    )
    for day, count in enumerate((40, 24, 12)):
        at = scene.in_one_duty(user, count, after=start + day * DAY)
        seen(scene, user, at, scene.mixed(count, focus, ring, share=0.6), case)


def family_liaison(scene: Scene) -> None:
    """Weeks of visits to one bereaved family by the officer who was given to them."""
    user = scene.somebody(Role.FAMILY_LIAISON)
    focus = scene.person(user, around=5)
    ring = scene.circle(focus, 6)
    case, start = given_case(
        scene, user, CaseType.ROAD_COLLISION, focus, ring, job=Job.LIAISON, lasting=70
    )
    at = scene.moments(user, scene.by_strength(25, 35, 45), start=start, end=start + 45 * DAY)
    seen(scene, user, at, scene.mixed(len(at), focus, ring, share=0.5), case)


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
    case, start = given_case(
        scene, user, CaseType.INTELLIGENCE_RESEARCH, focus, ring, job=Job.RESEARCHER, lasting=40
    )
    for day in (0, 1, 4, 9):
        at = scene.in_one_duty(user, 22, after=start + day * DAY)
        seen(scene, user, at, scene.mixed(len(at), focus, ring, share=0.75), case, reference=case)


def bureau_relay(scene: Scene) -> None:
    """A bureau operator runs the checks an officer on a case asks for."""
    operator = scene.somebody(Role.PNC_BUREAU)
    officer = scene.somebody(Role.RESPONSE, Role.DETECTIVE)
    scene.users = [operator, officer]
    focus = scene.person(officer, around=4)
    ring = scene.circle(focus, 4)
    case, start = given_case(
        scene, officer, CaseType.ASSAULT, focus, ring, job=Job.INVESTIGATOR, lasting=30
    )
    at = scene.moments(operator, 16, start=start, end=start + 20 * DAY)
    seen(scene, operator, at, scene.mixed(len(at), focus, ring, share=0.5), case, requester=officer)


def safeguarding_list(scene: Scene) -> None:
    """A safeguarding researcher with 200 names a day for a week."""
    user = scene.somebody(Role.SAFEGUARDING)
    names = np.array([scene.person(user) for _ in range(180)])
    start = int(scene.chance.integers(scene.begins, max(scene.ends - 10 * DAY, scene.begins + 1)))
    case = scene.draft.open_case(
        CaseType.CONCERN_FOR_SAFETY, np.unique(names), part=Part.NOMINAL,
        area=scene.area(user), opened=start, closed=NONE,
    )  # fmt: skip
    scene.draft.give(
        case, start=start, end=start + 35 * DAY, job=Job.RESEARCHER, team=scene.team(user)
    )
    for day in range(5):
        at = scene.in_one_duty(user, 200, after=start + day * DAY)
        seen(scene, user, at, scene.chance.choice(names, 200), case)
    scene.about(NONE, np.unique(names)[:1])


def offender_manager(scene: Scene) -> None:
    """An offender manager with nominals of his own, one of them seen twice a week."""
    user = scene.somebody(Role.OFFENDER_MANAGEMENT)
    nominals = np.unique([scene.person(user) for _ in range(30)])
    for nominal in nominals:
        case, start = given_case(
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
        seen(scene, user, at, int(nominal), case)
    scene.about(int(nominals[0]), nominals[1:])


def murder_enquiry(scene: Scene) -> None:
    """Six detectives on one dead person and a dozen others."""
    lead = scene.somebody(Role.DETECTIVE)
    focus = scene.person(lead, around=8)
    ring = scene.circle(focus, 12)
    case, start = given_case(
        scene, lead, CaseType.MURDER, focus, ring, job=Job.INVESTIGATOR, lasting=60
    )
    for user in (lead, *(scene.somebody(Role.DETECTIVE, near=lead) for _ in range(5))):
        scene.draft.give(case, start=start, end=start + 60 * DAY, job=Job.INVESTIGATOR, user=user)
        at = scene.moments(user, scene.by_strength(15, 25, 40), start=start, end=start + 30 * DAY)
        seen(scene, user, at, scene.mixed(len(at), focus, ring, share=0.7), case)


def repeat_victim_car(scene: Scene) -> None:
    """A beat officer checks a former partner's car each shift; the team is tasked."""
    user = scene.somebody(Role.NEIGHBOURHOOD, Role.RESPONSE)
    victim = scene.person(user, marker=Marker.DOMESTIC_ABUSE)
    ring = scene.world.people.linked(victim, Relation.EX, Relation.PARTNER, Relation.VEHICLE)
    focus = int(ring[-1]) if len(ring) else victim
    case, start = given_case(
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
    seen(scene, user, at, focus, case)


def disclosure_clerk(scene: Scene) -> None:
    """Everything held on one person, in a day, because that person asked for it."""
    user = scene.somebody(Role.DISCLOSURE)
    focus = scene.person(user, around=4)
    ring = scene.circle(focus, 5)
    case, start = given_case(
        scene, user, CaseType.SUBJECT_ACCESS_REQUEST, focus, ring, job=Job.RESEARCHER, lasting=30
    )
    at = scene.in_one_duty(user, 34, after=start)
    seen(scene, user, at, scene.mixed(34, focus, ring, share=0.3), case)


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
        oddities.record_auditor,
        oddities.new_joiner,
        oddities.namesake,
        oddities.officer_victim,
        oddities.shift_swap,
        oddities.merged_twins,
        oddities.on_call,
        oddities.curious_crowd,
    )
}

"""Innocent look-alikes that few rules foresee: swaps, twins, namesakes, crowds, training."""

import numpy as np

from monitor.demo.assignments import given_case, seen
from monitor.demo.posts import Role
from monitor.demo.scene import Scene
from monitor.demo.story import Declared, Identifier, Watched
from monitor.demo.vocabulary import NONE, CaseType, Job, Relation
from monitor.demo.zone import DAY


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
    case, start = given_case(
        scene, user, CaseType.THEFT, focus, same[:0], job=Job.INVESTIGATOR, lasting=30
    )
    seen(scene, user, scene.moments(user, 9, start=start, end=start + 25 * DAY), focus, case)


def officer_victim(scene: Scene) -> None:
    """A member of staff who is the victim looks at her own crime; the tie is declared."""
    user = scene.somebody()
    focus = int(scene.world.staff.person[user])
    other = scene.somebody(Role.DETECTIVE)
    scene.users = [user]
    case, start = given_case(
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
    case, start = given_case(
        scene, user, CaseType.BURGLARY, focus, ring, job=Job.INVESTIGATOR, lasting=40
    )
    at = scene.off_duty(user, 8, start=start, end=min(start + 30 * DAY, scene.ends))
    seen(scene, user, at, scene.mixed(len(at), focus, ring, share=0.4), case)


def merged_twins(scene: Scene) -> None:
    """A case on one of two records that were merged; the work is done on the other."""
    user = scene.somebody(Role.DETECTIVE, Role.SAFEGUARDING)
    focus = scene.person(user)
    twins = scene.world.people.linked(focus, Relation.SIBLING)
    twin = int(twins[0]) if len(twins) else focus
    case, start = given_case(
        scene, user, CaseType.CONCERN_FOR_SAFETY, focus, twins[:0], job=Job.INVESTIGATOR, lasting=40
    )
    scene.draft.identifiers.append(Identifier(subject=focus, other=twin))
    seen(scene, user, scene.moments(user, 14, start=start, end=start + 30 * DAY), twin, case)
    scene.about(twin, [focus])


def on_call(scene: Scene) -> None:
    """A superintendent called at night looks at the incident he decides on."""
    user = scene.somebody(Role.SUPERINTENDENT)
    focus = scene.person(user, around=3)
    ring = scene.circle(focus, 3)
    case, start = given_case(
        scene, user, CaseType.CONCERN_FOR_SAFETY, focus, ring, job=Job.SUPERVISOR, lasting=5
    )
    at = scene.off_duty(user, 4, start=start, end=start + 4 * DAY)
    seen(scene, user, at, scene.mixed(len(at), focus, ring, share=0.4), case)


def curious_crowd(scene: Scene) -> None:
    """A week in which a twentieth of the force looks at one famous record, once or twice each."""
    lead = scene.somebody()
    focus = scene.person(lead, around=3)
    # Each crowd has a week of its own: fame does not wait for the middle of the span.
    start = scene.begins + int(scene.chance.uniform(0.15, 0.85) * scene.length)
    for _ in range(max(5, scene.world.staff.size // 20) - 1):
        scene.users.append(int(scene.chance.integers(0, scene.world.staff.size)))
    for user in scene.users:
        at = scene.moments(
            user, 1 + int(scene.chance.random() < 0.3), start=start, end=start + 7 * DAY
        )
        scene.look(user, at, focus)
    scene.draft.watched.append(Watched(subject=focus, kind="high_profile", since=start))
    scene.about(focus)

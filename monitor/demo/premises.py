"""What a story of misuse stands on: a former case, an open one, a former partner, a move."""

import numpy as np

from monitor.demo.drawing import Ints
from monitor.demo.scene import Scene
from monitor.demo.vocabulary import Job, Part, Relation
from monitor.demo.zone import DAY


def former_case(scene: Scene) -> tuple[int, int, int]:
    """An investigator of a case that closed while there was time left, its victim, its closing."""
    book, plan = scene.book, scene.world.plan
    rows = np.flatnonzero(book.taskings.job == Job.INVESTIGATOR)
    closed = book.cases.closed[book.taskings.case[rows]]
    fits = (closed > scene.begins) & (closed < plan.ends - min(35, plan.days // 4) * DAY)
    row = _free_row(scene, rows[fits] if fits.any() else rows)
    case = int(book.taskings.case[row])
    user = int(book.taskings.user[row])
    return user, _victim(scene, case), max(int(book.cases.closed[case]), scene.begins)


def open_case(scene: Scene) -> tuple[int, int, int]:
    """An investigator, the victim, and a case opened while there is time left."""
    book, plan = scene.book, scene.world.plan
    rows = np.flatnonzero(book.taskings.job == Job.INVESTIGATOR)
    opened = book.cases.opened[book.taskings.case[rows]]
    fits = (opened > scene.begins) & (opened < plan.ends - min(45, plan.days // 3) * DAY)
    row = _free_row(scene, rows[fits] if fits.any() else rows)
    case = int(book.taskings.case[row])
    return int(book.taskings.user[row]), _victim(scene, case), case


def exes(scene: Scene, user: int) -> tuple[int, int]:
    """The user's former partner and that person's new one; ties are made where there are none."""
    people, own = scene.world.people, int(scene.world.staff.person[user])
    known = people.linked(own, Relation.EX)
    ex = int(known[0]) if len(known) else scene.person(user)
    if not len(known):
        scene.draft.link(own, np.array([ex]), Relation.EX, scene.world.plan.begins - 400 * DAY)
    partners = people.linked(ex, Relation.PARTNER, Relation.FRIEND)
    partners = partners[partners != own]
    return ex, int(partners[0]) if len(partners) else scene.person(user)


def changed(scene: Scene, subject: int, count: int) -> Ints:
    """The moments at which the subject's address or number now changes."""
    end = min(scene.ends, scene.world.plan.ends - 7 * DAY)
    at = np.sort(scene.chance.integers(scene.begins, max(end, scene.begins + 1), count))
    for when in at:
        scene.draft.change(subject, int(scene.chance.random() < 0.4), np.array([when]))
    return at


def _free_row(scene: Scene, rows: Ints) -> int:
    """A row whose user has no story yet; the user is taken."""
    free = rows[~np.isin(scene.book.taskings.user[rows], list(scene.taken))]
    row = int(scene.chance.choice(free if len(free) else rows))
    user = int(scene.book.taskings.user[row])
    scene.taken.add(user)
    scene.users.append(user)
    return row


def _victim(scene: Scene, case: int) -> int:
    rows = (scene.book.parts.case == case) & (scene.book.parts.part == Part.VICTIM)
    return int(scene.book.parts.subject[rows][0])

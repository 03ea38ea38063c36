"""Work a look-alike is given: the case, everybody in it, and the visits it explains."""

import numpy as np

from monitor.demo.drawing import (
    Ints,
)
from monitor.demo.scene import Scene
from monitor.demo.vocabulary import NONE, CaseType, Job, Part
from monitor.demo.zone import DAY, HOUR


def given_case(  # noqa: PLR0913 the parts of one made-up record, each named
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
    duty = int(scene.world.roster.next_duty(np.array([user]), np.array([start]))[0])
    # Before the duty begins: a case opened in its course would leave its first hours unexplained.
    opened = int(scene.world.roster.start[duty]) - HOUR if duty != NONE else start
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


def seen(
    scene: Scene, user: int, at: Ints, subject: Ints | int, case: int, **said: Ints | int
) -> None:
    """Visits of a look-alike, whose true reason is the case."""
    scene.look(
        user, at, subject if isinstance(subject, int) else subject[: len(at)], case=case, **said
    )

"""Whom the looks of a drill fall on: somebody within the user's reach, and those around them."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from alerts.drills.telling import Teller

Ints = NDArray[np.int64]

TRIES: Final = 20  # at finding somebody who fits a shape


def somebody(tell: Teller, *, around: int = 0) -> int | None:
    """A person of the user's area, of elsewhere or of the user's own past, with enough around."""
    log, chance = tell.log, tell.chance
    for _ in range(TRIES):
        where = chance.random()
        if where < 0.35:
            pool = log.people_near.of(int(log.area_of[tell.user]))
        elif where < 0.6:
            pool = log.subject[log.rows_of.of(tell.user)]
        elif where < 0.8:
            pool = log.subject
        else:
            pool = log.people
        if not pool.size:
            continue
        one = int(chance.choice(pool))
        if log.circle.of(one).size >= around:
            return one
    return None


def with_circle(tell: Teller, focus: int, *, looks: int, share: float) -> Ints:
    """The focus and, for about this share of looks, a few of the records around it."""
    subject = np.full(looks, focus)
    around = tell.log.circle.of(focus)
    if around.size and share > 0:
        few = tell.chance.permutation(around)[: tell.count(2, 12)]
        elsewhere = tell.chance.random(looks) < share
        subject[elsewhere] = tell.chance.choice(few, int(elsewhere.sum()))
    return subject

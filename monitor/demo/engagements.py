"""Engagements: spans in which a member of staff has a reason to come back to the same people."""

from dataclasses import dataclass

import numpy as np

from monitor.demo.columns import chosen
from monitor.demo.drawing import Chance, Floats, Ints, Ragged, overdispersed, owners
from monitor.demo.visits import Visits, visits
from monitor.demo.vocabulary import NONE
from monitor.demo.world import World

_APART = 420.0  # seconds between the records of one sitting, mean


@dataclass(frozen=True, slots=True, kw_only=True)
class Engagements:
    """Shape (engagements,)."""

    user: Ints
    focus: Ints
    case: Ints  # NONE: nothing is written down
    start: Ints  # UTC seconds
    end: Ints
    sittings: Floats  # mean number of sittings
    ring: Floats  # chance that a record is one linked to the focus, 0 to 1
    breadth: Floats  # further records in one sitting, mean


def visits_in(
    world: World,
    engagements: Engagements,
    chance: Chance,
    *,
    shape: float,
    in_case: Ragged | None = None,
) -> Visits:
    """The visits of each engagement, at the user's own working times.

    Args:
        world: in which they work.
        engagements: what each user is engaged on.
        chance: drawn from.
        shape: of the negative-binomial number of sittings; small means a heavy tail.
        in_case: records of each case; an engagement with a case looks at these too.
    """
    size = len(engagements.user)
    busy = engagements.sittings * world.staff.rate[engagements.user]
    sitting = owners(overdispersed(chance, busy, shape=shape, size=size))
    spread = chance.beta(0.9, 1.4, len(sitting))
    wanted = engagements.start[sitting] + (
        spread * (engagements.end - engagements.start)[sitting]
    ).astype(np.int64)
    at = world.roster.at_work(chance, engagements.user[sitting], wanted)
    sitting, at = sitting[at != NONE], at[at != NONE]
    records = 1 + chance.poisson(engagements.breadth[sitting])
    owner = np.repeat(sitting, records)
    later = (chance.exponential(_APART, len(owner))).astype(np.int64)
    moments = np.repeat(at, records) + np.where(np.repeat(records, records) > 1, later, 0)
    focus = engagements.focus[owner]
    case = engagements.case[owner]
    if in_case is not None:
        party = in_case.pick(chance, np.maximum(case, 0))
        focus = np.where(
            (case != NONE) & (party != NONE) & (chance.random(len(owner)) < 0.6), party, focus
        )
    around = chance.random(len(owner)) < engagements.ring[owner]
    subject = np.where(around, world.near(chance, focus), focus)
    found = visits(moments, user=engagements.user[owner], subject=subject, case=case)
    return chosen(found, found.at < world.plan.ends)

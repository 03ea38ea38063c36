"""How a force writes its log: systems, favourite reasons, wrong clocks, other ids, outages."""

from dataclasses import dataclass

import numpy as np

from monitor.demo.drawing import (
    Chance,
    Flags,
    Floats,
    Ints,
)
from monitor.demo.posts import Role, system_shares
from monitor.demo.vocabulary import GENERIC_REASONS, Kind, System
from monitor.demo.world import World
from monitor.demo.zone import HOUR

DESKS = 6  # shared terminals per role and area


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What of the world decides how a visit is written in the log."""

    shares: Floats  # cumulative, shape (roles, kinds, systems)
    generic: Ints  # each user's favourite empty reason
    skew: Ints  # seconds each terminal's clock is wrong by
    desks: int  # number of shared terminals
    alias: Flags  # people that other systems know by another id
    outages: Ints  # shape (outages, 3): system, from, until


def habits_of(world: World, chance: Chance) -> Habits:
    """The habits of a force."""
    plan, users = world.plan, world.staff.size
    desks = plan.areas * len(Role) * DESKS
    outages = max(1, plan.weeks // 3)
    begins = chance.integers(plan.begins, plan.ends, outages)
    return Habits(
        shares=system_shares(),
        generic=np.where(chance.random(users) < 0.5, 0, chance.integers(0, GENERIC_REASONS, users)),
        skew=chance.normal(0, 50, desks + 2 * users).clip(-180, 180).astype(np.int64),
        desks=desks,
        alias=(chance.random(world.people.size) < 0.008) & (world.people.kind == Kind.PERSON),
        outages=np.stack(
            [
                chance.integers(0, len(System), outages),
                begins,
                begins + chance.integers(HOUR, 7 * HOUR, outages),
            ],
            axis=1,
        ),
    )

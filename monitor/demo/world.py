"""The world that work and misuse take place in: population, staff, shifts, zone."""

from dataclasses import dataclass

import numpy as np

from monitor.demo.drawing import Chance, Floats, Ints
from monitor.demo.people import People, people_of
from monitor.demo.plan import ForcePlan
from monitor.demo.roster import OnDuty, Roster, on_duty, roster_of
from monitor.demo.staff import Staff, staff_of
from monitor.demo.zone import Zone


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Who there is, before anything happens."""

    plan: ForcePlan
    zone: Zone
    people: People
    staff: Staff
    roster: Roster
    on_duty: OnDuty
    heat_edges: Floats  # running sum of the heat of people, area after area

    def warm(self, chance: Chance, areas: Ints) -> Ints:
        """A person of each area, likelier the more the record is looked at."""
        bounds = np.append(0.0, self.heat_edges)[self.people.by_area.first]
        low, high = bounds[areas], bounds[areas + 1]
        place = np.searchsorted(self.heat_edges, low + chance.random(len(areas)) * (high - low))
        drawn: Ints = self.people.by_area.values[place.clip(0, self.people.persons - 1)]
        return drawn

    def near(self, chance: Chance, subjects: Ints) -> Ints:
        """A record linked to each subject, the subject itself where it has none."""
        linked = self.people.circle.pick(chance, subjects)
        return np.where(linked < 0, subjects, linked)

    def area_of(self, users: Ints, moments: Ints) -> Ints:
        """The area each user works in at the moment."""
        return self.staff.area(users, self.plan.day_of(moments))

    def role_of(self, users: Ints, moments: Ints) -> Ints:
        """The role of each user at the moment."""
        return self.staff.role(users, self.plan.day_of(moments))


def chance_for(plan: ForcePlan, stage: int, *more: int) -> Chance:
    """The chance of one stage, the same whatever the other stages draw."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([plan.seed, stage, *more])))


def world_of(plan: ForcePlan) -> World:
    """The population, staff and roster of a plan."""
    zone = plan.local_zone()
    people = people_of(plan, chance_for(plan, 1))
    staff = staff_of(plan, people, chance_for(plan, 2))
    roster = roster_of(plan, staff, zone, chance_for(plan, 3))
    return World(
        plan=plan,
        zone=zone,
        people=people,
        staff=staff,
        roster=roster,
        on_duty=on_duty(plan, staff, roster),
        heat_edges=np.cumsum(people.heat[people.by_area.values]),
    )

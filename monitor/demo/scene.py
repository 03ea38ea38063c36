"""Where a story is told: its user, its people, and moments in the user's own working life."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from monitor.demo.casebook import Casebook
from monitor.demo.drawing import Chance, Ints, Ragged
from monitor.demo.posts import Role
from monitor.demo.story import Draft
from monitor.demo.visits import visits
from monitor.demo.vocabulary import NONE, Kind, Marker
from monitor.demo.world import World
from monitor.demo.zone import DAY, HOUR

OPERATIONAL = (
    Role.RESPONSE,
    Role.NEIGHBOURHOOD,
    Role.DETECTIVE,
    Role.CONTROL_ROOM,
    Role.ROADS,
    Role.CUSTODY,
    Role.OFFENDER_MANAGEMENT,
    Role.INTELLIGENCE,
    Role.SAFEGUARDING,
)


@dataclass(slots=True, kw_only=True)  # grows while its story is told
class Scene:
    """One story being told; grows with the draft."""

    world: World
    book: Casebook
    past: Ragged  # records each user has looked at
    chance: Chance
    strength: int  # 0 low, 1 medium, 2 high
    begins: int  # UTC seconds
    ends: int
    number: int  # of the story
    taken: set[int]  # users that already have a story
    draft: Draft
    users: list[int] = field(default_factory=list)
    focus: int = NONE
    ring: list[int] = field(default_factory=list)

    @property
    def length(self) -> int:
        """Seconds the story has."""
        return self.ends - self.begins

    def by_strength(self, low: float, medium: float, high: float) -> int:
        """The number that belongs to the story's strength, give or take a sixth."""
        value = (low, medium, high)[self.strength]
        return max(1, round(value * self.chance.uniform(0.85, 1.15)))

    def somebody(self, *roles: Role, near: int = NONE) -> int:
        """A user without a story, employed throughout; of the team of `near` where that can be."""
        staff, last = self.world.staff, self.world.plan.days - 1
        pool = staff.of_role(*(roles or OPERATIONAL))
        pool = pool[(staff.on[pool, 0] != NONE) & (staff.on[pool, last] != NONE)]
        works = pool[self.world.roster.last_end(pool) > self.ends - self.length // 3]
        pool = works if len(works) else pool
        free = pool[~np.isin(pool, list(self.taken))] if self.taken else pool
        if near != NONE:
            day = np.zeros(len(free), dtype=np.int64)
            mates = free[staff.team(free, day) == staff.team(np.array([near]), day[:1])]
            free = mates if len(mates) else free
        user = int(self.chance.choice(free if len(free) else pool))
        self.taken.add(user)
        self.users.append(user)
        return user

    def area(self, user: int) -> int:
        """The area the user works in when the story begins."""
        return int(self.world.area_of(np.array([user]), np.array([self.begins]))[0])

    def team(self, user: int) -> int:
        """The team the user works in when the story begins."""
        day = self.world.plan.day_of(np.array([self.begins]))
        return int(self.world.staff.team(np.array([user]), day)[0])

    def person(self, user: int, *, around: int = 0, marker: Marker | None = None) -> int:
        """Somebody the user fixes on: met through work, of the area, or from elsewhere."""
        people, draws = self.world.people, 400
        area = np.full(draws, self.area(user))
        warm = self.world.warm(self.chance, area)
        met = self.past.pick(self.chance, np.full(draws, user))
        anywhere = self.chance.integers(0, people.persons, draws)
        here = people.by_area.pick(self.chance, area)
        kind = self.chance.choice(4, draws, p=[0.35, 0.2, 0.2, 0.25])
        found = np.choose(kind, [met, warm, here, anywhere])
        fits = (found >= 0) & (people.kind[found] == Kind.PERSON) & (people.age[found] >= 16)
        fits &= people.circle.lengths(np.maximum(found, 0)) >= around
        if marker is not None:
            fits &= people.marked(marker)[found] & people.female[found]
        return int(found[fits][0]) if fits.any() else int(warm[0])

    def circle(self, subject: int, size: int) -> Ints:
        """Records linked to a subject, people before things, at most so many."""
        around = np.unique(self.world.people.circle.of(subject))
        around = self.chance.permutation(around[around != subject])
        order = np.argsort(self.world.people.kind[around], kind="stable")
        return around[order][:size]

    def moments(self, user: int, count: int, *, start: int, end: int) -> Ints:
        """Moments in the user's own duties over a span, in order."""
        wanted = np.sort(self.chance.integers(start, max(end, start + 1), count))
        at = self.world.roster.at_work(self.chance, np.full(count, user), wanted)
        return np.sort(at[(at != NONE) & (at < self.world.plan.ends)])

    def evenly(self, user: int, *, apart: float, start: int, end: int) -> Ints:
        """Moments in the user's duties about so many days apart."""
        steps = np.arange(start, max(end, start + 1), round(apart * DAY))
        wanted = steps + self.chance.normal(0, apart * DAY / 4, len(steps)).astype(np.int64)
        at = self.world.roster.at_work(
            self.chance, np.full(len(steps), user), np.maximum(wanted, start)
        )
        return np.sort(at[(at != NONE) & (at < self.world.plan.ends)])

    def in_one_duty(self, user: int, count: int, *, after: int) -> Ints:
        """Moments within a stretch of one duty, in order."""
        duty = int(self.world.roster.next_duty(np.array([user]), np.array([after]))[0])
        if duty == NONE:
            duty = int(self.world.roster.duties_of(user)[-1])
        begins, ends = self.world.roster.start[duty], self.world.roster.end[duty]
        stretch = self.chance.uniform(0.55, 1.0) * (ends - begins)
        first = begins + self.chance.uniform(0, (ends - begins) - stretch)
        return np.sort(first + self.chance.uniform(0, stretch, count)).astype(np.int64)

    def off_duty(self, user: int, count: int, *, start: int, end: int) -> Ints:
        """Moments, awake, when the user is not at work, in order."""
        roster = self.world.roster
        wanted = self.chance.integers(start, end, 40 * count)
        who = np.full(len(wanted), user)
        free = roster.duty_at(who, wanted) == NONE
        free &= roster.duty_at(who, wanted + 2 * HOUR) == NONE
        free &= roster.duty_at(who, wanted - 3 * HOUR) == NONE
        hour = self.world.zone.local(wanted) % DAY // HOUR
        return np.sort(wanted[free & ((hour >= 8) | (hour < 2))][:count])

    def look(self, user: int, at: Ints, subject: Ints | int, **said: Ints | int) -> None:
        """Add visits of this story."""
        self.draft.visits.append(visits(at, user=user, subject=subject, story=self.number, **said))

    def about(self, focus: int, ring: Sequence[int] | Ints = ()) -> None:
        """Say whom the story is about."""
        self.focus = focus
        self.ring = [int(one) for one in ring]

    def mixed(self, count: int, focus: int, ring: Ints, *, share: float) -> Ints:
        """The focus and, for a share of the places, somebody of the ring."""
        if not len(ring):
            return np.full(count, focus)
        drawn = self.chance.choice(ring, count)
        return np.where(self.chance.random(count) < share, drawn, focus)

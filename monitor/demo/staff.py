"""Members of staff: posts and moves, teams, habits, and who is who in the population."""

from dataclasses import dataclass

import numpy as np

from monitor.demo.drawing import Chance, Floats, Ints, scrambled
from monitor.demo.people import People
from monitor.demo.plan import ForcePlan
from monitor.demo.posts import POSTS, Role, headcount
from monitor.demo.vocabulary import NONE

_TEAM_SIZE = 12  # people under one supervisor where there are no shift groups
_GROUPS = 5  # shift groups of a five-team rota


@dataclass(frozen=True, slots=True, kw_only=True)
class Spells:
    """Spans in which a member of staff keeps one role, area and team; sorted by user and day."""

    user: Ints
    role: Ints
    area: Ints
    team: Ints
    supervisor: Ints
    first_day: Ints  # day of the span; negative: before it
    last_day: Ints  # exclusive; beyond the span: open


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """Everybody with an account, shape (users,) unless said."""

    spells: Spells
    on: Ints  # index of the spell in force, shape (users, days); NONE: not employed
    team_names: tuple[str, ...]
    group: Ints  # shift group, 0 to 4
    person: Ints  # their own record
    rate: Floats  # how busy, mean 1
    blank: Floats  # share of visits without a reason
    specific: Floats  # share of reasons that say what for
    referenced: Floats  # share of visits on a case that name it
    stray: Floats  # share of visits on no case that name one all the same
    refresh: Floats  # further rows per visit, mean
    unwritten: Floats  # share of engagements that never become a tasking
    part_time: Floats  # share of duties worked

    @property
    def size(self) -> int:
        """Number of accounts."""
        return len(self.person)

    def role(self, users: Ints, day: Ints) -> Ints:
        """The role of each user on each day; outside employment that of the nearest spell."""
        return self.spells.role[self._spell(users, day)]

    def area(self, users: Ints, day: Ints) -> Ints:
        """The area of each user on each day."""
        return self.spells.area[self._spell(users, day)]

    def team(self, users: Ints, day: Ints) -> Ints:
        """The team of each user on each day."""
        return self.spells.team[self._spell(users, day)]

    def supervisor(self, users: Ints, day: Ints) -> Ints:
        """The supervisor of each user on each day, NONE at the top."""
        return self.spells.supervisor[self._spell(users, day)]

    def of_role(self, *roles: Role) -> Ints:
        """Users whose first role is among these."""
        first = self.role(np.arange(self.size), np.zeros(self.size, dtype=np.int64))
        return np.flatnonzero(np.isin(first, roles))

    def ids(self) -> list[str]:
        """The account name of each user; its number tells nothing of role or team."""
        return [f"U{number:07d}" for number in scrambled(np.arange(self.size), salt=1)]

    def _spell(self, users: Ints, day: Ints) -> Ints:
        spell = self.on[users, day]
        return np.where(spell == NONE, np.searchsorted(self.spells.user, users), spell)


def staff_of(plan: ForcePlan, people: People, chance: Chance) -> Staff:
    """The staff of a force, drawn from its own population."""
    users = plan.staff
    role = chance.permutation(np.repeat(np.arange(len(Role)), headcount(users)))
    area = chance.permutation(np.arange(users) % plan.areas)
    group = chance.integers(0, _GROUPS, users)
    spells, names = _spells(plan, chance, role=role, area=area, group=group)
    adults = people.staff_candidates()
    offices = plan.areas * len(Role)
    office_blank = chance.beta(0.8, 2.2, offices)[role * plan.areas + area]  # 0 to 0.54 by office
    return Staff(
        spells=spells,
        on=_spell_of_day(plan, spells),
        team_names=names,
        group=group,
        person=chance.choice(adults, users, replace=False),
        rate=chance.gamma(4.0, 0.25, users),
        blank=(office_blank * chance.gamma(4.0, 0.25, users)).clip(0, 0.95),
        specific=chance.beta(1.2, 2.0, users),
        referenced=chance.beta(2.0, 2.0, users),
        stray=chance.beta(1.0, 9.0, users),
        refresh=chance.lognormal(np.log(0.35), 0.7, users),
        unwritten=chance.beta(*plan.missing_taskings, users),
        part_time=np.where(chance.random(users) < 0.12, chance.uniform(0.5, 0.8, users), 1.0),
    )


def _spells(
    plan: ForcePlan, chance: Chance, *, role: Ints, area: Ints, group: Ints
) -> tuple[Spells, tuple[str, ...]]:
    """First posts, and the second ones of those who move, join or leave inside the span."""
    users = plan.staff
    common = np.isin(role, [Role.RESPONSE, Role.NEIGHBOURHOOD, Role.DETECTIVE])
    fate = chance.random(users)
    moves = common & (fate < 0.055)  # 4 % change area, 1.5 % change role
    joins, leaves = (fate > 0.94) & common, (fate > 0.91) & (fate <= 0.94) & common
    turn = chance.integers(plan.days // 5, max(plan.days * 4 // 5, plan.days // 5 + 1), users)
    second_area = np.where(fate < 0.04, (area + 1) % plan.areas, area)
    second_role = np.where(fate < 0.04, role, (role + 1) % 3)
    who = np.concatenate([np.arange(users), np.flatnonzero(moves)])
    roles = np.concatenate([role, second_role[moves]])
    areas = np.concatenate([area, second_area[moves]])
    first = np.concatenate(
        [np.where(joins, turn, -chance.integers(200, 5_000, users)), turn[moves]]
    )
    last = np.concatenate(
        [np.where(moves | leaves, turn, plan.days + 1), np.full(moves.sum(), plan.days + 1)]
    )
    order = np.lexsort((first, who))
    team, names = _teams(roles[order], areas[order], group[who[order]])
    return Spells(
        user=who[order],
        role=roles[order],
        area=areas[order],
        team=team,
        supervisor=_supervisors(who[order], team),
        first_day=first[order],
        last_day=last[order],
    ), names


def _teams(role: Ints, area: Ints, group: Ints) -> tuple[Ints, tuple[str, ...]]:
    """The team of each spell and all teams' names: by area and shift group where these matter."""
    labels = []
    seen: dict[str, int] = {}
    for r, a, g in zip(role.tolist(), area.tolist(), group.tolist(), strict=True):
        post = POSTS[Role(r)]
        place = f"A{a:02d}" if post.by_area else "F"
        base = f"{Role(r).name}-{place}"
        seen[base] = seen.get(base, -1) + 1
        labels.append(f"{base}-{g + 1 if r == Role.RESPONSE else seen[base] // _TEAM_SIZE + 1}")
    names = tuple(sorted(set(labels)))
    number = {name: at for at, name in enumerate(names)}
    return np.array([number[label] for label in labels], dtype=np.int64), names


def _supervisors(user: Ints, team: Ints) -> Ints:
    """The first member of each team supervises the others; nobody supervises the first."""
    _, first = np.unique(team, return_index=True)
    head = user[first][team]
    return np.where(head == user, NONE, head)


def _spell_of_day(plan: ForcePlan, spells: Spells) -> Ints:
    """Which spell is in force, shape (users, days)."""
    on = np.full((plan.staff, plan.days), NONE, dtype=np.int64)
    spans = zip(spells.user, spells.first_day.clip(0), spells.last_day, strict=True)
    for spell, (user, first, last) in enumerate(spans):
        on[user, first:last] = spell
    return on

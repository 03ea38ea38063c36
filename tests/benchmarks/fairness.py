"""Whether members of staff of one group are put before people more often than others in their role.

Groups are of the audit alone (METHODS 4.3): nothing here is an input of judgement. A made-up force
treats its groups alike, so a ratio away from 1 would be the monitor's own doing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np

from tests.benchmarks.matching import Item, poisson_interval


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRate:
    """Alerted members of staff of one group, over those expected from their roles."""

    group: str
    observed: int
    expected: float

    @property
    def ratio(self) -> float:
        """Observed over expected."""
        return self.observed / self.expected if self.expected else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """The exact 95 % interval of a Poisson count over the expected."""
        low, high = poisson_interval(self.observed)
        return low / self.expected, high / self.expected


def group_rates(
    connections: Sequence[duckdb.DuckDBPyConnection], items: Sequence[Sequence[Item]]
) -> tuple[GroupRate, ...]:
    """The rate of each group over all forces together.

    Args:
        connections: of each force, with its reference tables.
        items: alerts on innocent work in each force.
    """
    observed: dict[str, int] = {}
    expected: dict[str, float] = {}
    for connection, told in zip(connections, items, strict=True):
        members = _members(connection)
        alerted = {item.user_id for item in told}
        rate = _rate_by_role(members, alerted)
        for one in members:
            for group in one.groups:
                observed[group] = observed.get(group, 0) + (one.user_id in alerted)
                expected[group] = expected.get(group, 0.0) + rate[one.role] * one.minutes
    return tuple(
        GroupRate(group=group, observed=observed[group], expected=expected[group])
        for group in sorted(observed)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Member:
    user_id: str
    role: str
    minutes: float  # on the roster: who works less is looked at less
    groups: tuple[str, ...]


def _members(connection: duckdb.DuckDBPyConnection) -> list[_Member]:
    rows = connection.execute("""
        select s.user_id, any_value(s.role), any_value(p.sex), any_value(p.age),
               coalesce(sum(date_diff('minute', h.starts_at, h.ends_at)), 0)
        from (select user_id, any_value(role) as role, any_value(person_subject_id)
                     as person_subject_id from staff group by user_id) s
        left join subjects p on p.subject_id = s.person_subject_id
        left join shifts h on h.user_id = s.user_id and h.kind = 'duty'
        group by s.user_id order by s.user_id
    """).fetchall()
    usual = float(np.median([row[4] for row in rows])) if rows else 0.0
    return [
        _Member(
            user_id=user,
            role=role,
            minutes=float(minutes),
            groups=(
                "women" if sex == "F" else "men",
                "under 35" if (age or 0) < 35 else "35 and over",
                "fewer shifts" if minutes < 0.75 * usual else "usual shifts",
            ),
        )
        for user, role, sex, age, minutes in rows
    ]


def _rate_by_role(members: Sequence[_Member], alerted: set[str]) -> dict[str, float]:
    """Alerted members of staff in a minute of rostered work, by role."""
    hits: dict[str, int] = {}
    minutes: dict[str, float] = {}
    for one in members:
        hits[one.role] = hits.get(one.role, 0) + (one.user_id in alerted)
        minutes[one.role] = minutes.get(one.role, 0.0) + one.minutes
    return {role: hits[role] / max(minutes[role], 1.0) for role in hits}

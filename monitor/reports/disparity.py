"""Alert rates by group: a check that the tool does not fall harder on some than on others.

Groups come from an audit copy given by hand; they are read, counted and forgotten.
No group is ever an input to a detector, and no person is named here.
"""

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from typing import TYPE_CHECKING, Final

import numpy as np

from alerts.errors import DataRefused
from detectors.stats.rates import Interval, poisson_fit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alerts.model import Alert
    from monitor.wiring import Site

FAIR: Final = (0.8, 1.25)  # METHODS 4.3; four fifths either way
FEWEST: Final = 10  # people a group must have to be shown: fewer could be known by their number
FEWEST_ALERTS: Final = 5  # alerts a group must lead one to expect before a ratio is worked out
_NO_ALERT_BOUND: Final = 3.689  # -ln 0.025: the upper bound of a mean of which nothing was seen
_NOT_KNOWN: Final = "not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One member of staff as the model sees them."""

    alerts: int
    weeks: float  # in which the account was active, above 0
    role: str
    groups: Mapping[str, str]  # kind of group to group; empty where the audit copy lacks them


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRate:
    """The rate of one group against the largest of its kind."""

    kind: str
    group: str
    people: int
    weeks: float
    alerts: int
    expected: float  # alerts, had the group the rates of its roles
    ratio: Interval | None  # nothing where it cannot be judged, or for the one compared with
    says: str

    @property
    def outside(self) -> bool:
        """Whether the ratio lies outside what is held to be fair."""
        return self.ratio is not None and not FAIR[0] <= self.ratio.value <= FAIR[1]


def groups_read(text: str, *, file: str) -> dict[str, dict[str, str]]:
    """The groups of each member of staff, by user id: kind of group to group.

    Raises:
        DataRefused: no user_id, no group, or a member of staff twice; says what is possible.
    """
    reader = csv.DictReader(StringIO(text.removeprefix("\ufeff")))
    kinds = [name for name in reader.fieldnames or () if name != "user_id"]
    if "user_id" not in (reader.fieldnames or ()) or not kinds:
        raise DataRefused(f"{file}: possible: columns user_id and one or more kinds of group")
    found: dict[str, dict[str, str]] = {}
    for line, row in enumerate(reader, start=2):
        if row["user_id"] in found:
            raise DataRefused(f"{file}, line {line}: a user_id is there twice; possible: once")
        found[row["user_id"]] = {kind: (row[kind] or "").strip() or _NOT_KNOWN for kind in kinds}
    return found


def members_of(
    site: "Site",
    alerts: "Iterable[Alert]",
    *,
    groups: Mapping[str, Mapping[str, str]],
    first: datetime,
    last: datetime,
) -> tuple[Member, ...]:
    """Everybody active in a span, with alerts, active weeks, role and groups.

    Args:
        site: whose lake says who was active.
        alerts: raised in the span.
        groups: by user id.
        first: start of the span.
        last: its end, not included.
    """
    raised = Counter(user for alert in alerts for user in alert.user_ids)
    return tuple(
        Member(alerts=raised[user], weeks=weeks, role=role, groups=groups.get(user, {}))
        for user, weeks, role in _active(site, first=first, last=last)
    )


def rates(members: Sequence[Member], kind: str) -> tuple[GroupRate, ...]:
    """The groups of one kind, the largest first; it is the one the others are compared with."""
    known = [member for member in members if kind in member.groups]
    people = Counter(member.groups[kind] for member in known)
    expected = _expected(known, kind)
    ratios = _ratios(
        known, kind, order=[group for group, _ in people.most_common()], expected=expected
    )
    return tuple(
        _rate(
            kind,
            group,
            members=known,
            expected=expected[group],
            ratio=ratios.get(group),
            first=not place,
        )
        for place, (group, number) in enumerate(people.most_common())
        if number >= FEWEST
    )


def _rate(  # noqa: PLR0913 what a rate rests on, all named
    kind: str,
    group: str,
    *,
    members: Sequence[Member],
    expected: float,
    ratio: Interval | None,
    first: bool,
) -> GroupRate:
    theirs = [member for member in members if member.groups[kind] == group]
    alerts = sum(member.alerts for member in theirs)
    return GroupRate(
        kind=kind,
        group=group,
        people=len(theirs),
        weeks=sum(member.weeks for member in theirs),
        alerts=alerts,
        expected=expected,
        ratio=ratio,
        says=_says(alerts, expected=expected, ratio=ratio, first=first),
    )


def _says(alerts: int, *, expected: float, ratio: Interval | None, first: bool) -> str:
    if first:
        return "the largest group, with which the others are compared"
    if ratio is None:
        if alerts or not expected:
            return (
                f"cannot be judged: {expected:.1f} alerts expected ({FEWEST_ALERTS} are needed),"
                " or no role in common"
            )
        bound = _NO_ALERT_BOUND / expected
        return f"no alert where {expected:.1f} were expected; the ratio lies below {bound:.2f}"
    if FAIR[0] <= ratio.value <= FAIR[1]:
        return "within what is held to be fair"
    sure = ratio.low > 1.0 or ratio.high < 1.0
    more = "and more than chance would bring" if sure else "though chance could bring it"
    return f"OUTSIDE {FAIR[0]} to {FAIR[1]}, {more}"


def _expected(members: Sequence[Member], kind: str) -> dict[str, float]:
    """Alerts of each group, had every role one rate for all its groups."""
    alerts: Counter[str] = Counter()
    weeks: dict[str, float] = {}
    for member in members:
        alerts[member.role] += member.alerts
        weeks[member.role] = weeks.get(member.role, 0.0) + member.weeks
    found: dict[str, float] = {}
    for member in members:
        rate = alerts[member.role] / weeks[member.role]
        group = member.groups[kind]
        found[group] = found.get(group, 0.0) + rate * member.weeks
    return found


def _ratios(
    members: Sequence[Member], kind: str, *, order: Sequence[str], expected: Mapping[str, float]
) -> dict[str, Interval]:
    """The rate ratio of each group that can be judged against the largest.

    Cells of role and group suffice: the model has no finer term. A role or group without an alert
    is left out, because its rate has no finite logarithm.
    """
    alerts: Counter[tuple[str, str]] = Counter()
    weeks: dict[tuple[str, str], float] = {}
    for member in members:
        cell = (member.role, member.groups[kind])
        alerts[cell] += member.alerts
        weeks[cell] = weeks.get(cell, 0.0) + member.weeks
    by_group = {g: sum(n for (_, group), n in alerts.items() if group == g) for g in order}
    judged = [group for group in order if by_group[group] and expected[group] >= FEWEST_ALERTS]
    if len(judged) < 2 or judged[0] != order[0]:
        return {}
    within = [cell for cell in weeks if cell[1] in judged]
    roles = sorted({role for role, _ in within if any(alerts[(role, g)] for g in judged)})
    kept = [cell for cell in within if cell[0] in roles]
    design = [
        [*(float(role == one) for one in roles), *(float(group == one) for one in judged[1:])]
        for role, group in kept
    ]
    if np.linalg.matrix_rank(np.array(design)) < len(design[0]):
        return {}  # roles and groups do not overlap enough to tell one from the other
    fit = poisson_fit(
        np.array([float(alerts[cell]) for cell in kept]),
        exposure=np.array([weeks[cell] for cell in kept]),
        design=np.array(design),
    )
    return {group: fit.ratio(len(roles) + place) for place, group in enumerate(judged[1:])}


def _active(site: "Site", *, first: datetime, last: datetime) -> list[tuple[str, float, str]]:
    """Each account active in a span: its id, its active weeks, its latest role."""
    snapshot = site.lake.snapshot()
    if "events" not in snapshot.tables:
        return []
    connection = snapshot.connect(engine=site.settings.engine)
    try:
        return connection.execute(
            """
            with seen as (
                select user_id, count(distinct date_trunc('week', occurred_at))::double as weeks
                from events
                where occurred_at >= $first and occurred_at < $last and user_id is not null
                  and not coalesce(is_machine, false)
                group by user_id
            ), post as (
                select user_id, arg_max(role, coalesce(valid_from, timestamp '0001-01-01')) as role
                from staff where role is not null group by user_id
            )
            select user_id, weeks, coalesce(role, 'unknown')
            from seen left join post using (user_id) order by user_id
            """,
            {"first": _naive(first), "last": _naive(last)},
        ).fetchall()
    finally:
        connection.close()


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)

"""Who stands close to whom among the staff, and during which span: teams, homes, command, kin."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # the lake is opened only where staff were loaded
    import duckdb

TABLES: Final = ("staff", "declared_associations", "subject_identifiers")
ALWAYS_FROM: Final = datetime.min.replace(tzinfo=UTC)
ALWAYS_TO: Final = datetime.max.replace(tzinfo=UTC)


class Why(StrEnum):
    """Why an alert is closed to somebody; for the chain, never for whoever was refused."""

    OWN = "own account"
    LOOKED_UP = "own record or that of somebody close"
    TEAM = "same team"
    HOME = "same address"
    ASSOCIATE = "declared associate"
    COMMAND = "line of command"
    SEALED = "sealed route"
    COVERT = "covert"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A half-open span of time, [start, end)."""

    start: datetime = ALWAYS_FROM
    end: datetime = ALWAYS_TO

    def shared(self, other: "Span") -> "Span | None":
        """What two spans have in common; None where they do not meet."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Span(start=start, end=end) if start < end else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Where a member of staff stood during a span; ids and names as in the `staff` table."""

    user_id: str
    role: str = ""
    team: str = ""
    supervisor_id: str = ""
    person_subject_id: str = ""
    address_subject_id: str = ""
    span: Span = field(default_factory=Span)


@dataclass(frozen=True, slots=True, kw_only=True)
class Association:
    """Somebody whom a member of staff has declared to be close to."""

    user_id: str
    subject_id: str
    span: Span = field(default_factory=Span)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """One reason to keep somebody away, and when it held."""

    why: Why
    span: Span


Closeness = Mapping[str, tuple[Tie, ...]]  # folded id -> ties


@dataclass(frozen=True, slots=True, kw_only=True)
class Ties:
    """What the home knows of its staff; ids are compared without regard to case."""

    posts: tuple[Post, ...] = ()
    associations: tuple[Association, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)  # folded local id -> folded subject id

    def knows(self, user_id: str) -> bool:
        """Whether a member of staff of this id was loaded."""
        wanted = user_id.casefold()
        return any(post.user_id.casefold() == wanted for post in self.posts)


def staff_near(own: Iterable[str], ties: Ties, *, levels_below: int) -> Closeness:
    """The members of staff somebody stands close to, by folded id, each with every tie.

    Args:
        own: the accounts of that person.
        ties: what the home knows.
        levels_below: how far down the line of command is closed; upwards all of it is.
    """
    mine = frozenset(map(str.casefold, own))
    found: dict[str, list[Tie]] = {}
    for user_id, tie in (
        *_colleagues(mine, ties),
        *_kin(mine, ties),
        *_above(mine, ties),
        *_below(mine, ties, levels=levels_below),
    ):
        if user_id not in mine:
            found.setdefault(user_id, []).append(tie)
    return {user_id: tuple(those) for user_id, those in found.items()}


def records_near(own: Iterable[str], ties: Ties) -> Closeness:
    """Somebody's own record, home and declared associates, by folded subject id."""
    mine = frozenset(map(str.casefold, own))
    found: dict[str, list[Tie]] = {}
    for post in _posts_of(mine, ties):
        for record in (*_person(post, ties), *_home(post, ties)):
            found.setdefault(record, []).append(Tie(why=Why.LOOKED_UP, span=Span()))
    for one in ties.associations:
        if one.user_id.casefold() in mine:
            for record in _names(one.subject_id, ties):
                found.setdefault(record, []).append(Tie(why=Why.LOOKED_UP, span=one.span))
    return {record: tuple(those) for record, those in found.items()}


def staff_in(ties: Ties, *, roles: Iterable[str], teams: Iterable[str]) -> Closeness:
    """Members of staff who hold one of some posts, by folded id."""
    wanted_roles, wanted_teams = set(map(str.casefold, roles)), set(map(str.casefold, teams))
    found: dict[str, tuple[Tie, ...]] = {}
    for post in ties.posts:
        if post.role.casefold() in wanted_roles or post.team.casefold() in wanted_teams:
            user_id = post.user_id.casefold()
            found[user_id] = (*found.get(user_id, ()), Tie(why=Why.SEALED, span=post.span))
    return found


def read(connection: "duckdb.DuckDBPyConnection") -> Ties:
    """What the lake holds of staff, associations and second ids, as it stands now."""
    posts = connection.execute(
        """select user_id, coalesce(role, ''), coalesce(team, ''), coalesce(supervisor_id, ''),
                  coalesce(person_subject_id, ''), coalesce(address_subject_id, ''),
                  valid_from, valid_to from staff where user_id is not null"""
    ).fetchall()
    associations = connection.execute(
        """select user_id, subject_id, valid_from, valid_to from declared_associations
           where user_id is not null and subject_id is not null"""
    ).fetchall()
    aliases = connection.execute(
        """select local_id, subject_id from subject_identifiers
           where local_id in (select person_subject_id from staff union all
                              select address_subject_id from staff union all
                              select subject_id from declared_associations)"""
    ).fetchall()
    return Ties(
        posts=tuple(_post(row) for row in posts),
        associations=tuple(
            Association(user_id=user, subject_id=subject, span=_span(start, end))
            for user, subject, start, end in associations
        ),
        aliases={local.casefold(): subject.casefold() for local, subject in aliases},
    )


def _post(row: tuple[str, str, str, str, str, str, datetime | None, datetime | None]) -> Post:
    user, role, team, supervisor, person, home, start, end = row
    return Post(
        user_id=user,
        role=role,
        team=team,
        supervisor_id=supervisor,
        person_subject_id=person,
        address_subject_id=home,
        span=_span(start, end),
    )


def _span(start: datetime | None, end: datetime | None) -> Span:
    return Span(
        start=start.replace(tzinfo=UTC) if start else ALWAYS_FROM,
        end=end.replace(tzinfo=UTC) if end else ALWAYS_TO,
    )


def _posts_of(users: frozenset[str], ties: Ties) -> Iterator[Post]:
    return (post for post in ties.posts if post.user_id.casefold() in users)


def _names(record: str, ties: Ties) -> frozenset[str]:
    """A record by every id it is known by; nothing for an empty one."""
    folded = record.casefold()
    return frozenset({folded, ties.aliases.get(folded, folded)}) if folded else frozenset()


def _person(post: Post, ties: Ties) -> frozenset[str]:
    return _names(post.person_subject_id, ties)


def _home(post: Post, ties: Ties) -> frozenset[str]:
    return _names(post.address_subject_id, ties)


def _colleagues(mine: frozenset[str], ties: Ties) -> Iterator[tuple[str, Tie]]:
    """Whoever was in the same team, or lived at the same address, at the same time."""
    own = tuple(_posts_of(mine, ties))
    for post in ties.posts:
        for other in own:
            both = post.span.shared(other.span)
            if both is None:
                continue
            if post.team and post.team.casefold() == other.team.casefold():
                yield post.user_id.casefold(), Tie(why=Why.TEAM, span=both)
            if _home(post, ties) & _home(other, ties):
                yield post.user_id.casefold(), Tie(why=Why.HOME, span=both)


def _kin(mine: frozenset[str], ties: Ties) -> Iterator[tuple[str, Tie]]:
    """Whoever either side has declared to be close to; a person's own record never expires."""
    own_records = frozenset(r for post in _posts_of(mine, ties) for r in _person(post, ties))
    declared: dict[str, list[Span]] = {}
    for one in ties.associations:
        user_id, names = one.user_id.casefold(), _names(one.subject_id, ties)
        if names & own_records:
            yield user_id, Tie(why=Why.ASSOCIATE, span=one.span)
        if user_id in mine:
            for name in names:
                declared.setdefault(name, []).append(one.span)
    for post in ties.posts:
        for name in _person(post, ties):
            for span in declared.get(name, ()):
                yield post.user_id.casefold(), Tie(why=Why.ASSOCIATE, span=span)


def _above(mine: frozenset[str], ties: Ties) -> Iterator[tuple[str, Tie]]:
    """Supervisors, theirs, and so on to the top, each while the whole line held."""
    by_user: dict[str, list[Post]] = {}
    for post in ties.posts:
        by_user.setdefault(post.user_id.casefold(), []).append(post)
    steps = {
        user: [(p.supervisor_id.casefold(), p.span) for p in posts if p.supervisor_id]
        for user, posts in by_user.items()
    }
    yield from _along(mine, steps, levels=len(by_user))


def _below(mine: frozenset[str], ties: Ties, *, levels: int) -> Iterator[tuple[str, Tie]]:
    """Those supervised, and theirs, so many levels down, each while the whole line held."""
    steps: dict[str, list[tuple[str, Span]]] = {}
    for post in ties.posts:
        if post.supervisor_id:
            below = (post.user_id.casefold(), post.span)
            steps.setdefault(post.supervisor_id.casefold(), []).append(below)
    yield from _along(mine, steps, levels=levels)


def _along(
    mine: frozenset[str], steps: Mapping[str, list[tuple[str, Span]]], *, levels: int
) -> Iterator[tuple[str, Tie]]:
    """Everybody reached from some people by steps whose spans meet; a ring of command ends."""
    front = {(user, Span()) for user in mine}
    seen = set(front)
    for _ in range(levels):
        reached = {
            (above, both)
            for user, span in front
            for above, held in steps.get(user, ())
            if (both := span.shared(held)) is not None
        }
        front = reached - seen
        if not front:
            return
        seen |= front
        for user, span in front:
            yield user, Tie(why=Why.COMMAND, span=span)

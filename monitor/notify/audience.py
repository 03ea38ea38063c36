"""Whom a channel reaches, and why they may not be told of something: the same rules as the gate.

A channel with named readers reaches them; one without reaches everybody who holds its role, and
who else reads it nobody knows. It tells only what every one of them may know.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from alerts.model import Alert
from alerts.notices import Kind, Notice
from monitor.access.roles import DATABASE, GROUP, Permission, Person, Role

if TYPE_CHECKING:
    from monitor.notify.accounts import Accounts
    from monitor.notify.channels import Channel
    from monitor.wiring import Site

NOBODY: Final = "nobody whom it reaches is known"
UNLISTED: Final = "it reaches a group or a role of the database whose members cannot be listed"
NO_ROLE: Final = "somebody whom it reaches has not the role"
NO_ALERT: Final = "somebody whom it reaches may see no alert, or is matched to nobody of the staff"
GONE: Final = "the alert is not there"
OWN_DEED: Final = "it reaches only whoever did it"
SEALED: Final = "sealed route"
COVERT: Final = "covert, and its readers are not named"
_DEEDS: Final = frozenset({Kind.GLASS, Kind.SECOND_PERSON})


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Everybody a channel reaches, as one."""

    role: Role
    named: bool  # whether the channel says who reads it
    people: tuple[Person, ...]
    unlisted: bool = False  # whether others hold the role who cannot be listed

    @property
    def users(self) -> tuple[str, ...]:
        """Their names as operating-system users, in order."""
        return tuple(sorted(person.os_user for person in self.people))

    def why_not(self, notice: Notice, alert: Alert | None) -> str:
        """Why they may not be told of something; empty where they may."""
        if notice.kind in _DEEDS and self.users == (notice.actor,):
            return OWN_DEED
        if not notice.alert_id:
            return ""
        if alert is None:
            return GONE
        return self.kept_from() or self._kept_from_this(alert)

    def kept_from(self) -> str:
        """Why they may be told of no alert at all; empty where they may."""
        if self.unlisted:
            return UNLISTED
        if not self.people:
            return NOBODY
        if any(self.role not in person.roles for person in self.people):
            return NO_ROLE
        narrowed = (replace(person, roles=frozenset({self.role})) for person in self.people)
        return "" if all(one.may(Permission.SEE) for one in narrowed) else NO_ALERT

    def _kept_from_this(self, alert: Alert) -> str:
        for person in self.people:
            for roles in (person.roles, frozenset({self.role})):
                closed = replace(person, roles=roles).closed(alert)
                if closed is not None:
                    return str(closed)
            if self.role is not Role.AUTHORITY and person.gate.on_sealed_route(alert):
                return SEALED
            if not self.named and any(one.covers(alert) for one in person.gate.covert):
                return COVERT
        return ""


def audience_of(channel: "Channel", *, people: Mapping[str, Person], listed: "Listed") -> Audience:
    """The audience of a channel, once everybody in it is known."""
    return Audience(
        role=channel.role,
        named=bool(channel.reaches),
        people=tuple(people[user] for user in sorted(listed.users)),
        unlisted=listed.unlisted,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """The users a channel reaches, and whether there are others."""

    users: frozenset[str]
    unlisted: bool


def audiences(
    site: "Site", channels: "tuple[Channel, ...]", *, accounts: "Accounts"
) -> dict[str, Audience]:
    """The audience of each channel as things stand now, by its name."""
    from monitor.access.desk import people_of

    holders = site.store.role_holders()
    listed = {one.name: _listed(one, holders, accounts=accounts) for one in channels}
    users = {user for one in listed.values() for user in one.users}
    principals = {user: _principals(user, accounts=accounts) for user in users}
    people = people_of(site, principals)
    return {one.name: audience_of(one, people=people, listed=listed[one.name]) for one in channels}


def _listed(
    channel: "Channel", holders: Mapping[str, frozenset[str]], *, accounts: "Accounts"
) -> Listed:
    names = channel.reaches or tuple(who for who, held in holders.items() if channel.role in held)
    users: set[str] = set()
    unlisted = False
    for name in names:
        found = frozenset({name})
        if name.startswith(GROUP):
            found = accounts.members_of(name.removeprefix(GROUP))
        elif name.startswith(DATABASE):
            found = frozenset()
        users |= found
        unlisted = unlisted or not found
    return Listed(users=frozenset(users), unlisted=unlisted)


def _principals(os_user: str, *, accounts: "Accounts") -> frozenset[str]:
    """Every name by which somebody may hold a role; nobody else knows their roles at PostgreSQL."""
    return frozenset({os_user} | {f"{GROUP}{name}" for name in accounts.groups_of(os_user)})

"""Who may do what in a home, and who may not see an alert at all.

    analyst        sees the queue, masked; takes notes of evidence; replays
    reviewer       works alerts: takes, asks, refers, closes, holds; unmasks for a purpose
    authority      decides what a reviewer may not decide alone; alone sees the sealed route;
                   erases what is out of time
    auditor        reads and verifies the chain; breaks the glass in an emergency
    administrator  roles, people, settings, keys and backups; no alert

Roles belong to operating-system users, groups of them, or PostgreSQL roles:
`asmith`, `group:psd`, `postgresql:psd_reviewer`.
Whoever ran `psdmon init` holds all of them until the first role is given to somebody else.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from alerts.errors import NotPermitted
from monitor.access.gate import Concerning, Gate
from monitor.access.ties import Why

GROUP: Final = "group:"
DATABASE: Final = "postgresql:"


class Role(StrEnum):
    """What somebody is in this home."""

    ANALYST = "analyst"
    REVIEWER = "reviewer"
    AUTHORITY = "authority"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """What a command asks leave for; the value completes "may not ..."."""

    SEE = "see alerts"
    UNMASK = "see identities"
    EXPORT = "export alerts"
    WORK = "work on alerts"
    AUDIT = "read the chain"
    BREAK_GLASS = "break the glass"
    ADMINISTER = "give roles and match people"
    KEEP = "back up the home"
    HOLD = "hold data back from erasure"
    PLAN = "see what is out of time"
    ERASE = "erase what is out of time"


_CASEWORK: Final = frozenset({Role.REVIEWER, Role.AUTHORITY})
_WATCHING: Final = frozenset({Role.AUDITOR, Role.AUTHORITY})
_HELD_BY: Final = {
    Permission.SEE: frozenset({Role.ANALYST, Role.REVIEWER, Role.AUTHORITY, Role.AUDITOR}),
    Permission.UNMASK: _CASEWORK,
    Permission.EXPORT: _CASEWORK,
    Permission.WORK: _CASEWORK,
    Permission.AUDIT: _WATCHING,
    Permission.BREAK_GLASS: _WATCHING,
    Permission.ADMINISTER: frozenset({Role.ADMINISTRATOR}),
    Permission.KEEP: frozenset({Role.ADMINISTRATOR}),
    Permission.HOLD: _CASEWORK,
    Permission.PLAN: _WATCHING,
    Permission.ERASE: frozenset({Role.AUTHORITY}),
}
# What shows no alert, so that it does not matter who stands close to whom.
_BLIND: Final = frozenset({Permission.ADMINISTER, Permission.KEEP})


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Whoever sits at the terminal: an operating-system user and the roles held in this home."""

    os_user: str
    roles: frozenset[Role]
    gate: Gate = field(default_factory=Gate)
    matched: bool = True  # known to be this or that member of staff, or none of them
    alone: bool = False  # the one user of a fresh home, from whom nothing is kept apart yet

    @property
    def holds_every_role(self) -> bool:
        """Whether nothing is kept apart from this person; screens say so."""
        return self.roles == frozenset(Role)

    def may(self, permission: Permission) -> bool:
        """Whether one of the roles held allows it, and this person can be told from the staff."""
        allowed = bool(self.roles & _HELD_BY[permission])
        return allowed and (self.matched or permission in _BLIND)

    def require(self, permission: Permission) -> None:
        """Nothing when allowed.

        Raises:
            NotPermitted: names the roles that would allow it, or the match that is missing.
        """
        if self.may(permission):
            return
        if self.roles & _HELD_BY[permission]:
            raise NotPermitted(
                f"{self.os_user}: is not matched to a member of staff, so every alert could be"
                " about somebody close; possible: ask another holder of administrator for"
                f" psdmon access declare {self.os_user} --user-id ID, or --not-staff"
            )
        held = ", ".join(sorted(self.roles)) or "none"
        allowed = " or ".join(role for role in Role if role in _HELD_BY[permission])
        raise NotPermitted(
            f"{self.os_user}: may not {permission} in this home; roles held: {held};"
            f" possible: ask whoever holds administrator for the role {allowed}"
        )

    def in_conflict(self, alert: Concerning) -> bool:
        """Whether the alert is about this person, or about somebody close."""
        own = self.os_user.casefold()
        named = any(user_id.casefold() == own for user_id in alert.user_ids)
        return named or self.gate.conflict(alert) is not None

    def closed(self, alert: Concerning) -> Why | None:
        """Why this person may not know of an alert; None where nothing keeps them from it."""
        if any(user_id.casefold() == self.os_user.casefold() for user_id in alert.user_ids):
            return Why.OWN
        if conflict := self.gate.conflict(alert):
            return conflict
        if self.gate.covert_to(alert, self.os_user):
            return Why.COVERT
        if self.gate.on_sealed_route(alert) and not self._on_sealed_route:
            return Why.SEALED
        return None

    def may_unmask(self, alert: Concerning) -> bool:
        """Whether the roles held open identities of this very alert."""
        if not self.may(Permission.UNMASK):
            return False
        return Role.AUTHORITY in self.roles or not self.gate.on_sealed_route(alert)

    @property
    def _on_sealed_route(self) -> bool:
        """Whether the sealed route is this person's: an auditor who also reviews is a reviewer."""
        if Role.AUTHORITY in self.roles:
            return True
        return Role.AUDITOR in self.roles and Role.REVIEWER not in self.roles


def person(
    os_user: str,
    role_names: Iterable[str],
    *,
    gate: Gate | None = None,
    matched: bool = True,
    alone: bool = False,
) -> Person:
    """Somebody with the roles the store names; a name that is no role gives nothing."""
    known = {str(role) for role in Role}
    return Person(
        os_user=os_user,
        roles=frozenset(Role(name) for name in role_names if name in known),
        gate=gate or Gate(),
        matched=matched,
        alone=alone,
    )


def purpose_given(purpose: str | None, *, to_do: str) -> str:
    """The purpose, without blanks around it.

    Raises:
        NotPermitted: an identity was asked for without one.
    """
    stated = (purpose or "").strip()
    if not stated:
        raise NotPermitted(
            f"purpose: none was given, and {to_do} shows identities;"
            ' possible: --purpose "..." or PSDMON_PURPOSE'
        )
    return stated

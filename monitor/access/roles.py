"""Who may do what in a home, and who may not see an alert at all.

    analyst        sees the queue, masked; takes notes of evidence; replays
    reviewer       works alerts: takes, asks, refers, closes; unmasks for a purpose
    authority      decides what a reviewer may not decide alone
    auditor        reads and verifies the chain
    administrator  settings, roles, keys

Roles belong to operating-system users; whoever ran `psdmon init` holds all of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from alerts.errors import NotPermitted
from alerts.model import Alert


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


_HELD_BY: Final = {
    Permission.SEE: frozenset({Role.ANALYST, Role.REVIEWER, Role.AUTHORITY, Role.AUDITOR}),
    Permission.UNMASK: frozenset({Role.REVIEWER, Role.AUTHORITY}),
    Permission.EXPORT: frozenset({Role.REVIEWER, Role.AUTHORITY}),
    Permission.WORK: frozenset({Role.REVIEWER, Role.AUTHORITY}),
    Permission.AUDIT: frozenset({Role.AUDITOR, Role.AUTHORITY}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Whoever sits at the terminal: an operating-system user and the roles held in this home."""

    os_user: str
    roles: frozenset[Role]

    @property
    def holds_every_role(self) -> bool:
        """Whether nothing is kept apart from this person; screens say so."""
        return self.roles == frozenset(Role)

    def may(self, permission: Permission) -> bool:
        """Whether one of the roles held allows it."""
        return bool(self.roles & _HELD_BY[permission])

    def require(self, permission: Permission) -> None:
        """Nothing when allowed.

        Raises:
            NotPermitted: names the roles that would allow it.
        """
        if self.may(permission):
            return
        held = ", ".join(sorted(self.roles)) or "none"
        allowed = " or ".join(role for role in Role if role in _HELD_BY[permission])
        raise NotPermitted(
            f"{self.os_user}: may not {permission} in this home; roles held: {held};"
            f" possible: ask whoever holds administrator for the role {allowed}"
        )

    def in_conflict(self, alert: Alert) -> bool:
        """Whether the alert is about this person's own account."""
        own = self.os_user.casefold()
        return any(user_id.casefold() == own for user_id in alert.user_ids)


def person(os_user: str, role_names: Iterable[str]) -> Person:
    """Somebody with the roles the store names; a name that is no role gives nothing."""
    known = {str(role) for role in Role}
    return Person(
        os_user=os_user, roles=frozenset(Role(name) for name in role_names if name in known)
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

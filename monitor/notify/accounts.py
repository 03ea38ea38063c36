"""Who is in which group of the operating system; with a twin in memory for tests."""

import grp
import os
import pwd
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


class Accounts(Protocol):
    """Whatever can say who is in a group."""

    def groups_of(self, os_user: str) -> frozenset[str]:
        """The groups somebody is in; none where there is no such user."""

    def members_of(self, group: str) -> frozenset[str]:
        """Everybody in a group; nobody where there is no such group."""


@dataclass(frozen=True, slots=True)
class SystemAccounts:
    """The accounts of this machine."""

    def groups_of(self, os_user: str) -> frozenset[str]:
        """The groups somebody is in; none where there is no such user."""
        try:
            numbers = os.getgrouplist(os_user, pwd.getpwnam(os_user).pw_gid)
        except KeyError:
            return frozenset()
        return frozenset(map(_group_name, numbers))

    def members_of(self, group: str) -> frozenset[str]:
        """Everybody in a group; nobody where there is no such group."""
        try:
            found = grp.getgrnam(group)
        except KeyError:
            return frozenset()
        first = (one.pw_name for one in pwd.getpwall() if one.pw_gid == found.gr_gid)
        return frozenset({*found.gr_mem, *first})


@dataclass(frozen=True, slots=True)
class ListedAccounts:
    """Accounts that are listed, group by group."""

    groups: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def groups_of(self, os_user: str) -> frozenset[str]:
        """The groups somebody is in; none where there is no such user."""
        return frozenset(name for name, members in self.groups.items() if os_user in members)

    def members_of(self, group: str) -> frozenset[str]:
        """Everybody in a group; nobody where there is no such group."""
        return self.groups.get(group, frozenset())


def _group_name(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)

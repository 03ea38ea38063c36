"""Who holds which role in this home: the latest word on each user and role counts."""

from datetime import datetime

from sqlalchemy import Connection, select

from alerts.schema import role_change
from alerts.store.entries import append_sealed


def role_holders(connection: Connection) -> dict[str, frozenset[str]]:
    """The roles of each operating-system user who holds any."""
    rows = connection.execute(select(role_change).order_by(role_change.c.seq))
    latest = {(row.os_user, row.role): bool(row.granted) for row in rows}
    held: dict[str, set[str]] = {}
    for (os_user, role), granted in latest.items():
        if granted:
            held.setdefault(os_user, set()).add(role)
    return {os_user: frozenset(roles) for os_user, roles in sorted(held.items())}


def give(connection: Connection, os_user: str, *, role: str, actor: str, at: datetime) -> None:
    """Gives a role; nothing when it is held already."""
    if role not in role_holders(connection).get(os_user, frozenset()):
        _put(connection, os_user, role=role, granted=True, actor=actor, at=at)


def take_away(connection: Connection, os_user: str, *, role: str, actor: str, at: datetime) -> None:
    """Takes a role away; nothing when it is not held."""
    if role in role_holders(connection).get(os_user, frozenset()):
        _put(connection, os_user, role=role, granted=False, actor=actor, at=at)


def _put(  # noqa: PLR0913 a change has this many facts, all named
    connection: Connection, os_user: str, *, role: str, granted: bool, actor: str, at: datetime
) -> None:
    append_sealed(
        connection,
        "role.granted" if granted else "role.revoked",
        table=role_change,
        row={"os_user": os_user, "role": role, "granted": int(granted)},
        actor=actor,
        at=at,
        about=os_user,
        facts={"role": role},
    )

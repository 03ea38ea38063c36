"""Who holds which role in this home: the latest word on each user and role counts."""

from datetime import datetime

from sqlalchemy import Connection, select, text

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


def ever_given(connection: Connection) -> frozenset[str]:
    """Whoever has ever held a role, users, groups and database roles alike."""
    return frozenset(connection.execute(select(role_change.c.os_user).distinct()).scalars())


def database_roles(connection: Connection) -> frozenset[str]:
    """The user of a PostgreSQL connection and every role it was made a member of.

    A superuser passes every question of membership, so membership is followed, not asked for.
    """
    if connection.dialect.name != "postgresql":
        return frozenset()
    found = connection.execute(
        text(
            """
            WITH RECURSIVE held (number) AS (
                SELECT oid FROM pg_roles WHERE rolname = current_user
                UNION
                SELECT m.roleid FROM pg_auth_members m JOIN held h ON m.member = h.number
            )
            SELECT rolname FROM pg_roles JOIN held ON oid = number
            """
        )
    )
    return frozenset(str(name) for name in found.scalars())


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

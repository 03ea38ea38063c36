"""Roles as the store keeps them: by user, by group, and by the roles of PostgreSQL itself."""

from uuid import uuid4

import pytest

from alerts.store import Store
from tests.factories import a_moment

AT = a_moment("2026-03-02T09:00:00Z")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_store_in_a_file_knows_no_database_role(store: Store) -> None:
    assert store.database_roles() == frozenset()


@pytest.mark.postgresql
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_roles_of_a_connection_are_those_it_was_made_a_member_of_and_no_others(
    store: Store,
) -> None:
    reviewer, desk, other = (f"psdmon_test_{uuid4().hex[:10]}" for _ in range(3))
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        user = connection.exec_driver_sql("SELECT current_user").scalar_one()
        for role in (reviewer, desk, other):
            connection.exec_driver_sql(f"CREATE ROLE {role}")
        try:
            connection.exec_driver_sql(f"GRANT {reviewer} TO {desk}")
            connection.exec_driver_sql(f"GRANT {desk} TO {user}")
            held = store.database_roles()
        finally:
            for role in (reviewer, desk, other):
                connection.exec_driver_sql(f"DROP ROLE {role}")

    # A superuser passes every question of membership; what was not given is still not held.
    assert {user, reviewer, desk} <= held
    assert other not in held


def test_whoever_ever_held_a_role_is_remembered(store: Store) -> None:
    store.grant("one", "reviewer", actor="admin", at=AT)
    store.grant("group:psd", "analyst", actor="admin", at=AT)
    store.revoke("one", "reviewer", actor="admin", at=AT)

    assert store.role_holders() == {"group:psd": frozenset({"analyst"})}
    assert store.roles_ever_given() == {"one", "group:psd"}

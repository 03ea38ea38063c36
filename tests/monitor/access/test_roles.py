"""Roles, the conflict gate, and the purpose behind every identity shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.errors import NotPermitted
from monitor.access.roles import Permission, Role, person, purpose_given
from tests.factories import an_alert

MATRIX = {
    Role.ANALYST: {Permission.SEE},
    Role.REVIEWER: {
        *(Permission.SEE, Permission.UNMASK, Permission.EXPORT, Permission.WORK),
        Permission.HOLD,
    },
    Role.AUTHORITY: set(Permission) - {Permission.ADMINISTER, Permission.KEEP},
    Role.AUDITOR: {
        *(Permission.SEE, Permission.AUDIT, Permission.BREAK_GLASS),
        Permission.PLAN,
    },
    Role.ADMINISTRATOR: {Permission.ADMINISTER, Permission.KEEP},
}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_may_do_what_the_matrix_says_and_nothing_more(role: Role) -> None:
    allowed = {each for each in Permission if person("alex", [role]).may(each)}

    assert allowed == MATRIX[role]


def test_a_refusal_says_what_is_held_and_what_would_allow_it() -> None:
    with pytest.raises(NotPermitted) as refused:
        person("alex", ["analyst"]).require(Permission.UNMASK)

    assert str(refused.value) == (
        "alex: may not see identities in this home; roles held: analyst;"
        " possible: ask whoever holds administrator for the role reviewer or authority"
    )


def test_somebody_without_a_role_may_do_nothing() -> None:
    assert not any(person("alex", []).may(each) for each in Permission)


def test_a_role_name_that_is_unknown_gives_nothing() -> None:
    assert person("alex", ["analyst", "emperor"]).roles == {Role.ANALYST}


def test_whoever_holds_every_role_is_told_so() -> None:
    assert person("alex", list(Role)).holds_every_role


@given(st.text(min_size=1), st.lists(st.text(min_size=1), min_size=1))
def test_an_alert_is_in_conflict_exactly_when_it_names_the_reader(
    os_user: str, user_ids: list[str]
) -> None:
    alert = an_alert(user_ids=tuple(user_ids))

    conflict = person(os_user, list(Role)).in_conflict(alert)

    assert conflict == (os_user.casefold() in {one.casefold() for one in user_ids})


def test_an_identity_needs_a_purpose() -> None:
    with pytest.raises(NotPermitted, match=r'possible: --purpose "..." or PSDMON_PURPOSE'):
        purpose_given("  ", to_do="alerts show --unmask")


def test_a_purpose_is_kept_without_the_blanks_around_it() -> None:
    assert purpose_given(" complaint 17 ", to_do="export") == "complaint 17"

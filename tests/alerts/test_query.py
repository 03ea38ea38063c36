"""A query chooses the alerts it says, and refuses what it does not understand."""

from datetime import date
from typing import Any

import pytest

from alerts.errors import Misused
from alerts.model import Family, Priority
from alerts.query import KEYS, Standing, asked, chosen
from tests.factories import a_moment, an_alert

NOW = a_moment("2026-04-05T02:10:00Z")  # 35 days after the factory's alert was raised


def passes(query: str, *, held_by: str = "", due_on: date | None = None, **facts: Any) -> bool:
    standing = Standing(alert=an_alert(**facts), held_by=held_by, due_on=due_on)
    return chosen(asked(query), standing, now=NOW)


@pytest.mark.parametrize(
    ("query", "holds"),
    [
        ("family=fixation", True),
        ("family=curiosity,fixation", True),
        ("family!=fixation", False),
        ("age>30d", True),
        ("age>30d and priority=urgent", True),
        ("age<34d", False),
        ("age >= 35d AND score<=2.28", True),
        ("detector=circle", True),
        ("detector!=circle", False),
        ("held_by=nobody", True),
        ("provisional=no and due=no", True),
        ("status=open and quiet<26h", False),
    ],
)
def test_a_query_holds_or_does_not(query: str, holds: bool) -> None:  # noqa: FBT001 a table's column
    assert passes(query) is holds


def test_a_query_asks_who_holds_it_and_whether_it_is_due() -> None:
    assert passes("held_by=one and due=yes", held_by="one", due_on=date(2026, 4, 5))
    assert passes(
        "family=curiosity and priority=normal", family=Family.CURIOSITY, priority=Priority.NORMAL
    )


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        ("", "query: it is empty; possible: family=curiosity and age>30d; keys: family"),
        ("colour=red", f"query: 'colour' is no key; possible: {', '.join(KEYS)}"),
        ("family=stalking", "query: 'stalking' is no value of family; possible: fixation"),
        ("age>soon", "query: 'soon' is no value of age; possible: 90m, 26h, 30d"),
        ("family>fixation", "query: family takes = or !=, not >"),
        ("age>3d,4d", "query: age> takes one value, not 2"),
        ("family=fixation or age>3d", "query: 'family=fixation or age>3d' is no test; possible"),
        ("__import__('os')", "query: \"__import__('os')\" is no test; possible"),
    ],
)
def test_what_is_no_query_is_refused_with_what_is_possible(query: str, refusal: str) -> None:
    with pytest.raises(Misused) as refused:
        asked(query)

    assert str(refused.value).startswith(refusal)

"""Dates, counts and rarity in words, no finer than a reader needs and the data can bear."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.views.wording import (
    age,
    chance,
    count,
    printable,
    quantity,
    rarity,
    span,
    user_years,
    when,
)
from tests.factories import a_moment, an_alert, an_interval

LONDON = ZoneInfo("Europe/London")


@pytest.mark.parametrize(
    ("pvalue", "said"),
    [
        (0.0, "p below 0.000001"),
        (3.1e-10, "p below 0.000001"),
        (2e-5, "p 0.00002"),
        (0.00079, "p 0.00079"),
        (0.0123, "p 0.012"),
        (0.5, "p 0.5"),
    ],
)
def test_a_probability_is_said_no_finer_than_a_reference_can_bear(pvalue: float, said: str) -> None:
    assert chance(pvalue) == said


@pytest.mark.parametrize(
    ("years", "limit", "said"),
    [(190, False, "190"), (4.13, True, ">4.1"), (12_345, False, "12,000"), (0.4, False, "0.4")],
)
def test_an_interval_has_two_figures_and_says_where_the_data_end(
    years: float,
    limit: bool,  # noqa: FBT001 a case of the test
    said: str,
) -> None:
    assert user_years(an_interval(years, limit_of_data=limit)) == said


def test_an_alert_without_a_sentence_of_its_own_is_given_one() -> None:
    alert = an_alert(says="", recurrence_interval=an_interval(19.2, limit_of_data=True))

    assert rarity(alert) == (
        "Among response staff a pattern this strong arises by chance less than once in 19"
        " user-years (limit of the data). This is a measure of rarity, not of guilt."
    )


@pytest.mark.parametrize(
    ("value", "said"), [(18.0, "18"), (1.2, "1.2"), (0.041, "0.041"), (12345.6, "12,346")]
)
def test_a_quantity_has_no_more_figures_than_it_needs(value: float, said: str) -> None:
    assert quantity(value) == said


def test_a_moment_is_told_on_the_clock_of_the_force() -> None:
    assert when(a_moment("2026-07-01T01:30:00Z"), LONDON) == "1 Jul 2026 02:30 BST"


def test_a_span_does_not_repeat_what_its_ends_share() -> None:
    first, last = a_moment("2025-12-30T12:00:00Z"), a_moment("2026-01-02T12:00:00Z")

    assert span(first, last, LONDON) == "30 Dec 2025 to 2 Jan 2026"
    assert span(last, last, LONDON) == "2 Jan 2026"


@pytest.mark.parametrize(
    ("then", "said"),
    [
        ("2026-03-01T00:00:00Z", "4 d"),
        ("2026-03-04T22:00:00Z", "5 h"),
        ("2026-03-05T02:59:00Z", "1 min"),
    ],
)
def test_an_age_is_told_in_its_largest_unit(then: str, said: str) -> None:
    assert age(a_moment(then), a_moment("2026-03-05T03:00:00Z")) == said


def test_one_thing_is_not_things() -> None:
    assert (count(1, "entry", "entries"), count(1_204, "visit")) == ("1 entry", "1,204 visits")


@given(st.text())
def test_printable_text_is_one_line_that_no_screen_obeys(text: str) -> None:
    shown = printable(text)

    assert shown.isprintable() or set(shown) & {" ", "\N{NO-BREAK SPACE}"} or not shown
    assert "\x1b" not in shown
    assert "\n" not in shown


def test_what_would_steer_the_terminal_is_written_out() -> None:
    assert printable("a\x1b[31mb\u202ec\nd") == r"a\x1b[31mb\u202ec d"

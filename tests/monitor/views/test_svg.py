"""Pictures for pages: words for whoever does not see them, and nothing typed that could steer."""

from datetime import date, timedelta
from math import log
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.views.circle import Looked, looked_at
from monitor.views.facts import Day, days_of
from monitor.views.svg import Bar, bars_of, calendar_svg, circle_svg, waterfall_svg
from tests.factories import a_finding, an_alert, an_evidence

SVG = "{http://www.w3.org/2000/svg}"


def said(picture: str) -> str:
    """The description of a picture."""
    return ET.fromstring(picture).findtext(f"{SVG}desc") or ""  # noqa: S314 our own pictures


def drawn(picture: str) -> list[str]:
    """Every word of a picture, in the order it was drawn."""
    return [mark.text or "" for mark in ET.fromstring(picture).iter(f"{SVG}text")]  # noqa: S314 our own pictures


def test_a_calendar_says_in_words_what_it_shows() -> None:
    picture = calendar_svg(days_of(an_evidence().visits))

    assert said(picture) == (
        "43 visits on 18 days, from 12 Jan 2026 to 25 Feb 2026; most on 20 Jan 2026, 4;"
        " 3 days with a visit off duty."
    )
    assert {"Jan 2026", "Feb", "12", "3*"} <= set(drawn(picture))


def test_a_calendar_of_years_keeps_the_newest_bands() -> None:
    days = {
        date(2020, 1, 6) + timedelta(days=40 * n): Day(visits=1, off_duty=None) for n in range(60)
    }

    assert drawn(calendar_svg(days)).count("Mon") == 6


def test_a_calendar_without_a_day_says_so() -> None:
    assert said(calendar_svg({})) == "No dated visit is at hand."


def test_a_circle_puts_the_focus_at_the_centre_and_names_every_record() -> None:
    picture = circle_svg("P0001", looked_at(an_evidence(), focus="P0001"))

    assert said(picture).startswith("P0001, at the centre: 22 visits on 16 days; ")
    assert {"P0001", "P0002 (mother)", "A0001 (lives at)", "V0001 (vehicle)"} <= set(drawn(picture))


def test_a_circle_of_many_says_how_many_are_not_drawn() -> None:
    looked = [Looked(subject_id=f"P{n}", tie="", visits=1, days=1) for n in range(20)]

    assert "and 8 more records, not drawn" in drawn(circle_svg("", looked))


def test_findings_weigh_each_by_itself() -> None:
    bars = bars_of(an_alert())

    assert [(bar.name, bar.begins, round(bar.ends, 2)) for bar in bars] == [
        ("repeat subject", 0.0, 4.45),
        ("circle", 0.0, 2.49),
    ]
    assert said(waterfall_svg(bars)) == (
        "repeat subject: evidence times 28,000; circle: evidence times 310."
    )


def test_a_finding_that_speaks_against_reaches_to_the_left() -> None:
    [bar] = bars_of(an_alert(findings=(a_finding(evidence_value=0.1),)))

    assert bar.by == pytest.approx(-1.0)


def test_contributions_are_drawn_each_from_where_the_last_one_ended() -> None:
    told = [
        {"name": "repeat_subject", "says": "18 visits", "log_evidence": log(100)},
        {"name": "tasking", "says": "half of them tasked", "log_evidence": -log(10)},
    ]

    bars = bars_of(SimpleNamespace(contributions=told, findings=()))

    assert [(bar.name, round(bar.begins, 6), round(bar.ends, 6)) for bar in bars] == [
        ("repeat subject", 0.0, 2.0),
        ("tasking", 2.0, 1.0),
    ]


def test_bars_may_follow_one_another() -> None:
    bars = (Bar(name="burst", begins=0, ends=2), Bar(name="tasking", begins=2, ends=1.5))

    assert "times 0.32" in drawn(waterfall_svg(bars))


@given(st.text(max_size=30), st.integers(1, 999))
@settings(max_examples=30)
def test_whatever_a_record_is_called_the_picture_can_be_read(name: str, visits: int) -> None:
    looked = [Looked(subject_id=name, tie=name, visits=visits, days=1)]

    assert ET.fromstring(circle_svg(name, looked)).tag == f"{SVG}svg"  # noqa: S314 our own pictures

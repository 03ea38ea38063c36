"""The calendar, the hours and the circle: numbers that read without colour."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from monitor.views.circle import Looked, circle, looked_at
from monitor.views.facts import Day, days_of, hours_of
from monitor.views.strip import calendar, clock
from tests.factories import a_moment, a_row, a_visit, an_evidence

LONDON = ZoneInfo("Europe/London")
SPANS = st.dictionaries(
    st.dates(date(2024, 1, 1), date(2027, 12, 31)),
    st.builds(Day, visits=st.integers(1, 300), off_duty=st.sampled_from((True, False, None))),
    min_size=1,
    max_size=40,
)


def days(*numbers: int, first: date = date(2026, 1, 12), off: int | None = None) -> dict[date, Day]:
    """Visits on the days from a Monday on; 0 is a day without any."""
    return {
        first + timedelta(days=place): Day(visits=number, off_duty=place == off)
        for place, number in enumerate(numbers)
        if number
    }


def test_a_week_is_a_column_and_a_day_is_a_number() -> None:
    drawn = calendar(days(1, 0, 12, 0, 0, 0, 0, 3, off=2)).plain.splitlines()

    assert drawn == [
        "      Jan",
        "     12 19",
        "Mon   1  3",
        "Tue   .  .",
        "Wed  12* .",
        "Thu   .  .",
        "Fri   .  .",
        "Sat   .  .",
        "Sun   .  .",
        "",
        "16 visits on 3 days. A cell is a day, a column a week.",
        "Days with a visit off duty (*): 1 of 3 with a roster.",
    ]


def test_more_visits_than_a_cell_can_hold_are_a_plus_and_the_plus_is_explained() -> None:
    drawn = calendar(days(134)).plain

    assert "Mon   +" in drawn
    assert "+ stands for 100 visits or more." in drawn


def test_half_a_year_is_drawn_with_one_figure_a_day() -> None:
    drawn = calendar(days(*([3] * 200))).plain.splitlines()

    assert drawn[1] == "Mon  " + "3" * 29
    assert drawn[0].split() == ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul"]


def test_what_is_older_than_the_picture_is_counted_below_it() -> None:
    spread = days(1) | days(2, first=date(2028, 1, 3))

    assert calendar(spread).plain.splitlines()[-1] == "Not drawn: 1 visit before 24 Aug 2026."


def test_duty_is_not_guessed_without_a_roster() -> None:
    drawn = calendar({date(2026, 1, 12): Day(visits=1, off_duty=None)}).plain

    assert "No roster is at hand: whether a visit was off duty is not known." in drawn


def test_no_visit_is_said_in_words() -> None:
    assert calendar({}).plain == "No dated visit is at hand."


@given(SPANS)
def test_no_calendar_is_wider_than_its_place_on_the_screen(spread: dict[date, Day]) -> None:
    widths = [len(line) for line in calendar(spread).plain.splitlines()]

    assert max(widths) <= 78


@given(SPANS)
def test_every_drawn_day_is_in_exactly_one_cell(spread: dict[date, Day]) -> None:
    drawn = calendar(spread).plain.splitlines()
    weekdays = [
        line[5:] for line in drawn if line[:3] in {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}
    ]
    last = max(spread)
    first = last - timedelta(days=last.weekday()) - timedelta(weeks=71)
    wide = len(drawn[1].split()[0]) <= 2
    cells = sum(
        cell not in {".", ""}
        for line in weekdays
        for cell in (line.replace("*", " ").split() if wide else line)
    )

    assert cells == sum(on >= first for on in spread)


def test_hours_are_those_of_the_force_and_not_of_the_store() -> None:
    summer = a_visit(started_at=a_moment("2026-07-01T01:30:00Z"))

    assert hours_of([summer], LONDON)[2] == 1
    assert clock(hours_of([summer], LONDON)).plain.splitlines()[1].split()[2] == "1"


def test_visits_of_one_day_are_counted_and_one_off_duty_marks_the_day() -> None:
    found = days_of([a_visit(), a_visit(on_duty=False), a_visit(on_duty=None)])

    assert found == {date(2026, 1, 12): Day(visits=3, off_duty=True)}


def test_the_circle_names_each_tie_and_counts_visits_and_days() -> None:
    drawn = circle(
        "P-1",
        [
            Looked(subject_id="P-1", tie="focus", visits=12, days=6),
            Looked(subject_id="P-2", tie="mother", visits=6, days=1),
            Looked(subject_id="P-3", tie="", visits=1, days=1),
        ],
    )

    assert drawn.plain.splitlines() == [
        "P-1     focus       ████████████████████████  12 visits on  6 days",
        "├─ P-2  mother      ████████████               6 visits on   1 day",
        "└─ P-3              ██                          1 visit on   1 day",
    ]


def test_a_large_circle_ends_with_the_number_of_those_not_drawn() -> None:
    many = [Looked(subject_id=f"P-{n:02}", tie="", visits=1, days=1) for n in range(15)]

    assert circle("P-00", many).plain.splitlines()[-1] == "└─ 2 more records, 2 visits"


def test_records_without_a_focus_are_a_plain_list() -> None:
    drawn = circle("", [Looked(subject_id="P-1", tie="", visits=1, days=1)])

    assert drawn.plain.startswith("P-1 ")


def test_a_record_is_tied_by_its_link_or_else_named_by_its_kind() -> None:
    evidence = an_evidence(
        rows=(a_row(subject_id="X1", subject_type="phone"),), visits=(a_visit(subject_id="X1"),)
    )

    assert [one.tie for one in looked_at(evidence, focus="P0001")] == ["phone"]
    assert [one.tie for one in looked_at(an_evidence(), focus="P0001")] == [
        "focus", "mother", "lives at", "friend", "vehicle",
    ]  # fmt: skip

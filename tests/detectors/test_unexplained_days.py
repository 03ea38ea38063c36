"""Days on which one person was looked up and no record explains it."""

from detectors.model import Abstention
from detectors.unexplained_days import UnexplainedDays
from tests.detectors.stories import (
    PERSON,
    STRANGER,
    TEAM_MATE,
    USER,
    Said,
    asked,
    every,
    judged_in,
    looks,
)
from tests.detectors.tables import a_lake

DAYS = [*every([1, 5, 9, 13, 17, 21, 25, 29], month="2026-04"), *every([3, 6, 9, 11, 12, 13])]
CASE = {
    "cases": "case_ref | opened_at\n C-HER | 2026-03-01 09:00",
    "case_subjects": f"case_ref | subject_id\n C-HER | {PERSON}",
}


def tasked(user: str) -> str:
    """A tasking that covers every one of the days."""
    return f"user_id | case_ref | starts_at\n {user} | C-HER | 2026-03-01 09:00"


def test_fourteen_days_without_a_reason_on_file_are_found() -> None:
    found = asked(UnexplainedDays(), events=looks(*DAYS))

    assert isinstance(found, Said)
    assert found.pvalue < 1e-4
    assert found.observed == 14
    assert found.says.startswith(
        "14 duty days in 90 with a visit that no record explains; comparable staff (neighbourhood)"
    )


def test_one_unexplained_day_is_nothing_unusual() -> None:
    found = asked(UnexplainedDays(), events=looks(*every([13])))

    assert isinstance(found, Said)
    assert found.observed == 1
    assert found.pvalue > 0.05


def test_three_unexplained_days_are_just_under() -> None:
    found = asked(UnexplainedDays(), events=looks(*every([9, 11, 13])))

    assert isinstance(found, Said)
    assert found.pvalue > 0.01


def test_the_same_days_with_a_tasking_on_file_are_not_judged() -> None:
    assert asked(UnexplainedDays(), events=looks(*DAYS), taskings=tasked(USER), **CASE) is None


def test_the_same_days_with_a_team_mates_tasking_hold_no_unexplained_day() -> None:
    found = asked(UnexplainedDays(), events=looks(*DAYS), taskings=tasked(TEAM_MATE), **CASE)

    assert isinstance(found, Said)
    assert (found.observed, found.pvalue) == (0, 1.0)


def test_a_strangers_tasking_explains_none_of_the_days() -> None:
    found = asked(UnexplainedDays(), events=looks(*DAYS), taskings=tasked(STRANGER), **CASE)

    assert isinstance(found, Said)
    assert found.observed == 14


def test_without_any_work_record_it_cannot_be_said_what_is_unexplained() -> None:
    lake = a_lake(events=looks(*DAYS), case_subjects=CASE["case_subjects"])

    assert judged_in(lake, UnexplainedDays()) == Abstention(
        detector="unexplained_days",
        version=1,
        pairs=14,
        needs=("taskings", "cases"),
        reason="neither taskings nor cases are loaded, so no visit can be called unexplained",
    )


def test_somebody_whose_taskings_are_rarely_on_file_is_expected_to_have_such_days() -> None:
    unwritten = [
        row
        for number in range(40)
        for row in looks(*every([20, 22, 24], month="2026-04"), person=f"P-OTHER{number}")
    ]
    of_four_weeks = UnexplainedDays(windows_days=(28,))
    found = asked(of_four_weeks, events=looks(*DAYS))
    of_habit = asked(of_four_weeks, events=[*looks(*DAYS), *unwritten])

    assert isinstance(found, Said)
    assert isinstance(of_habit, Said)
    assert of_habit.expected > found.expected

"""Many looks at one person in a short spell, none of them explained by a record."""

from detectors.burst_unexplained import BurstUnexplained
from detectors.model import Abstention
from tests.detectors.stories import (
    PERSON,
    STRANGER,
    TEAM_MATE,
    USER,
    Said,
    asked,
    judged_in,
    looks,
    within_the_hour,
)
from tests.detectors.tables import a_lake

SIXTY = looks(*within_the_hour(times=60))
CASE = {
    "cases": "case_ref | opened_at\n C-HER | 2026-05-13 07:00",
    "case_subjects": f"case_ref | subject_id\n C-HER | {PERSON}",
}


def tasked(user: str) -> str:
    """A tasking that covers the day."""
    return f"user_id | case_ref | starts_at\n {user} | C-HER | 2026-05-13 07:00"


def test_sixty_unexplained_looks_in_one_day_are_found() -> None:
    found = asked(BurstUnexplained(), events=SIXTY)

    assert isinstance(found, Said)
    assert found.pvalue < 1e-6
    assert found.observed == 60
    assert found.says.startswith(
        "looked in 60 separate ten-minute slots within 24 hours in visits that no record explains"
    )


def test_three_unexplained_looks_are_just_under() -> None:
    found = asked(BurstUnexplained(), events=looks(*within_the_hour(times=3)))

    assert isinstance(found, Said)
    assert 0.01 < found.pvalue < 0.1


def test_a_burst_in_help_of_a_team_mate_holds_no_unexplained_look() -> None:
    found = asked(BurstUnexplained(), events=SIXTY, taskings=tasked(TEAM_MATE), **CASE)

    assert isinstance(found, Said)
    assert (found.observed, found.pvalue) == (0, 1.0)


def test_a_strangers_tasking_explains_no_look_of_a_burst() -> None:
    found = asked(BurstUnexplained(), events=SIXTY, taskings=tasked(STRANGER), **CASE)

    assert isinstance(found, Said)
    assert found.observed == 60


def test_the_same_burst_weighs_less_where_work_is_seldom_on_file() -> None:
    unwritten = [
        row
        for number in range(60)
        for row in looks(f"2026-04-{1 + number % 28:02d} 09:00", person=f"P-OTHER{number}")
    ]
    few = looks(*within_the_hour(times=4))

    found = asked(BurstUnexplained(), events=few)
    of_habit = asked(BurstUnexplained(), events=[*few, *unwritten])

    assert isinstance(found, Said)
    assert isinstance(of_habit, Said)
    assert of_habit.expected > 1.3 * found.expected


def test_without_any_work_record_no_look_of_a_burst_can_be_called_unexplained() -> None:
    lake = a_lake(events=SIXTY, case_subjects=CASE["case_subjects"])

    assert judged_in(lake, BurstUnexplained()) == Abstention(
        detector="burst_unexplained",
        version=1,
        pairs=1,
        needs=("taskings", "cases"),
        reason="neither taskings nor cases are loaded, so no visit can be called unexplained",
    )


def test_with_next_to_nobody_to_compare_with_a_burst_says_nothing() -> None:
    lake = a_lake(events=SIXTY, taskings=tasked(USER).replace("C-HER", "C-ELSE"), **CASE)

    assert judged_in(lake, BurstUnexplained()) is None

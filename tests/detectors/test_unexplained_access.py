"""One person looked up, and no record of any work with them."""

import pytest

from detectors.model import Abstention
from detectors.unexplained_access import UnexplainedAccess
from tests.detectors.stories import (
    PERSON,
    TEAM_MATE,
    USER,
    Said,
    asked,
    every,
    judged_in,
    looks,
)
from tests.detectors.tables import a_lake

CASE = {
    "cases": "case_ref | opened_at\n C-HER | 2026-05-10 07:00",
    "case_subjects": f"case_ref | subject_id\n C-HER | {PERSON}",
}
ONE_LOOK = looks(*every([13]))


def of_recorded_work(many: int) -> dict[str, list[dict[str, str | None]]]:
    """So many people of whom the user had a tasking, in April."""
    days = [f"2026-04-{1 + number % 28:02d}" for number in range(many)]
    cases = [f"C-OTHER{number}" for number in range(many)]
    return {
        "events": [
            row
            for number, day in enumerate(days)
            for row in looks(f"{day} 09:00", person=f"P-OTHER{number}")
        ],
        "cases": [
            {"case_ref": case, "opened_at": f"{day} 07:00"}
            for case, day in zip(cases, days, strict=True)
        ],
        "case_subjects": [
            {"case_ref": case, "subject_id": f"P-OTHER{number}"}
            for number, case in enumerate(cases)
        ],
        "taskings": [
            {
                "user_id": USER,
                "case_ref": case,
                "starts_at": f"{day} 07:00",
                "ends_at": f"{day} 19:00",
            }
            for case, day in zip(cases, days, strict=True)
        ],
    }


def test_no_reason_on_file_is_found_for_somebody_whose_work_always_is() -> None:
    tables = of_recorded_work(200)
    found = asked(UnexplainedAccess(), **{**tables, "events": [*tables["events"], *ONE_LOOK]})

    assert isinstance(found, Said)
    assert found.pvalue < 0.1
    assert found.says.startswith(
        "no record explains any of the visits to this person in 28 days (1)"
    )


def test_no_reason_on_file_is_nothing_much_for_most() -> None:
    found = asked(UnexplainedAccess(), events=ONE_LOOK)

    assert isinstance(found, Said)
    assert 0.2 < found.pvalue < 0.6


def test_however_many_visits_of_one_engagement_are_one_trial() -> None:
    once = asked(UnexplainedAccess(), events=ONE_LOOK)
    often = asked(UnexplainedAccess(), events=looks(*every(range(1, 14))))

    assert isinstance(once, Said)
    assert isinstance(often, Said)
    assert often.pvalue == pytest.approx(once.pvalue, rel=0.15)
    assert "in 28 days (13)" in often.says


def test_a_team_mates_tasking_is_a_reason() -> None:
    taskings = f"user_id | case_ref | starts_at\n {TEAM_MATE} | C-HER | 2026-05-12 07:00"
    found = asked(UnexplainedAccess(), events=ONE_LOOK, taskings=taskings, **CASE)

    assert isinstance(found, Said)
    assert (found.observed, found.pvalue) == (0, 1.0)


def test_without_any_work_record_no_reason_can_be_missing() -> None:
    lake = a_lake(events=ONE_LOOK, case_subjects=CASE["case_subjects"])

    outcome = judged_in(lake, UnexplainedAccess())

    assert isinstance(outcome, Abstention)
    assert outcome.needs == ("taskings", "cases")


def test_with_next_to_nobody_to_compare_with_no_reason_says_nothing() -> None:
    taskings = f"user_id | case_ref | starts_at\n {USER} | C-ELSE | 2026-05-12 07:00"
    lake = a_lake(events=ONE_LOOK, taskings=taskings, **CASE)

    assert judged_in(lake, UnexplainedAccess()) is None

"""The same again after an earlier matter about the member of staff was decided."""

from collections.abc import Iterable

from detectors.after_outcome import AfterOutcome
from detectors.model import Abstention
from tests.detectors.stories import (
    LAST_DAY,
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
from tests.detectors.tables import Row, a_lake

APRIL = every(range(1, 9), month="2026-04")
WORK = {
    "cases": "case_ref | opened_at\n C-OTHER | 2026-03-01 07:00",
    "case_subjects": "case_ref | subject_id\n C-OTHER | P-OTHER",
}


def decided(day: str, *, user: str = USER) -> list[Row]:
    """An outcome about the user, that day."""
    return [{"user_id": user, "decision": "written warning", "decided_at": f"{day} 12:00"}]


def many_people(days: Iterable[int], *, month: str = "2026-05") -> list[Row]:
    """A look at somebody else on each day."""
    return [
        row for day in days for row in looks(f"{month}-{day:02d} 14:00", person=f"P-{month}-{day}")
    ]


def test_the_same_person_again_on_nine_days_is_found() -> None:
    found = asked(
        AfterOutcome(),
        events=looks(*APRIL, *every(range(5, 14))),
        outcomes=decided("2026-04-10"),
    )

    assert isinstance(found, Said)
    assert found.observed == 9
    assert found.pvalue < 0.01
    assert "again on 9 days in the last 28, unexplained" in found.says


def test_one_look_again_is_just_under() -> None:
    found = asked(
        AfterOutcome(),
        events=looks(*APRIL, f"{LAST_DAY} 09:00"),
        outcomes=decided("2026-04-10"),
    )

    assert isinstance(found, Said)
    assert found.pvalue > 0.01


def test_somebody_new_after_the_outcome_is_not_the_same_again() -> None:
    found = asked(
        AfterOutcome(), events=looks(*every(range(9, 14))), outcomes=decided("2026-04-10")
    )

    assert isinstance(found, Said)
    assert found.pvalue > 0.01


def test_the_circle_of_the_person_is_the_same_again() -> None:
    sister = "P-SISTER"
    found = asked(
        AfterOutcome(),
        events=looks(*APRIL, person=sister) + looks(*every(range(5, 14))),
        subject_links=[{"subject_id": PERSON, "linked_subject_id": sister}],
        outcomes=decided("2026-04-10"),
    )

    assert isinstance(found, Said)
    assert found.observed == 9


def test_many_more_unexplained_days_after_the_outcome_are_found() -> None:
    """A few before it, nearly every day after it, each time somebody else."""
    days = many_people(range(13, 31), month="2026-04") + many_people(range(1, 14))
    found = asked(
        AfterOutcome(),
        events=days + looks(f"{LAST_DAY} 09:00"),
        outcomes=decided("2026-04-12"),
    )

    assert isinstance(found, Said)
    assert found.observed > 20
    assert found.pvalue < 0.05
    assert "of the days with an unexplained lookup, of anybody, lie after" in found.says


def test_who_was_sent_to_her_case_afterwards_is_left_alone() -> None:
    found = asked(
        AfterOutcome(),
        events=looks(*APRIL, *every(range(5, 14))),
        outcomes=decided("2026-04-10"),
        cases="case_ref | opened_at\n C-HER | 2026-05-01 07:00",
        case_subjects=f"case_ref | subject_id\n C-HER | {PERSON}",
        taskings=[
            {"user_id": user, "case_ref": "C-HER", "starts_at": "2026-05-01 07:00"}
            for user in (USER, TEAM_MATE)
        ],
    )

    assert found is None


def test_of_users_without_an_outcome_or_in_its_first_week_nothing_is_said() -> None:
    again = looks(*APRIL, *every(range(5, 14)))

    with_one_elsewhere = asked(
        AfterOutcome(), events=again, outcomes=decided("2026-04-10", user="U9999")
    )
    in_the_first_week = asked(AfterOutcome(), events=again, outcomes=decided("2026-05-09"))

    assert with_one_elsewhere is None
    assert in_the_first_week is None


def test_with_next_to_nobody_to_compare_with_nothing_is_said() -> None:
    lake = a_lake(
        events=[*looks("2026-04-01 09:00", user=STRANGER), *looks(*APRIL, *every(range(5, 14)))],
        outcomes=decided("2026-04-10"),
        **WORK,
    )

    assert judged_in(lake, AfterOutcome()) is None


def test_without_a_record_of_work_it_declines() -> None:
    lake = a_lake(
        events=looks(f"{LAST_DAY} 09:00"),
        outcomes=decided("2026-04-10"),
        case_subjects=WORK["case_subjects"],
    )

    assert isinstance(judged_in(lake, AfterOutcome()), Abstention)

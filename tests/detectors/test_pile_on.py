"""Many members of staff at one person's record in a few days, tied to no case."""

from collections.abc import Iterable

from detectors.model import Abstention
from detectors.pile_on import PileOn
from tests.detectors.force import user_id
from tests.detectors.stories import LAST_DAY, PERSON, USER, Said, asked, judged_in, looks
from tests.detectors.tables import Row, a_lake

OTHERS = [user_id(number) for number in range(20, 50)]
CASE = {
    "cases": "case_ref | opened_at\n C-HER | 2026-05-12 07:00",
    "case_subjects": f"case_ref | subject_id\n C-HER | {PERSON}",
}


def a_crowd(users: Iterable[str], *, day: str = LAST_DAY) -> list[Row]:
    """One look of each at the person, within the day."""
    return [
        row
        for number, user in enumerate(users)
        for row in looks(f"{day} {8 + number // 6:02d}:{number % 6}0", user=user)
    ]


def tasked(users: Iterable[str]) -> list[Row]:
    """Everybody sent to the case of the person."""
    return [
        {"user_id": user, "case_ref": "C-HER", "starts_at": "2026-05-12 07:00"} for user in users
    ]


def test_a_crowd_at_one_record_without_a_case_is_found() -> None:
    found = asked(PileOn(), events=[*looks(f"{LAST_DAY} 07:00"), *a_crowd(OTHERS[:14])])

    assert isinstance(found, Said)
    assert found.observed == 15
    assert found.pvalue < 1e-4
    assert found.says.startswith("15 members of staff looked at this record within 2 days")


def test_one_other_viewer_is_just_under() -> None:
    found = asked(PileOn(), events=[*looks(f"{LAST_DAY} 07:00"), *a_crowd(OTHERS[:1])])

    assert isinstance(found, Said)
    assert found.observed == 2
    assert found.pvalue > 0.01


def test_the_helpers_of_a_major_incident_are_left_alone() -> None:
    """Twenty are sent to the case, eight more help without being on any list."""
    found = asked(
        PileOn(),
        events=[*looks(f"{LAST_DAY} 07:00"), *a_crowd(OTHERS[:28])],
        taskings=tasked(OTHERS[:20]),
        **CASE,
    )

    assert isinstance(found, Said)
    assert found.observed > 5
    assert found.pvalue > 0.01


def test_a_record_that_is_always_looked_at_by_many_is_left_alone() -> None:
    earlier = [
        row
        for number, user in enumerate(OTHERS)
        for row in looks(f"2026-04-{5 + number // 2:02d} 10:00", user=user)
    ]
    found = asked(PileOn(), events=[*earlier, *looks(f"{LAST_DAY} 07:00"), *a_crowd(OTHERS[:4])])

    assert isinstance(found, Said)
    assert found.observed == 5
    assert found.pvalue > 0.01


def test_one_who_comes_back_often_is_no_crowd() -> None:
    found = asked(PileOn(), events=looks(*(f"{LAST_DAY} {hour:02d}:00" for hour in range(24))))

    assert isinstance(found, Said)
    assert (found.observed, found.pvalue) == (1, 1.0)


def test_with_next_to_nobody_to_compare_with_nothing_is_said() -> None:
    lake = a_lake(events=[*looks(f"{LAST_DAY} 07:00"), *a_crowd(OTHERS[:14])], **CASE)

    assert judged_in(lake, PileOn()) is None


def test_without_a_record_of_work_nobody_can_be_called_unexplained() -> None:
    lake = a_lake(events=looks(f"{LAST_DAY} 07:00", user=USER), case_subjects=CASE["case_subjects"])

    found = judged_in(lake, PileOn())

    assert isinstance(found, Abstention)
    assert found.needs == ("taskings", "cases")

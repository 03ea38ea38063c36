"""Coming back to one person ever more often."""

from detectors.returning_faster import ReturningFaster
from tests.detectors.stories import PERSON, USER, Said, asked, every, judged_in, looks
from tests.detectors.tables import a_lake

FASTER = [
    *("2026-02-03 09:00", "2026-03-10 09:00", "2026-04-07 09:00", "2026-04-21 09:00"),
    *every([1, 5, 7, 9, 11, 12, 13]),
]
EVENLY = [f"2026-{day} 09:00" for day in ("02-03", "02-24", "03-17", "04-07", "04-28", "05-13")]


def test_returns_ever_closer_together_are_found() -> None:
    found = asked(ReturningFaster(), events=looks(*FASTER))

    assert isinstance(found, Said)
    assert found.pvalue < 0.005
    assert found.says.startswith("visits on 11 of 78 days at work, those between the first and")


def test_a_little_more_towards_the_end_is_just_under() -> None:
    days = ("02-03", "03-10", "04-07", "04-28", "05-06", "05-13")
    found = asked(ReturningFaster(), events=looks(*(f"2026-{day} 09:00" for day in days)))

    assert isinstance(found, Said)
    assert 0.05 < found.pvalue < 0.5


def test_a_weekly_caller_does_not_come_back_faster() -> None:
    found = asked(ReturningFaster(), events=looks(*EVENLY))

    assert isinstance(found, Said)
    assert found.pvalue > 0.3


def test_a_case_that_was_busy_at_first_does_not_speak() -> None:
    busy = every([3, 4, 5, 6, 9], month="2026-02")
    found = asked(ReturningFaster(), events=looks(*busy, *every([13])))

    assert isinstance(found, Said)
    assert found.pvalue > 0.9


def test_days_that_a_tasking_explains_are_no_returns() -> None:
    found = asked(
        ReturningFaster(),
        events=looks(*FASTER),
        cases="case_ref | opened_at\n C-HER | 2026-04-30 09:00",
        case_subjects=f"case_ref | subject_id\n C-HER | {PERSON}",
        taskings=f"""
            user_id | case_ref | starts_at        | ends_at
            {USER}  | C-HER    | 2026-04-30 09:00 | 2026-05-09 12:00
            U-001   | C-HER    | 2026-04-30 09:00 | 2026-05-09 12:00
        """,
    )

    assert isinstance(found, Said)
    assert found.says.startswith("visits on 6 of 78 days at work")  # 12 and 13 May beside four
    assert found.pvalue > 0.05


def test_three_days_have_no_order_that_could_be_told() -> None:
    assert asked(ReturningFaster(), events=looks(*every([3, 12, 13]))) is None


def test_returns_speak_for_themselves_without_anybody_to_compare_with() -> None:
    at_work = [f"2026-{month:02d}-{day:02d} 08:00" for month in (2, 3, 4) for day in range(1, 29)]
    lake = a_lake(events=[*looks(*at_work, person="P-OTHERS"), *looks(*FASTER)])
    found = judged_in(lake, ReturningFaster())

    assert isinstance(found, Said)
    assert found.pvalue < 0.01

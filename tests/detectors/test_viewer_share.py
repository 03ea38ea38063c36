"""Of everybody who looked at a person, how much was one member of staff."""

from detectors.viewer_share import ViewerShare
from tests.detectors.stories import PERSON, USER, Said, asked, every, looks

DAYS = [*every([1, 9, 17, 25, 29], month="2026-04"), *every([3, 6, 9, 11, 12, 13])]
COLLEAGUES = [f"U{number:04d}" for number in range(20, 40)]


def test_nearly_all_viewer_days_of_one_person_are_found() -> None:
    found = asked(ViewerShare(), events=[*looks(*DAYS), *looks("2026-04-02 12:00", user="U0020")])

    assert isinstance(found, Said)
    assert found.pvalue < 0.02
    assert found.says.startswith(
        "11 of the 12 viewer days on this record in 56 days are theirs; comparable staff"
    )


def test_two_viewer_days_of_three_are_just_under() -> None:
    others = looks("2026-05-01 12:00", user="U0020")
    found = asked(ViewerShare(), events=[*looks(*every([12, 13])), *others])

    assert isinstance(found, Said)
    assert found.pvalue > 0.05


def test_somebody_whom_many_look_at_is_nobodys_alone() -> None:
    others = [row for user in COLLEAGUES for row in looks(*every([4, 8], at="15:00"), user=user)]
    found = asked(ViewerShare(), events=[*looks(*DAYS), *others])
    alone = asked(ViewerShare(), events=looks(*DAYS))

    assert isinstance(found, Said)
    assert isinstance(alone, Said)
    assert found.pvalue > 10 * alone.pvalue


def test_the_only_viewer_day_there_is_says_nothing() -> None:
    assert asked(ViewerShare(), events=looks(*every([13]))) is None


def test_viewer_days_of_three_months_ago_do_not_count() -> None:
    others = looks(*every([2, 3, 4, 5, 6], month="2026-03"), user="U0020")
    found = asked(ViewerShare(), events=[*looks(*every([12, 13])), *others])

    assert isinstance(found, Said)
    assert found.says.startswith("2 of the 2 viewer days")


def test_days_that_a_tasking_explains_are_viewer_days_of_nobody_to_wonder_at() -> None:
    found = asked(
        ViewerShare(),
        events=looks(*DAYS),
        cases="case_ref | opened_at\n C-HER | 2026-03-30 09:00",
        case_subjects=f"case_ref | subject_id\n C-HER | {PERSON}",
        taskings=f"""
            user_id | case_ref | starts_at        | ends_at
            {USER}  | C-HER    | 2026-03-30 09:00 | 2026-05-08 12:00
        """,
    )

    assert isinstance(found, Said)
    assert found.says.startswith("3 of the 11 viewer days")

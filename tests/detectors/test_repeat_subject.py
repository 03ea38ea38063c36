"""Coming back to one person on many days."""

from detectors.model import Abstention
from detectors.repeat_subject import RepeatSubject
from tests.detectors.stories import LAST_DAY, PERSON, USER, Said, asked, every, judged_in, looks
from tests.detectors.tables import a_lake

DRIP = [*every([1, 5, 9, 13, 17, 21, 25, 29], month="2026-04"), *every([3, 6, 9, 11, 12, 13])]
A_NIGHT_EACH = [*every([10, 11, 12], at="23:00"), *every([11, 12, 13], at="02:00")]


def test_a_look_every_few_days_for_weeks_is_found() -> None:
    found = asked(RepeatSubject(), events=looks(*DRIP))

    assert isinstance(found, Said)
    assert found.pvalue < 1e-4
    assert found.observed == 14
    assert found.says.startswith(
        "came back on 14 duty days in 90; comparable staff (neighbourhood)"
    )


def test_coming_back_on_two_more_days_is_just_under() -> None:
    found = asked(RepeatSubject(), events=looks(*every([9, 11, 13])))

    assert isinstance(found, Said)
    assert found.observed == 3
    assert found.pvalue > 0.01


def test_a_single_day_however_busy_says_nothing_unusual() -> None:
    found = asked(
        RepeatSubject(), events=looks(*(f"{LAST_DAY} {hour:02d}:00" for hour in range(9, 17)))
    )

    assert isinstance(found, Said)
    assert (found.observed, found.pvalue) == (1, 1.0)


def test_days_that_a_tasking_explains_do_not_count() -> None:
    found = asked(
        RepeatSubject(),
        events=looks(*DRIP),
        cases="case_ref | opened_at\n C-HER | 2026-03-30 09:00",
        case_subjects=f"case_ref | subject_id\n C-HER | {PERSON}",
        taskings=f"""
            user_id | case_ref | starts_at        | ends_at
            {USER}  | C-HER    | 2026-03-30 09:00 | 2026-05-10 12:00
        """,
    )

    assert isinstance(found, Said)
    assert found.observed == 1  # 13 May; 11 and 12 May are still paperwork of the tasking
    assert found.pvalue == 1.0


def test_a_night_shift_looked_at_before_and_after_midnight_is_one_day() -> None:
    shifts = "user_id | starts_at | ends_at | kind\n" + "\n".join(
        f"{USER} | 2026-05-{day} 21:00 | 2026-05-{day + 1} 06:00 | duty" for day in (10, 11, 12)
    )
    found = asked(RepeatSubject(), events=looks(*A_NIGHT_EACH), shifts=shifts)

    assert isinstance(found, Said)
    assert found.observed == 3


def test_somebody_who_comes_back_to_everybody_is_expected_to() -> None:
    to_everybody = [
        row
        for number in range(40)
        for row in looks(*every([2, 6, 10, 14], month="2026-04"), person=f"P-OTHER{number}")
    ]
    found = asked(RepeatSubject(), events=looks(*DRIP))
    of_habit = asked(RepeatSubject(), events=[*looks(*DRIP), *to_everybody])

    assert isinstance(found, Said)
    assert isinstance(of_habit, Said)
    assert of_habit.expected > 1.4 * found.expected
    assert of_habit.pvalue > 10 * found.pvalue


def test_a_history_of_three_weeks_is_too_short_to_speak_of_returns() -> None:
    lake = a_lake(events=looks(*every([1, 5, 8, 10, 12, 13]), "2026-04-23 09:00"))

    assert judged_in(lake, RepeatSubject()) == Abstention(
        detector="repeat_subject",
        version=2,
        pairs=7,
        reason="the history of accesses is shorter than the 28 days this question looks at",
    )


def test_a_history_of_five_weeks_speaks_of_four_and_not_of_twelve() -> None:
    lake = a_lake(events=looks("2026-04-05 09:00", *DRIP[4:]))
    from tests.detectors.stories import END, REFERENCE
    from tests.detectors.tables import a_frame

    measured = RepeatSubject().measure(a_frame(lake, REFERENCE, END))

    assert not isinstance(measured, Abstention)
    assert measured.counts["days_28"][-1] == 10
    assert str(measured.counts["days_90"][-1]) == "nan"


def test_a_look_a_month_for_a_year_counts_twelve_days() -> None:
    monthly = [f"2025-{month:02d}-14 09:00" for month in range(6, 13)]
    monthly += [f"2026-{month:02d}-14 09:00" for month in range(1, 5)]
    lake = a_lake(events=looks("2025-05-01 09:00", *monthly, f"{LAST_DAY} 09:00"))
    from tests.detectors.stories import END, REFERENCE
    from tests.detectors.tables import a_frame

    measured = RepeatSubject().measure(a_frame(lake, REFERENCE, END))

    assert not isinstance(measured, Abstention)
    assert measured.counts["days_365"][-1] == 12
    assert measured.counts["days_90"][-1] == 4

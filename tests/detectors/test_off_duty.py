"""Looking one person up when not at work."""

from detectors.model import Abstention
from detectors.off_duty import OffDuty
from tests.detectors.stories import (
    USER,
    Said,
    a_force_with,
    asked,
    every,
    judged_in,
    looks,
)
from tests.detectors.tables import a_lake

SIX = [4, 5, 6, 11, 12, 13]  # of May; the user's shift is from 7 to 18


def shifts(kind: str, *, days: list[int]) -> str:
    """An evening of one kind on each of the days."""
    lines = [f"{USER} | 2026-05-{day:02d} 18:00 | 2026-05-{day:02d} 23:00 | {kind}" for day in days]
    return "\n".join(["user_id | starts_at | ends_at | kind", *lines])


def test_six_evenings_off_duty_are_found() -> None:
    found = asked(OffDuty(), events=looks(*every(SIX, at="21:00")))

    assert isinstance(found, Said)
    assert found.pvalue < 1e-4
    assert found.says.startswith(
        "6 of 6 duty days in 90 with a visit outside the rostered shifts; by their own habit"
    )


def test_one_evening_off_duty_is_just_under() -> None:
    found = asked(OffDuty(), events=looks(*every([13], at="21:00")))

    assert isinstance(found, Said)
    assert (found.observed, found.pvalue > 0.01) == (1, True)


def test_the_same_days_in_the_shift_are_nothing_unusual() -> None:
    found = asked(OffDuty(), events=looks(*every(SIX, at="10:00")))

    assert isinstance(found, Said)
    assert (found.observed, found.pvalue) == (0, 1.0)


def test_evenings_of_posted_overtime_are_on_duty() -> None:
    found = asked(
        OffDuty(), events=looks(*every(SIX, at="21:00")), shifts=shifts("overtime", days=SIX)
    )

    assert isinstance(found, Said)
    assert (found.observed, found.pvalue) == (0, 1.0)


def test_somebody_whose_overtime_is_never_posted_is_expected_off_duty() -> None:
    evenings = [
        row
        for day in range(1, 29)
        for row in looks(f"2026-04-{day:02d} 21:00", person=f"P-OTHER{day}")
    ]
    found = asked(OffDuty(), events=looks(*every(SIX, at="21:00")))
    of_habit = asked(OffDuty(), events=[*looks(*every(SIX, at="21:00")), *evenings])

    assert isinstance(found, Said)
    assert isinstance(of_habit, Said)
    assert of_habit.expected > 5 * found.expected
    assert of_habit.pvalue > 100 * found.pvalue


def test_an_evening_of_work_with_many_people_is_one_evening_of_habit() -> None:
    one = looks("2026-04-01 21:00", person="P-OTHER")
    many = [
        row for number in range(30) for row in looks("2026-04-01 21:00", person=f"P-OTHER{number}")
    ]
    of_one = asked(OffDuty(), events=[*looks(*every(SIX, at="21:00")), *one])
    of_many = asked(OffDuty(), events=[*looks(*every(SIX, at="21:00")), *many])

    assert isinstance(of_one, Said)
    assert isinstance(of_many, Said)
    assert of_many.expected < 1.5 * of_one.expected


def test_without_a_roster_breaks_in_activity_tell_and_weigh_a_quarter() -> None:
    at_work = [
        row
        for day in SIX
        for hour in (9, 12, 14)
        for row in looks(f"2026-05-{day:02d} {hour:02d}:00", person=f"P-OTHER{day}-{hour}")
    ]
    with a_force_with(events=[*at_work, *looks(*every(SIX, at="22:30"))]) as lake:
        lake.execute("delete from shifts")
        found = judged_in(lake, OffDuty())

    assert isinstance(found, Said)
    assert found.observed == 6
    assert 0.005 < found.pvalue < 0.2
    assert "no roster tells, so this weighs a quarter" in found.says


def test_with_neither_roster_nor_enough_activity_off_duty_is_not_asked() -> None:
    lake = a_lake(events=looks(*every([11, 12, 13], at="21:00")))

    assert judged_in(lake, OffDuty()) == Abstention(
        detector="off_duty",
        version=1,
        pairs=3,
        needs=("shifts",),
        reason="no shifts are loaded, and the log holds too few visits a day to tell work from "
        "rest by its breaks",
    )

"""Many looks at one person in a short spell."""

from detectors.burst import Burst
from tests.detectors.stories import (
    LAST_DAY,
    PERSON,
    STRANGER,
    USER,
    Said,
    asked,
    judged_in,
    looks,
    within_the_hour,
)
from tests.detectors.tables import a_lake

CASE_OF_HER = {
    "cases": "case_ref | opened_at\n C-HER | 2026-05-13 07:00",
    "case_subjects": f"case_ref | subject_id\n C-HER | {PERSON}",
    "taskings": f"user_id | case_ref | starts_at\n {USER} | C-HER | 2026-05-13 07:00",
}


def test_sixty_looks_in_one_day_are_found() -> None:
    found = asked(Burst(), events=looks(*within_the_hour(times=60)))

    assert isinstance(found, Said)
    assert found.pvalue < 1e-6
    assert found.evidence_value > 1000
    assert found.observed == 60
    assert found.says.startswith(
        (
            "looked in 60 separate ten-minute slots within 12 hours",
            "looked in 60 separate ten-minute slots within 24 hours",  # both hold all sixty
        )
    )


def test_sixty_rows_of_one_click_are_one_look() -> None:
    seconds = [f"{LAST_DAY} 09:00:{second:02d}" for second in range(60)]
    found = asked(Burst(), events=looks(*seconds))

    assert isinstance(found, Said)
    assert (found.observed, found.pvalue) == (1, 1.0)


def test_a_few_looks_in_an_hour_are_just_under() -> None:
    found = asked(Burst(), events=looks(*within_the_hour(times=3)))

    assert isinstance(found, Said)
    assert found.observed == 3
    assert found.pvalue > 0.01


def test_the_spell_that_stands_out_is_the_one_that_is_told() -> None:
    in_an_hour = asked(Burst(), events=looks(*within_the_hour(times=6)))
    over_the_day = asked(
        Burst(), events=looks(*(f"{LAST_DAY} {hour:02d}:00" for hour in range(24)))
    )

    assert isinstance(in_an_hour, Said)
    assert isinstance(over_the_day, Said)
    assert "looked in 6 separate ten-minute slots within an hour" in in_an_hour.says
    assert "looked in 24 separate ten-minute slots within 24 hours" in over_the_day.says


def test_a_burst_that_a_tasking_explains_is_not_judged() -> None:
    assert asked(Burst(), events=looks(*within_the_hour(times=60)), **CASE_OF_HER) is None


def test_a_spell_of_yesterday_is_not_counted_again_today() -> None:
    busy = within_the_hour(day="2026-05-12", times=30)
    found = asked(Burst(), events=looks(*busy, f"{LAST_DAY} 15:00"))

    assert isinstance(found, Said)
    assert found.observed < 5


def test_a_spell_across_midnight_is_one_spell() -> None:
    evening = [f"2026-05-12 23:{minute}0" for minute in range(3, 6)]
    night = [f"{LAST_DAY} 00:{minute}0" for minute in range(3)]
    found = asked(Burst(), events=looks(*evening, *night))

    assert isinstance(found, Said)
    assert found.says.startswith("looked in 6 separate ten-minute slots within an hour")


def test_with_next_to_nobody_to_compare_with_nothing_is_said() -> None:
    others = looks("2026-04-01 09:00", user=STRANGER)
    lake = a_lake(events=[*others, *looks(*within_the_hour(times=60))])

    assert judged_in(lake, Burst()) is None

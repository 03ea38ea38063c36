"""Looking again each time the record of a person changes."""

from detectors.after_change import AfterChange
from tests.detectors.stories import PERSON, USER, Said, asked, every, judged_in, looks
from tests.detectors.tables import a_lake

EACH_TIME = [f"2026-{day} 09:00" for day in ("02-10", "03-17", "04-14", "05-13")]
AT_OTHER_TIMES = [f"2026-{day} 09:00" for day in ("02-02", "02-24", "03-02", "03-30", "05-13")]


def changed(*days: str, field: str = "address") -> str:
    """Changes of the person's record, at noon of each day."""
    rows = [f"{PERSON} | {field} | 2026-{day} 12:00" for day in days]
    return "\n".join(["subject_id | field | changed_at", *rows])


FOUR = changed("02-09", "03-16", "04-13", "05-11")


def test_a_look_after_each_of_four_changes_is_found() -> None:
    found = asked(AfterChange(), events=looks(*EACH_TIME), record_changes=FOUR)

    assert isinstance(found, Said)
    assert found.pvalue < 0.005
    assert found.says.startswith(
        "4 of 4 unexplained returns to this person fall within seven days after a change"
    )


def test_one_look_after_one_change_is_just_under() -> None:
    found = asked(AfterChange(), events=looks(*every([13])), record_changes=changed("05-11"))

    assert isinstance(found, Said)
    assert found.observed == 1
    assert 0.01 < found.pvalue < 0.2


def test_looks_at_other_times_are_nothing_unusual() -> None:
    found = asked(AfterChange(), events=looks(*AT_OTHER_TIMES), record_changes=FOUR)

    assert isinstance(found, Said)
    assert found.pvalue > 0.3


def test_a_busy_week_after_a_change_is_one_return() -> None:
    found = asked(AfterChange(), events=looks(*every([9, 10, 11, 12, 13])), record_changes=FOUR)

    assert isinstance(found, Said)
    assert found.says.startswith("0 of 1 unexplained returns")


def test_changes_made_while_tasked_to_the_person_do_not_count() -> None:
    found = asked(
        AfterChange(),
        events=looks(*EACH_TIME),
        record_changes=FOUR,
        cases="case_ref | opened_at\n C-HER | 2026-02-01 09:00",
        case_subjects=f"case_ref | subject_id\n C-HER | {PERSON}",
        taskings=f"""
            user_id | case_ref | starts_at        | ends_at
            {USER}  | C-HER    | 2026-02-01 09:00 | 2026-05-01 09:00
        """,
    )

    assert isinstance(found, Said)
    assert found.says.startswith("1 of 1 unexplained returns")


def test_a_change_of_occupation_is_no_reason_to_look_again() -> None:
    changes = FOUR.replace("address", "occupation")

    assert asked(AfterChange(), events=looks(*EACH_TIME), record_changes=changes) is None


def test_of_a_record_that_never_changed_nothing_is_said() -> None:
    assert asked(AfterChange(), events=looks(*EACH_TIME)) is None


def test_rechecks_speak_for_themselves_without_anybody_to_compare_with() -> None:
    at_work = [f"2026-{month:02d}-{day:02d} 08:00" for month in (2, 3, 4) for day in range(1, 29)]
    lake = a_lake(
        events=[*looks(*at_work, person="P-OTHERS"), *looks(*EACH_TIME)], record_changes=FOUR
    )
    found = judged_in(lake, AfterChange())

    assert isinstance(found, Said)
    assert found.pvalue < 0.02

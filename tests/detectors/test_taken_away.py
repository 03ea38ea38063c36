"""What was printed or exported of one person."""

from detectors.model import Abstention
from detectors.taken_away import TakenAway
from tests.detectors.stories import LAST_DAY, PERSON, USER, Said, asked, every, judged_in, looks
from tests.detectors.tables import Row, a_lake

DAYS = every([1, 4, 6, 7, 8, 11, 12, 13])
CASE_OF_HER = {
    "cases": "case_ref | opened_at\n C-HER | 2026-03-30 09:00",
    "case_subjects": f"case_ref | subject_id\n C-HER | {PERSON}",
    "taskings": f"""
        user_id | case_ref | starts_at        | ends_at
        {USER}  | C-HER    | 2026-03-30 09:00 | 2026-05-10 07:00
    """,
}


def printed(*moments: str, action: str = "print", rows: int | None = None) -> list[Row]:
    """Printouts, or exports of so many rows."""
    took = None if rows is None else str(rows)
    return [{**row, "action": action, "export_rows": took} for row in looks(*moments)]


def test_her_record_printed_on_eight_days_is_found() -> None:
    found = asked(TakenAway(), events=printed(*DAYS))

    assert isinstance(found, Said)
    assert found.pvalue < 0.01
    assert found.says.startswith("printed or exported this record 8 times in 28 days")
    assert "comparable staff (neighbourhood): 0." in found.says


def test_one_export_of_many_rows_is_rarer_than_one_of_few() -> None:
    one = asked(TakenAway(), events=printed(f"{LAST_DAY} 09:00", action="export", rows=1))
    many = asked(TakenAway(), events=printed(f"{LAST_DAY} 09:00", action="export", rows=900))

    assert isinstance(one, Said)
    assert isinstance(many, Said)
    assert many.pvalue < one.pvalue / 5
    assert many.says.startswith("took away 900 rows of this record in 90 days")


def test_one_printout_is_just_under() -> None:
    found = asked(TakenAway(), events=printed(f"{LAST_DAY} 09:00"))

    assert isinstance(found, Said)
    assert found.pvalue > 0.02


def test_looks_without_a_printout_say_nothing_unusual() -> None:
    found = asked(TakenAway(), events=looks(*DAYS))

    assert isinstance(found, Said)
    assert (found.observed, found.pvalue) == (0, 1.0)


def test_pages_of_one_printout_are_one() -> None:
    pages = [f"{LAST_DAY} 09:00:{second:02d}" for second in range(40)]
    found = asked(TakenAway(), events=printed(*pages))

    assert isinstance(found, Said)
    assert found.observed == 1


def test_printouts_for_a_tasked_case_do_not_count() -> None:
    found = asked(
        TakenAway(),
        events=[*printed(*every([1, 4, 6, 7, 8])), *looks(f"{LAST_DAY} 09:00")],
        **CASE_OF_HER,
    )

    assert isinstance(found, Said)
    assert found.observed == 0


def test_somebody_who_prints_everything_is_expected_to() -> None:
    habit = [
        {**row, "subject_id": f"P-OTHER{number}"}
        for number in range(60)
        for row in printed("2026-04-08 10:00", "2026-04-09 10:00")
    ]
    found = asked(TakenAway(), events=printed(*DAYS))
    of_habit = asked(TakenAway(), events=[*printed(*DAYS), *habit])

    assert isinstance(found, Said)
    assert isinstance(of_habit, Said)
    assert of_habit.pvalue > 5 * found.pvalue


def test_a_log_without_printouts_cannot_be_asked_for_them() -> None:
    found = judged_in(a_lake(events=looks(*DAYS)), TakenAway())

    assert found == Abstention(
        detector="taken_away",
        version=1,
        pairs=8,
        reason="no row of the log is a printout or an export, so none can be counted",
    )


def test_with_next_to_nobody_to_compare_with_nothing_is_said() -> None:
    assert judged_in(a_lake(events=printed(*DAYS)), TakenAway()) is None

"""Looking somebody up and leaving the reason blank, or as good as blank."""

from detectors.model import Abstention
from detectors.reason_quality import ReasonQuality
from tests.detectors.stories import PERSON, USER, Said, asked, every, judged_in, looks
from tests.detectors.tables import Row, a_lake

DAYS = [*every([1, 5, 9, 13, 17, 21, 25, 29], month="2026-04"), *every([3, 6, 9, 11, 12, 13])]


def with_reason(reason: str | None, *moments: str, system: str = "RMS") -> list[Row]:
    """Looks that all carry the same reason."""
    return [{**row, "reason": reason, "system": system} for row in looks(*moments)]


def test_fourteen_days_without_a_reason_are_found() -> None:
    found = asked(ReasonQuality(), events=with_reason(None, *DAYS))

    assert isinstance(found, Said)
    assert found.pvalue < 0.02
    assert found.says.startswith(
        "gave no reason, or a placeholder, on 14 of the 14 days with a look in 90; by their own "
        "habit and that of comparable staff (neighbourhood): "
    )


def test_a_placeholder_is_no_reason() -> None:
    blank = asked(ReasonQuality(), events=with_reason(None, *DAYS))

    for placeholder in ("enq", "N/A", "Test.", "--", "  "):
        assert asked(ReasonQuality(), events=with_reason(placeholder, *DAYS)) == blank


def test_two_blank_days_of_four_are_just_under() -> None:
    blank, given = every([11, 13]), every([10, 12])
    found = asked(
        ReasonQuality(),
        events=[*with_reason(None, *blank), *with_reason("burglary at no 9", *given)],
    )

    assert isinstance(found, Said)
    assert (found.observed, found.pvalue > 0.01) == (2, True)


def test_a_day_on_which_one_row_says_why_is_not_blank() -> None:
    mornings = every([10, 11, 12, 13])
    evenings = every([10, 11, 12, 13], at="15:00")
    events = [*with_reason(None, *mornings), *with_reason("statement of witness", *evenings)]
    found = asked(ReasonQuality(), events=events)

    assert isinstance(found, Said)
    assert (found.observed, found.pvalue) == (0, 1.0)


def test_a_case_reference_or_a_code_is_a_reason() -> None:
    cited: list[Row] = [{**row, "case_ref": "C-OTHER"} for row in looks(*DAYS)]
    coded: list[Row] = [{**row, "reason_code": "04"} for row in looks(*DAYS)]

    for events in (cited, coded):
        found = asked(ReasonQuality(), events=events)

        assert isinstance(found, Said)
        assert found.observed == 0


def test_a_system_that_asks_for_no_reason_says_nothing() -> None:
    assert asked(ReasonQuality(), events=with_reason(None, *DAYS, system="ANPR")) is None


def test_somebody_who_leaves_reasons_blank_with_everybody_is_expected_to() -> None:
    habit = [
        row
        for number in range(60)
        for row in looks(*every([2, 9], month="2026-04"), person=f"P-OTHER{number}")
    ]
    found = asked(ReasonQuality(), events=with_reason(None, *DAYS))
    of_habit = asked(ReasonQuality(), events=[*with_reason(None, *DAYS), *habit])

    assert isinstance(found, Said)
    assert isinstance(of_habit, Said)
    assert of_habit.pvalue > 5 * found.pvalue


def test_days_that_a_tasking_explains_do_not_count() -> None:
    found = asked(
        ReasonQuality(),
        events=with_reason(None, *DAYS),
        cases="case_ref | opened_at\n C-HER | 2026-03-30 09:00",
        case_subjects=f"case_ref | subject_id\n C-HER | {PERSON}",
        taskings=f"""
            user_id | case_ref | starts_at        | ends_at
            {USER}  | C-HER    | 2026-03-30 09:00 | 2026-05-08 12:00
        """,
    )

    assert isinstance(found, Said)
    assert "of the 3 days" in found.says


def test_a_log_without_reasons_cannot_be_asked_for_them() -> None:
    found = judged_in(a_lake(events=looks(*DAYS)), ReasonQuality())

    assert found == Abstention(
        detector="reason_quality",
        version=1,
        pairs=14,
        reason="no row of the log holds a reason, so none can be said to be missing",
    )


def test_with_next_to_nobody_to_compare_with_nothing_is_said() -> None:
    events = [*with_reason(None, *DAYS), *with_reason("witness", "2026-04-30 12:00")]

    assert judged_in(a_lake(events=events), ReasonQuality()) is None

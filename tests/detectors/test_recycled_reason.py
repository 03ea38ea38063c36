"""One reason for people who have nothing to do with one another, and references that do not fit."""

from detectors.model import Abstention
from detectors.recycled_reason import RecycledReason
from tests.detectors.stories import LAST_DAY, PERSON, USER, Said, asked, every, judged_in, looks
from tests.detectors.tables import Row, a_lake

OTHERS = [f"P-OTHER{number:02d}" for number in range(14)]
DAYS = every([4, 6, 8, 11, 12, 13])
CASES = """
    case_ref | opened_at
    C-A      | 2026-04-01 09:00
    C-HERS   | 2026-04-01 09:00
    C-LATER  | 2026-05-15 09:00
"""
PARTIES = f"""
    case_ref | subject_id
    C-A      | P-ELSE
    C-HERS   | {PERSON}
    C-LATER  | {PERSON}
"""


def said_of(*people: str, reason: str | None = None, case: str | None = None) -> list[Row]:
    """A look at each of the people, with the same reason or reference."""
    return [
        {**row, "reason": reason, "case_ref": case}
        for person in people
        for row in looks(f"{LAST_DAY} 09:00", person=person)
    ]


def citing(case: str, *moments: str) -> list[Row]:
    """Looks at the person that all cite one case."""
    return [{**row, "case_ref": case} for row in looks(*moments)]


def test_one_text_for_fifteen_unrelated_people_is_found() -> None:
    found = asked(RecycledReason(), events=said_of(PERSON, *OTHERS, reason="re: call last night"))

    assert isinstance(found, Said)
    assert found.pvalue < 0.02
    assert found.says.startswith(
        "the reason given for this person was also given for 14 people not linked to them"
    )


def test_one_text_for_two_people_is_just_under() -> None:
    found = asked(RecycledReason(), events=said_of(PERSON, OTHERS[0], reason="re: call last night"))

    assert isinstance(found, Said)
    assert found.pvalue > 0.02


def test_a_text_of_her_own_says_nothing_unusual() -> None:
    found = asked(RecycledReason(), events=said_of(PERSON, reason="re: call last night"))

    assert isinstance(found, Said)
    assert (found.observed, found.pvalue) == (0, 1.0)


def test_a_line_of_the_drop_down_that_everybody_uses_is_no_evidence() -> None:
    found = asked(RecycledReason(), events=said_of(PERSON, *OTHERS[:6], reason="Standard phrase 1"))

    assert isinstance(found, Said)
    assert found.pvalue > 0.1


def test_one_text_for_a_family_is_nothing_unusual() -> None:
    found = asked(
        RecycledReason(),
        events=said_of(PERSON, *OTHERS, reason="re: call last night"),
        subject_links=[{"subject_id": PERSON, "linked_subject_id": other} for other in OTHERS],
    )

    assert isinstance(found, Said)
    assert found.observed == 0


def test_one_reference_for_the_parties_of_a_case_is_nothing_unusual() -> None:
    found = asked(
        RecycledReason(),
        events=said_of(PERSON, *OTHERS, case="C-BIG"),
        cases="case_ref | opened_at\n C-BIG | 2026-05-01 09:00",
        case_subjects=[{"case_ref": "C-BIG", "subject_id": one} for one in (PERSON, *OTHERS)],
    )

    assert isinstance(found, Said)
    assert (found.observed, found.pvalue) == (0, 1.0)


def test_a_case_that_does_not_name_her_cited_on_six_days_is_found() -> None:
    found = asked(RecycledReason(), events=citing("C-A", *DAYS), cases=CASES, case_subjects=PARTIES)

    assert isinstance(found, Said)
    assert found.pvalue < 0.12  # so few of the force have any that only the first one counts
    assert found.says.startswith(
        "cited a case that does not name this person, or was opened later, on 6 days in 27"
    )


def test_a_case_opened_after_the_look_is_found_too() -> None:
    found = asked(
        RecycledReason(), events=citing("C-LATER", *DAYS), cases=CASES, case_subjects=PARTIES
    )

    assert isinstance(found, Said)
    assert found.observed == 6


def test_a_case_that_names_her_or_hers_fits() -> None:
    hers = asked(
        RecycledReason(), events=citing("C-HERS", *DAYS), cases=CASES, case_subjects=PARTIES
    )
    familys = asked(
        RecycledReason(),
        events=citing("C-A", *DAYS),
        cases=CASES,
        case_subjects=PARTIES,
        subject_links=f"subject_id | linked_subject_id\n {PERSON} | P-ELSE",
    )

    for found in (hers, familys):
        assert isinstance(found, Said)
        assert (found.observed, found.pvalue) == (0, 1.0)


def test_a_reference_to_a_case_that_no_table_holds_says_nothing() -> None:
    found = asked(RecycledReason(), events=citing("C-UNKNOWN", *DAYS))

    assert isinstance(found, Said)
    assert found.observed == 0


def test_somebody_who_copies_one_text_to_everybody_is_expected_to() -> None:
    habit = [
        {**row, "reason": f"usual round {number // 8}"}
        for number in range(80)
        for row in looks("2026-04-28 10:00", person=f"P-HABIT{number}", user=USER)
    ]
    events = said_of(PERSON, *OTHERS, reason="re: call last night")
    found = asked(RecycledReason(), events=events)
    of_habit = asked(RecycledReason(), events=[*events, *habit])

    assert isinstance(found, Said)
    assert isinstance(of_habit, Said)
    assert of_habit.pvalue > 3 * found.pvalue


def test_a_log_without_reasons_or_references_cannot_be_asked() -> None:
    found = judged_in(a_lake(events=looks(*DAYS)), RecycledReason())

    assert isinstance(found, Abstention)
    assert found.reason.startswith("no row of the log holds a reason or a case reference")


def test_with_next_to_nobody_to_compare_with_nothing_is_said() -> None:
    lake = a_lake(events=said_of(PERSON, *OTHERS, reason="re: call last night"))

    assert judged_in(lake, RecycledReason()) is None

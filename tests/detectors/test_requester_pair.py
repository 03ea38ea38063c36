"""Lookups run for another member of staff, again and again about one person."""

from collections.abc import Sequence

from detectors.model import Abstention
from detectors.requester_pair import RequesterPair
from tests.detectors.stories import (
    LAST_DAY,
    PERSON,
    TEAM_MATE,
    USER,
    Said,
    asked,
    every,
    judged_in,
    looks,
)
from tests.detectors.tables import Row, a_lake

REQUESTER = "U0020"
OPERATORS = (USER, "U0031", "U0032", "U0033")


def run_for(
    moments: Sequence[str], *, requester: str = REQUESTER, user: str = USER, person: str = PERSON
) -> list[Row]:
    """Lookups at each moment, at the request of a member of staff."""
    return [{**row, "requester_id": requester} for row in looks(*moments, user=user, person=person)]


def test_twelve_days_of_lookups_for_one_requester_are_found() -> None:
    found = asked(RequesterPair(), events=run_for(every(range(2, 14))))

    assert isinstance(found, Said)
    assert found.observed == 12
    assert found.pvalue < 0.001
    assert found.evidence_value > 10


def test_one_lookup_for_a_requester_is_just_under() -> None:
    found = asked(RequesterPair(), events=run_for([f"{LAST_DAY} 09:00"]))

    assert isinstance(found, Said)
    assert (found.observed, found.pvalue) == (1, 1.0)


def test_a_requester_who_asks_one_operator_after_another_is_found() -> None:
    """No operator runs more than three; the requester has her looked up on twelve days."""
    rows = [
        row
        for number, user in enumerate(OPERATORS)
        for row in run_for(every(range(14 - 3 * (number + 1), 14 - 3 * number)), user=user)
    ]
    found = asked(RequesterPair(), events=rows)

    assert isinstance(found, Said)
    assert found.observed == 9
    assert found.pvalue < 0.001
    assert found.says.startswith("the requester had this person looked up by other operators too")


def test_an_operator_of_a_busy_desk_is_left_alone() -> None:
    """Three lookups for one requester about her, among eighty for others about others."""
    desk = [
        row
        for number in range(80)
        for row in run_for(
            [f"2026-05-{1 + number % 13:02d} 11:{number % 60:02d}"],
            requester=f"U{number % 40 + 10:04d}",
            person=f"P-CALL{number}",
        )
    ]
    found = asked(RequesterPair(), events=run_for(every([11, 12, 13])) + desk)

    assert isinstance(found, Said)
    assert found.pvalue > 0.01


def test_a_requester_who_was_sent_to_her_case_is_left_alone() -> None:
    found = asked(
        RequesterPair(),
        events=run_for(every(range(2, 14))),
        cases="case_ref | opened_at\n C-HER | 2026-05-01 07:00",
        case_subjects=f"case_ref | subject_id\n C-HER | {PERSON}",
        taskings=f"user_id | case_ref | starts_at\n {REQUESTER} | C-HER | 2026-05-01 07:00",
    )

    assert found is None


def test_lookups_of_ones_own_are_at_nobodys_request() -> None:
    found = asked(RequesterPair(), events=run_for(every(range(2, 14)), requester=USER))

    assert found is None


def test_where_no_access_names_a_requester_it_declines() -> None:
    found = judged_in(a_lake(events=looks(f"{LAST_DAY} 09:00")), RequesterPair())

    assert isinstance(found, Abstention)
    assert "names another member of staff" in found.reason


def test_with_next_to_nobody_to_compare_with_nothing_is_said() -> None:
    rows = run_for(every(range(2, 14))) + run_for(["2026-04-02 09:00"], user=TEAM_MATE)

    assert judged_in(a_lake(events=rows), RequesterPair()) is None

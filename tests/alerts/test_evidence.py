"""What lies behind a case: its rows, its visits, and what was looked for to explain them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from alerts.evidence import Evidence, evidence, lay_evidence_rows
from alerts.records import Allowance
from monitor.knowledge import lay_allowances
from tests.alerts.judged_worlds import a_frame_of, number_of
from tests.detectors.tables import LIMITS, a_frame, a_lake

QUIET = timedelta(days=28)
CIRCLE = """
    event_id | occurred_at      | user_id | subject_id | action
    e1       | 2026-03-01 23:50 | U1      | P1         | view
    e2       | 2026-03-02 00:05 | U1      | P1         | print
    e3       | 2026-03-02 09:00 | U1      | P2         | view
    e4       | 2026-03-02 09:10 | U2      | P1         | view
    e5       | 2026-03-05 09:00 | U1      | P1         | export
    e6       | 2026-03-06 09:00 | U1      | P9         | view
"""


def behind(
    events: str,
    *,
    until: str = "2026-04-01T00:00",
    people: tuple[str, ...] = ("P1", "P2"),
    **tables: str,
) -> Evidence | None:
    """The evidence on one user and some people, the focus first."""
    frame = a_frame_of(events, **tables)
    lay_evidence_rows(frame, ["U1"], limits=LIMITS)
    return evidence(
        frame,
        user_no=number_of(frame, "U1"),
        subject_nos=[number_of(frame, person) for person in people],
        until=datetime.fromisoformat(until).replace(tzinfo=UTC),
        quiet=QUIET,
        limits=LIMITS,
    )


def test_the_evidence_is_every_row_of_theirs_oldest_first() -> None:
    found = behind(CIRCLE)

    assert found is not None
    assert found.event_ids == ("e1", "e2", "e3", "e5")
    assert found.first_event_at == datetime(2026, 3, 1, 23, 50, tzinfo=UTC)
    assert found.last_event_at == datetime(2026, 3, 5, 9, 0, tzinfo=UTC)


def test_visits_are_counted_and_rows_are_not() -> None:
    found = behind(CIRCLE)

    assert found is not None
    assert (found.visits, found.visits_on_focus, found.visit_days) == (3, 2, 3)
    assert (found.busiest_day, found.busiest_day_rows) == (date(2026, 3, 2), 2)


def test_prints_and_exports_are_taken_away() -> None:
    found = behind(CIRCLE)

    assert found is not None
    assert found.taken_away == 2


def test_rows_from_a_moment_on_do_not_count() -> None:
    found = behind(CIRCLE, until="2026-03-02T09:00")

    assert found is not None
    assert found.event_ids == ("e1", "e2")


def test_nobody_looked_yet_is_no_evidence() -> None:
    assert behind(CIRCLE, until="2026-03-01T00:00") is None


@pytest.mark.parametrize(
    ("second", "rows"),
    [("2026-03-02 09:00", ("e1", "e2")), ("2026-03-02 09:01", ("e2",))],
)
def test_more_than_four_quiet_weeks_begin_a_new_episode(second: str, rows: tuple[str, ...]) -> None:
    events = f"""
        event_id | occurred_at      | user_id | subject_id
        e1       | 2026-02-02 09:00 | U1      | P1
        e2       | {second}         | U1      | P1
    """
    found = behind(events, people=("P1",))

    assert found is not None
    assert found.event_ids == rows


def test_an_episode_is_told_from_its_first_row_however_far_back() -> None:
    days = "\n".join(f"e{turn} | 2025-{1 + turn:02d}-10 09:00 | U1 | P1" for turn in range(12))
    events = (
        "event_id | occurred_at | user_id | subject_id\n"
        + days
        + """
        e12 | 2026-01-05 09:00 | U1 | P1
        e13 | 2026-01-30 09:00 | U1 | P1
        e14 | 2026-02-20 09:00 | U1 | P1
        e15 | 2026-03-10 09:00 | U1 | P1
    """
    )
    found = behind(events, people=("P1",))

    assert found is not None
    assert found.event_ids == ("e11", "e12", "e13", "e14", "e15")


def test_a_merged_record_is_the_persons_own() -> None:
    events = """
        event_id | occurred_at      | user_id | subject_id
        e1       | 2026-03-02 09:00 | U1      | P1
        e2       | 2026-03-03 09:00 | U1      | P1-OLD
    """
    merged = "subject_id | system | local_id\n P1 | RMS | P1-OLD"
    found = behind(events, people=("P1",), subject_identifiers=merged)

    assert found is not None
    assert found.event_ids == ("e1", "e2")


def test_every_kind_of_explanation_has_its_verdict() -> None:
    events = """
        event_id | occurred_at      | user_id | subject_id | case_ref
        e1       | 2026-03-02 09:00 | U1      | P1         | C1
        e2       | 2026-03-03 09:00 | U1      | P1         |
    """
    found = behind(
        events,
        people=("P1",),
        cases="case_ref | opened_at\n C1 | 2026-03-01 09:00",
        case_subjects="case_ref | subject_id\n C1 | P1",
    )

    assert found is not None
    assert {item.kind: item.verdict for item in found.explanations} == {
        "tasking": "could not be tested",
        "requester": "could not be tested",
        "unconfirmed_tasking": "could not be tested",
        "case_reference": "partly explains",
        "tasked_circle": "could not be tested",
        "colleague": "could not be tested",
        "supervisor": "could not be tested",
        "dispatch": "could not be tested",
        "own_report": "could not be tested",
        "court": "could not be tested",
        "responsibility": "could not be tested",
    }
    assert [item.says for item in found.explanations][3].endswith(
        "found for 1 of 2 visits in 92 days, by a case opened on 1 March 2026"
    )
    assert "taskings not loaded" in found.explanations[0].says


def test_a_tasking_for_every_visit_explains_them_and_for_none_does_not() -> None:
    events = """
        event_id | occurred_at      | user_id | subject_id
        e1       | 2026-03-02 09:00 | U1      | P1
    """
    tables = {
        "case_subjects": "case_ref | subject_id\n C1 | P1",
        "taskings": "user_id | case_ref | starts_at\n U1 | C1 | 2026-03-01 09:00\n"
        "U2 | C1 | 2026-03-01 09:00",
    }
    found = behind(events, people=("P1",), **tables)
    nothing = behind(
        events,
        people=("P1",),
        **{**tables, "taskings": "user_id | case_ref | starts_at\n U2 | C1 | 2026-03-01 09:00"},
    )

    assert found is not None
    assert nothing is not None
    assert found.explanations[0].verdict == "explains"
    assert nothing.explanations[0].verdict == "does not explain"


def said_of(kind: str, *, looks: str, role: str = "victim", **tables: str) -> str:
    """How the explanation of one kind is told of U1's looks at P1, after what was looked for."""
    case = {
        "cases": "case_ref | type | opened_at\n C1 | domestic_abuse | 2026-03-03 09:00",
        "case_subjects": f"case_ref | subject_id | role\n C1 | P1 | {role}",
    }
    found = behind(looks, people=("P1",), **{**case, **tables})
    assert found is not None
    tested = next(item for item in found.explanations if item.kind == kind)
    return tested.says.partition(" visits in 92 days")[2]


LOOKS = """
    event_id | occurred_at      | user_id | subject_id
    e1       | 2026-03-01 09:00 | U1      | P1
    e2       | 2026-03-04 09:00 | U1      | P1
"""
TOGETHER = (
    "user_id | case_ref | starts_at\n U1 | C1 | 2026-03-03 09:00\n U2 | C1 | 2026-03-03 09:00"
)
ALONE = "user_id | case_ref | starts_at\n U1 | C1 | 2026-03-03 09:00"


def test_the_path_of_an_explanation_is_told_in_words() -> None:
    assert said_of("tasking", looks=LOOKS, taskings=TOGETHER) == (
        ", by a domestic abuse case opened on 3 March 2026; tasked from 3 March 2026, 2 staff;"
        " it names this person as victim"
    )


def test_a_tasking_that_came_after_the_looks_is_flagged_in_words() -> None:
    assert said_of("unconfirmed_tasking", looks=LOOKS, taskings=ALONE) == (
        ", by a domestic abuse case opened on 3 March 2026; tasked from 3 March 2026,"
        " one member of staff; it names this person as victim;"
        " it was opened after a look that no record explains"
    )


def test_a_tasking_written_down_late_says_when() -> None:
    late = (
        "user_id | case_ref | starts_at | loaded_at\n"
        "U1 | C1 | 2026-03-03 09:00 | 2026-03-20 02:00\n"
        "U2 | C9 | 2026-03-03 09:00 | 2026-03-04 02:00"
    )
    look = "event_id | occurred_at | user_id | subject_id\n e1 | 2026-03-04 09:00 | U1 | P1"

    assert said_of("unconfirmed_tasking", looks=look, taskings=late).endswith(
        "; written down on 20 March 2026"
    )


def test_a_path_repeats_no_word_that_might_name_somebody() -> None:
    assert "names this person" not in said_of(
        "tasking", looks=LOOKS, taskings=TOGETHER, role="P1 (see 4711)"
    )


def test_a_decision_explains_with_its_end_and_the_role_of_whoever_decided() -> None:
    lake = a_lake(events=CIRCLE)
    given = Allowance(
        seq=1,
        alert_id="A-1",
        user_id="U1",
        focus_subject_id="P1",
        decided_as="reviewer",
        actor="asmith",
        at=datetime(2026, 3, 2, tzinfo=UTC),
        until=datetime(2026, 3, 7, tzinfo=UTC),
    )
    lay_allowances(lake, [given])
    frame = a_frame(lake, "2026-03-01", "2026-04-01")
    lay_evidence_rows(frame, ["U1"], limits=LIMITS)
    found = evidence(
        frame,
        user_no=number_of(frame, "U1"),
        subject_nos=[number_of(frame, "P1")],
        until=datetime(2026, 4, 1, tzinfo=UTC),
        quiet=QUIET,
        limits=LIMITS,
    )

    assert found is not None
    [told] = [one for one in found.explanations if one.kind == "decided_legitimate"]
    assert told.verdict == "partly explains"
    assert told.says == (
        "looked for a decision that lookups of the person by the member of staff are legitimate: "
        "found for 1 of 2 visits in 92 days, by a decision of 2 March 2026 by a reviewer: decided "
        "legitimate until 7 March 2026"
    )

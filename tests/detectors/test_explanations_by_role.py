"""What a role, a post or a day at court explains, and what comes near to it and does not."""

import pytest

from detectors import explanations
from detectors.model import Limits
from tests.detectors.one_visit import a_tasking, explained
from tests.detectors.tables import LIMITS, Row, a_frame, a_lake, kinds

SUPERVISED = """
    user_id | role      | team | area | supervisor_id | valid_from       | valid_to
    U1      | response  | T1   | N    | S1            |                  | 2026-03-11 00:00
    U1      | response  | T1   | N    | S2            | 2026-03-11 00:00 |
    S1      | inspector | HQ   | HQ   |               |                  |
    S2      | inspector | HQ   | HQ   |               |                  |
    S3      | inspector | HQ   | HQ   |               |                  |
"""


@pytest.mark.parametrize(
    ("moment", "supervisor", "found"),
    [
        ("2026-03-10 06:59", "S1", []),
        ("2026-03-10 07:00", "S1", ["supervisor"]),
        ("2026-03-10 12:00", "S2", []),
        ("2026-03-10 12:00", "S3", []),
        ("2026-03-11 12:00", "S1", []),
        ("2026-03-14 08:59", "S2", ["supervisor"]),
        ("2026-03-14 09:00", "S2", []),
    ],
)
def test_whoever_supervises_the_one_tasked_is_partly_explained_at_that_time(
    moment: str, supervisor: str, found: list[str]
) -> None:
    facts = {"taskings": a_tasking(), "staff": SUPERVISED, "cases": "case_ref"}

    assert explained(moment, by=supervisor, **facts) == found


def test_a_supervisor_is_not_explained_on_somebody_whom_the_case_does_not_name() -> None:
    facts = {"taskings": a_tasking(), "staff": SUPERVISED, "cases": "case_ref"}

    assert explained("2026-03-10 12:00", by="S1", of="P2", **facts) == []


def test_a_teams_tasking_partly_explains_the_supervisor_of_one_of_it() -> None:
    tasking = a_tasking(user="", team="T1")
    facts = {"taskings": tasking, "staff": SUPERVISED, "cases": "case_ref"}

    assert explained("2026-03-10 12:00", by="S1", **facts) == ["supervisor"]
    assert explained("2026-03-10 12:00", by="S3", **facts) == []


def a_report(role: str) -> str:
    """P1's part in case C1, of area N, opened on 10 March at 9 and closed two days later."""
    return f"case_ref | subject_id | role\n C1 | P1 | {role}"


@pytest.mark.parametrize(
    ("moment", "role", "found"),
    [
        ("2026-03-10 06:59", "caller", []),
        ("2026-03-10 07:00", "caller", ["dispatch", "own_report"]),
        ("2026-03-13 08:59", "victim", ["own_report"]),
        ("2026-03-13 08:59", "witness", ["own_report"]),
        ("2026-03-13 09:00", "victim", []),
        ("2026-03-12 12:00", "suspect", []),
        ("2026-03-12 12:00", "", []),
    ],
)
def test_a_persons_own_fresh_report_partly_explains_in_its_area(
    moment: str, role: str, found: list[str]
) -> None:
    assert explained(moment, case_subjects=a_report(role)) == found


def test_a_report_in_another_area_explains_nothing() -> None:
    staff = "user_id | area\n U1 | E"

    assert explained("2026-03-12 12:00", case_subjects=a_report("caller"), staff=staff) == []


def test_a_report_by_somebody_else_explains_nothing() -> None:
    assert explained("2026-03-12 12:00", of="P2", case_subjects=a_report("caller")) == []


def test_a_report_explains_nothing_for_somebody_off_duty() -> None:
    shifts = """
        user_id | starts_at        | ends_at          | kind
        U1      | 2026-03-09 07:00 | 2026-03-09 15:00 | duty
        U1      | 2026-03-13 07:00 | 2026-03-13 15:00 | duty
    """
    facts = {"case_subjects": a_report("caller"), "shifts": shifts}

    assert explained("2026-03-12 12:00", **facts) == []


def test_whoever_took_the_call_needs_no_area() -> None:
    staff = "user_id | role\n U1 | control_room"
    call = a_tasking("2026-03-10 09:00", "2026-03-10 09:30")
    facts = {"case_subjects": a_report("caller"), "staff": staff, "taskings": call}

    assert explained("2026-03-12 12:00", **facts) == ["own_report"]
    assert explained("2026-03-12 12:00", **(facts | {"taskings": a_tasking(user="U3")})) == []


COURT = """
    user_id | starts_at        | ends_at          | kind
    U1      | 2026-07-10 08:00 | 2026-07-10 16:00 | {kind}
"""


@pytest.mark.parametrize(
    ("moment", "kind", "found"),
    [
        ("2026-07-08 07:59", "court", []),
        ("2026-07-08 08:00", "court", ["court"]),
        ("2026-07-12 15:59", "court", ["court"]),
        ("2026-07-12 16:00", "court", []),
        ("2026-07-10 12:00", "duty", []),
    ],
)
def test_a_day_at_court_partly_explains_a_look_at_somebody_of_a_former_case(
    moment: str, kind: str, found: list[str]
) -> None:
    facts = {"taskings": a_tasking(), "shifts": COURT.format(kind=kind)}

    assert explained(moment, **facts) == found


def test_a_day_at_court_explains_nobody_whom_no_former_case_names() -> None:
    court = COURT.format(kind="court")

    assert explained("2026-07-10 12:00", shifts=court, taskings=a_tasking(user="U2")) == []
    assert explained("2026-07-10 12:00", of="P2", shifts=court, taskings=a_tasking()) == []


def test_without_its_feed_a_template_is_not_tested() -> None:
    every = frozenset().union(*(template.needs for template in explanations.TEMPLATES))
    missing = {
        feed: {t.kind for t in explanations.TEMPLATES}
        - {t.kind for t in explanations.testable(every - {feed})}
        for feed in ("staff", "shifts", "cases")
    }

    assert missing == {
        "staff": {"colleague", "supervisor", "dispatch", "own_report", "responsibility"},
        "shifts": {"court"},
        "cases": {"case_reference", "dispatch", "own_report", "responsibility"},
    }


REQUEST_DAY = "2026-03-03"  # a Tuesday


def the_requests(  # one clerk a pair: what is learned is counted in pairs
    *,
    pairs: int = 50,
    untasked: int = 5,
    day: str = REQUEST_DAY,
    role: str = "disclosure",
) -> dict[str, list[Row]]:
    """So many people whose request a clerk was tasked to, and some whom a clerk only looked up."""
    people = [f"P{number:03d}" for number in range(pairs + untasked)]
    cases = [f"R{person}" for person in people]
    clerk = [f"U{number % 10}" for number in range(len(people))]
    opened = "2026-02-23 09:00"
    return {
        "staff": [{"user_id": f"U{number}", "role": role} for number in range(12)],
        "cases": [
            {"case_ref": c, "type": "subject_access_request", "opened_at": opened} for c in cases
        ],
        "case_subjects": [
            {"case_ref": c, "subject_id": p} for c, p in zip(cases, people, strict=True)
        ],
        "taskings": [
            {"user_id": u, "case_ref": c, "starts_at": opened}
            for u, c in zip(clerk[:pairs], cases, strict=False)
        ],
        "events": [
            {"occurred_at": f"{day} 10:00", "user_id": u, "subject_id": p}
            for u, p in zip(clerk, people, strict=True)
        ],
    }


def of_another_clerk(
    *, at: str = "2026-03-10 12:00", person: str = "P000", limits: Limits = LIMITS, **facts: object
) -> list[object]:
    """What explains a look by a clerk who was never tasked."""
    tables = the_requests(**facts)  # type: ignore[arg-type]  # the facts are that function's own
    tables["events"].append({"occurred_at": at, "user_id": "U11", "subject_id": person})
    frame = a_frame(a_lake(**tables), "2026-03-01", "2026-05-01", limits=limits)
    return [kind for user, _, kind in kinds(frame) if user == "U11"]


def test_work_that_a_role_was_seen_to_be_tasked_to_is_partly_explained() -> None:
    assert of_another_clerk() == ["responsibility"]


@pytest.mark.parametrize(
    "facts",
    [
        {"pairs": 49},
        {"untasked": 6},
        {"at": "2026-03-04 12:00"},  # the week that would teach it
        {"at": "2026-04-06 12:00"},  # the fifth week after
        {"person": "P-ELSE"},
    ],
    ids=["too few", "too often without", "the same week", "too long ago", "another person"],
)
def test_what_was_seen_too_seldom_too_late_or_of_others_explains_nothing(
    facts: dict[str, object],
) -> None:
    assert of_another_clerk(**facts) == []  # type: ignore[arg-type]  # as above


def test_what_is_learned_for_a_week_does_not_hang_on_where_the_frame_begins() -> None:
    tables = the_requests()
    tables["events"].append(
        {"occurred_at": "2026-03-10 12:00", "user_id": "U11", "subject_id": "P000"}
    )
    lake = a_lake(**tables)
    found = [
        [kind for user, _, kind in kinds(a_frame(lake, *span)) if user == "U11"]
        for span in (("2026-03-09", "2026-03-16"), ("2026-06-08", "2026-07-06"))
    ]

    assert found == [["responsibility"], ["responsibility"]]

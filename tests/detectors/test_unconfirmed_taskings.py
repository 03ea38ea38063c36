"""A tasking that came after the interest is no more than partly an explanation."""

import pytest

from tests.detectors.one_visit import a_tasking
from tests.detectors.tables import a_frame, a_lake

CASE = {
    "cases": "case_ref | opened_at\n C1 | 2026-03-10 09:00\n C0 | 2026-02-01 09:00",
    "case_subjects": "case_ref | subject_id\n C1 | P1\n C0 | P1\n C0 | P3",
}
LATER = "2026-03-11 12:00"  # the visit that the tasking covers


def kinds_of(*looks: str, taskings: str, **tables: str) -> list[object]:
    """What explains the last of U1's looks at P1, unless another user or person is written."""
    rows = "\n".join(look if "|" in look else f"{look} | U1 | P1" for look in looks)
    events = f"occurred_at | user_id | subject_id\n{rows}"
    lake = a_lake(events=events, taskings=taskings, **{**CASE, **tables})
    frame = a_frame(lake, "2026-03-01", "2026-05-01")
    last = frame.connection.execute("select max(started_at) from visit").fetchall()[0][0]
    rows_of_last = frame.connection.execute(
        """select e.kind from visit v join explained e using (visit_no) where started_at = ?
           order by all""",
        [last],
    ).fetchall()
    return [kind for (kind,) in rows_of_last]


@pytest.mark.parametrize(
    ("before", "found"),
    [
        ("2026-02-10 08:59", "tasking"),  # more than 28 days before the case
        ("2026-02-10 09:00", "unconfirmed_tasking"),
        ("2026-03-10 06:59", "unconfirmed_tasking"),
        ("2026-03-10 07:00", "tasking"),  # a lookup may come two hours before its record
        ("2026-03-05 12:00 | U2 | P1", "tasking"),
        ("2026-03-05 12:00 | U1 | P2", "tasking"),
    ],
)
def test_a_case_of_ones_own_that_was_opened_after_a_look_does_not_explain_directly(
    before: str, found: str
) -> None:
    assert kinds_of(before, LATER, taskings=a_tasking()) == [found]


@pytest.mark.parametrize("other", ["U2 |", "| T7"], ids=["a colleague", "a team"])
def test_a_case_that_somebody_else_was_tasked_to_explains_as_ever(other: str) -> None:
    shared = a_tasking() + f"\n {other} | C1 | 2026-03-10 10:00 | 2026-03-11 10:00"

    assert kinds_of("2026-03-05 12:00", LATER, taskings=shared) == ["tasking"]


def test_a_look_that_an_earlier_case_explains_casts_no_doubt_on_a_later_one() -> None:
    earlier = a_tasking() + "\n U1 | | C0 | 2026-03-04 09:00 | 2026-03-06 09:00"

    assert kinds_of("2026-03-05 12:00", LATER, taskings=earlier) == ["tasking"]
    assert kinds_of("2026-03-09 12:00", LATER, taskings=earlier) == ["unconfirmed_tasking"]


def test_an_own_case_opens_no_door_to_the_circle_either() -> None:
    links = "subject_id | linked_subject_id\n P1 | P2"
    looks = ("2026-03-05 12:00", "2026-03-11 12:00 | U1 | P2")

    assert kinds_of(*looks, taskings=a_tasking(), subject_links=links) == []
    assert kinds_of(looks[1], taskings=a_tasking(), subject_links=links) == ["tasked_circle"]


def written(*rows: str) -> str:
    """Taskings with the moment at which each was loaded."""
    return "\n".join(["user_id | team | case_ref | starts_at | ends_at | loaded_at", *rows])


LATE = "U1 | | C1 | 2026-03-10 09:00 | 2026-04-20 09:00 | 2026-03-30 02:00"
TIMELY = "U2 | | C0 | 2026-03-10 09:00 | 2026-03-12 09:00 | 2026-03-11 02:00"


@pytest.mark.parametrize(
    ("rows", "moment", "found"),
    [
        ((LATE, TIMELY), LATER, "unconfirmed_tasking"),
        ((LATE, TIMELY), "2026-03-30 02:00", "tasking"),  # from when it was written down
        ((LATE,), LATER, "tasking"),  # everything came late: the feed, not the tasking
        ((LATE.replace("03-30", "03-17"), TIMELY), LATER, "tasking"),  # within a week
        ((LATE, TIMELY, LATE.replace("U1", "U2")), LATER, "tasking"),
    ],
)
def test_a_lone_tasking_written_down_late_does_not_explain_what_came_before_it(
    rows: tuple[str, ...], moment: str, found: str
) -> None:
    assert kinds_of(moment, taskings=written(*rows)) == [found]


def test_an_honest_late_tasking_of_the_team_still_explains() -> None:
    team = LATE.replace("U1 | ", " | T1")

    assert kinds_of(LATER, taskings=written(team, TIMELY), staff="user_id | team\n U1 | T1") == [
        "tasking"
    ]

"""The scene of a row: what was looked up in all, of whom, and since when."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from alerts.scene import scene
from tests.alerts.judged_worlds import a_frame_of, place

EVENTS = """
    user_id | subject_id | occurred_at
    U1      | P1         | 2026-03-02T10:00:00Z
    U1      | P1         | 2026-03-12T10:00:00Z
    U1      | P2         | 2026-03-20T09:00:00Z
    U1      | P1         | 2026-03-20T10:00:00Z
    U1      | P1         | 2026-03-20T12:00:00Z
    U2      | P1         | 2026-03-20T10:00:00Z
"""


def a_row(**tables: str) -> Mapping[str, float]:
    """The scene of the first user's lookups of the first person on 20 March."""
    frame = a_frame_of(EVENTS, **tables)
    row = place(frame, "U1", "P1")
    columns: Mapping[str, NDArray[np.float64]] = scene(frame)
    return {name: float(column[row]) for name, column in columns.items()}


def test_visits_are_summed_over_each_span_that_ends_today() -> None:
    found = a_row()

    assert [found[f"visits_{days}"] for days in (1, 7, 28, 182)] == [2, 2, 4, 4]


def test_a_pair_is_known_since_its_first_visit_and_quiet_since_its_last() -> None:
    found = a_row()

    assert (found["known_days"], found["gap_days"]) == (19, 8)


def test_linked_records_count_where_the_same_user_looked_at_them() -> None:
    links = """
        subject_id | linked_subject_id | relation
        P1         | P2                | partner
    """
    cases = """
        case_ref | opened_at
        C1       | 2026-01-01T00:00:00Z
    """
    people = """
        case_ref | subject_id | role
        C1       | P9         | victim
    """
    given = """
        user_id | case_ref | starts_at            | ends_at
        U9      | C1       | 2026-01-01T00:00:00Z | 2026-01-02T00:00:00Z
    """

    found = a_row(subject_links=links, cases=cases, case_subjects=people, taskings=given)

    assert (found["touched_28"], found["touched_2"], found["unexplained_visits_28"]) == (1, 1, 4)
    # Two ten-minute looks at P1 and one at P2 are all that the user did on the day.
    assert (found["circle_looks_1"], found["circle_share_1"]) == (3, 1.0)


def test_the_share_of_own_unexplained_visits_is_of_everybody_looked_up() -> None:
    assert a_row()["share_of_own_unexplained_56"] == 0.0, "nothing could be explained"

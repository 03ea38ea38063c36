"""Going on looking once the work was done."""

from detectors.after_closure import AfterClosure
from detectors.model import Abstention
from tests.detectors.stories import (
    PERSON,
    STRANGER,
    USER,
    Said,
    asked,
    every,
    judged_in,
    looks,
)
from tests.detectors.tables import a_lake

WEEKLY = [*every([2, 9, 16, 23, 30], month="2026-04"), *every([6, 13])]


def closed(user: str = USER, *, until: str = "2026-03-20") -> dict[str, str]:
    """A case of the person, with a tasking that ended, and the case with it."""
    return {
        "cases": f"case_ref | opened_at | closed_at\n C-HER | 2026-03-10 09:00 | {until} 09:00",
        "case_subjects": f"case_ref | subject_id\n C-HER | {PERSON}",
        "taskings": "user_id | case_ref | starts_at | ends_at\n"
        f"{user} | C-HER | 2026-03-10 09:00 | {until} 09:00",
    }


def test_weekly_looks_after_the_job_was_done_are_found() -> None:
    found = asked(AfterClosure(), events=looks(*WEEKLY), **closed())

    assert isinstance(found, Said)
    assert found.pvalue < 1e-3
    assert found.says.startswith("looked on 7 duty days, unexplained, more than 48 hours after")


def test_one_look_after_closure_is_just_under() -> None:
    found = asked(AfterClosure(), events=looks(*every([13])), **closed())

    assert isinstance(found, Said)
    assert found.observed == 1
    assert 0.01 < found.pvalue < 0.3


def test_paperwork_within_two_days_of_closure_does_not_count() -> None:
    busy = looks(*every([10, 11, 12, 13]))
    found = asked(AfterClosure(), events=busy, **closed(until="2026-05-12"))

    assert isinstance(found, Said | None)
    assert found is None or found.observed == 0


def test_looks_under_a_new_tasking_do_not_count() -> None:
    first, tables = closed(), closed()
    tables["cases"] += "\n C-NEW | 2026-04-01 09:00 |"
    tables["case_subjects"] += f"\n C-NEW | {PERSON}"
    tables["taskings"] += f"\n {USER} | C-NEW | 2026-04-01 09:00 | 2026-05-10 09:00"

    found = asked(AfterClosure(), events=looks(*WEEKLY), **tables)

    assert first != tables
    assert isinstance(found, Said)
    assert found.observed == 1  # 13 May


def test_the_closed_tasking_of_a_stranger_says_nothing_of_the_user() -> None:
    found = asked(AfterClosure(), events=looks(*WEEKLY), **closed(STRANGER))

    assert isinstance(found, Said)
    assert (found.observed, found.pvalue) == (0, 1.0)


def test_a_closure_of_four_months_ago_no_longer_counts() -> None:
    tables = closed(until="2026-03-20")
    tables = {name: rows.replace("2026-03-", "2026-01-") for name, rows in tables.items()}

    found = asked(AfterClosure(), events=looks(*WEEKLY), **tables)

    assert isinstance(found, Said)
    assert found.observed == 0


def test_a_history_of_ten_weeks_is_too_short_to_speak_of_closures() -> None:
    lake = a_lake(events=looks("2026-03-01 09:00", *WEEKLY), **closed())

    assert judged_in(lake, AfterClosure()) == Abstention(
        detector="after_closure",
        version=1,
        pairs=7,
        reason="the history of accesses is shorter than the 90 days this question looks at",
    )

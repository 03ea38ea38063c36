"""A watched record opened with no reason on file."""

from detectors.model import Abstention
from detectors.watched_record import WatchedRecord
from tests.detectors.stories import (
    LAST_DAY,
    PERSON,
    STRANGER,
    USER,
    Said,
    asked,
    every,
    judged_in,
    looks,
)
from tests.detectors.tables import Row, a_lake

WATCHED: list[Row] = [{"subject_id": PERSON, "kind": "high_profile"}]
CASE_OF_HER = {
    "cases": "case_ref | opened_at\n C-HER | 2026-05-01 07:00",
    "case_subjects": f"case_ref | subject_id\n C-HER | {PERSON}",
}


def test_eight_days_with_a_watched_record_are_found() -> None:
    found = asked(WatchedRecord(), events=looks(*every(range(6, 14))), watched_records=WATCHED)

    assert isinstance(found, Said)
    assert found.observed == 8
    assert found.pvalue < 0.001
    assert found.says.startswith("opened a watched record on 8 days in 28 with no work on file")


def test_one_look_at_a_watched_record_is_weak_evidence() -> None:
    found = asked(WatchedRecord(), events=looks(f"{LAST_DAY} 09:00"), watched_records=WATCHED)

    assert isinstance(found, Said)
    assert found.observed == 1
    assert 0.05 < found.pvalue < 0.1
    assert found.evidence_value < 5


def test_a_record_is_watched_as_a_party_of_a_watched_case() -> None:
    found = asked(
        WatchedRecord(),
        events=looks(*every(range(6, 14))),
        watched_records=[{"case_ref": "C-HER"}],
        case_subjects=CASE_OF_HER["case_subjects"],
    )

    assert isinstance(found, Said)
    assert found.observed == 8


def test_who_was_sent_to_the_watched_case_is_left_alone() -> None:
    found = asked(
        WatchedRecord(),
        events=looks(*every(range(6, 13))) + looks(f"{LAST_DAY} 09:00"),
        watched_records=WATCHED,
        taskings=f"user_id | case_ref | starts_at\n {USER} | C-HER | 2026-05-01 07:00",
        **CASE_OF_HER,
    )

    assert found is None


def test_looks_from_before_the_record_was_watched_do_not_count() -> None:
    later: list[Row] = [{"subject_id": PERSON, "valid_from": f"{LAST_DAY} 00:00"}]
    found = asked(WatchedRecord(), events=looks(*every(range(6, 14))), watched_records=later)

    assert isinstance(found, Said)
    assert found.observed == 1


def test_a_record_that_nobody_watches_is_no_such_day() -> None:
    found = asked(WatchedRecord(), events=looks(*every(range(6, 14))))

    assert isinstance(found, Said)
    assert (found.observed, found.pvalue) == (0, 1.0)


def test_with_next_to_nobody_to_compare_with_nothing_is_said() -> None:
    lake = a_lake(
        events=[*looks("2026-04-01 09:00", user=STRANGER), *looks(*every(range(6, 14)))],
        watched_records=WATCHED,
        **CASE_OF_HER,
    )

    assert judged_in(lake, WatchedRecord()) is None


def test_without_a_record_of_work_it_declines() -> None:
    lake = a_lake(
        events=looks(f"{LAST_DAY} 09:00"),
        watched_records=WATCHED,
        case_subjects=CASE_OF_HER["case_subjects"],
    )

    assert isinstance(judged_in(lake, WatchedRecord()), Abstention)

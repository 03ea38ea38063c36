"""Stories: every event once, whatever is loaded again."""

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import filelock
import pytest

from alerts.errors import Busy, DataRefused, Misused
from monitor.clock import FixedClock
from monitor.ingest import committing, ingest_events, ingest_table, loading, stream
from monitor.lake import Lake
from monitor.settings import Settings
from tests.monitor.ingest.loaded import NOW, PROFILES, Loads, counts, csv, event


def test_the_same_file_twice_changes_nothing(loads: Loads) -> None:
    content = csv(event(1), event(2), "broken row")
    first = loads.events(content)
    versions = Lake(loads.home.lake).versions()

    second = loads.events(content)

    assert (counts(first), counts(second)) == ((3, 2, 0, 1), (3, 0, 2, 1))
    assert Lake(loads.home.lake).versions() == versions
    assert len(loads.waiting()) == 1


def test_a_file_that_overlaps_adds_only_the_rest(loads: Loads) -> None:
    loads.events(csv(event(1), event(2)))

    report = loads.events(csv(event(2), event(3)), "later.csv")

    assert counts(report) == (2, 1, 1, 0)
    assert loads.rows("event_id, file, line") == [
        ("E1", "log.csv", 2),
        ("E2", "log.csv", 3),
        ("E3", "later.csv", 3),
    ]


def test_a_repeated_id_with_the_same_content_is_already_known(loads: Loads) -> None:
    assert counts(loads.events(csv(event(1), event(1)))) == (2, 1, 1, 0)


def test_a_repeated_id_with_other_content_is_quarantined_with_its_place(loads: Loads) -> None:
    loads.events(csv(event(1)))

    report = loads.events(csv(event(2), event(1, subject_id="P9")), "other.csv")

    assert counts(report) == (2, 1, 0, 1)
    [row] = loads.waiting()
    assert (Path(row.file).name, row.line, row.raw) == ("other.csv", 3, event(1, subject_id="P9"))
    assert row.reason == "event id 'E1' of source 'canonical' is already known with other content"


def test_the_first_of_two_contradicting_rows_of_a_file_stays(loads: Loads) -> None:
    content = csv(event(1), event(1, reason="other"))

    assert [counts(loads.events(content)) for _ in range(2)] == [(2, 1, 0, 1), (2, 0, 1, 1)]
    assert loads.rows("event_id, reason") == [("E1", "enquiry")]


def test_the_same_id_at_two_sources_is_two_events(loads: Loads) -> None:
    loads.events(csv(event(1)), source="rms")
    loads.events(csv(event(1)), source="pnc")

    assert loads.rows("source, event_id") == [("pnc", "E1"), ("rms", "E1")]


def test_a_row_without_an_id_is_named_by_its_source_and_cells(loads: Loads) -> None:
    header = "occurred_at,user_id,system,action,subject_id"
    row = "2026-03-01T09:00:00Z,U1,RMS,view,P1"
    loads.events(csv(row, header=header))

    turned = (
        b'"subject_id";"action";"system";"user_id";"occurred_at"\r\n'
        b"P1;view;RMS;U1;2026-03-01T09:00:00Z"
    )
    semicolons = PROFILES["canonical"].model_copy(update={"delimiter": ";"})
    as_object = (
        b'{"occurred_at": "2026-03-01T09:00:00Z", "user_id": "U1", "system": "RMS",'
        b' "action": "view", "subject_id": "P1", "reason": null}'
    )
    again = [
        loads.events(turned, "turned.csv", profile=semicolons),
        loads.events(as_object, "log.jsonl"),
        loads.events(csv(row, row, header=header), "twice.csv"),
    ]

    assert [counts(report) for report in again] == [(1, 0, 1, 0), (1, 0, 1, 0), (2, 0, 2, 0)]


def test_rows_that_differ_in_an_unknown_column_alone_are_two_events(loads: Loads) -> None:
    header = "occurred_at,user_id,system,action,sequence"
    row = "2026-03-01T09:00:00Z,U1,RMS,view,"

    report = loads.events(csv(row + "1", row + "2", header=header))

    assert counts(report) == (2, 2, 0, 0)
    assert report.files[0].unknown_columns == ("sequence",)
    assert loads.rows("extra") == [('{"sequence": "1"}',), ('{"sequence": "2"}',)]


def test_a_file_that_broke_off_is_completed_by_the_whole_one(loads: Loads) -> None:
    whole = gzip.compress(csv(*(event(n) for n in range(2000))), mtime=0)

    broken = loads.events(whole[: len(whole) // 2], "log.csv.gz")
    complete = loads.events(whole, "log.csv.gz")

    assert broken.refused
    assert 0 < broken.stored < 2000
    assert f"line {broken.read + 2}: the gzip data breaks off here" in broken.files[0].problem
    assert counts(complete) == (2000, 2000 - broken.stored, broken.stored, 0)
    assert not complete.refused
    assert loads.waiting() == []


def test_a_crash_between_commits_is_completed_by_the_same_file(
    loads: Loads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(committing, "COMMIT_ROWS", 1)
    monkeypatch.setattr(stream, "_BLOCK", 4096)
    monkeypatch.setattr(stream, "_PIECE", 4096)
    path = loads.file(csv(*(event(n) for n in range(200)), "broken"))

    def crash(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ingest_events(
            loads.home,
            [path],
            profile=PROFILES["canonical"],
            clock=FixedClock(NOW),
            settings=loads.settings,
            progress=lambda told: crash(told) if told.rows > 0 else None,
        )
    before = len(loads.rows("event_id"))
    report = loads.events(path.read_bytes())

    assert 0 < before < 200
    assert counts(report) == (201, 200 - before, before, 1)


def test_a_dry_run_counts_as_the_run_would_and_writes_nothing(loads: Loads) -> None:
    loads.events(csv(event(1)))
    before = Lake(loads.home.lake).versions()
    content = csv(event(1), event(2), event(2), event(1, reason="other"), "broken")

    dry = loads.events(content, "next.csv", dry_run=True)
    versions = Lake(loads.home.lake).versions()
    wet = loads.events(content, "next.csv")

    assert counts(dry) == counts(wet) == (5, 1, 2, 2)
    assert versions == before


def test_while_another_run_loads_this_one_is_busy(
    loads: Loads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "_LOCK_SECONDS", 0)
    loads.home.root.mkdir()

    with filelock.FileLock(loads.home.ingest_lock), pytest.raises(Busy, match="try again"):
        loads.events(csv(event(1)))


def test_an_unknown_table_says_what_is_possible(loads: Loads) -> None:
    with pytest.raises(Misused, match="table rota: is not there; possible: events, staff, shifts"):
        ingest_table(
            loads.home,
            "rota",
            [],
            profile=PROFILES["canonical"],
            clock=FixedClock(NOW),
            settings=Settings(),
        )


def test_a_profile_that_does_not_read_a_table_says_what_it_reads(loads: Loads) -> None:
    with pytest.raises(
        Misused, match="profile flock-portal: does not read staff; possible: events"
    ):
        ingest_table(
            loads.home,
            "staff",
            [],
            profile=PROFILES["flock-portal"],
            clock=FixedClock(NOW),
            settings=Settings(),
        )


def test_rows_loaded_later_were_not_known_before(loads: Loads) -> None:
    loads.events(csv(event(1)), at=datetime(2026, 3, 2, tzinfo=UTC))
    loads.events(csv(event(2)), "later.csv", at=datetime(2026, 3, 4, tzinfo=UTC))

    known = loads.rows("event_id, loaded_seq", known_at=datetime(2026, 3, 3, tzinfo=UTC))

    assert known == [("E1", 1)]
    assert loads.rows("event_id, loaded_seq") == [("E1", 1), ("E2", 2)]


def test_a_refused_row_is_taken_once_what_was_wrong_is_put_right(loads: Loads) -> None:
    content = (
        b"id,userId,searchDate,reason\n1,U1,2026-03-12 09:00:00,theft\n2,,2026-03-01 09:00:00,\n"
    )
    first = loads.events(content, profile="flock-portal")

    early = loads.retried(profile="flock-portal")
    later = loads.retried(profile="flock-portal", at=NOW + timedelta(days=3))

    assert [counts(report) for report in (first, early, later)] == [
        (2, 0, 0, 2),
        (2, 0, 0, 2),
        (2, 1, 0, 1),
    ]
    assert loads.rows("event_id, line") == [("1", 2)]
    assert [row.line for row in loads.waiting()] == [3]
    assert counts(loads.events(content, profile="flock-portal")) == (2, 0, 0, 2)


def test_a_retry_of_an_unknown_row_is_refused(loads: Loads) -> None:
    with pytest.raises(Misused, match="no waiting row abc"):
        loads.retried(["abc"], profile="canonical")


def test_a_refused_file_does_not_stop_the_next(loads: Loads) -> None:
    files = [loads.folder / "absent.csv", loads.file(csv(event(1)))]

    report = ingest_events(
        loads.home,
        files,
        profile=PROFILES["canonical"],
        clock=FixedClock(NOW),
        settings=loads.settings,
    )

    assert report.as_json() == {
        "format": 1,
        "files": [
            {
                "file": str(files[0]),
                "read": 0,
                "stored": 0,
                "already_known": 0,
                "quarantined": 0,
                "problem": f"{files[0]}: cannot be read: No such file or directory",
            },
            {"file": str(files[1]), "read": 1, "stored": 1, "already_known": 0, "quarantined": 0},
        ],
        "read": 1,
        "stored": 1,
        "already_known": 0,
        "quarantined": 0,
    }
    assert report.refused
    assert DataRefused.exit_code == 3

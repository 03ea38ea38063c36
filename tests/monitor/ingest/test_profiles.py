"""Stories: what each shipped profile makes of its files, and what a profile may not say."""

import json
from pathlib import Path

import pytest

from alerts.errors import Misused
from monitor.ingest import profile_named, profiles_at
from monitor.settings import shipped_config
from tests.monitor.ingest.loaded import PROFILES, Loads, counts

SAMPLE = Path(__file__).parents[2] / "data" / "portal_export_sample.csv"
FLOCK_HEADER = (
    "ID,Name,Org Name,Total Networks Searched,Time Frame,License Plate,Reason,Case #,Filters,"
    "Search Time,Search Type,Text Prompt,Moderation"
)


def test_the_shipped_profiles_are_those_of_the_contract() -> None:
    assert sorted(PROFILES) == [
        *("canonical", "ecs-jsonl", "fhir-auditevent", "flock-org-13", "flock-portal"),
        *("niche-audit", "ocsf", "pnc-transaction"),
    ]
    assert [name for name, profile in sorted(PROFILES.items()) if profile.template] == [
        *("ecs-jsonl", "fhir-auditevent", "niche-audit", "ocsf", "pnc-transaction"),
    ]


def test_the_portal_export_is_read_whole_with_its_plates_withheld(loads: Loads) -> None:
    report = loads.events(SAMPLE.read_bytes(), profile="flock-portal")

    assert counts(report) == (12, 12, 0, 0)
    assert loads.rows("DISTINCT system, action, subject_state, subject_type, time_mark") == [
        ("ANPR", "search", "blank", "vehicle", "")
    ]
    assert loads.rows("min(occurred_at)::VARCHAR, min(extra)") == [
        ("2025-06-18 00:02:04.789", '{"cameraCount": "2510"}')
    ]


def test_the_organisation_audit_is_read_with_two_dates_in_one_cell(loads: Loads) -> None:
    rows = (
        'a1,"Smith, A",Org,84,"02/01/2026, 12:00:00 AM UTC\r\n03/01/2026, 12:00:00 AM UTC",'
        'ab 12cde,theft,26-1,,"03/01/2026, 02:22:09 PM UTC",search - Mobile,,\r\n'
        'a2,"Smith, A",Org,84,"02/01/2026, 12:00:00 AM UTC\r\n03/01/2026, 12:00:00 AM UTC",***,'
        'theft,26-1,colour: red,"03/01/2026, 12:22:09 AM UTC",lookup,,\r\n'
        'a3,***,Org,84,,***,theft,,,"03/01/2026, 12:22:09 AM UTC",search,,\r\n'
    )
    content = "\ufeff" + FLOCK_HEADER + "\r\n" + rows

    report = loads.events(content.encode(), profile="flock-org-13")

    assert counts(report) == (3, 2, 0, 1)
    assert report.files[0].unknown_columns == ()
    facts = (
        "event_id, line, occurred_at::VARCHAR, action, action_raw, channel, subject_id, case_ref"
    )
    assert loads.rows(facts) == [
        ("a1", 2, "2026-03-01 14:22:09", "search", "search - Mobile", "mobile", "AB12CDE", "26-1"),
        ("a2", 4, "2026-03-01 00:22:09", "view", "lookup", "desktop", None, "26-1"),
    ]
    assert loads.waiting()[0].reason == "user_id is masked at the source"
    kept = json.loads(str(loads.rows("extra")[0][0]))
    assert kept == {
        "Org Name": "Org",
        "Total Networks Searched": "84",
        "Time Frame": "02/01/2026, 12:00:00 AM UTC\n03/01/2026, 12:00:00 AM UTC",
    }


def test_elastic_common_schema_is_read_by_dotted_names(loads: Loads) -> None:
    event = {
        "@timestamp": "2026-03-01T14:22:09.123Z",
        "event": {"id": "x1", "action": "access", "dataset": "RMS", "outcome": "success"},
        "user": {"name": "u1", "effective": {"name": "u2"}},
        "labels": {"subject_id": "P1", "colour": "red"},
        "host": {"name": "WS-1"},
    }

    report = loads.events(json.dumps(event).encode(), "siem.jsonl", profile="ecs-jsonl")

    assert counts(report) == (1, 1, 0, 0)
    facts = "event_id, user_id, requester_id, system, action, subject_id, terminal_id, extra"
    assert loads.rows(facts) == [
        ("x1", "u1", "u2", "RMS", "view", "P1", "WS-1", '{"labels.colour": "red"}')
    ]


def test_ocsf_is_read_with_times_in_milliseconds(loads: Loads) -> None:
    event = {
        "class_uid": 6003,
        "activity_id": 2,
        "time": 1772374929123,
        "metadata": {"uid": "x1", "product": {"name": "RMS"}},
        "actor": {"user": {"uid": "u1"}},
        "resources": [{"uid": "P1", "type": "person"}],
    }

    loads.events(json.dumps(event).encode(), "log.jsonl", profile="ocsf")

    assert loads.rows("occurred_at::VARCHAR, user_id, system, action, subject_id") == [
        ("2026-03-01 14:22:09.123", "u1", "RMS", "view", "P1")
    ]


def test_a_fhir_audit_event_names_who_asked_and_who_was_looked_up(loads: Loads) -> None:
    event = {
        "resourceType": "AuditEvent",
        "id": "x1",
        "action": "R",
        "recorded": "2026-03-01T14:22:09Z",
        "agent": [
            {"requestor": False, "who": {"reference": "Device/1"}},
            {"requestor": True, "who": {"identifier": {"value": "u1"}}},
        ],
        "source": {"site": "EHR"},
        "entity": [
            {"role": {"code": "4"}, "what": {"reference": "List/1"}},
            {"role": {"code": "1"}, "what": {"reference": "Patient/1"}},
        ],
    }

    loads.events(json.dumps(event).encode(), "log.ndjson", profile="fhir-auditevent")

    assert loads.rows("user_id, requester_id, system, action, subject_id") == [
        ("u1", "Device/1", "EHR", "view", "Patient/1")
    ]


def test_british_templates_read_day_before_month_in_local_time(loads: Loads) -> None:
    niche = (
        b"Date Time,User,Action,Entity,Entity Type\n01/07/2026 09:00:00,u1,Viewed,N1,Nominal\n"
        b"01/02/2026 09:00:00,u1,ACL denied,N1,Nominal\n"
    )
    pnc = b"Date,Time,Operator Id,Transaction Code,VRM\n01/02/2026,09:00,u2,#VE,AB12CDE\n"

    loads.events(niche, profile="niche-audit")
    loads.events(pnc, profile="pnc-transaction")

    assert loads.rows("occurred_at::VARCHAR, system, action, action_raw, subject_id") == [
        ("2026-02-01 09:00:00", "PNC", "search", "#VE", "AB12CDE"),
        ("2026-02-01 09:00:00", "RMS", "denied", "ACL denied", "N1"),
    ]
    assert "occurred_at is after" in loads.waiting()[0].reason


def test_an_unknown_profile_says_what_is_possible() -> None:
    with pytest.raises(
        Misused, match="profile flock: is not there; possible: canonical, ecs-jsonl"
    ):
        profile_named(shipped_config(), "flock")


def test_all_problems_of_all_profiles_are_told_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "profiles"
    folder.mkdir()
    start = 'format = 1\nsays = "s"\nsource = "s"\n'
    bad = {
        "a": start + 'name = "b"\n[events]',
        "c": start + 'name = "c"\ncolour = 1\nencoding = "utf-16"\ndelimiter = ";;"\n',
        "d": start + 'name = "d"\n[time]\nzone = "Mars"\n',
        "h": start + 'name = "h"\n[time]\nformats = ["iso", "slash"]\n',
        "e": start
        + 'name = "e"\n[events.columns]\nuser = ["u"]\n[events.codes.action]\nx = "look"\n',
        "f": "format = ",
        "g": start + 'name = "g"\n[tables.rota]\n[time]\nformats = ["slashed"]\n[events]\n',
    }
    for name, text in bad.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")

    with pytest.raises(Misused) as told:
        profiles_at(tmp_path)

    message = str(told.value)
    expected = [
        *("a.toml: name: is 'b'; possible: 'a'", "colour: Extra inputs", "'utf-16' cannot be read"),
        *("';;' is not one character", "'Mars' is not an IANA zone", "'slash' is no time format"),
        *("events.columns.user: is no column", "'look' is no action", "nothing gives occurred_at"),
        *("f.toml: is not TOML", "tables.rota: is no table", "slashed dates need one"),
    ]
    assert [part for part in expected if part not in message] == []

"""What is out of time is erased for good, unless it is held; what is left is whole."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from filelock import FileLock

from alerts.lifecycle import Action, Disposition
from monitor.cli.main import shell
from monitor.clock import FixedClock
from monitor.wiring import Site, open_site
from tests.factories import a_moment, an_alert
from tests.homes import joined_by, with_queue

ROOT = Path(__file__).resolve().parents[3]
THEN = a_moment("2026-01-20T09:00:00Z")
NOW = "2028-12-01T09:00:00Z"
USER, PERSON = "UPLANTED9", "PPLANTED9"
ALERT = "A-planted9"

OLD = f"""\
event_id,occurred_at,user_id,system,action,subject_id,search_terms
E1,2026-01-10T10:00:00Z,{USER},RMS,view,{PERSON},
E2,2026-01-11T10:00:00Z,{USER},RMS,search,,{PERSON}
E3,2026-01-12T10:00:00Z,U00456,RMS,view,P0002,
E4,yesterday,{USER},RMS,view,{PERSON},
"""
NEW = """\
event_id,occurred_at,user_id,system,action,subject_id,search_terms
E7,2028-06-01T10:00:00Z,U00456,RMS,view,P0002,
E8,2028-06-02T10:00:00Z,U00777,RMS,view,P0003,
"""
STAFF = f"user_id,role,team,area,valid_to\n{USER},response,R1,N,2026-02-01\nU00456,response,R1,N,\n"
SUBJECTS = f"subject_id,subject_type,surname\n{PERSON},person,{PERSON}SON\nP0002,person,Doe\n"


def psdmon(root: Path, *words: str | Path, at: str = NOW) -> Result:
    """One run of psdmon in a home, at an hour."""
    clock = FixedClock(a_moment(at))
    return CliRunner().invoke(shell, ["--home", str(root), *map(str, words)], obj=clock)


def told(result: Result) -> dict[str, Any]:
    """What a command said as JSON."""
    assert result.exit_code == 0, result.stderr
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def laid(root: Path, folder: Path) -> Site:
    """A home in which somebody and a person were once looked at, and have been forgotten since."""
    files = {"old.csv": OLD, "new.csv": NEW, "staff.csv": STAFF, "subjects.csv": SUBJECTS}
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    past = THEN.isoformat()
    for table, name in (("events", "old"), ("staff", "staff"), ("subjects", "subjects")):
        assert psdmon(root, "ingest", table, folder / f"{name}.csv", at=past).exit_code == 0
    psdmon(root, "ingest", "events", folder / "new.csv", at="2028-06-03T09:00:00Z")
    alert = an_alert(
        alert_id=ALERT,
        user_ids=(USER,),
        subject_ids=(PERSON,),
        focus_subject_id=PERSON,
        event_ids=("E1",),
        prompts=(),
        first_event_at=a_moment("2026-01-10T10:00:00Z"),
        last_event_at=a_moment("2026-01-11T10:00:00Z"),
    )
    site = with_queue(root, [alert], at=THEN)
    who = {"actor": site.actor, "at": THEN}
    site.store.act(ALERT, Action.TAKE, **who)
    site.store.act(ALERT, Action.NOTE, reason=f"asked about {PERSON}", **who)
    why = {"reason": f"{USER} told us", "disposition": Disposition.CANNOT_TELL}
    site.store.act(ALERT, Action.CLOSE, **why, **who)
    purpose = f"who is {PERSON}"
    site.store.record("alert.shown", actor=site.actor, at=THEN, about=ALERT, purpose=purpose)
    site.store.record("report.shown", actor=site.actor, at=THEN, purpose=f"all of {USER}")
    (root / "trouble-1.log").write_text(f"KeyError: {USER}", encoding="utf-8")
    return site


@pytest.fixture(scope="session")
def laid_home(made_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Such a home, made once; copied, never changed."""
    root = Path(shutil.copytree(made_home, tmp_path_factory.mktemp("laid") / "home"))
    laid(root, root.parent).close()
    return root


@pytest.fixture
def kept_home(laid_home: Path, tmp_path: Path) -> Path:
    """Such a home of one's own."""
    return Path(shutil.copytree(laid_home, tmp_path / "kept"))


def with_settings(root: Path, **changed: object) -> None:
    """Change keys of [retention]."""
    path = root / "config" / "settings.toml"
    lines = path.read_text(encoding="utf-8").splitlines()
    for name, value in changed.items():
        written = f"{name} = {json.dumps(value)}"
        lines = [written if line.startswith(f"{name} = ") else line for line in lines]
    path.write_text("\n".join(lines), encoding="utf-8")


def traces(root: Path) -> list[str]:
    """Every file of a home in which the planted ids stand, compressed or not."""
    return [
        path.relative_to(root).as_posix()
        for path in sorted(root.rglob("*"))
        if path.is_file() and any(name.encode() in content_of(path) for name in (USER, PERSON))
    ]


def content_of(path: Path) -> bytes:
    """The bytes of a file, and what is in it where it is compressed."""
    raw = path.read_bytes()
    if path.suffix == ".parquet":
        raw += str(pq.ParquetFile(path).read().to_pylist()).encode()
    return raw


def test_what_is_out_of_time_is_in_no_file_of_the_home_any_more(kept_home: Path) -> None:
    before = traces(kept_home)
    result = psdmon(kept_home, "retention", "apply")

    assert result.exit_code == 0, result.stderr
    assert {name.split("/")[0] for name in before} >= {"lake", "psdmon.db", "trouble-1.log"}
    assert traces(kept_home) == []
    assert told(psdmon(kept_home, "audit", "verify", "--json"))["intact"]
    rows = open_site(kept_home, clock=FixedClock(a_moment(NOW))).lake.event_span()
    assert (rows.rows if rows else 0) == 2
    assert psdmon(kept_home, "alerts", "list").exit_code == 0
    assert psdmon(kept_home, "scan").exit_code == 0


def test_a_plan_says_what_would_go_and_changes_nothing(kept_home: Path) -> None:
    before = traces(kept_home)
    plan = told(psdmon(kept_home, "retention", "plan", "--json"))
    dry = told(psdmon(kept_home, "retention", "apply", "--dry-run", "--json"))
    early = psdmon(kept_home, "retention", "plan", at="2026-06-01T09:00:00Z")

    shown = {tuple(line.split()[:4]) for line in early.stdout.splitlines()}
    assert {("events", "730", "days", "0"), ("quarantine", "180", "days", "0")} <= shown
    due = {one["table"] or one["kind"]: one["due"] for one in plan["shares"] if one["due"]}
    assert due.pop("trouble", 0) in {0, 1}  # by the clock of the disk
    assert due == {
        "events": 3,
        "staff": 1,
        "subjects": 1,
        "quarantine": 1,
        "dismissed_alerts": 1,
        "words": 1,
    }
    assert dry["shares"] == plan["shares"]
    assert traces(kept_home) == before


def test_the_chain_keeps_counts_and_hashes_of_what_was_erased_and_no_name(kept_home: Path) -> None:
    psdmon(kept_home, "retention", "apply")
    site = open_site(kept_home, clock=FixedClock(a_moment(NOW)))
    told_of = {e.told["table"]: e.told for e in site.store.chain(kinds=("retention.table_erased",))}
    (alert,) = site.store.chain(kinds=("alert.erased",))

    assert (told_of["events"]["due"], told_of["events"]["days"]) == (3, 730)
    assert len(told_of["events"]["sha256"]) == 64
    assert {table for table, *_ in alert.told["rows"]} == {"alert_version", "note"}
    assert site.store.last_entry("retention.finished") is not None
    everything = "".join(entry.facts + entry.purpose for entry in site.store.chain())
    assert (USER in everything, PERSON in everything) == (False, False)


@pytest.mark.parametrize(
    "words",
    [
        ("--alert", ALERT),
        ("--staff", USER, "--from", "2026-01-10", "--to", "2026-01-12"),
    ],
)
def test_what_a_hold_names_stays_with_its_evidence_until_the_hold_ends(
    kept_home: Path, words: tuple[str, ...]
) -> None:
    held = psdmon(
        *(kept_home, "retention", "hold", "add", *words, "--review", "2029-06-01"),
        *("--reason", f"claim about {words[1]}", "--json"),
    )
    number = told(held)["hold"]
    plan = told(psdmon(kept_home, "retention", "plan", "--json"))
    psdmon(kept_home, "retention", "apply")
    listed = psdmon(kept_home, "retention", "hold", "list", "--json", at="2029-07-01T09:00:00Z")
    site = open_site(kept_home, clock=FixedClock(a_moment(NOW)))
    (entry,) = site.store.chain(kinds=("retention.held",))

    assert next(one for one in plan["shares"] if one["table"] == "events")["held"] >= 1
    assert site.store.alert(ALERT).user_ids == (USER,)
    assert psdmon(kept_home, "alerts", "show", ALERT, "--rows").exit_code == 0
    if "--alert" not in words:
        assert not any(name in entry.facts + entry.purpose for name in (USER, PERSON))
    assert [one["hold"] for one in told(listed)["holds"]] == [number]
    site.store.close()
    psdmon(kept_home, "retention", "hold", "end", str(number), "--reason", "settled")
    psdmon(kept_home, "retention", "apply")
    assert traces(kept_home) == []
    assert told(psdmon(kept_home, "audit", "verify", "--json"))["intact"]


def test_a_hold_on_an_id_that_no_row_names_says_so(kept_home: Path) -> None:
    words = ("retention", "hold", "add", "--until", "2029-06-01", "--reason", "claim")

    right = psdmon(kept_home, *words, "--staff", USER)
    wrong = psdmon(kept_home, *words, "--staff", USER.lower())

    assert (right.exit_code, right.stderr, wrong.exit_code) == (0, "", 0)
    assert "No row names that id as it is written" in wrong.stderr


def test_a_lake_that_is_marked_otherwise_than_the_chain_tells_is_found(kept_home: Path) -> None:
    psdmon(kept_home, "retention", "apply")
    mark = kept_home / "lake" / "erased.json"
    mark.write_text(mark.read_text().replace("2026-12-02", "2025-12-02"), encoding="utf-8")

    result = psdmon(kept_home, "audit", "verify")

    assert result.exit_code == 4
    assert "marked as erased is not what the chain" in " ".join(result.stdout.split())


def test_an_open_alert_and_an_upheld_one_keep_their_evidence_by_themselves(
    kept_home: Path,
) -> None:
    site = open_site(kept_home, clock=FixedClock(THEN))
    who: dict[str, Any] = {"actor": site.actor, "at": THEN}
    site.store.act(ALERT, Action.REOPEN, reason="more came", **who)
    site.store.close()
    psdmon(kept_home, "retention", "apply")
    rows = site.lake.connect(engine=site.settings.engine).execute("from events").fetchall()

    assert {"E1"} == {row[1] for row in rows} - {"E7", "E8"}
    assert site.store.alert(ALERT).user_ids == (USER,)
    site.store.act(ALERT, Action.TAKE, **who)
    how = Disposition.CONDUCT_MATTER
    site.store.act(ALERT, Action.CLOSE, reason="proven", disposition=how, **who)
    site.store.close()
    again = told(psdmon(kept_home, "retention", "apply", "--json", at="2040-01-01T09:00:00Z"))
    assert next(one for one in again["shares"] if one["kind"] == "upheld_alerts")["due"] == 0
    assert site.store.alert(ALERT).user_ids == (USER,)


def test_an_erased_file_that_is_loaded_again_is_not_taken_in(kept_home: Path) -> None:
    psdmon(kept_home, "retention", "apply")
    (kept_home / "old.csv").write_text(OLD, encoding="utf-8")

    again = told(psdmon(kept_home, "ingest", "events", kept_home / "old.csv", "--json"))
    (kept_home / "old.csv").unlink()

    assert (again["read"], again["stored"], again["already_known"]) == (4, 0, 3)
    assert {name.split("/")[1] for name in traces(kept_home)} == {"quarantine"}


def test_a_replay_of_an_erased_span_says_on_which_day_it_was_erased(
    kept_home: Path, tmp_path: Path
) -> None:
    psdmon(kept_home, "retention", "apply")
    words = ("replay", "--from", "2026-01-01", "--to", "2026-03-01", "--masked")
    result = psdmon(kept_home, *words, "--out", tmp_path / "replayed.jsonl")
    as_json = told(psdmon(kept_home, *words, "--out", tmp_path / "again.jsonl", "--json"))

    assert result.exit_code == 0
    assert "accesses before 2026-12-02 were erased on 2028-12-01" in result.stderr
    assert "No detector fired" not in result.stderr
    assert as_json["erased"]["until"] == "2026-12-02T00:00:00Z"


def test_erasing_waits_for_a_second_person_who_carries_it_out(kept_home: Path) -> None:
    site = open_site(kept_home, clock=FixedClock(a_moment(NOW)))
    joined_by(site, "somebody", role="authority")
    with_settings(kept_home, second_person=True)
    before = traces(kept_home)

    asked = told(psdmon(kept_home, "retention", "apply", "--json"))["asked"]
    own = psdmon(kept_home, "retention", "apply", "--asked", str(asked))
    assert (own.exit_code, traces(kept_home)) == (2, before)
    assert "waits for somebody other than" in own.stderr

    from monitor.keeping.erasing import asked_for

    assert asked_for(site, asked, actor="somebody") == a_moment(NOW)


def test_only_the_authority_erases_and_never_while_somebody_judges(kept_home: Path) -> None:
    site = open_site(kept_home, clock=FixedClock(a_moment(NOW)))
    with FileLock(site.home.scan_lock):
        busy = psdmon(kept_home, "retention", "apply")
    joined_by(site, "somebody", role="authority")
    site.store.revoke(site.actor, "authority", actor="admin", at=THEN)
    refused = psdmon(kept_home, "retention", "apply")

    assert (busy.exit_code, refused.exit_code) == (75, 5)


def test_accesses_are_kept_as_long_as_detectors_look_back_unless_it_is_said_why(
    kept_home: Path,
) -> None:
    with_settings(kept_home, events_days=90)
    short = psdmon(kept_home, "retention", "plan")
    with_settings(kept_home, shorter_reason="decided on 2 May")
    said = psdmon(kept_home, "retention", "plan")

    assert (short.exit_code, said.exit_code) == (2, 0)
    assert "shorter than the 422 days that detectors look back" in short.stderr


def test_an_erasure_that_is_killed_is_taken_up_by_the_next(kept_home: Path) -> None:
    dying = [sys.executable, "-m", "tests.monitor.cli.dying", "erase", kept_home, NOW]
    subprocess.run(dying, cwd=ROOT, check=True)
    site = open_site(kept_home, clock=FixedClock(a_moment(NOW)))

    assert traces(kept_home) == []
    assert [e.kind for e in site.store.chain(kinds=("retention.began",))] == ["retention.began"]
    assert told(psdmon(kept_home, "audit", "verify", "--json"))["intact"]


def server_files(url: str) -> Iterator[tuple[str, bytes]]:
    """The bytes on disk of every table, and of what is stored out of line, of a database."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        yield from connection.execute(
            "SELECT relname, pg_read_binary_file(pg_relation_filepath(oid)) FROM pg_class"
            " WHERE relkind IN ('r', 't', 'i') AND relname !~ '^(pg_(?!toast|statistic$)|sql_)'"
        )


@pytest.mark.postgresql
def test_what_is_out_of_time_is_in_no_file_of_the_server_either(
    kept_home: Path, tmp_path: Path, postgresql_url: str
) -> None:
    kept, root = tmp_path / "kept.tar", tmp_path / "moved"
    psdmon(kept_home, "backup", "--out", kept)
    moved = psdmon(kept_home, "restore", kept, "--home", root, "--store", postgresql_url)
    assert moved.exit_code == 0, moved.stderr
    with psycopg.connect(postgresql_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("ANALYZE")
    planted = (USER.encode(), PERSON.encode())
    before = {name for name, content in server_files(postgresql_url) if planted[0] in content}
    assert before >= {"chain", "alert_version", "pg_statistic"}

    result = psdmon(root, "retention", "apply")

    assert result.exit_code == 0, result.stderr
    files = server_files(postgresql_url)
    left = [name for name, content in files if any(one in content for one in planted)]
    assert (left, traces(root)) == ([], [])
    assert told(psdmon(root, "audit", "verify", "--json"))["intact"]

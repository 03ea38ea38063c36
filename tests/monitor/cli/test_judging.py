"""Days judged from the command line: scan, daemon, status and replay."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from filelock import FileLock

from monitor.cli.main import shell
from monitor.clock import FixedClock
from monitor.daemon.lease import LOCK_NAME
from monitor.wiring import open_site
from tests.factories import a_moment
from tests.monitor.cli.conftest import NOW, Typed

FIRST = datetime.fromisoformat("2026-09-01T08:00:00+00:00")
HISTORY_DAYS = 36  # from 1 September to 6 October 2026, so that days of two weeks are judged
WARM_UP_DAYS = 28
JUDGED = HISTORY_DAYS - WARM_UP_DAYS


def everyday_work() -> Iterator[str]:
    """Four members of staff, each on somebody else each day."""
    yield "event_id,occurred_at,user_id,system,action,subject_id"
    for day in range(HISTORY_DAYS):
        for user in range(4):
            at = FIRST + timedelta(days=day, hours=user)
            yield f"E{day}-{user},{at.isoformat()},U{user:05d},RMS,view,P{day:03d}{user}"


@pytest.fixture(scope="session")
def worked_home(made_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with five weeks of everyday work in it; copied, never changed."""
    folder = tmp_path_factory.mktemp("worked")
    root = Path(shutil.copytree(made_home, folder / "home"))
    path = folder / "work.csv"
    path.write_text("\n".join(everyday_work()) + "\n", encoding="utf-8")
    words = ["--home", str(root), "ingest", "events", str(path)]
    assert CliRunner().invoke(shell, words, obj=FixedClock(NOW)).exit_code == 0
    return root


@pytest.fixture
def root(worked_home: Path, tmp_path: Path) -> Path:
    """Such a home of one's own."""
    return Path(shutil.copytree(worked_home, tmp_path / "home"))


def kinds(root: Path) -> list[str]:
    """The kinds of the entries on the chain, in order."""
    site = open_site(root, clock=FixedClock(NOW))
    try:
        return [entry.kind for entry in site.store.chain()]
    finally:
        site.close()


def test_a_scan_judges_each_day_once(typed: Typed) -> None:
    first = json.loads(typed("scan", "--json").stdout)
    second = json.loads(typed("scan", "--json").stdout)

    assert (first["judged_days"], first["first"], first["last"]) == (
        JUDGED,
        "2026-09-29",
        "2026-10-06",
    )
    assert second["judged_days"] == 0


def test_a_quiet_scan_is_never_called_clearance(typed: Typed) -> None:
    shown = typed("scan").stdout

    assert "No detector fired on the feeds loaded; that is not clearance of anybody." in shown
    assert "Feeds not loaded: staff, shifts" in shown
    assert all(len(line) <= 80 for line in shown.splitlines())


def test_a_dry_scan_stores_nothing(typed: Typed, root: Path) -> None:
    before = kinds(root)

    dry = json.loads(typed("scan", "--dry-run", "--json").stdout)

    assert (dry["judged_days"], dry["dry_run"]) == (JUDGED, True)
    assert kinds(root) == before


def test_a_second_scan_at_work_is_told_to_come_again(typed: Typed, root: Path) -> None:
    with FileLock(root / "scan.lock"):
        result = typed("scan")

    assert result.exit_code == 75
    assert "try again" in result.stderr


def test_the_daemon_leaves_a_day_alone_until_its_logs_had_time_to_arrive(typed: Typed) -> None:
    early = typed("daemon", "--once", "--json", at="2026-10-06T02:09:00Z")
    late = typed("daemon", "--once", "--json", at="2026-10-06T02:11:00Z")

    assert json.loads(early.stdout)["last"] == "2026-10-04"
    assert json.loads(late.stdout)["last"] == "2026-10-05"


def test_what_the_daemon_missed_is_caught_up_oldest_first(typed: Typed) -> None:
    told = json.loads(typed("daemon", "--once", "--json").stdout)

    assert (told["judged_days"], told["first"]) == (JUDGED, "2026-09-29")


def test_a_second_daemon_ends_with_busy(typed: Typed, root: Path) -> None:
    with FileLock(root / LOCK_NAME):
        result = typed("daemon")

    assert result.exit_code == 75
    assert "held by another daemon of this home" in result.stderr


def test_a_daemon_that_is_asked_to_stop_ends_well(
    environment: dict[str, str], root: Path, typed: Typed
) -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "monitor.cli", "daemon"],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stderr is not None
    try:
        started = json.loads(next(line for line in running.stderr if "daemon.started" in line))
        os.kill(running.pid, signal.SIGHUP)
        second = typed("daemon")
        seen = json.loads(typed("status", "--json").stdout)
    finally:
        os.kill(running.pid, signal.SIGTERM)
        rest, code = running.stderr.read(), running.wait(timeout=30)
        running.stderr.close()

    assert started["every_minutes"] == 60
    assert second.exit_code == 75
    assert seen["daemon_running"]
    assert seen["served_by"]["holder"].endswith(f"/{running.pid}")
    assert seen["served_by"]["holder"] in second.stderr
    assert "daemon.stopped" in rest
    assert "Traceback" not in rest
    assert code == 0
    assert kinds(root)[-1] == "daemon.stopped"
    assert "day.claimed" not in kinds(root)[-3:]  # what was in hand is stored


def test_settings_that_changed_since_the_last_run_are_on_the_chain(
    typed: Typed, root: Path
) -> None:
    typed("daemon", "--once")
    with (root / "config" / "settings.toml").open("a", encoding="utf-8") as file:
        file.write("# read and approved\n")

    typed("daemon", "--once")
    typed("daemon", "--once")

    assert kinds(root).count("settings.changed") == 1


def test_a_home_that_was_never_scanned_is_stale(typed: Typed) -> None:
    result = typed("status")

    assert result.exit_code == 1
    assert "last scan never" in " ".join(result.stdout.split())


def test_status_has_one_row_of_a_name_and_a_name_for_each_thing(
    typed: Typed, tmp_path: Path
) -> None:
    events = tmp_path / "gappy.csv"
    events.write_text(
        "event_id,occurred_at,user_id,system,action,subject_id\n"
        "E1,2026-11-01T10:00:00Z,U00123,RMS,view,P0001\n"
        "E2,2026-11-05T10:00:00Z,U00123,RMS,view,P0001\n",
        encoding="utf-8",
    )
    assert typed("ingest", "events", str(events)).exit_code == 0

    lines = typed("status").stdout.splitlines()

    for name in ("gaps", "empty days", "tables", "feed findings"):
        assert sum(line.startswith(f"{name}  ") for line in lines) == 1, lines
    assert not any(line.startswith(("holes", "feeds ")) for line in lines)


def test_status_says_what_is_owed_and_when_it_is_stale(typed: Typed) -> None:
    before = typed("status", "--json")
    typed("scan")
    fresh = typed("status", "--json", at="2026-11-25T10:59:00Z")
    stale = typed("status", "--json", at="2026-11-25T11:01:00Z")

    assert (before.exit_code, fresh.exit_code, stale.exit_code) == (1, 0, 1)
    assert len(json.loads(before.stdout)["gaps"]) == JUDGED
    assert json.loads(fresh.stdout)["gaps"] == []
    assert json.loads(fresh.stdout)["lag_hours"] == 0.0
    assert a_moment(json.loads(fresh.stdout)["newest_event_at"]) == a_moment("2026-10-06T11:00:00Z")


def test_a_replay_touches_nothing_live_but_the_chain(typed: Typed, tmp_path: Path) -> None:
    out = tmp_path / "replayed.jsonl"
    span = ("--from", "2026-10-01", "--to", "2026-10-05")

    result = typed("replay", *span, "--out", str(out), "--masked", "--json")

    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["judged_days"] == 4
    assert out.read_bytes() == b""
    assert out.stat().st_mode & 0o077 == 0
    assert json.loads(typed("status", "--json").stdout)["days_judged"] == 0


def test_a_replay_that_writes_identities_takes_a_purpose(typed: Typed, tmp_path: Path) -> None:
    out = tmp_path / "replayed.jsonl"

    result = typed("replay", "--from", "2026-10-01", "--to", "2026-10-02", "--out", str(out))

    assert result.exit_code == 5
    assert not out.exists()


def test_a_replay_without_a_range_says_what_it_needs(typed: Typed) -> None:
    result = typed("replay", "--from", "2026-10-01")

    assert result.exit_code == 2
    assert "replay needs --from, --to and --out." in result.stderr


def written(path: Path, *documents: dict[str, object]) -> str:
    """A file of alerts."""
    path.write_text("".join(f"{json.dumps(one)}\n" for one in documents), encoding="utf-8")
    return str(path)


def test_two_replays_are_compared_alert_by_alert(typed: Typed, tmp_path: Path) -> None:
    before = written(
        tmp_path / "before",
        {"alert_id": "A-1", "score": 2.0, "settings_fingerprint": "sha256:a"},
        {"alert_id": "A-2", "score": 2.0, "settings_fingerprint": "sha256:a"},
        {"alert_id": "A-3", "score": 2.0, "settings_fingerprint": "sha256:a"},
    )
    after = written(
        tmp_path / "after",
        {"alert_id": "A-2", "score": 2.5, "settings_fingerprint": "sha256:b"},
        {"alert_id": "A-3", "score": 2.0, "settings_fingerprint": "sha256:b"},
        {"alert_id": "A-4", "score": 2.0, "settings_fingerprint": "sha256:b"},
    )

    result = typed("replay", "diff", before, after, "--json", "--exit-code")

    assert result.exit_code == 1
    assert json.loads(result.stdout) == {
        "format": 1,
        "same": 1,
        "only_before": ["A-1"],
        "only_after": ["A-4"],
        "changed": [{"alert_id": "A-2", "keys": ["score"]}],
        "could_be_why": ["settings"],
    }

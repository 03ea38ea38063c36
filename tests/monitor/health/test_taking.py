"""The signs that a wake takes are those of the home, and tell of no alert that is closed."""

from datetime import timedelta
from pathlib import Path

from click.testing import CliRunner

from monitor.cli.main import shell
from monitor.clock import FixedClock
from monitor.health.signs import kept
from monitor.health.taking import TakeSigns, taken
from monitor.wake import Outcome, StepRecord, Wake
from monitor.wiring import open_site
from tests.factories import a_moment
from tests.homes import NOW, three_alerts, with_queue

ON_TIME = """\
event_id,occurred_at,user_id,system,action,subject_id
E1,2026-03-01T10:00:00Z,U00123,RMS,view,P0001
E2,2026-03-02T10:00:00Z,U00456,RMS,view,P0001
"""
LATE = ON_TIME + "E3,2026-03-02T11:00:00Z,U00456,RMS,view,P0002\n"
STAFF = "user_id,role,team\nU00777,professional standards,PSD\n"
JUDGED = StepRecord(
    name="judge", outcome=Outcome.DONE, seconds=41.5, facts={"memory_bytes": 250_000_000}
)


def loaded(root: Path, table: str, text: str, *, at: str) -> None:
    """Load a file into the home at a moment."""
    path = root.parent / "loaded.csv"
    path.write_text(text, encoding="utf-8")
    words = ["--home", str(root), "ingest", table, str(path)]
    result = CliRunner().invoke(shell, words, obj=FixedClock(a_moment(at)))
    assert result.exit_code == 0, result.output


def test_an_empty_home_has_signs_too(root: Path) -> None:
    signs = taken(open_site(root, clock=FixedClock(NOW)), before=())

    assert (signs.last_success_at, signs.newest_event_at, signs.days_owed) == (None, None, 0)
    assert signs.free_bytes > 0


def test_the_steps_before_are_told_with_time_and_memory_of_the_judging(root: Path) -> None:
    feeds = StepRecord(
        name="feeds", outcome=Outcome.DONE, seconds=0.1, facts={"findings": 3, "in_trouble": 2}
    )
    failed = StepRecord(name="notify", outcome=Outcome.FAILED, seconds=0.1, trouble="...")
    signs = taken(open_site(root, clock=FixedClock(NOW)), before=(feeds, JUDGED, failed))

    assert signs.steps == {"feeds": True, "judge": True, "notify": False}
    assert (signs.findings, signs.channels_in_trouble) == (3, 0)
    assert (signs.run_seconds, signs.run_memory_bytes) == (41.5, 250_000_000)


def test_what_a_home_is_filled_with_is_history_and_what_comes_days_after_is_late(
    root: Path,
) -> None:
    loaded(root, "events", ON_TIME, at="2026-03-03T03:00:00Z")
    before = taken(open_site(root, clock=FixedClock(NOW)), before=())
    loaded(root, "events", LATE, at="2026-03-04T23:00:00Z")
    after = taken(open_site(root, clock=FixedClock(NOW)), before=())

    assert (before.late_rows, after.late_rows) == (0, 1)
    assert after.lateness["+Inf"] == before.lateness["+Inf"] + 1
    assert after.newest_event_at == a_moment("2026-03-02T11:00:00Z")


def test_alerts_are_counted_by_status_and_against_the_budget(root: Path) -> None:
    site = with_queue(root, three_alerts())
    loaded(root, "events", ON_TIME, at="2026-03-03T03:00:00Z")
    signs = taken(site, before=())

    assert signs.queue["open"] == 3
    assert signs.budget_in_week == 2 / 1000


def test_an_alert_of_the_sealed_route_moves_no_count(root: Path) -> None:
    loaded(root, "staff", STAFF, at="2026-03-03T03:00:00Z")
    site = with_queue(root, three_alerts())

    assert taken(site, before=()).queue["open"] == 2


def test_a_covert_alert_moves_no_count(root: Path) -> None:
    site = with_queue(root, three_alerts())
    words = ["access", "cover", "A-k3vm2qqx7abc", "--only", site.actor, "--reason", "covert"]
    result = CliRunner().invoke(
        shell, ["--home", str(root), *words], obj=FixedClock(NOW + timedelta(minutes=1))
    )

    assert result.exit_code == 0, result.output
    assert taken(site, before=()).queue["open"] == 2


def test_the_signs_are_kept_and_written_for_a_collector(root: Path, tmp_path: Path) -> None:
    settings = root / "config" / "settings.toml"
    text = settings.read_text(encoding="utf-8")
    collected = tmp_path / "psdmon.prom"
    settings.write_text(
        text.replace('textfile = ""', f'textfile = "{collected}"'), encoding="utf-8"
    )
    site = open_site(root, clock=FixedClock(NOW))

    TakeSigns().run(site, Wake(began_at=NOW, before=(JUDGED,)))
    signs = kept(root)

    assert signs is not None
    assert (signs.at, signs.steps, signs.run_seconds) == (NOW, {"judge": True}, 41.5)
    assert "psdmon_run_seconds 41.5" in collected.read_text(encoding="utf-8")
    assert collected.stat().st_mode & 0o777 == 0o644

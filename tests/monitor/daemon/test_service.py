"""The service among others: one to a store, new settings, and a day that hangs."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from alerts.store.leasing import Applicant
from monitor.cli.main import shell
from monitor.clock import FixedClock, SystemClock
from monitor.daemon.judging import Judge
from monitor.daemon.lease import Tenure, the_one_daemon
from monitor.daemon.serving import Service
from monitor.processes import gone, this_process
from monitor.wake import Outcome
from monitor.wiring import Site, open_site
from tests.factories import a_moment
from tests.monitor.daemon.conftest import FIRST_JUDGED
from tests.monitor.daemon.test_watching import COMMAND

Opened = Callable[[str], Site]
NOW = "2026-02-03T03:00:00Z"
LEASE = timedelta(minutes=5)
ELSEWHERE = Applicant(
    holder="psd@elsewhere/7", process={"machine": "elsewhere", "number": "7"}, actor="psd"
)


@pytest.fixture
def live(root: Path) -> Iterator[Site]:
    """The home, by the clock of this machine."""
    site = open_site(root, clock=SystemClock())
    yield site
    site.close()


def settings(root: Path, **changes: str) -> None:
    """Write values into the settings of a home."""
    path = root / "config" / "settings.toml"
    lines = path.read_text(encoding="utf-8").splitlines()
    kept = [
        f"{name} = {changes[name]}" if (name := line.split(" = ")[0]) in changes else line
        for line in lines
    ]
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")


def told(site: Site, *kinds: str) -> list[tuple[str, object]]:
    """Entries of some kinds, with what settings say of themselves."""
    entries = site.store.chain(kinds=kinds)
    return [(entry.kind, entry.told.get("problems")) for entry in entries]


def test_a_daemon_of_another_machine_on_the_same_store_is_named_with_its_times(
    root: Path, opened: Opened
) -> None:
    site = opened(NOW)
    site.store.daemon_lease.take(ELSEWHERE, at=site.clock.now(), lease=LEASE, gone=gone)

    words = ["--home", str(root), "daemon", "--once"]
    result = CliRunner().invoke(shell, words, obj=FixedClock(a_moment(NOW)))

    assert result.exit_code == 75
    assert (
        "daemon: psd@elsewhere/7 serves this store since 2026-02-03T03:00:00Z and holds it until"
        " 2026-02-03T03:05:00Z; possible: stop that one first, or wait until then"
    ) in result.stderr


def test_what_a_daemon_left_whose_process_is_gone_is_taken_over_at_once(opened: Opened) -> None:
    site = opened(NOW)
    left = Applicant(
        holder="psd@here/4194305", process={**this_process(), "number": "4194305"}, actor="psd"
    )
    site.store.daemon_lease.take(left, at=site.clock.now(), lease=LEASE, gone=gone)

    with the_one_daemon(site, lost=lambda: None):
        assert site.store.daemon_lease.held().holder == site.run_owner  # type: ignore[union-attr]  # it is there
    assert site.store.daemon_lease.held() is None


def test_a_process_is_gone_when_its_number_is_another_process_now() -> None:
    here = this_process()

    assert not gone(here)
    assert gone({**here, "started": "1"})
    assert not gone({**here, "machine": "elsewhere", "number": "4194305"})


def test_a_daemon_that_lost_its_store_is_told_to_end(opened: Opened) -> None:
    site, stopped = opened(NOW), threading.Event()
    tenure = Tenure(site=site, lost=stopped.set)
    tenure.begin()
    site.store.daemon_lease.take(ELSEWHERE, at=site.clock.now(), lease=LEASE, gone=lambda _: True)

    tenure.renew()
    tenure.end()

    assert stopped.is_set()
    assert tenure.lost_to.startswith("psd@elsewhere/7 serves this store since")
    assert site.store.daemon_lease.held().holder == "psd@elsewhere/7"  # type: ignore[union-attr]  # it is there


def test_new_settings_hold_once_they_were_read_again(opened: Opened, root: Path) -> None:
    service = Service(site=opened(NOW), steps=())
    service.begin()
    settings(root, every_minutes="5")
    before = service.site.settings.schedule.every_minutes

    taken_up = service.reload()

    assert (before, taken_up, service.site.settings.schedule.every_minutes) == (60, True, 5)
    service.site.close()


def test_bad_settings_are_refused_with_every_problem_and_the_old_ones_stay(
    opened: Opened, root: Path
) -> None:
    service = Service(site=opened(NOW), steps=())
    service.begin()
    settings(root, every_minutes="0", warm_up_days="2")
    (root / "config" / "detectors.toml").write_text("[[detector]]\n", encoding="utf-8")
    (root / "config" / "notify.toml").write_text("[[channel]]\n", encoding="utf-8")

    taken_up = service.reload()

    ((kind, problems),) = told(service.site, "settings.refused")
    assert (taken_up, service.site.settings.schedule.every_minutes) == (False, 60)
    assert kind == "settings.refused"
    said = str(problems)
    for place in (
        *("schedule.every_minutes", "judging.warm_up_days"),
        *("detectors.toml", "notify.toml"),
    ):
        assert place in said
    assert "running" not in said
    service.site.close()


def test_a_daemon_does_not_begin_with_bad_settings(root: Path) -> None:
    settings(root, every_minutes="0", warm_up_days="2")

    words = ["--home", str(root), "daemon", "--once"]
    result = CliRunner().invoke(shell, words, obj=FixedClock(a_moment(NOW)))

    assert result.exit_code == 2
    assert "schedule.every_minutes" in result.stderr
    assert "judging.warm_up_days" in result.stderr


@dataclass(slots=True)
class Claimed:
    """Watches for a day to be claimed, and lets hours pass once one is."""

    site: Site
    seen: bool = False
    then: Callable[[], None] = lambda: None

    def look(self) -> None:
        """Look once more; what is to happen then happens once."""
        if not self.seen and any(day.owner for day in self.site.store.days.ledger()):
            self.seen = True
            self.then()

    def monotonic(self) -> float:
        """The seconds of this machine, and some hours more."""
        return time.monotonic() + (4 * 3600 if self.seen else 0)


def test_a_day_that_hangs_is_handed_back_and_counted_and_the_daemon_goes_on(live: Site) -> None:
    claimed = Claimed(live)
    service = Service(
        site=live,
        steps=(Judge(name="judge-hangs"),),
        command=COMMAND,
        last_word=timedelta(seconds=0.1),
        pulse=claimed.look,
        monotonic=claimed.monotonic,
    )

    record = service.wake()

    first = live.store.days.ledger()[0]
    assert record.steps[0].outcome is Outcome.LATE
    assert (first.day, first.owner, first.failures) == (FIRST_JUDGED, "", 1)
    assert first.released == "no sign of life for 120 minutes; its process was ended"
    assert live.store.verify().intact


def test_an_endless_day_is_handed_back_without_blame_when_the_daemon_must_end(live: Site) -> None:
    settings(live.home.root, grace_seconds="0")
    stop = threading.Event()
    claimed = Claimed(live, then=stop.set)
    service = Service(
        site=live,
        steps=(Judge(name="judge-hangs"),),
        command=COMMAND,
        stop=stop,
        pulse=claimed.look,
    )

    record = service.wake()

    first = live.store.days.ledger()[0]
    assert record.steps[0].outcome is Outcome.STOPPED
    assert (first.owner, first.failures) == ("", 0)
    assert first.released == "the daemon was asked to stop"


def test_people_and_daemon_write_at_the_same_time_without_a_lock_in_the_way(live: Site) -> None:
    settings(live.home.root, warm_up_days="90")
    command = [sys.executable, "-m", "monitor.cli", "daemon", "--once", "--json"]
    home = {**os.environ, "PSDMON_HOME": str(live.home.root), "PYTHONWARNINGS": "default"}
    running = subprocess.Popen(
        command, env=home, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )

    written = 0
    while written < 100 and running.poll() is None:
        live.store.record("test.written", actor="person", at=live.clock.now())
        live.store.days.ledger()
        written += 1
    out, errors = running.communicate()

    assert running.returncode == 0, errors
    assert "locked" not in errors
    assert json.loads(out)["judged_days"] >= 10
    assert len(list(live.store.chain(kinds=("test.written",)))) == written
    assert live.store.verify().intact

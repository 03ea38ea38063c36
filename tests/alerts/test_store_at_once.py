"""Several processes at one store, and processes that die in it: nothing lost, nothing doubled."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.lifecycle import Action
from alerts.store import Store
from tests.alerts.stores import FIRST_DAY, LEASE, begun, judged
from tests.alerts.writing_at_once import NAMES, SHARED
from tests.factories import a_moment, an_alert

ROOT = Path(__file__).resolve().parents[2]
AT = a_moment("2026-03-02T09:00:00Z")
ROUNDS = 6


@pytest.fixture
def written_at_once(store: Store) -> Store:
    """A store in which four processes judged, worked and read at once."""
    judged(store, an_alert(alert_id=SHARED))
    url = store.engine.url.render_as_string(hide_password=False)
    writing = [sys.executable, "-W", "error", "-m", "tests.alerts.writing_at_once", "write", url]
    written = subprocess.run(
        [*writing, str(ROUNDS)], cwd=ROOT, check=False, capture_output=True, text=True
    )

    assert (written.returncode, written.stderr) == (0, "")
    return store


def test_four_processes_that_write_at_once_lose_and_double_nothing(written_at_once: Store) -> None:
    store = written_at_once
    days = {FIRST_DAY + timedelta(days=number) for number in range(ROUNDS + 1)}
    noted = [note.reason for note in store.notes(SHARED) if note.action is Action.NOTE]
    looks = [entry.actor for entry in store.chain() if entry.kind == "alert.shown"]
    own = [alert.alert_id for alert in store.alerts() if alert.alert_id != SHARED]

    assert store.verify().discrepancies == ()
    assert set(store.judged_days()) == days
    assert sorted(noted) == sorted(f"{name} {number}" for name in NAMES for number in range(ROUNDS))
    assert sorted(looks) == sorted(NAMES * ROUNDS)
    assert sorted(alert_id[-10:] for alert_id in own) == [str(day) for day in sorted(days)[1:]]


def test_one_of_many_who_claim_a_day_at_once_has_it(store: Store) -> None:
    def claimed(number: int) -> bool:
        return store.claim_day(FIRST_DAY, owner=f"scan/{number}", at=AT, lease=LEASE)

    with ThreadPoolExecutor(5) as pool:
        won = list(pool.map(claimed, range(20)))

    assert won.count(True) == 1
    assert store.verify().intact


def test_a_process_that_dies_anywhere_in_a_day_leaves_all_of_it_or_nothing(tmp_path: Path) -> None:
    template = begun(f"sqlite:///{tmp_path / 'template.db'}")
    template.close()

    subprocess.run(
        [sys.executable, "-m", "tests.alerts.writing_at_once", "kill", str(tmp_path)],
        cwd=ROOT,
        check=True,
    )

    *dead, last = (outcome(path) for path in sorted(tmp_path.glob("[0-9]*.db")))
    assert last == ("day.judged", 2, 1, True)
    assert len(dead) > 12
    assert set(dead) == {("day.claimed", 0, 0, True)}


def outcome(path: Path) -> tuple[str, int, int, bool]:
    """The last entry, the alerts and judged days, and whether the store is intact."""
    store = Store.at(f"sqlite:///{path}")
    entry = store.last_entry()
    found = (
        entry.kind if entry else "",
        len(store.alerts()),
        len(store.judged_days()),
        store.verify().intact,
    )
    store.close()
    return found


def test_the_day_of_a_process_that_died_is_finished_by_the_next(store: Store) -> None:
    store.claim_day(FIRST_DAY, owner="scan/dead", at=AT, lease=LEASE)

    assert judged(store, an_alert(), at=AT + LEASE).raised == ("A-7F3K9Q2M",)

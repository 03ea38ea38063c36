"""Several processes at one store, and processes that die in it: nothing lost, nothing doubled."""

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.errors import Misused
from alerts.lifecycle import Action, Disposition
from alerts.store import Store
from tests.alerts.stores import FIRST_DAY, LEASE, judged
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
    assert set(store.days.judged()) == days
    assert sorted(noted) == sorted(f"{name} {number}" for name in NAMES for number in range(ROUNDS))
    assert sorted(looks) == sorted(NAMES * ROUNDS)
    assert sorted(alert_id[-10:] for alert_id in own) == [str(day) for day in sorted(days)[1:]]


def test_one_of_many_who_claim_a_day_at_once_has_it(store: Store) -> None:
    def claimed(number: int) -> bool:
        return store.days.claim(FIRST_DAY, owner=f"scan/{number}", at=AT, lease=LEASE)

    with ThreadPoolExecutor(5) as pool:
        won = list(pool.map(claimed, range(20)))

    assert won.count(True) == 1
    assert store.verify().intact


def test_a_process_that_dies_anywhere_in_a_day_leaves_all_of_it_or_nothing(
    store: Store, database: str
) -> None:
    url = store.engine.url.render_as_string(hide_password=False)
    stride = 1 if database == "sqlite" else 4  # a server takes its time to see that a client died
    killing = [sys.executable, "-m", "tests.alerts.writing_at_once", "kill", url, str(stride)]
    subprocess.run(killing, cwd=ROOT, check=True)

    *dead, last = store.days.ledger()
    raised = sorted(alert.alert_id for alert in store.alerts())
    assert len(dead) > 12 // stride
    assert {(day.judged, day.owner != "") for day in dead} == {(None, True)}
    assert last.judged is not None
    assert raised == [f"A-{last.day}-1", f"A-{last.day}-2"]
    assert store.verify().intact


def test_the_day_of_a_process_that_died_is_finished_by_the_next(store: Store) -> None:
    store.days.claim(FIRST_DAY, owner="scan/dead", at=AT, lease=LEASE)

    assert judged(store, an_alert(), at=AT + LEASE).raised == ("A-7F3K9Q2M",)


@pytest.mark.parametrize("action", [Action.TAKE, Action.CLOSE])
def test_one_of_many_reviewers_who_do_the_same_at_once_does_it(
    opened: Callable[[], Store], action: Action
) -> None:
    store = opened()
    judged(store, an_alert(prompts=()))
    if action is Action.CLOSE:
        store.act("A-7F3K9Q2M", Action.TAKE, actor="one", at=AT)
    closing = {"reason": "no roster", "disposition": Disposition.CANNOT_TELL}
    words: dict[str, Any] = closing if action is Action.CLOSE else {}

    def acted(reviewer: tuple[str, Store]) -> str:
        name, own = reviewer
        try:
            own.act("A-7F3K9Q2M", action, actor=name, at=AT, **words)
        except Misused as refusal:
            return str(refusal)
        return name

    def extended(_: object) -> str:
        grown = an_alert(prompts=(), event_ids=("E1", "E2", "late"))
        judged(store, grown, day=FIRST_DAY + timedelta(days=1))
        return "daemon"

    reviewers = [(f"reviewer {number}", opened()) for number in range(4)]
    with ThreadPoolExecutor(5) as pool:
        daemon = pool.submit(extended, None)
        said = list(pool.map(acted, reviewers))

    won = [one for one in said if one.startswith("reviewer")]
    assert daemon.result() == "daemon"
    assert len(won) == 1
    assert {one.partition(":")[0] for one in said if one not in won} == {"alert A-7F3K9Q2M"}
    assert "late" in store.alert("A-7F3K9Q2M").event_ids
    assert [note.actor for note in store.notes("A-7F3K9Q2M")][-1] == won[0]
    assert store.verify().intact

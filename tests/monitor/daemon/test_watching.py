"""A step runs in a process of its own, and whatever that process does, the daemon goes on."""

import os
import select
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from monitor.daemon.child import Order
from monitor.daemon.watching import Patience, watched
from monitor.wake import Outcome, StepRecord
from tests.factories import a_moment
from tests.monitor.daemon.steps_made_up import BEGUN

COMMAND = (sys.executable, str(Path(__file__).with_name("steps_made_up.py")))
QUICK = Patience(
    deadline=timedelta(seconds=30),
    grace=timedelta(seconds=30),
    last_word=timedelta(seconds=0.1),
)


def told(root: Path, step: str, *, patience: Patience = QUICK, **how: Any) -> StepRecord:
    """What came of a made-up step, the time it took left out."""
    order = Order(
        root=root, config=None, step=step, began_at=a_moment("2026-03-01T03:00:00Z"), before=()
    )
    how = {"stop": Event(), "command": COMMAND, **how}
    return replace(watched(order, patience=patience, **how), seconds=0.0)


def test_a_step_that_ends_well_hands_back_its_counts(tmp_path: Path) -> None:
    assert told(tmp_path, "well") == StepRecord(
        name="well", outcome=Outcome.DONE, seconds=0.0, facts={"before": 0}
    )


def test_a_step_that_hangs_and_hears_no_signal_is_ended_by_force(tmp_path: Path) -> None:
    heard: list[str] = []

    def gone(_: int, *, outcome: Outcome, why: str) -> None:
        heard.append(f"{outcome}: {why}")

    record = told(
        tmp_path,
        "hang",
        patience=replace(QUICK, deadline=timedelta(seconds=2)),
        gone=gone,
    )

    assert record.outcome is Outcome.LATE
    assert record.trouble == "no sign of life for 0.0333333 minutes; its process was ended"
    assert heard == [f"late: {record.trouble}"]


def test_a_fault_is_told_by_its_kind_and_its_words_stay_in_a_file_of_the_owner(
    tmp_path: Path,
) -> None:
    record = told(tmp_path, "fall")

    (details,) = tmp_path.glob("trouble-*.log")
    assert record.outcome is Outcome.FAILED
    assert record.trouble == f"a fault of the program (ValueError); details: {details.name}"
    assert "P-SECRET" in details.read_text(encoding="utf-8")
    assert details.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("step", "outcome", "trouble"),
    [
        ("be_busy", Outcome.PUT_OFF, "store: held by another writer; possible: try again"),
        ("die", Outcome.FAILED, "its process ended by SIGKILL"),
    ],
)
def test_how_a_step_ended_is_part_of_its_record(
    tmp_path: Path, step: str, outcome: Outcome, trouble: str
) -> None:
    record = told(tmp_path, step)

    assert (record.outcome, record.trouble) == (outcome, trouble)


def test_a_step_is_asked_to_end_when_the_daemon_is(tmp_path: Path) -> None:
    stop = Event()

    def pulse() -> None:
        if (tmp_path / BEGUN).exists():
            stop.set()

    record = told(tmp_path, "wait_to_be_stopped", stop=stop, pulse=pulse)

    assert (record.outcome, record.facts) == (Outcome.DONE, {"stopped": True})


def test_a_step_that_does_not_end_within_the_grace_is_ended(tmp_path: Path) -> None:
    stop = Event()
    stop.set()

    record = told(tmp_path, "hang", stop=stop, patience=replace(QUICK, grace=timedelta(0)))

    assert (record.outcome, record.trouble) == (
        Outcome.STOPPED,
        "the daemon was asked to stop",
    )


def test_the_step_of_a_daemon_that_was_killed_ends_by_itself(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / BEGUN)
    daemon = "import sys, pathlib, tests.monitor.daemon.test_watching as here;"
    daemon += "here.told(pathlib.Path(sys.argv[1]), 'wait_to_be_stopped')"
    running = subprocess.Popen([sys.executable, "-c", daemon, str(tmp_path)])
    step = os.pidfd_open(int((tmp_path / BEGUN).read_text(encoding="ascii")))

    running.kill()
    running.wait()
    ended, _, _ = select.select([step], [], [], 20.0)

    os.close(step)
    assert ended == [step]

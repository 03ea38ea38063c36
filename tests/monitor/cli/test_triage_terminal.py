"""`psdmon triage` in a real terminal of 80 by 24, from the queue to a referral and a closure."""

import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from alerts.model import Status
from monitor.clock import SystemClock
from monitor.wiring import Site, open_site
from tests.homes import three_alerts, with_queue

PATIENCE = 60.0  # seconds a screen may take on a machine with other work
PSDMON = Path(sys.executable).with_name("psdmon")
OWNS_ITS_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    " os.execv(sys.argv[1], sys.argv[1:])"
)
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\r")


@dataclass(slots=True, kw_only=True)
class Typist:
    """Somebody at a terminal: reads until something is there, then presses keys."""

    terminal: int
    process: "subprocess.Popen[bytes]"
    raw: str = ""
    read_to: int = 0

    def until(self, wanted: str) -> str:
        """What was shown since the last time, up to something wanted."""
        deadline = time.monotonic() + PATIENCE
        while wanted not in self._new():
            left = deadline - time.monotonic()
            assert left > 0, f"{wanted!r} was not shown; shown: {self._new()}"
            self._read(left)
        shown = self._new()
        self.read_to = len(self.raw)
        return shown

    def press(self, keys: str) -> None:
        """Send keys as a terminal does."""
        os.write(self.terminal, keys.encode())

    def ended(self) -> int:
        """The exit code, once everything shown has been read."""
        deadline = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < deadline:
            self._read(0.2)
        self._read(0.2)
        return self.process.wait(timeout=5)

    def _new(self) -> str:
        return ESCAPES.sub("", self.raw[self.read_to :])

    def _read(self, seconds: float) -> None:
        ready, _, _ = select.select([self.terminal], [], [], min(seconds, 0.5))
        if not ready:
            return
        try:
            self.raw += os.read(self.terminal, 65_536).decode("utf-8", "replace")
        except OSError:  # the other side has closed its end
            return


@contextmanager
def triage(
    home: Path, *words: str, rows: int = 24, columns: int = 80, term: str = "xterm"
) -> Iterator[Typist]:
    """The walk in a terminal of its own, from which Ctrl-C comes as it does from a real one."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-c", OWNS_ITS_TERMINAL, PSDMON, "--home", home, "triage", *words],
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        env={**os.environ, "TERM": term, "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    os.close(theirs)
    try:
        yield Typist(terminal=ours, process=process)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        os.close(ours)


@pytest.fixture
def queue(root: Path) -> Path:
    """A home whose queue holds three alerts."""
    with_queue(root, three_alerts())
    return root


def closure_questions(site: Site, alert_id: str) -> list[str]:
    """The questions that stand before the closure of an alert of the demonstration."""
    prompts = site.store.alert(alert_id).prompts
    return [prompt.id for prompt in prompts if prompt.stage == "closure"]


def test_the_demonstration_is_walked_to_a_referral_and_a_closure(
    demo_home: Path, tmp_path: Path
) -> None:
    home = Path(shutil.copytree(demo_home, tmp_path / "home"))
    site = open_site(home, clock=SystemClock())
    before = [alert.alert_id for alert in site.store.alerts()]
    with triage(home, "--text") as typist:
        typist.until("x leave")
        typist.press("w")
        typist.until("What would explain it")
        typist.press("e")
        typist.until("LOOKED UP")
        typist.press("r")
        typist.until("Take it first?")
        typist.press("y")
        typist.until("Refer to whom")
        typist.press("appropriate authority\n")
        typist.until("Why?")
        typist.press("the criteria may be met\n")
        typist.until("y yes")
        typist.press("y")
        typist.until("referred, held by")
        if len(before) > 1:
            typist.press("c")
            typist.until("Take it first?")
            typist.press("y")
            typist.until("How did it end?")
            typist.press("6")
            for _ in closure_questions(site, before[1]):
                typist.until("to go")
                typist.press("n")
                typist.until("Why is it not needed?")
                typist.press("the person is not known to the force\n")
            typist.until("Why?")
            typist.press("the roster of March is not loaded\n")
            typist.until("y yes")
            typist.press("y")
            typist.until("closed as cannot tell.")
        typist.press("x")
        code = typist.ended()

    decided = [site.store.alert(alert_id).status for alert_id in before[:2]]
    assert code == 0
    assert decided == [Status.REFERRED, Status.CLOSED][: len(before)]
    assert site.store.verify().intact


def test_the_terminal_is_put_back_as_it_was(queue: Path) -> None:
    with triage(queue, "--text") as typist:
        before = termios.tcgetattr(typist.terminal)
        typist.until("x leave")
        during = termios.tcgetattr(typist.terminal)
        typist.press("x")
        code = typist.ended()
        after = termios.tcgetattr(typist.terminal)

    assert code == 0
    assert during[3] != before[3]
    assert after[3] == before[3]
    assert typist.raw.count("\x1b[?1049h") == typist.raw.count("\x1b[?1049l") == 1
    assert "1 alert looked at, 3 waiting." in typist.raw


def test_keys_typed_ahead_are_not_lost(queue: Path) -> None:
    with triage(queue, "--text") as typist:
        typist.until("x leave")
        typist.press("nn")
        typist.until("alert 3 of 3")
        typist.press("\x1b[D")
        typist.until("alert 2 of 3")
        typist.press("x")

        assert typist.ended() == 0


def test_ctrl_c_gives_up_a_line_and_then_leaves(queue: Path) -> None:
    with triage(queue, "--text") as typist:
        typist.until("x leave")
        typist.press("o")
        typist.until("gives up): ")
        typist.press("half a sent")
        typist.until("half a sent")  # echoed: the line is being read
        typist.press("\x03")
        typist.until("Given up; nothing was changed.")
        typist.press("\x03")

        assert typist.ended() == 0
    assert open_site(queue, clock=SystemClock()).store.notes("A-7F3K9Q2M") == []


def test_a_window_that_changes_is_painted_anew(queue: Path) -> None:
    with triage(queue, "--text") as typist:
        typist.until("page 1 of 4")
        fcntl.ioctl(typist.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 70, 100, 0, 0))
        os.killpg(typist.process.pid, signal.SIGWINCH)
        typist.until("page 1 of 1")
        typist.press("x")

        assert typist.ended() == 0


def test_without_a_terminal_it_says_what_does_the_same(queue: Path) -> None:
    told = subprocess.run(
        [PSDMON, "--home", queue, "triage"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert told.returncode == 2
    assert told.stderr == (
        "psdmon: triage: needs a terminal to read keys from; possible: psdmon alerts list,"
        " psdmon alerts show ID, psdmon alerts take ID\n"
    )


def test_the_full_screen_works_and_puts_the_terminal_back(queue: Path) -> None:
    with triage(queue) as typist:
        before = termios.tcgetattr(typist.terminal)
        typist.until("leave")
        typist.press("t")
        typist.until("taken, held by")
        typist.press("o")
        typist.until("ENTER keeps it")
        typist.press("half a sent\x1b")
        typist.until("Given up; nothing was changed.")
        typist.press("x")
        code = typist.ended()
        after = termios.tcgetattr(typist.terminal)

    assert code == 0
    assert after[3] == before[3]
    assert typist.raw.count("\x1b[?1049h") == typist.raw.count("\x1b[?1049l") == 1
    assert "1 alert looked at, 3 waiting." in typist.raw
    assert open_site(queue, clock=SystemClock()).store.alert("A-7F3K9Q2M").status is Status.TAKEN


def test_a_terminal_that_cannot_place_text_gets_lines(queue: Path) -> None:
    with triage(queue, term="dumb") as typist:
        typist.until("SPACE more")
        typist.press("x")

        assert typist.ended() == 0


def test_an_empty_queue_says_so_and_leaves(root: Path) -> None:
    with_queue(root, ())
    with triage(root) as typist:
        typist.until("No detector fired on the feeds loaded")

        assert typist.ended() == 0


def test_identities_from_the_start_need_a_purpose(queue: Path) -> None:
    with triage(queue, "--unmask") as typist:
        typist.until("none was given")

        assert typist.ended() == 5

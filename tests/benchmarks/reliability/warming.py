"""Processes of steps forked from a warm one, so that a simulated day does not start five times.

A step is a process of its own as shipped, with the same pipes, session and signals; what it does
not do again is import. Only the daemon's way of starting it is put in place of another.
"""

import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any

from tests.benchmarks.reliability.hurrying import CLOCK, asked, stepped

_FRESH = (sys.executable, "-m", "tests.benchmarks.reliability.hurrying")
_WARM = (
    *("monitor.cycle", "monitor.ingest", "monitor.notify.delivering", "monitor.sources"),
    *("monitor.ingest.compacting", "monitor.health.taking", "monitor.daemon.steps"),
    *("monitor.daemon.reload", "deltalake", "sqlalchemy", "psycopg", "scipy.stats", "lightgbm"),
)


def warm() -> None:
    """Import what steps import."""
    for name in _WARM:
        import_module(name)


def serve(place: Path) -> None:
    """Fork a process for each step that is asked for at a socket, until standard input closes."""
    warm()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # keepers are seen off by the system
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(place.with_suffix(".part")))
        listening.listen()
        place.with_suffix(".part").rename(place)
        while listening in select.select([listening, sys.stdin], [], [])[0]:
            asking, _ = listening.accept()
            with asking:
                if not os.fork():
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    listening.close()
                    _keep(asking)
                    os._exit(0)


def _keep(asking: socket.socket) -> None:
    """Fork the step, tell its number, and how it ended."""
    clock, files, _, _ = socket.recv_fds(asking, 4096, 2)
    number = os.fork()
    if not number:
        asking.close()
        _become(clock.decode(), *files)
    for file in files:
        os.close(file)
    asking.send(f"{number}\n".encode())
    _, status = os.waitpid(number, 0)
    with suppress(BrokenPipeError):  # whoever asked is gone
        asking.send(f"{os.waitstatus_to_exitcode(status)}\n".encode())


def _become(clock: str, orders: int, words: int) -> None:
    """Be the process of a step, as the daemon would have started it."""
    code = 1
    try:
        os.setsid()
        os.dup2(orders, 0)
        os.close(orders)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.stdin = os.fdopen(0, "r", encoding="utf-8", closefd=False)
        os.environ[CLOCK] = clock
        code = stepped([str(words)])
    finally:
        os._exit(code)


class Forked:
    """A process that was forked, as `subprocess.Popen` shows one."""

    def __init__(self, clock: Path, place: Path, *, words: int) -> None:
        """Ask for it, and hand it both its pipes."""
        read, write = os.pipe()
        self.stdin: IO[bytes] = os.fdopen(write, "wb")
        self.returncode: int | None = None
        self._heard = b""
        self._asked = socket.socket(socket.AF_UNIX)
        self._asked.connect(str(place))
        socket.send_fds(self._asked, [str(clock).encode()], [read, words])
        os.close(read)
        self.pid = self._line()

    def wait(self, timeout: float | None = None) -> int:
        """How it ended.

        Raises:
            TimeoutExpired: it has not, in so many seconds.
        """
        if self.returncode is None:
            self._asked.settimeout(None if timeout is None else max(timeout, 0.001))
            try:
                self.returncode = self._line()
            except TimeoutError:
                raise subprocess.TimeoutExpired("a step", timeout or 0.0) from None
            self._asked.close()
        return self.returncode

    def _line(self) -> int:
        """The next number that the keeper of the process tells."""
        while b"\n" not in self._heard:
            heard = self._asked.recv(64)
            if not heard:
                raise RuntimeError("whoever forks steps is gone")
            self._heard += heard
        line, _, self._heard = self._heard.partition(b"\n")
        return int(line)


def starting(clock: Path, place: Path) -> Any:
    """What stands in for the module `subprocess` where the daemon starts its steps."""

    def started(_: Sequence[str], *, pass_fds: Sequence[int], **how: Any) -> Any:
        if asked(clock)[2]:
            os.environ[CLOCK] = str(clock)
            return subprocess.Popen([*_FRESH, str(pass_fds[0])], pass_fds=pass_fds, **how)
        return Forked(clock, place, words=pass_fds[0])

    return SimpleNamespace(
        Popen=started,
        PIPE=subprocess.PIPE,
        DEVNULL=subprocess.DEVNULL,
        TimeoutExpired=subprocess.TimeoutExpired,
    )


if __name__ == "__main__":
    serve(Path(sys.argv[1]))

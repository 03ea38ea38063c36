"""A home served by a daemon of its own, whose clock is put on from outside."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Any

from tests.benchmarks.reliability.hurried import WAKES
from tests.benchmarks.reliability.hurrying import put

_LONGEST_SECONDS = 600.0  # of one wake, after which a trial is given up
_PACKAGE = "tests.benchmarks.reliability"


def machines_can_be_made_up() -> bool:
    """Whether a process may be given the name of another machine."""
    try:
        return subprocess.run(_machine("elsewhere", ["true"]), check=False).returncode == 0
    except OSError:
        return False


def _machine(name: str, command: Sequence[str]) -> Sequence[str]:
    """A command that runs on this machine, or by the name of another."""
    if not name:
        return command
    return ["unshare", "--uts", "sh", "-c", f'hostname {name} && exec "$@"', "sh", *command]


@contextmanager
def warm_process(place: Path, *, machine: str = "") -> Iterator[Path]:
    """The socket of a warm process that forks steps, for as long as this lasts."""
    command = _machine(machine, [sys.executable, "-m", f"{_PACKAGE}.warming", str(place)])
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        while not place.exists():
            if process.poll() is not None:
                raise RuntimeError(f"{_PACKAGE}.warming ended with {process.returncode}")
            Event().wait(0.05)
        yield place


@dataclass(slots=True, kw_only=True)  # its daemon comes and goes
class Served:
    """A home and its daemon.

    Attributes:
        folder: where the clock lies, and what the daemon did.
        root: the home.
        place: the socket of the warm process that forks steps.
        machine: the name of another machine, on which the daemon is; empty: on this one.
        troubles: what steps met, each with its moment.
    """

    folder: Path
    root: Path
    place: Path
    machine: str = ""
    troubles: list[str] = field(default_factory=list)
    seconds: float = 0.0  # of a processor, that the daemon itself took
    _daemon: subprocess.Popen[bytes] | None = None
    _read: int = 0  # bytes of what was noted

    @property
    def clock(self) -> Path:
        """The file of the clock."""
        return self.folder / "clock.json"

    @property
    def process(self) -> int:
        """The number of the daemon's process."""
        if self._daemon is None:
            raise RuntimeError("no daemon serves")
        return self._daemon.pid

    def start(self, at: datetime) -> None:
        """Start a daemon, which wakes at once."""
        put(self.clock, at)
        words = [sys.executable, "-m", f"{_PACKAGE}.hurried"]
        words += [str(self.clock), str(self.place), str(self.root)]
        with (self.folder / "daemon.log").open("ab") as log:
            self._daemon = subprocess.Popen(
                _machine(self.machine, words),
                stdin=subprocess.DEVNULL,
                stderr=log,
            )

    def wake(self, at: datetime, *, fresh: bool = False) -> None:
        """Put the clock on, and wait until the daemon has done all there is to do then.

        Args:
            at: the moment.
            fresh: whether steps start as shipped.
        """
        put(self.clock, at, fresh=fresh)
        self.wait(at)

    def wait(self, at: datetime) -> None:
        """Wait until all is done that there is to do at a moment.

        Raises:
            RuntimeError: the daemon has ended, or is at it for too long.
        """
        until = time.monotonic() + _LONGEST_SECONDS
        while time.monotonic() < until:
            if any(one["done"] and one["at"] == at.isoformat() for one in self._news()):
                return
            if self._daemon is None or self._daemon.poll() is not None:
                break
            Event().wait(0.01)
        raise RuntimeError(f"no end of the wake at {at}; see {self.folder / 'daemon.log'}")

    def stop(self) -> int:
        """Ask the daemon to end; its exit code comes back."""
        os.kill(self.process, signal.SIGTERM)
        return self.ended()

    def ended(self) -> int:
        """The exit code of the daemon, once it has ended."""
        if self._daemon is None:
            raise RuntimeError("no daemon serves")
        return self._daemon.wait(timeout=60)

    def _news(self) -> list[dict[str, Any]]:
        """What was noted since it was last looked at."""
        path = self.folder / WAKES
        if not path.exists():
            return []
        with path.open("rb") as file:
            file.seek(self._read)
            heard = file.read()
        whole = heard[: heard.rfind(b"\n") + 1]
        self._read += len(whole)
        found = [json.loads(line) for line in whole.splitlines()]
        for one in found:
            self.seconds += one["seconds"]
            self.troubles += [f"{one['at']}: {trouble}" for trouble in one["troubles"]]
        return found

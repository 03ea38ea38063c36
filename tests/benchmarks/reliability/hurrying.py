"""A clock that a file sets, and the processes of steps by it: what is shipped, years in minutes.

drive ──sets──> clock file <──reads── daemon ──starts──> step, its own process
                                        └── wakes at each new moment, and is done when it says so
"""

import json
import os
import sys
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from monitor.clock import SystemClock

CLOCK = "PSDMON_TRIAL_CLOCK"  # the environment's name for the file that says what time it is
STEPS_BEGUN = "begun.txt"  # beside the clock: each step, its process and the second it began


def put(clock: Path, at: datetime, *, fresh: bool = False) -> None:
    """Set the clock; it runs on from there.

    Args:
        clock: the file.
        at: the moment.
        fresh: whether steps are started as shipped from here on, not forked from a warm process.
    """
    unfinished = clock.with_suffix(".part")
    unfinished.write_text(json.dumps([at.isoformat(), time.monotonic(), fresh]), encoding="ascii")
    unfinished.replace(clock)


def asked(clock: Path) -> tuple[datetime, float, bool]:
    """The moment that was set, the seconds of the machine then, and whether steps start fresh."""
    at, since, fresh = json.loads(clock.read_bytes())
    return datetime.fromisoformat(at), float(since), bool(fresh)


def hurried(clock: Path) -> None:
    """In this process the machine's clock is that of the file from here on."""

    def now(_: SystemClock) -> datetime:
        at, since, _fresh = asked(clock)
        return at + timedelta(seconds=time.monotonic() - since)

    machine: Any = SystemClock
    machine.now = now


def stepped(arguments: Sequence[str]) -> int:
    """Run a step by the clock of the environment, as its process does; what it took is noted."""
    from monitor.daemon.child import main
    from monitor.daemon.reload import CheckSettings
    from monitor.daemon.steps import STEPS

    clock = Path(os.environ[CLOCK])
    hurried(clock)
    os.umask(0o077)
    with (clock.parent / STEPS_BEGUN).open("a", encoding="ascii") as file:
        file.write(f"{os.getpid()} {time.monotonic()}\n")
    try:
        return main((*STEPS, CheckSettings()), report_to=int(arguments[0]))
    finally:
        noted(clock)


def noted(clock: Path) -> None:
    """Write down beside the clock what a process took: peak of memory in KiB, seconds of CPU."""
    at, _, fresh = asked(clock)
    line = json.dumps([at.isoformat(), fresh, _peak(), time.process_time()]) + "\n"
    with (clock.parent / "took.jsonl").open("a", encoding="ascii") as file:
        file.write(line)


def _peak() -> int:
    """The most memory this process has held, in KiB."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


if __name__ == "__main__":
    sys.exit(stepped(sys.argv[1:]))

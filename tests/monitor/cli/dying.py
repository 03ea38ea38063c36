"""Backups, restores and erasures that are killed on their way, each at another place.

    python -m tests.monitor.cli.dying copies HOME BACKUP FOLDER
    python -m tests.monitor.cli.dying erase HOME MOMENT

The first writes FOLDER/N.tar and restores FOLDER/home-N, each by a child that dies by SIGKILL
before its Nth deed; the last of each lives. The second erases what is out of time in one home, over
and over, until one comes to its end.
"""

import os
import signal
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from monitor.clock import FixedClock
from tests.factories import a_moment

NOW = a_moment("2026-03-05T04:00:00Z")
STEPS = frozenset({"open", "os.rename", "os.remove", "os.mkdir", "sqlite3.connect"})


def die_each_in_turn(work: Callable[[str], None], *, where: Path, every: int) -> None:
    """Let a child die at a step, the next at a later one, until one has none left to die at."""
    for number in count():
        child = os.fork()
        if child == 0:
            dying_at(number * every, where=where)
            work(str(number))
            os._exit(0)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0:
            return


def dying_at(step: int, *, where: Path) -> None:
    """Die before something below a folder is opened, made or renamed, after so many."""
    seen = count()

    def told(event: str, arguments: tuple[Any, ...]) -> None:
        ours = event in STEPS and str(arguments[0]).startswith(str(where))
        if ours and next(seen) == step:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(told)


def copies(home: Path, kept: Path, folder: Path) -> None:
    """Kill backups, then restores."""
    from monitor.home import Home
    from monitor.keeping.backup import backup
    from monitor.keeping.restoring import Lodged, restore
    from monitor.wiring import open_site

    clock = FixedClock(NOW)

    def backed_up(name: str) -> None:
        site = open_site(home, clock=clock)
        backup(site, folder / f"{name}.tar", keys=True, actor="root")

    def restored(name: str) -> None:
        to = Home(folder / f"home-{name}")
        restore(kept, to, store="", lodged=Lodged(), clock=clock, actor="root")

    die_each_in_turn(backed_up, where=home, every=14)
    die_each_in_turn(restored, where=folder, every=40)


def erase(home: Path, moment: str) -> None:
    """Kill erasures until one lives."""
    from monitor.keeping.erasing import erase as erased
    from monitor.wiring import open_site

    clock = FixedClock(a_moment(moment))

    def out_of_time(_: str) -> None:
        site = open_site(home, clock=clock)
        erased(site, as_of=clock.now(), actor="root")

    die_each_in_turn(out_of_time, where=home, every=70)


if __name__ == "__main__":
    if sys.argv[1] == "copies":
        copies(*map(Path, sys.argv[2:]))
    else:
        erase(Path(sys.argv[2]), sys.argv[3])

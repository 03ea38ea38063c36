"""A process that is forked from a warm one, works, and is killed: after a while, or at a moment.

Moments are those at which something becomes durable or is about to: statements and commits of the
store, commits, compactions and vacuums of the lake, renames and syncs of files.
"""

import json
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

Work = Callable[[], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a process ended.

    Attributes:
        killed: whether SIGKILL ended it before its work was done.
        told: what the work gave back.
        moments: how many moments it passed.
        seconds: how long it took.
        trouble: why it ended badly.
    """

    killed: bool
    told: Any
    moments: int
    seconds: float
    trouble: str = ""


class Moments:
    """Counts moments, and dies at one of them."""

    def __init__(self, *, die_at: int) -> None:
        """Die at the moment of this number; 0: never."""
        self.die_at = die_at
        self.passed = 0

    def one(self, *_: object, **__: object) -> None:
        """One moment more."""
        self.passed += 1
        if self.passed == self.die_at:
            os.kill(os.getpid(), signal.SIGKILL)


def in_a_process(work: Work, *, die_at: int = 0, die_after: float = 0.0) -> Ended:
    """What came of work in a process of its own, killed at a moment or after some seconds."""
    read, write = os.pipe()
    began = time.perf_counter()
    child = os.fork()
    if not child:
        os.close(read)
        _work(work, write, die_at=die_at)
    os.close(write)
    if die_after and not select.select([read], [], [], die_after)[0]:
        os.kill(child, signal.SIGKILL)
    with os.fdopen(read, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    seconds = time.perf_counter() - began
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL and not said:
        return Ended(killed=True, told=None, moments=0, seconds=seconds)
    if not said:
        return Ended(killed=False, told=None, moments=0, seconds=seconds, trouble=f"{status}")
    told = json.loads(said)
    return Ended(killed=False, seconds=seconds, **told)


def _work(work: Work, write: int, *, die_at: int) -> None:
    quiet = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(quiet, number)
    moments = Moments(die_at=die_at)
    try:
        with counted(moments):
            told = work()
        said: dict[str, Any] = {"told": told, "moments": moments.passed, "trouble": ""}
    except BaseException as trouble:  # noqa: BLE001 the process has nowhere else to tell it
        said = {"told": None, "moments": moments.passed, "trouble": f"{trouble!r}"[:2000]}
    with os.fdopen(write, "wb") as pipe:
        pipe.write(json.dumps(said).encode())
    os._exit(0)


@contextmanager
def counted(moments: Moments) -> Iterator[None]:
    """Every moment is counted in here; the process is thrown away, so nothing is put back."""
    from deltalake import DeltaTable
    from sqlalchemy import Engine, event
    from sqlalchemy.engine.default import DefaultDialect

    from monitor.lake import delta

    event.listen(Engine, "before_cursor_execute", moments.one)
    _around(DefaultDialect, "do_commit", moments)
    _around(delta, "write_deltalake", moments)
    _around(DeltaTable, "create", moments)
    _around(DeltaTable, "vacuum", moments)
    _around(delta, "compacted", moments)
    for name in ("fsync", "replace", "rename", "link"):
        _around(os, name, moments)
    yield
    sys.stdout.flush()


def _around(owner: Any, name: str, moments: Moments) -> None:
    before = getattr(owner, name)

    def between(*positional: Any, **named: Any) -> Any:
        moments.one()
        found = before(*positional, **named)
        moments.one()
        return found

    setattr(owner, name, between)

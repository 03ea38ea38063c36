"""A step watched from outside: given time while it shows signs of life, ended when it shows none.

order ──stdin──> child ──signs of life, last word──> here
                   ^── SIGTERM when it is late or we are asked to stop
                   ^── SIGKILL when that does not help
"""

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event
from typing import IO, Any, Final, Protocol, cast

from monitor.daemon.child import Order
from monitor.wake import Outcome, StepRecord, step_from

COMMAND: Final = (sys.executable, "-m", "monitor.daemon")
_TICK_SECONDS: Final = 0.2


class Gone(Protocol):
    """Whoever wants to know of a process that ended without a last word."""

    def __call__(self, process: int, *, outcome: Outcome, why: str) -> None:
        """Told of it once."""


LAST_WORD: Final = timedelta(seconds=10)  # between SIGTERM and SIGKILL for one that hangs


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a step is waited for."""

    deadline: timedelta  # without a sign of life
    grace: timedelta  # after the daemon was asked to stop
    last_word: timedelta = LAST_WORD  # after SIGTERM for being late


@dataclass(slots=True, kw_only=True)  # it follows a process, which changes
class _Watch:
    """A process at work."""

    child: subprocess.Popen[bytes]
    monotonic: Callable[[], float]
    last_sign: float
    asked: float | None = None  # when SIGTERM was sent
    late: bool = False
    stopped: bool = False
    said: dict[str, Any] = field(default_factory=dict)
    rest: bytes = b""


def watched(  # noqa: PLR0913 a step, its process and how it is waited for, each named
    order: Order,
    *,
    patience: Patience,
    stop: Event,
    pulse: Callable[[], None] = lambda: None,
    command: Sequence[str] = COMMAND,
    monotonic: Callable[[], float] = time.monotonic,
    gone: Gone | None = None,
) -> StepRecord:
    """What came of a step run in a process of its own, whatever that process does.

    Args:
        order: what it is to do.
        patience: how long it is waited for.
        stop: set when the daemon is asked to stop.
        pulse: called several times a second while waiting.
        command: starts the process; the number of an open file is added.
        monotonic: seconds that no clock change moves.
        gone: called where the process ended without a last word.
    """
    read, write = os.pipe()
    began = monotonic()
    with os.fdopen(read, "rb", buffering=0) as words:
        child = subprocess.Popen(  # noqa: S603 ourselves, by the path of this interpreter
            [*command, str(write)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            pass_fds=(write,),
            start_new_session=True,
        )
        os.close(write)
        watch = _Watch(child=child, monotonic=monotonic, last_sign=began)
        try:
            _ordered(child, order)
            _follow(watch, words.fileno(), patience=patience, stop=stop, pulse=pulse)
        finally:
            _ended(watch)
    seconds = monotonic() - began
    if watch.said:
        return step_from({**watch.said, "seconds": seconds})
    outcome, why = _why(watch, patience)
    if gone is not None:
        gone(child.pid, outcome=outcome, why=why)
    return StepRecord(name=order.step, outcome=outcome, seconds=seconds, trouble=why)


def _ordered(child: subprocess.Popen[bytes], order: Order) -> None:
    """Give the order; standard input stays open for as long as we are there."""
    try:
        _input(child).write(order.as_line().encode() + b"\n")
        _input(child).flush()
    except BrokenPipeError:
        return  # it is gone already, and its exit code will say so


def _follow(
    watch: _Watch, words: int, *, patience: Patience, stop: Event, pulse: Callable[[], None]
) -> None:
    """Listen until the process has closed its side, or was ended."""
    with selectors.DefaultSelector() as selector:
        selector.register(words, selectors.EVENT_READ)
        while True:
            pulse()
            if selector.select(_TICK_SECONDS):
                heard = os.read(words, 65536)
                if not heard:
                    return
                _listen(watch, heard)
            if not _waited_on(watch, patience, stop=stop):
                return


def _listen(watch: _Watch, heard: bytes) -> None:
    watch.last_sign = watch.monotonic()
    *lines, watch.rest = (watch.rest + heard).split(b"\n")
    for line in lines:
        told: Mapping[str, Any] = json.loads(line)
        watch.said = dict(told.get("ended", watch.said))


def _waited_on(watch: _Watch, patience: Patience, *, stop: Event) -> bool:
    """Whether the process is worth waiting for; one that is late or unwanted is told to end."""
    now = watch.monotonic()
    if watch.asked is None:
        watch.late = now - watch.last_sign > patience.deadline.total_seconds()
        watch.stopped = stop.is_set() and not watch.late
        if watch.late or watch.stopped:
            watch.asked = now
            _signalled(watch.child, signal.SIGTERM)
        return True
    allowed = patience.last_word if watch.late else patience.grace
    return now - watch.asked <= allowed.total_seconds()


def _ended(watch: _Watch) -> None:
    """See the process off, by force where it has not gone in time, and what it started with it."""
    child = watch.child
    try:
        child.wait(timeout=0 if watch.asked is not None else LAST_WORD.total_seconds())
    except subprocess.TimeoutExpired:
        _signalled(child, signal.SIGKILL)
        child.wait()
    with suppress(BrokenPipeError):
        _input(child).close()


def _input(child: subprocess.Popen[bytes]) -> IO[bytes]:
    """The standard input of a process that was started with a pipe for it."""
    return cast("IO[bytes]", child.stdin)


def _signalled(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(child.pid, number)
    except ProcessLookupError:
        return  # it has gone by itself


def _why(watch: _Watch, patience: Patience) -> tuple[Outcome, str]:
    code = watch.child.returncode
    if watch.late:
        minutes = patience.deadline / timedelta(minutes=1)
        return Outcome.LATE, f"no sign of life for {minutes:g} minutes; its process was ended"
    if watch.stopped:
        return Outcome.STOPPED, "the daemon was asked to stop"
    how = f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
    return Outcome.FAILED, f"its process ended {how}"

"""Steps that misbehave, run as a process of their own: python steps_made_up.py FILE-NUMBER."""

import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from alerts.errors import Busy
from monitor.daemon.child import main
from monitor.daemon.judging import Judge
from monitor.judgement import DayOutcome
from monitor.settings import Settings
from monitor.wake import Wake
from monitor.wiring import Site

BEGUN = "begun"
Does = Callable[[Site, Wake], Mapping[str, Any]]


@dataclass(frozen=True)
class MadeUp:
    """A step that does what it is made to do."""

    name: str
    does: Does

    def deadline(self, settings: Settings) -> timedelta:  # noqa: ARG002 as the protocol has it
        """Half a second."""
        return timedelta(seconds=0.5)

    def run(self, site: Site, wake: Wake) -> Mapping[str, Any]:
        """Whatever it does."""
        return self.does(site, wake)


def well(_: Site, wake: Wake) -> Mapping[str, Any]:
    """Tell how many steps came before."""
    return {"before": len(wake.before)}


def hang(_: Site, __: Wake) -> Mapping[str, Any]:
    """Hear no signal and never end."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        signal.pause()


def wait_to_be_stopped(site: Site, wake: Wake) -> Mapping[str, Any]:
    """Say which process has begun, and show signs of life until asked to stop; then end well."""
    (site.home.root / BEGUN).write_text(str(os.getpid()), encoding="ascii")
    while not wake.stop.wait(0.05):
        wake.alive()
    return {"stopped": True}


def fall(_: Site, __: Wake) -> Mapping[str, Any]:
    """A fault that names somebody."""
    raise ValueError("no visits of P-SECRET")


def be_busy(_: Site, __: Wake) -> Mapping[str, Any]:
    """Somebody else is at it."""
    raise Busy("store: held by another writer; possible: try again")


def die(_: Site, __: Wake) -> Mapping[str, Any]:
    """End as a process that ran out of memory does."""
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


def hanging(*_: object, **__: object) -> Iterator[DayOutcome]:
    """A day that is never done."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        signal.pause()
    yield


STEPS = (
    *(
        MadeUp(name=does.__name__, does=does)
        for does in (hang, fall, be_busy, die, well, wait_to_be_stopped)
    ),
    Judge(name="judge-hangs", judging=hanging),
)

if __name__ == "__main__":
    sys.exit(main(STEPS, report_to=int(sys.argv[1])))

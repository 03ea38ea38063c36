"""The other side of a step: the process it runs in, from the order it is given to its last word.

It reads one line of JSON, runs one step, and writes lines of JSON to the file it was given:
a sign of life each time something was done, and at the end what came of it.
When whoever gave the order is gone, it ends by itself.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any, TextIO

from alerts.errors import Busy
from monitor import telemetry
from monitor.clock import SystemClock
from monitor.faults import told_of
from monitor.wake import Outcome, Step, StepRecord, Wake, as_told, step_from
from monitor.wiring import Site, open_site


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a child is asked to do."""

    root: Path
    config: Path | None  # the copy that was accepted
    step: str
    began_at: datetime
    before: tuple[StepRecord, ...]

    def as_line(self) -> str:
        """The order as one line of JSON."""
        return json.dumps(
            {
                "root": str(self.root),
                "config": str(self.config) if self.config else "",
                "step": self.step,
                "began_at": self.began_at.isoformat(),
                "before": [as_told(step) for step in self.before],
            }
        )


def main(steps: Sequence[Step], *, report_to: int) -> int:
    """Run the step that standard input names; the exit code comes back.

    Args:
        steps: those there are.
        report_to: number of the open file that signs of life and the last word go to.
    """
    order = _order(sys.stdin.readline())
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    Thread(target=_end_with_parent, name="parent", daemon=True).start()
    clock = SystemClock()
    telemetry.configure(clock=clock)
    step = next(one for one in steps if one.name == order.step)
    with os.fdopen(report_to, "w", encoding="utf-8") as words:
        wake = Wake(
            began_at=order.began_at,
            before=order.before,
            stop=stop,
            alive=lambda: _say(words, {"alive": order.step}),
        )
        site = open_site(order.root, clock=clock, config=order.config)
        try:
            _say(words, {"ended": as_told(ended(step, site, wake=wake))})
        finally:
            site.close()
    return 0


def ended(step: Step, site: Site, *, wake: Wake) -> StepRecord:
    """What came of a step that was run here; whatever goes wrong is part of the record."""
    began = time.monotonic()
    outcome, facts, trouble = _outcome(step, site, wake=wake)
    return StepRecord(
        name=step.name,
        outcome=outcome,
        seconds=time.monotonic() - began,
        facts=facts,
        trouble=trouble,
    )


def _outcome(step: Step, site: Site, *, wake: Wake) -> tuple[Outcome, dict[str, Any], str]:
    try:
        return Outcome.DONE, dict(step.run(site, wake)), ""
    except Busy as trouble:
        return (Outcome.STOPPED if wake.stop.is_set() else Outcome.PUT_OFF), {}, str(trouble)
    except Exception as trouble:  # noqa: BLE001 whatever it is, the other steps still run
        return Outcome.FAILED, {}, told_of(trouble, site.home.root)


def _order(line: str) -> Order:
    told = json.loads(line)
    return Order(
        root=Path(told["root"]),
        config=Path(told["config"]) if told["config"] else None,
        step=told["step"],
        began_at=datetime.fromisoformat(told["began_at"]),
        before=tuple(step_from(one) for one in told["before"]),
    )


def _say(words: TextIO, told: object) -> None:
    words.write(json.dumps(told) + "\n")
    words.flush()


def _end_with_parent() -> None:
    """End this process when standard input closes: whoever gave the order is gone."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os._exit(1)

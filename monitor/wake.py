"""One wake of the daemon: what its steps are told, what came of each, and the record of the last.

A step is anything with a name, a deadline and `run`; `monitor/daemon/steps.py` lists them in order.
Each runs in a process of its own, so that one that fails, hangs or eats memory stops no other.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from monitor.settings import Settings
    from monitor.wiring import Site

FILE_NAME: Final = "wake.json"
AGAIN: Final = "again"  # a fact of a step: something is left, so wake again without waiting
WRONG: Final = (
    "wrong"  # a fact of a step: short names of what wants to be looked at, told once a day
)


class Outcome(StrEnum):
    """How a step ended."""

    DONE = "done"
    PUT_OFF = "put off"  # somebody else held what it needs; the next wake tries again
    FAILED = "failed"
    LATE = "late"  # no sign of life within its deadline; its process was ended
    STOPPED = "stopped"  # the daemon was asked to end


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """What came of one step; counts and moments alone, nobody is named or pointed at."""

    name: str
    outcome: Outcome
    seconds: float
    facts: Mapping[str, Any] = field(default_factory=dict)
    trouble: str = ""  # why it did not end well, without identities

    @property
    def well(self) -> bool:
        """Whether nothing needs a person: done, put off or stopped."""
        return self.outcome not in {Outcome.FAILED, Outcome.LATE}


@dataclass(frozen=True, slots=True, kw_only=True)
class WakeRecord:
    """One wake: when, how long, and what came of each step."""

    began_at: datetime
    ended_at: datetime
    seconds: float
    steps: tuple[StepRecord, ...]

    @property
    def well(self) -> bool:
        """Whether every step ended well."""
        return all(step.well for step in self.steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wake:
    """What a step is told about the wake it is part of."""

    began_at: datetime
    before: tuple[StepRecord, ...] = ()  # steps of this wake that have ended
    stop: Event = field(default_factory=Event)  # set when the step should end soon
    alive: Callable[[], None] = lambda: None  # the deadline counts from the last call


class Step(Protocol):
    """One thing that a wake does."""

    @property
    def name(self) -> str:
        """A word for log lines, `status` and metrics."""

    def deadline(self, settings: "Settings") -> timedelta:
        """How long the step may be without a sign of life before its process is ended."""

    def run(self, site: "Site", wake: Wake) -> Mapping[str, Any]:
        """What came of it, in counts; never an identity.

        `again: True` among them has the daemon wake again at once, since something is left.

        Raises:
            Busy: somebody else holds what it needs; the next wake tries again.
        """


def keep(record: WakeRecord, root: Path) -> None:
    """Writes the record of the last wake into a home, whole or not at all."""
    path = root / FILE_NAME
    unfinished = path.with_suffix(".part")
    unfinished.touch(mode=0o600)  # counts of alerts are for its owner
    unfinished.write_text(json.dumps(_told(record), sort_keys=True), encoding="utf-8")
    unfinished.replace(path)


def last_wake(root: Path) -> WakeRecord | None:
    """The last wake of a home; nothing before the first, or where its record cannot be read."""
    try:
        told = json.loads((root / FILE_NAME).read_text(encoding="utf-8"))
        return WakeRecord(
            began_at=datetime.fromisoformat(told["began_at"]),
            ended_at=datetime.fromisoformat(told["ended_at"]),
            seconds=float(told["seconds"]),
            steps=tuple(step_from(one) for one in told["steps"]),
        )
    except (OSError, ValueError, TypeError, KeyError):
        return None


def as_told(step: StepRecord) -> dict[str, Any]:
    """A step's record as JSON has it."""
    return {**asdict(step), "outcome": str(step.outcome), "seconds": round(step.seconds, 3)}


def step_from(told: Mapping[str, Any]) -> StepRecord:
    """A step's record from its JSON."""
    return StepRecord(**{**told, "outcome": Outcome(told["outcome"])})


def _told(record: WakeRecord) -> dict[str, Any]:
    return {
        "format": 1,
        "began_at": record.began_at.isoformat(),
        "ended_at": record.ended_at.isoformat(),
        "seconds": round(record.seconds, 3),
        "steps": [as_told(step) for step in record.steps],
    }

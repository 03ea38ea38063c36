"""The life of an alert: where it may stand, what people may do, and what each step must say.

             take, assign                await
    open ────────────────> taken <──────────────────> awaiting
      ^                    │   ^        take            │  │
      │                    │   └──────────────┐         │  │
      │              refer └────> referred ───┘ take    │  │
      │                           │  ^  └── await ──────┘  │
      │                           │  └────── refer ────────┤
      │ reopen                    │ close                  │ close
      └───────── closed <─────────┴────── close (taken) ───┘

    note fits everywhere and moves nothing; assign hands over and, but from open, moves nothing.
    close waits for its questions and, where the alert presses, for a second person: gates.py.

Judging adds evidence to an alert and never moves it, but for closed ── alert.reopened ──> open.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from alerts.errors import Misused
from alerts.model import Status


class Action(StrEnum):
    """What people do with an alert."""

    TAKE = "take"
    ASSIGN = "assign"  # hand over to somebody else
    AWAIT = "await"  # an enquiry is out
    REFER = "refer"
    CLOSE = "close"
    REOPEN = "reopen"
    NOTE = "note"


class Disposition(StrEnum):
    """How an alert ended."""

    EXPLAINED_BY_WORK = "explained_by_work"
    PRACTICE_ISSUE = "practice_issue"
    DATA_PROTECTION_MATTER = "data_protection_matter"
    CONDUCT_MATTER = "conduct_matter"
    SUSPECTED_CRIME = "suspected_crime"
    CANNOT_TELL = "cannot_tell"


MOVES: Final[Mapping[Status, Mapping[Action, Status]]] = {
    Status.OPEN: {
        Action.TAKE: Status.TAKEN,
        Action.ASSIGN: Status.TAKEN,
        Action.NOTE: Status.OPEN,
    },
    Status.TAKEN: {
        Action.ASSIGN: Status.TAKEN,
        Action.AWAIT: Status.AWAITING,
        Action.REFER: Status.REFERRED,
        Action.CLOSE: Status.CLOSED,
        Action.NOTE: Status.TAKEN,
    },
    Status.AWAITING: {
        Action.TAKE: Status.TAKEN,
        Action.ASSIGN: Status.AWAITING,
        Action.REFER: Status.REFERRED,
        Action.CLOSE: Status.CLOSED,
        Action.NOTE: Status.AWAITING,
    },
    Status.REFERRED: {
        Action.TAKE: Status.TAKEN,
        Action.ASSIGN: Status.REFERRED,
        Action.AWAIT: Status.AWAITING,
        Action.CLOSE: Status.CLOSED,
        Action.NOTE: Status.REFERRED,
    },
    Status.CLOSED: {
        Action.REOPEN: Status.OPEN,
        Action.NOTE: Status.CLOSED,
    },
}

# Taking is the one step that speaks for itself; a hand-over names whom.
_NEEDS_REASON: Final = frozenset(Action) - {Action.TAKE, Action.ASSIGN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One action with everything it says."""

    action: Action
    reason: str = ""  # for a note, its text
    disposition: Disposition | None = None  # of a closure
    explanation: str = ""  # the work that explains it, where the disposition says so
    to: str = ""  # whom a hand-over goes to
    # Until when later lookups of the same two are legitimate, where the work goes on.
    legitimate_until: datetime | None = None
    decided_as: str = ""  # the role of whoever says so


def possible(status: Status) -> tuple[Action, ...]:
    """The actions that fit where an alert stands, in the order they are offered."""
    return tuple(MOVES[status])


def after(status: Status, action: Action, *, alert_id: str) -> Status:
    """Where an alert stands after an action.

    Raises:
        Misused: the action does not fit; names those that do.
    """
    if action not in MOVES[status]:
        raise Misused(
            f"alert {alert_id}: cannot {action} while {status};"
            f" possible: {', '.join(possible(status))}"
        )
    return MOVES[status][action]


def stepped(status: Status, step: Step, *, alert_id: str) -> Status:
    """Where an alert stands after a step that says all it must.

    Raises:
        Misused: the action does not fit, or something is left unsaid or said for nothing.
    """
    moved = after(status, step.action, alert_id=alert_id)
    wanting = _wanting(step) or _out_of_place(step)
    if wanting:
        raise Misused(f"alert {alert_id}: cannot {step.action} {wanting}")
    return moved


def holder(held_by: str, step: Step, *, actor: str) -> str:
    """Who holds an alert after a step; nobody when it is open."""
    if step.action is Action.TAKE:
        return actor
    if step.action is Action.ASSIGN:
        return step.to.strip()
    return "" if step.action is Action.REOPEN else held_by


def _wanting(step: Step) -> str:
    """What a step leaves unsaid, and what would do; empty when nothing."""
    if step.action is Action.CLOSE and step.disposition is None:
        return f"without a disposition; possible: {', '.join(Disposition)}"
    if step.action in _NEEDS_REASON and not step.reason.strip():
        return "without a reason; possible: the same with a reason"
    if step.action is Action.ASSIGN and not step.to.strip():
        return "to nobody; possible: the same with the user who takes over"
    explained = step.disposition is Disposition.EXPLAINED_BY_WORK
    if step.action is Action.CLOSE and explained and not step.explanation.strip():
        return (
            "as explained_by_work without the explanation; possible: the same with the work that"
            " explains it, or another disposition"
        )
    return ""


def _out_of_place(step: Step) -> str:
    """What a step says that does not belong to its action; empty when nothing."""
    if step.disposition and step.action is not Action.CLOSE:
        return "with a disposition; possible: close, or the same without one"
    if step.explanation.strip() and step.disposition is not Disposition.EXPLAINED_BY_WORK:
        return "with an explanation by work; possible: close as explained_by_work"
    if step.legitimate_until and step.disposition is not Disposition.EXPLAINED_BY_WORK:
        return "with lookups legitimate from here on; possible: close as explained_by_work"
    if step.to.strip() and step.action is not Action.ASSIGN:
        return "to somebody; possible: assign"
    return ""

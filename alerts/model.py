"""An alert, and the words its parts are made of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from detectors.model import Finding


class Status(StrEnum):
    """Where an alert stands."""

    OPEN = "open"
    TAKEN = "taken"
    AWAITING = "awaiting"  # an enquiry is out
    REFERRED = "referred"
    CLOSED = "closed"


class Family(StrEnum):
    """What kind of pattern an alert shows; chooses its prompts."""

    FIXATION = "fixation"
    CASE_ABUSE = "case_abuse"
    VULNERABILITY = "vulnerability"
    PERSONAL = "personal"
    LEAK = "leak"
    ACCOUNT = "account"
    CURIOSITY = "curiosity"
    JUSTIFICATION = "justification"


class Priority(StrEnum):
    """The order in which alerts are offered; never a legal judgement."""

    URGENT = "urgent"
    HIGH = "high"
    NORMAL = "normal"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecurrenceInterval:
    """How rarely chance alone brings a pattern this strong, among people in one role."""

    value: float  # user-years, above 0
    role: str
    limit_of_data: bool  # the reference is too short to say more than "rarer than"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationTested:
    """One lawful reason that was looked for, and what the records say of it."""

    kind: str  # tasking, case_reference, colleague, dispatch, machine, ...
    verdict: str  # "explains", "partly explains", "does not explain", "could not be tested"
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """What one strand adds to the score that drills taught; all of them sum to it."""

    name: str  # of the detector; "start" for a pair of which nothing is known
    says: str  # names nobody
    log_evidence: float  # natural logarithm of odds; below 0 counts against


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptShown:
    """A question of law or practice as it stood on the day it was attached."""

    id: str
    version: int
    says: str
    reference: str
    stage: str  # first, review, closure
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What is put before a person: one member of staff, one focus, and everything behind it."""

    alert_id: str
    raised_at: datetime
    updated_at: datetime
    status: Status
    family: Family
    user_ids: tuple[str, ...]
    subject_ids: tuple[str, ...]
    focus_subject_id: str  # empty for a user-level alert
    score: float  # log10 of the recurrence interval in user-years
    recurrence_interval: RecurrenceInterval
    priority: Priority
    first_event_at: datetime
    last_event_at: datetime
    event_ids: tuple[str, ...]
    findings: tuple[Finding, ...]
    explanations_tested: tuple[ExplanationTested, ...]
    feeds_missing: tuple[str, ...]
    prompts: tuple[PromptShown, ...]
    settings_fingerprint: str
    code_version: str
    data_version: Mapping[str, int] = field(default_factory=dict)
    says: str = ""  # the sentence of rarity
    provisional: bool = False  # the reference is short of what METHODS asks
    contributions: tuple[Contribution, ...] = ()  # the waterfall; empty where nothing was taught
    hinges_on: tuple[str, ...] = ()  # detectors without any one of which it would not be raised
    drawn_at_random: bool = False  # for audit, from below the floor, and not for its strength
    subjects_beyond: int = 0  # further people looked up, at least, whom subject_ids does not list
    earlier_alert_id: str = ""  # closed, on the same two: only lookups since its closing count here


_ORDER = {Priority.URGENT: 0, Priority.HIGH: 1, Priority.NORMAL: 2}


def in_queue_order(alerts: Iterable[Alert]) -> tuple[Alert, ...]:
    """Alerts as they are offered: by priority, then the rarer first, then by id."""
    return tuple(sorted(alerts, key=lambda a: (_ORDER[a.priority], -a.score, a.alert_id)))

"""What the store hands out and takes in, beside the alerts themselves; it knows no database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from alerts.candidates import Candidate
from alerts.gates import Deed
from alerts.lifecycle import Action, Disposition


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedDay:
    """One UTC day judged, and what the judging saw of it."""

    day: date
    until: datetime  # accesses before this were judged; the day's end unless it was not over
    loaded_seq: int  # highest load number of the lake that was seen
    events: int  # rows of the day
    pairs: int  # pairs of user and focus that were judged
    candidates: int  # pairs beyond the floor
    abstentions: Sequence[Mapping[str, object]]
    seconds: float  # spent judging
    settings_fingerprint: str
    code_version: str
    # Load number of each reference table that was seen; nothing where the judging did not say.
    feeds_seq: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What finishing a day did to the queue, by alert id."""

    raised: tuple[str, ...] = ()
    extended: tuple[str, ...] = ()  # new evidence, those reopened included
    reopened: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerDay:
    """Where one day stands: whether it was judged, whether again, and who is at it."""

    day: date
    judged: JudgedDay | None  # the last judging
    stale: str  # why it must be judged again; empty when that judging stands
    owner: str  # who has claimed it; empty when nobody
    lease_until: datetime | None  # when that claim may be taken over
    attempts: int  # claims since it was last judged
    released: str  # why the last claim was given back; empty when it was not
    failures: int = 0  # of those claims, how many ended in trouble
    next_try_at: datetime | None = None  # before which it is not tried again by itself

    @property
    def failing(self) -> bool:
        """Whether its judging was tried since it was last judged, and did not end well."""
        return self.failures > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Who serves a store as its one daemon."""

    holder: str  # actor, machine and process number
    process: Mapping[str, str]  # what tells that process from every other
    since: datetime
    renewed_at: datetime
    until: datetime  # when another daemon may take over


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedDay:
    """The candidates of one judged day that became no alert of their own."""

    day: date
    candidates: tuple[Candidate, ...]  # the strongest first; none once they were erased


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One action on an alert, and what was said with it."""

    seq: int  # entry of the chain
    alert_id: str
    at: datetime
    actor: str
    action: Action
    reason: str
    disposition: Disposition | None
    explanation: str
    to: str  # whom a hand-over went to


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptAnswer:
    """An answer to a question of law or practice, and the question as it stood."""

    seq: int  # entry of the chain
    alert_id: str
    prompt_id: str
    version: int
    says: str
    reference: str
    answer: str  # done, not needed, later
    reason: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedFact:
    """A fact beyond the log that somebody put on record, with its reason."""

    seq: int  # entry of the chain
    alert_id: str
    name: str  # last_act, criteria_met_at, or the id of an offence
    value: str  # a day, a moment, yes, no, or one of its words
    reason: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """An alert as it stood after one entry of the chain, kept for disclosure."""

    seq: int  # entry of the chain
    line: str  # the contract's JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What was taken out of the store for good."""

    rows: int  # that hung on the chain; their hashes stay on it
    words: int  # entries whose words went; their hashes stay


@dataclass(frozen=True, slots=True, kw_only=True)
class Upheld:
    """Lookups that a person found to be misconduct or a suspected crime: no longer a reference."""

    user_ids: tuple[str, ...]
    subject_ids: tuple[str, ...]
    at: datetime  # when it was decided


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """A person closed an alert, or opened a closed one again."""

    alert_id: str
    at: datetime
    closed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """A pair that one detector raises no alert about for a time; never without author and end."""

    seq: int  # entry of the chain
    alert_id: str  # that gave rise to it
    user_id: str
    focus_subject_id: str
    detector: str
    reason: str
    actor: str
    at: datetime
    expires_at: datetime

    def in_force(self, at: datetime) -> bool:
        """Whether it holds at a moment."""
        return self.at <= at < self.expires_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """A decision that one member of staff's lookups of one person are legitimate until a moment."""

    seq: int  # entry of the chain
    alert_id: str  # that was closed with it
    user_id: str
    focus_subject_id: str
    decided_as: str  # the role of whoever decided
    actor: str
    at: datetime  # lookups from here on are explained
    until: datetime  # a lookup from here on is not; brought forward where the alert is open again


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A deed that one person asks for and another confirms or declines."""

    seq: int  # entry of the chain
    alert_id: str
    deed: Deed
    asked: Mapping[str, object]  # all that the deed needs
    reason: str
    actor: str
    at: datetime
    answer: str = ""  # agreed, declined, withdrawn; empty while it stands
    answered_by: str = ""
    answered_at: datetime | None = None
    answer_reason: str = ""

    @property
    def pending(self) -> bool:
        """Whether it still waits for a second person."""
        return not self.answer


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """The day on which an alert is to be looked at again."""

    alert_id: str
    due_on: date
    reason: str
    actor: str
    at: datetime

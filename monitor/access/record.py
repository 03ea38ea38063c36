"""What the chain says of access: people matched, requests, covert alerts, broken glass.

access.requested ──> access.approved | access.declined      a second person decides
access.declared                                              an OS user is this member of staff
access.covered   ──> access.uncovered                        an alert for named people
access.glass_broken ──> access.glass_acknowledged            by somebody else
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from alerts.chain import Entry

REQUESTED: Final = "access.requested"
APPROVED: Final = "access.approved"
DECLINED: Final = "access.declined"
DECLARED: Final = "access.declared"
COVERED: Final = "access.covered"
UNCOVERED: Final = "access.uncovered"
GLASS_BROKEN: Final = "access.glass_broken"
GLASS_ACKNOWLEDGED: Final = "access.glass_acknowledged"
KINDS: Final = (
    *(REQUESTED, APPROVED, DECLINED, DECLARED, COVERED, UNCOVERED),
    *(GLASS_BROKEN, GLASS_ACKNOWLEDGED),
)


class Wanted(StrEnum):
    """What needs a second person."""

    IDENTITIES = "identities"
    ROLE = "role"


class Answer(StrEnum):
    """How a request stands."""

    PENDING = "pending"
    APPROVED = "approved"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Something one person asked for and another decides."""

    number: int  # of its entry on the chain
    wanted: Wanted
    asked_by: str
    asked_at: datetime
    about: str  # an alert, or empty for every alert; for a role, empty
    role: str
    purpose: str
    hours: int
    answer: Answer = Answer.PENDING
    decided_by: str = ""
    decided_at: datetime | None = None

    def in_force(self, at: datetime) -> bool:
        """Whether it was approved and has not run out."""
        if self.answer is not Answer.APPROVED or self.decided_at is None:
            return False
        return at < self.decided_at + timedelta(hours=self.hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Which accounts of the staff an operating-system user has; none for somebody not among it."""

    user_ids: tuple[str, ...]
    declared_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Glass:
    """One breaking of the glass that nobody else has acknowledged yet."""

    number: int
    broken_by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """How access stands, told from the chain alone."""

    requests: tuple[Request, ...]
    matches: dict[str, Match]  # by operating-system user
    covert: dict[str, frozenset[str]]  # alert -> operating-system users who may know of it
    glass: tuple[Glass, ...]

    def request(self, number: int) -> Request | None:
        """The request of this number."""
        return next((one for one in self.requests if one.number == number), None)

    def pending(self) -> tuple[Request, ...]:
        """Requests that nobody has decided."""
        return tuple(one for one in self.requests if one.answer is Answer.PENDING)

    def identities_for(self, os_user: str, at: datetime) -> frozenset[str]:
        """The alerts whose identities a second person has opened to a user; "" stands for all."""
        return frozenset(
            one.about
            for one in self.requests
            if one.wanted is Wanted.IDENTITIES and one.asked_by == os_user and one.in_force(at)
        )


def record_of(entries: Iterable[Entry]) -> Record:
    """How access stands after some entries, in the order of the chain."""
    requests: dict[int, Request] = {}
    matches: dict[str, Match] = {}
    covert: dict[str, frozenset[str]] = {}
    glass: dict[int, Glass] = {}
    for entry in entries:
        told = entry.told
        if entry.kind == REQUESTED:
            requests[entry.seq] = _request(entry)
        elif entry.kind in {APPROVED, DECLINED}:
            number = told["request"]
            requests[number] = _decided(requests[number], entry)
        elif entry.kind == DECLARED:
            matches[entry.about] = Match(user_ids=tuple(told["user_ids"]), declared_by=entry.actor)
        elif entry.kind == COVERED:
            covert[entry.about] = frozenset(told["only"])
        elif entry.kind == UNCOVERED:
            covert.pop(entry.about, None)
        elif entry.kind == GLASS_BROKEN:
            glass[entry.seq] = Glass(
                number=entry.seq, broken_by=entry.actor, at=entry.moment, reason=entry.purpose
            )
        elif entry.kind == GLASS_ACKNOWLEDGED:
            glass.pop(told["broken"], None)
    return Record(
        requests=tuple(requests.values()),
        matches=matches,
        covert=covert,
        glass=tuple(glass.values()),
    )


def _request(entry: Entry) -> Request:
    told = entry.told
    return Request(
        number=entry.seq,
        wanted=Wanted(told["wanted"]),
        asked_by=entry.actor,
        asked_at=entry.moment,
        about=entry.about,
        role=told["role"],
        purpose=entry.purpose,
        hours=told["hours"],
    )


def _decided(request: Request, entry: Entry) -> Request:
    """The request with the first answer it was given; a later one changes nothing."""
    if request.answer is not Answer.PENDING or entry.actor == request.asked_by:
        return request
    answer = Answer.APPROVED if entry.kind == APPROVED else Answer.DECLINED
    return replace(request, answer=answer, decided_by=entry.actor, decided_at=entry.moment)

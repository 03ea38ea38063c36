"""What pictures are drawn from: rows of the log, visits, and the records linked to a focus."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from monitor.access.masking import Masker


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRow:
    """One row of the log behind an alert, with its place in the file it came from."""

    event_id: str
    occurred_at: datetime
    user_id: str
    subject_id: str  # empty where the source left it blank or masked it
    system: str
    action: str
    requester_id: str = ""
    subject_type: str = ""
    reason: str = ""
    reason_code: str = ""
    case_ref: str = ""
    search_terms: str = ""
    terminal_id: str = ""
    on_duty: bool | None = None  # None: no roster says
    file: str = ""
    line: int = 0
    raw_sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Rows of one member of staff on one record without a long gap between them."""

    user_id: str
    subject_id: str
    started_at: datetime
    day: date  # the force's own; a night shift belongs to the day it began
    on_duty: bool | None  # None: no roster says
    explained_by: str = ""  # the strongest explanation found; empty where none was


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A record tied to the focus, and how."""

    subject_id: str
    relation: str = ""
    subject_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything at hand behind one alert: its rows and visits, in order of time, and the links."""

    rows: tuple[EvidenceRow, ...]
    visits: tuple[Visit, ...]
    links: Mapping[str, Link] = field(default_factory=dict)  # by id of the linked record
    missing: int = 0  # rows the alert names that the lake does not hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day of a calendar."""

    visits: int
    off_duty: bool | None  # whether any visit was off duty; None: no roster says


def days_of(visits: Iterable[Visit]) -> dict[date, Day]:
    """Visits counted by day."""
    begun: defaultdict[date, list[Visit]] = defaultdict(list)
    for visit in visits:
        begun[visit.day].append(visit)
    return {on: Day(visits=len(those), off_duty=any_off_duty(those)) for on, those in begun.items()}


def hours_of(visits: Iterable[Visit], zone: ZoneInfo) -> tuple[int, ...]:
    """Visits begun in each hour of the force's own day, shape (24,)."""
    hours = [0] * 24
    for visit in visits:
        hours[visit.started_at.astimezone(zone).hour] += 1
    return tuple(hours)


def any_off_duty(visits: Iterable[Visit]) -> bool | None:
    """Whether any visit was off duty; nothing where no roster says of any."""
    known = [visit.on_duty for visit in visits if visit.on_duty is not None]
    return not all(known) if known else None


def masked_evidence(evidence: Evidence, masker: Masker) -> Evidence:
    """The evidence with tokens for ids; what somebody typed shows only that it was typed."""
    links = {
        masker.record(plain): replace(link, subject_id=masker.record(link.subject_id))
        for plain, link in evidence.links.items()
    }
    return replace(
        evidence,
        rows=tuple(_masked_row(row, masker) for row in evidence.rows),
        visits=tuple(_masked_visit(visit, masker) for visit in evidence.visits),
        links=links,
    )


def _masked_visit(visit: Visit, masker: Masker) -> Visit:
    return replace(
        visit, user_id=masker.staff(visit.user_id), subject_id=masker.record(visit.subject_id)
    )


def _masked_row(row: EvidenceRow, masker: Masker) -> EvidenceRow:
    return replace(
        row,
        event_id=masker.row(row.event_id),
        user_id=masker.staff(row.user_id),
        requester_id=masker.staff(row.requester_id),
        subject_id=masker.record(row.subject_id),
        terminal_id=masker.terminal(row.terminal_id),
        reason=_typed(row.reason),
        reason_code=_typed(row.reason_code),
        case_ref=masker.case(row.case_ref),
        search_terms=_typed(row.search_terms),
        file=_typed(row.file),
    )


def _typed(text: str) -> str:
    return "(given)" if text else ""

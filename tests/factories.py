"""Things made up for tests: each factory gives a whole, ordinary one; a test names what matters."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from alerts.model import (
    Alert,
    ExplanationTested,
    Family,
    Priority,
    PromptShown,
    RecurrenceInterval,
    Status,
)
from detectors.model import Finding
from monitor.views.facts import Evidence, EvidenceRow, Link, Visit

MASK_KEY = bytes(range(32))


def a_moment(text: str = "2026-03-01T02:10:00Z") -> datetime:
    """A moment in UTC, from ISO 8601 with its Z."""
    return datetime.fromisoformat(text).astimezone(UTC)


def a_finding(**facts: Any) -> Finding:
    """Eighteen visits where 1.2 were expected."""
    ordinary: Mapping[str, Any] = {
        "detector": "repeat_subject",
        "version": 1,
        "user_id": "U00123",
        "focus_id": "P0001",
        "observed": 18.0,
        "expected": 1.2,
        "unit": "visits on distinct days in 28 days",
        "pvalue": 3.1e-10,
        "evidence_value": 28_000.0,
        "says": "18 visits on 14 days in 28; staff in this role: 1.2",
        "parameters": (("dispersion", 0.41),),
    }
    return Finding(**{**ordinary, **facts})


def an_explanation(
    kind: str = "tasking",
    verdict: str = "does not explain",
    says: str = "No tasking of this member of staff names a record of this circle.",
) -> ExplanationTested:
    """An explanation that was looked for and not found."""
    return ExplanationTested(kind=kind, verdict=verdict, says=says)


def a_prompt(**facts: Any) -> PromptShown:
    """The stalking question, unverified."""
    ordinary: Mapping[str, Any] = {
        "id": "P01",
        "version": 1,
        "says": (
            "Consider stalking by name, not only data misuse: has it been considered, and is the"
            " answer recorded with its reasons?"
        ),
        "reference": "Protection from Harassment Act 1997 s.2A, s.7",
        "stage": "first",
        "verified": False,
    }
    return PromptShown(**{**ordinary, **facts})


def an_interval(
    value: float = 190.0, role: str = "response", *, limit_of_data: bool = False
) -> RecurrenceInterval:
    """Once in 190 user-years among response staff."""
    return RecurrenceInterval(value=value, role=role, limit_of_data=limit_of_data)


def an_alert(**facts: Any) -> Alert:
    """One member of staff, one person and four linked records: open, urgent, whole."""
    ordinary: Mapping[str, Any] = {
        "alert_id": "A-7F3K9Q2M",
        "raised_at": a_moment("2026-03-01T02:10:00Z"),
        "updated_at": a_moment("2026-03-01T02:10:00Z"),
        "status": Status.OPEN,
        "family": Family.FIXATION,
        "user_ids": ("U00123",),
        "subject_ids": ("P0001", "P0002", "P0003", "A0001", "V0001"),
        "focus_subject_id": "P0001",
        "score": 2.28,
        "recurrence_interval": an_interval(),
        "priority": Priority.URGENT,
        "first_event_at": a_moment("2026-01-12T09:41:00Z"),
        "last_event_at": a_moment("2026-02-28T23:05:00Z"),
        "event_ids": tuple(f"rms-{number:05d}" for number in range(1, 97)),
        "findings": (
            a_finding(),
            a_finding(
                detector="circle",
                observed=5.0,
                expected=0.3,
                unit="linked records in 7 days",
                pvalue=2e-5,
                evidence_value=310.0,
                says="5 linked records opened within 7 days; staff in this role: 0.3",
            ),
        ),
        "explanations_tested": (
            an_explanation(),
            an_explanation("case_reference", "partly explains", "2 of 41 visits name a case."),
            an_explanation("roster", "could not be tested", "No roster is loaded."),
        ),
        "feeds_missing": ("shifts",),
        "prompts": (
            a_prompt(),
            a_prompt(
                id="P06",
                says="Check what would explain it lawfully: tasking, role, roster, unit work.",
                reference="Protection from Harassment Act 1997 s.1(3)",
            ),
            a_prompt(
                id="P10",
                stage="review",
                says="Consider the risk to the person looked up, from the person, not the log.",
                reference="Stalking Screening Tool",
            ),
            a_prompt(
                id="P32",
                stage="closure",
                says="Check that somebody not involved has looked at the stalking question.",
                reference="Victims' Code",
            ),
        ),
        "settings_fingerprint": "sha256:" + "0" * 64,
        "code_version": "0.1.0",
        "data_version": {"events": 41},
        "says": (
            "Among response staff a pattern this strong arises by chance about once in 190"
            " user-years. This is a measure of rarity, not of guilt."
        ),
        "provisional": False,
    }
    return Alert(**{**ordinary, **facts})


def a_row(**facts: Any) -> EvidenceRow:
    """One view of a record, on duty, with a reason typed."""
    ordinary: Mapping[str, Any] = {
        "event_id": "rms-00001",
        "occurred_at": a_moment("2026-01-12T09:41:00Z"),
        "user_id": "U00123",
        "subject_id": "P0001",
        "system": "RMS",
        "action": "view",
        "subject_type": "person",
        "reason": "investigation",
        "terminal_id": "T0042",
        "on_duty": True,
        "file": "rms-2026-01.csv",
        "line": 41,
        "raw_sha256": "ab" * 32,
    }
    return EvidenceRow(**{**ordinary, **facts})


def a_visit(**facts: Any) -> Visit:
    """One visit to the focus, on duty, that nothing explains."""
    ordinary: Mapping[str, Any] = {
        "user_id": "U00123",
        "subject_id": "P0001",
        "started_at": a_moment("2026-01-12T09:41:00Z"),
        "day": date(2026, 1, 12),
        "on_duty": True,
    }
    return Visit(**{**ordinary, **facts})


def an_evidence(**facts: Any) -> Evidence:
    """Forty-one visits over seven weeks: the focus, her mother, a friend, an address, a car."""
    ordinary: Mapping[str, Any] = {
        "rows": (a_row(), a_row(event_id="rms-00002", line=42, subject_id="P0002")),
        "visits": tuple(_visits_of_seven_weeks()),
        "links": {
            "P0002": Link(subject_id="P0002", relation="mother", subject_type="person"),
            "P0003": Link(subject_id="P0003", relation="friend", subject_type="person"),
            "A0001": Link(subject_id="A0001", relation="lives_at", subject_type="address"),
            "V0001": Link(subject_id="V0001", subject_type="vehicle"),
        },
        "missing": 0,
    }
    return Evidence(**{**ordinary, **facts})


def _visits_of_seven_weeks() -> Iterator[Visit]:
    """Every second day from 12 January, one to four visits, each fifth day off duty at night."""
    subjects = ("P0001", "P0001", "P0002", "P0001", "A0001", "P0001", "P0003", "V0001")
    number = 0
    for step in range(18):
        on = date(2026, 1, 12) + timedelta(days=step * 2 + step // 3 * 2)
        night = step % 5 == 4
        for visit in range(1 + step % 4):
            number += 1
            yield a_visit(
                subject_id=subjects[number % len(subjects)],
                started_at=datetime(
                    on.year, on.month, on.day, 23 if night else 9 + visit, tzinfo=UTC
                ),
                day=on,
                on_duty=not night,
            )

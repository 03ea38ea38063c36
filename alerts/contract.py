"""An alert as the JSON that outside programs rely on, and back; keys are added, never renamed."""

import json
import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from alerts.chain import sha256
from alerts.errors import DataRefused
from alerts.model import (
    Alert,
    Contribution,
    ExplanationTested,
    Family,
    Priority,
    PromptShown,
    RecurrenceInterval,
    Status,
)
from detectors.model import Finding

FORMAT: Final = 1
UNIT: Final = "user-years"
# What people decide, and where a reading came from: neither is evidence.
NOT_EVIDENCE: Final = (
    "status",
    "updated_at",
    "settings_fingerprint",
    "code_version",
    "data_version",
)

Mask = Callable[[str, str], str]  # kind ("user" or "subject") and id -> token


def as_contract(alert: Alert, *, mask: Mask | None = None) -> dict[str, Any]:
    """The alert in the contract's keys and order.

    Args:
        alert: to be shown.
        mask: gives the token for each identity; without it the ids are real.
    """
    user, subject = _tokens(mask)
    return {
        "format": FORMAT,
        "alert_id": alert.alert_id,
        "raised_at": _zulu(alert.raised_at),
        "updated_at": _zulu(alert.updated_at),
        "status": alert.status.value,
        "family": alert.family.value,
        "user_ids": [user(name) for name in alert.user_ids],
        "subject_ids": [subject(name) for name in alert.subject_ids],
        "focus_subject_id": subject(alert.focus_subject_id),
        "score": _finite(alert.score, "score"),
        "recurrence_interval": _interval(alert.recurrence_interval),
        "priority": alert.priority.value,
        "first_event_at": _zulu(alert.first_event_at),
        "last_event_at": _zulu(alert.last_event_at),
        "event_ids": list(alert.event_ids),
        "findings": [_finding(finding, mask) for finding in alert.findings],
        "explanations_tested": [
            {"kind": tested.kind, "verdict": tested.verdict, "says": tested.says}
            for tested in alert.explanations_tested
        ],
        "feeds_missing": list(alert.feeds_missing),
        "prompts": [_prompt(prompt) for prompt in alert.prompts],
        "settings_fingerprint": alert.settings_fingerprint,
        "code_version": alert.code_version,
        "data_version": dict(sorted(alert.data_version.items())),
        "says": alert.says,
        "provisional": alert.provisional,
        "contributions": [
            {
                "name": part.name,
                "says": part.says,
                "log_evidence": _finite(part.log_evidence, f"contribution {part.name}"),
            }
            for part in alert.contributions
        ],
        "hinges_on": list(alert.hinges_on),
        "subjects_beyond": alert.subjects_beyond,
        "drawn_at_random": alert.drawn_at_random,
        "earlier_alert_id": alert.earlier_alert_id,
    }


def contract_line(alert: Alert) -> str:
    """The alert as one line of JSONL, without its newline: what is stored, hashed and disclosed."""
    return json.dumps(as_contract(alert), ensure_ascii=False, allow_nan=False)


def contract_sha256(alert: Alert) -> str:
    """The SHA-256 of the alert's line, which the chain keeps, 64 hexadecimal digits."""
    return sha256(contract_line(alert))


def evidence_of(alert: Alert) -> dict[str, Any]:
    """What judging says of the alert, without what people decided and which run said it."""
    return {key: value for key, value in as_contract(alert).items() if key not in NOT_EVIDENCE}


def from_contract(document: Mapping[str, Any]) -> Alert:
    """The alert that a document stands for; keys it does not know are passed over.

    Raises:
        DataRefused: another format, a key that is missing or a value that cannot be read.
    """
    place = f"alert {document.get('alert_id', 'without id')}"
    if document.get("format") != FORMAT:
        raise DataRefused(
            f"{place}: format {document.get('format')!r} is unknown; possible: {FORMAT}"
        )
    try:
        return _read(document)
    except KeyError as missing:
        raise DataRefused(f"{place}: {missing} is missing; possible: the whole document") from None
    except (TypeError, ValueError, AttributeError) as trouble:
        kind = type(trouble).__name__
        raise DataRefused(
            f"{place}: a value is not of its kind ({kind}); possible: the document as exported"
        ) from None


def _read(document: Mapping[str, Any]) -> Alert:
    return Alert(
        alert_id=document["alert_id"],
        raised_at=_moment(document["raised_at"]),
        updated_at=_moment(document["updated_at"]),
        status=Status(document["status"]),
        family=Family(document["family"]),
        user_ids=tuple(document["user_ids"]),
        subject_ids=tuple(document["subject_ids"]),
        focus_subject_id=document["focus_subject_id"],
        score=float(document["score"]),
        recurrence_interval=RecurrenceInterval(
            value=float(document["recurrence_interval"]["value"]),
            role=document["recurrence_interval"]["role"],
            limit_of_data=document["recurrence_interval"]["limit_of_data"],
        ),
        priority=Priority(document["priority"]),
        first_event_at=_moment(document["first_event_at"]),
        last_event_at=_moment(document["last_event_at"]),
        event_ids=tuple(document["event_ids"]),
        findings=tuple(_finding_read(item, document) for item in document["findings"]),
        explanations_tested=tuple(
            ExplanationTested(kind=item["kind"], verdict=item["verdict"], says=item["says"])
            for item in document["explanations_tested"]
        ),
        feeds_missing=tuple(document["feeds_missing"]),
        prompts=tuple(_prompt_read(item) for item in document["prompts"]),
        settings_fingerprint=document["settings_fingerprint"],
        code_version=document["code_version"],
        data_version=dict(document["data_version"]),
        says=document.get("says", ""),
        provisional=document.get("provisional", False),
        contributions=tuple(
            Contribution(
                name=part["name"], says=part["says"], log_evidence=float(part["log_evidence"])
            )
            for part in document.get("contributions", ())
        ),
        hinges_on=tuple(document.get("hinges_on", ())),
        drawn_at_random=bool(document.get("drawn_at_random", False)),
        subjects_beyond=int(document.get("subjects_beyond", 0)),
        earlier_alert_id=document.get("earlier_alert_id", ""),
    )


def _tokens(mask: Mask | None) -> tuple[Callable[[str], str], Callable[[str], str]]:
    """How a user and a subject are written; nobody stays nobody."""

    def written(kind: str) -> Callable[[str], str]:
        return lambda name: mask(kind, name) if mask and name else name

    return written("user"), written("subject")


def _interval(interval: RecurrenceInterval) -> dict[str, Any]:
    return {
        "value": _finite(interval.value, "recurrence_interval"),
        "unit": UNIT,
        "role": interval.role,
        "limit_of_data": interval.limit_of_data,
    }


def _finding(finding: Finding, mask: Mask | None) -> dict[str, Any]:
    user, subject = _tokens(mask)
    place = f"finding {finding.detector}"
    return {
        "detector": finding.detector,
        "version": finding.version,
        "observed": _finite(finding.observed, f"{place} observed"),
        "expected": _finite(finding.expected, f"{place} expected"),
        "unit": finding.unit,
        "pvalue": _finite(finding.pvalue, f"{place} pvalue"),
        "says": finding.says,
        "user_id": user(finding.user_id),
        "focus_subject_id": subject(finding.focus_id),
        "evidence_value": _finite(finding.evidence_value, f"{place} evidence_value"),
        "parameters": {
            name: _finite(value, f"{place} {name}") for name, value in finding.parameters
        },
    }


def _finding_read(item: Mapping[str, Any], document: Mapping[str, Any]) -> Finding:
    """A finding; a writer that knows only the keys of the contract means the alert's own pair."""
    return Finding(
        detector=item["detector"],
        version=item["version"],
        user_id=item.get("user_id", document["user_ids"][0] if document["user_ids"] else ""),
        focus_id=item.get("focus_subject_id", document["focus_subject_id"]),
        observed=float(item["observed"]),
        expected=float(item["expected"]),
        unit=item["unit"],
        pvalue=float(item["pvalue"]),
        evidence_value=float(item.get("evidence_value", 1.0)),
        says=item["says"],
        parameters=tuple((name, float(at)) for name, at in item.get("parameters", {}).items()),
    )


def _prompt(prompt: PromptShown) -> dict[str, Any]:
    return {
        "id": prompt.id,
        "version": prompt.version,
        "says": prompt.says,
        "reference": prompt.reference,
        "stage": prompt.stage,
        "verified": prompt.verified,
    }


def _prompt_read(item: Mapping[str, Any]) -> PromptShown:
    return PromptShown(
        id=item["id"],
        version=item["version"],
        says=item["says"],
        reference=item["reference"],
        stage=item.get("stage", "first"),
        verified=item.get("verified", False),
    )


def _finite(value: float, place: str) -> float:
    """The number as a float.

    Raises:
        ValueError: JSON has no word for it.
    """
    if not math.isfinite(value):
        raise ValueError(f"alert: {place} is {value}; possible: a finite number")
    return float(value)


def _zulu(at: datetime) -> str:
    if at.utcoffset() is None:
        raise ValueError(f"alert: {at.isoformat()} has no offset; possible: an aware time")
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)

"""An alert as JSON: the contract's keys, nothing lost on the way back, nobody named when masked."""

import json
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.contract import (
    as_contract,
    contract_line,
    contract_sha256,
    evidence_of,
    from_contract,
)
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
from tests.factories import a_finding, a_moment, a_prompt, an_alert, an_explanation

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
numbers = st.floats(allow_nan=False, allow_infinity=False)
moments = st.datetimes(timezones=st.just(UTC))
names = st.lists(texts, max_size=4).map(tuple)
findings = st.builds(
    Finding,
    detector=texts,
    version=st.integers(1, 9),
    user_id=texts,
    focus_id=texts,
    observed=numbers,
    expected=numbers,
    unit=texts,
    pvalue=st.floats(0, 1),
    evidence_value=numbers,
    says=texts,
    parameters=st.dictionaries(texts, numbers, max_size=3).map(lambda held: tuple(held.items())),
)
alerts = st.builds(
    Alert,
    alert_id=texts,
    raised_at=moments,
    updated_at=moments,
    status=st.sampled_from(Status),
    family=st.sampled_from(Family),
    user_ids=names,
    subject_ids=names,
    focus_subject_id=texts,
    score=numbers,
    recurrence_interval=st.builds(
        RecurrenceInterval, value=numbers, role=texts, limit_of_data=st.booleans()
    ),
    priority=st.sampled_from(Priority),
    first_event_at=moments,
    last_event_at=moments,
    event_ids=names,
    findings=st.lists(findings, max_size=2).map(tuple),
    explanations_tested=st.lists(
        st.builds(ExplanationTested, kind=texts, verdict=texts, says=texts), max_size=2
    ).map(tuple),
    feeds_missing=names,
    prompts=st.lists(
        st.builds(
            PromptShown,
            id=texts,
            version=st.integers(1, 9),
            says=texts,
            reference=texts,
            stage=texts,
            verified=st.booleans(),
        ),
        max_size=2,
    ).map(tuple),
    settings_fingerprint=texts,
    code_version=texts,
    data_version=st.dictionaries(texts, st.integers(0, 9), max_size=3),
    says=texts,
    provisional=st.booleans(),
    contributions=st.lists(
        st.builds(Contribution, name=texts, says=texts, log_evidence=numbers), max_size=2
    ).map(tuple),
    hinges_on=names,
    drawn_at_random=st.booleans(),
    subjects_beyond=st.integers(0, 99),
    earlier_alert_id=st.sampled_from(["", "A-earlier"]),
)


def small() -> Alert:
    """An alert small enough to be written out whole."""
    return an_alert(
        event_ids=("rms-00001", "rms-00002"),
        findings=(a_finding(),),
        explanations_tested=(an_explanation(says="No tasking names her."),),
        prompts=(a_prompt(says="Consider stalking."),),
        says="Once in 190 user-years.",
    )


def token(kind: str, name: str) -> str:
    """A token that shows what was masked as what."""
    return f"<{kind} {name}>"


def test_an_alert_is_written_as_the_contract_says() -> None:
    assert json.loads(contract_line(small())) == {
        "format": 1,
        "alert_id": "A-7F3K9Q2M",
        "raised_at": "2026-03-01T02:10:00Z",
        "updated_at": "2026-03-01T02:10:00Z",
        "status": "open",
        "family": "fixation",
        "user_ids": ["U00123"],
        "subject_ids": ["P0001", "P0002", "P0003", "A0001", "V0001"],
        "focus_subject_id": "P0001",
        "score": 2.28,
        "recurrence_interval": {
            "value": 190.0,
            "unit": "user-years",
            "role": "response",
            "limit_of_data": False,
        },
        "priority": "urgent",
        "first_event_at": "2026-01-12T09:41:00Z",
        "last_event_at": "2026-02-28T23:05:00Z",
        "event_ids": ["rms-00001", "rms-00002"],
        "findings": [
            {
                "detector": "repeat_subject",
                "version": 1,
                "observed": 18.0,
                "expected": 1.2,
                "unit": "visits on distinct days in 28 days",
                "pvalue": 3.1e-10,
                "says": "18 visits on 14 days in 28; staff in this role: 1.2",
                "user_id": "U00123",
                "focus_subject_id": "P0001",
                "evidence_value": 28000.0,
                "parameters": {"dispersion": 0.41},
            }
        ],
        "explanations_tested": [
            {"kind": "tasking", "verdict": "does not explain", "says": "No tasking names her."}
        ],
        "feeds_missing": ["shifts"],
        "prompts": [
            {
                "id": "P01",
                "version": 1,
                "says": "Consider stalking.",
                "reference": "Protection from Harassment Act 1997 s.2A, s.7",
                "stage": "first",
                "verified": False,
            }
        ],
        "settings_fingerprint": "sha256:" + "0" * 64,
        "code_version": "0.1.0",
        "data_version": {"events": 41},
        "says": "Once in 190 user-years.",
        "provisional": False,
        "contributions": [],
        "hinges_on": [],
        "drawn_at_random": False,
        "earlier_alert_id": "",
        "subjects_beyond": 0,
    }


def test_the_keys_come_in_the_order_of_the_contract() -> None:
    assert list(as_contract(small()))[:8] == [
        "format",
        "alert_id",
        "raised_at",
        "updated_at",
        "status",
        "family",
        "user_ids",
        "subject_ids",
    ]


def test_every_fact_of_an_alert_is_in_its_json() -> None:
    assert {field.name for field in fields(Alert)} - set(as_contract(small())) == set()


@given(alerts)
def test_nothing_is_lost_on_the_way_to_json_and_back(alert: Alert) -> None:
    assert from_contract(json.loads(contract_line(alert))) == alert


def test_a_document_with_only_the_keys_of_the_contract_is_read() -> None:
    document = as_contract(small())
    for added in ("says", "provisional"):
        del document[added]
    for added in ("user_id", "focus_subject_id", "evidence_value", "parameters"):
        del document["findings"][0][added]
    for added in ("stage", "verified"):
        del document["prompts"][0][added]

    assert from_contract(document) == replace(
        small(),
        says="",
        findings=(replace(a_finding(), evidence_value=1.0, parameters=()),),
    )


def test_keys_of_a_later_version_are_passed_over() -> None:
    assert from_contract({**as_contract(small()), "colour": "blue"}) == small()


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"format": 2}, "alert A-7F3K9Q2M: format 2 is unknown; possible: 1"),
        (
            {"raised_at": "yesterday"},
            (
                "alert A-7F3K9Q2M: a value is not of its kind (ValueError);"
                " possible: the document as exported"
            ),
        ),
        (
            {"findings": 3},
            (
                "alert A-7F3K9Q2M: a value is not of its kind (TypeError);"
                " possible: the document as exported"
            ),
        ),
    ],
)
def test_a_document_that_cannot_be_read_says_which_and_why(
    change: dict[str, Any], refusal: str
) -> None:
    with pytest.raises(DataRefused) as refused:
        from_contract({**as_contract(small()), **change})

    assert str(refused.value) == refusal


def test_a_missing_key_is_named() -> None:
    document = as_contract(small())
    del document["family"]

    with pytest.raises(DataRefused, match=r"^alert A-7F3K9Q2M: 'family' is missing; possible"):
        from_contract(document)


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan")])
def test_a_number_that_json_has_no_word_for_is_never_written(number: float) -> None:
    with pytest.raises(ValueError, match="finding repeat_subject evidence_value is"):
        as_contract(an_alert(findings=(a_finding(evidence_value=number),)))


def test_a_naive_time_is_never_written() -> None:
    with pytest.raises(ValueError, match="has no offset; possible: an aware time"):
        as_contract(an_alert(raised_at=datetime(2026, 3, 1)))  # noqa: DTZ001 it is the point


def test_a_mask_is_applied_wherever_somebody_is_named() -> None:
    masked = as_contract(small(), mask=token)

    shown = {key: masked[key] for key in ("user_ids", "subject_ids", "focus_subject_id")}
    assert shown == {
        "user_ids": ["<user U00123>"],
        "subject_ids": [
            "<subject P0001>",
            "<subject P0002>",
            "<subject P0003>",
            "<subject A0001>",
            "<subject V0001>",
        ],
        "focus_subject_id": "<subject P0001>",
    }
    assert masked["findings"][0]["user_id"] == "<user U00123>"
    assert masked["findings"][0]["focus_subject_id"] == "<subject P0001>"


def test_nobody_has_no_token() -> None:
    masked = as_contract(an_alert(focus_subject_id="", findings=()), mask=token)

    assert masked["focus_subject_id"] == ""


@given(alerts)
def test_a_mask_leaves_no_identity_and_changes_nothing_else(alert: Alert) -> None:
    masked = as_contract(alert, mask=lambda kind, _name: f"{kind} masked")
    named = {"user_ids", "subject_ids", "focus_subject_id", "findings"}

    assert set(masked["user_ids"]) <= {"", "user masked"}
    assert set(masked["subject_ids"]) <= {"", "subject masked"}
    assert {key: value for key, value in masked.items() if key not in named} == {
        key: value for key, value in as_contract(alert).items() if key not in named
    }


def test_the_evidence_is_the_same_whatever_people_decide_and_whichever_run_says_it() -> None:
    again = an_alert(
        status=Status.CLOSED,
        updated_at=a_moment("2026-03-09T02:10:00Z"),
        code_version="0.2.0",
        settings_fingerprint="sha256:" + "1" * 64,
        data_version={"events": 99},
    )

    assert evidence_of(again) == evidence_of(an_alert())


def test_one_more_event_is_other_evidence() -> None:
    assert evidence_of(an_alert(event_ids=("rms-00001",))) != evidence_of(an_alert())


def test_the_hash_on_the_chain_is_that_of_the_exported_line() -> None:
    assert contract_sha256(small()) != contract_sha256(replace(small(), status=Status.TAKEN))
    assert contract_line(small()).count("\n") == 0

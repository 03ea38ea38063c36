"""Facts beyond the log: what may be recorded, what it calls for, and what stays on record."""

from datetime import date

import pytest

from alerts.errors import Misused
from alerts.model import Family
from alerts.prompt_pack import offences_of
from alerts.prompting import called_by
from alerts.recording import (
    WITHDRAWN,
    condition_of,
    fact_read,
    facts_of,
    refuse_unfounded,
    standing_of,
)
from alerts.store import Store
from monitor.prompts import pack_at
from monitor.settings import shipped_config
from tests.alerts.stores import judged
from tests.factories import a_moment, an_alert

PACK = pack_at(shipped_config() / "prompts")
KNOWN = facts_of(PACK)
NOW = a_moment("2026-03-05T10:00:00Z")
TODAY = date(2026, 3, 5)


def read(written: str) -> tuple[str, str]:
    """A fact as typed on the fifth of March."""
    return fact_read(written, KNOWN, now=NOW, today=TODAY)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("last_act=2026-03-01", ("last_act", "2026-03-01")),
        (
            "criteria_met_at=2026-03-04T16:20:00+01:00",
            ("criteria_met_at", "2026-03-04T15:20:00.000000Z"),
        ),
        ("apsp=may_be", ("apsp", "may_be")),
        ("PHA-4A=may_apply", ("PHA-4A", "may_apply")),
        ("risk_plan_review=2026-03-12", ("risk_plan_review", "2026-03-12")),
        ("last_act=withdrawn", ("last_act", WITHDRAWN)),
    ],
)
def test_a_fact_is_kept_in_one_way_of_writing(written: str, kept: tuple[str, str]) -> None:
    assert read(written) == kept


@pytest.mark.parametrize(
    ("written", "refusal"),
    [
        ("rumour=yes", r"^fact rumour: is not known; possible: criteria_met_at, "),
        ("last_act=1 March", r"^fact last_act: '1 March' is not a day, 2026-03-01$"),
        ("last_act=2026-03-06", r"lies ahead; possible: a time that is past$"),
        ("criteria_met_at=2026-03-04T15:20:00", r"is not a time with its offset"),
        ("apsp=yes", r"possible: may_be, no, cannot_tell, withdrawn$"),
        ("risk_answers_from=log", r"possible: person, person_through_advocate"),
    ],
)
def test_a_fact_that_cannot_be_is_refused_with_what_is_possible(written: str, refusal: str) -> None:
    with pytest.raises(Misused, match=refusal):
        read(written)


def test_a_risk_tool_is_answered_by_the_person_and_never_from_the_log() -> None:
    with pytest.raises(Misused, match="never from the log; possible: first risk_answers_from="):
        refuse_unfounded("risk_tool", "s_dash", standing={"risk_answers_from": "not_asked_yet"})

    refuse_unfounded("risk_tool", "s_dash", standing={"risk_answers_from": "person"})


def test_the_latest_of_a_fact_stands_and_one_withdrawn_does_not() -> None:
    recorded = [("last_act", "2026-02-01"), ("apsp", "no"), ("apsp", WITHDRAWN)]

    assert standing_of([*recorded, ("last_act", "2026-02-14")]) == {"last_act": "2026-02-14"}


@pytest.mark.parametrize(
    ("name", "value", "called"),
    [
        ("arrest_or_bail", "yes", "P15"),
        ("breach_reported", "yes", "P16"),
        ("self_harm_words", "yes", "P18"),
        ("graded_standard_risk", "yes", "P11"),
        ("personal_connection", "yes", "P28"),
        ("moved_force_area", "yes", "P35"),
        ("on_probation", "yes", "P36"),
        ("apsp", "may_be", "P23"),
        ("crime_suspected", "yes", "P23 P25"),
        ("arrest_or_bail", "no", ""),
        ("apsp", "no", ""),
    ],
)
def test_a_recorded_fact_calls_for_its_questions(name: str, value: str, called: str) -> None:
    found = called_by(PACK, condition_of(name, value), family=Family.FIXATION, on=TODAY)

    assert " ".join(prompt.id for prompt in found) == called


def test_the_offence_for_constables_and_the_one_for_the_connected_wait_for_their_fact() -> None:
    offences = offences_of(
        PACK, family=Family.FIXATION, first=date(2026, 1, 1), last=date(2026, 3, 1)
    )
    needs = {offence.id: offence.needs for offence in offences if offence.needs}

    assert needs == {"SCA-76": ("P28", "personal_connection"), "CJCA-26": ("constable",)}


def test_the_offences_are_those_of_the_days_of_the_acts() -> None:
    before = offences_of(
        PACK, family=Family.FIXATION, first=date(2010, 1, 1), last=date(2010, 6, 1)
    )

    assert [offence.id for offence in before] == ["PHA-2", "PHA-4", "MIPO", "CMA-1"]


def test_a_fact_is_kept_on_the_chain_and_brings_its_questions(store: Store) -> None:
    judged(store, an_alert())
    called = called_by(PACK, "breach_reported", family=Family.FIXATION, on=TODAY)

    fact = store.record_fact(
        "A-7F3K9Q2M", "breach_reported", value="yes", reason="she called", actor="alex", at=NOW,
        prompts=called,
    )  # fmt: skip

    assert store.recorded_facts("A-7F3K9Q2M") == store.recorded_facts() == (fact,)
    assert "P16" in {prompt.id for prompt in store.alert("A-7F3K9Q2M").prompts}
    assert [entry.kind for entry in store.chain(about="A-7F3K9Q2M")][-1] == "alert.fact_recorded"
    assert store.verify().intact


def test_judging_again_keeps_the_questions_that_a_fact_called_for(store: Store) -> None:
    judged(store, an_alert())
    store.record_fact(
        "A-7F3K9Q2M", "breach_reported", value="yes", reason="she called", actor="alex", at=NOW,
        prompts=called_by(PACK, "breach_reported", family=Family.FIXATION, on=TODAY),
    )  # fmt: skip

    outcome = judged(store, an_alert(), day=date(2026, 3, 6))

    assert outcome.unchanged == ("A-7F3K9Q2M",)
    assert "P16" in {prompt.id for prompt in store.alert("A-7F3K9Q2M").prompts}


def test_a_fact_without_a_reason_is_refused(store: Store) -> None:
    judged(store, an_alert())

    with pytest.raises(Misused, match="cannot record last_act without a reason"):
        store.record_fact(
            "A-7F3K9Q2M", "last_act", value="2026-03-01", reason=" ", actor="a", at=NOW
        )
    assert store.recorded_facts() == ()

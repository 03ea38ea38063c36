"""Whole screens at 80 columns: as promised, masked, in the words of the house, and never wider."""

import re
from collections.abc import Iterable
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Group, RenderableType

from alerts.model import Alert, Family, Status
from alerts.wording import forbidden_words
from monitor.access.masking import Masker, masked_alert
from monitor.prompts import pack_at
from monitor.settings import shipped_config
from monitor.views.casework import AnswerShown, Casework, NoteShown
from monitor.views.facts import Evidence, masked_evidence
from monitor.views.limits import reach
from monitor.views.page import text_of
from monitor.views.queue import empty, queue
from monitor.views.rows import rows
from monitor.views.whole import explained, head, limits_line, whole
from monitor.views.wording import SENTENCE
from tests.factories import (
    MASK_KEY,
    a_finding,
    a_moment,
    a_prompt,
    a_row,
    an_alert,
    an_evidence,
    an_explanation,
    an_interval,
)
from tests.homes import NOW, three_alerts
from tests.monitor.views.golden import is_golden

LONDON = ZoneInfo("Europe/London")
MASKER = Masker(key=MASK_KEY)
LAW = pack_at(shipped_config() / "prompts").limits
WORK = Casework(
    held_by="alex",
    notes=(
        NoteShown(at=a_moment("2026-03-02T09:00:00Z"), actor="alex", action="take"),
        NoteShown(
            at=a_moment("2026-03-02T09:05:00Z"),
            actor="alex",
            action="note",
            says="duty sheet asked for",
        ),
    ),
    answers=(
        AnswerShown(
            prompt_id="P06",
            answer="done",
            reason="roster asked for",
            actor="alex",
            at=a_moment("2026-03-02T09:10:00Z"),
        ),
    ),
    others=(masked_alert(three_alerts()[1], MASKER),),
)

# Text as logs and people write it: long words, other scripts, wide letters, codes that steer.
TYPED = st.text(max_size=90) | st.text("w", min_size=81, max_size=200)


@st.composite
def alerts_of_any_kind(draw: st.DrawFn) -> Alert:
    """An alert with whatever figures and sentences a store can hold."""
    return an_alert(
        alert_id="A-" + draw(st.text("abcdefghijklmnop234567", min_size=12, max_size=12)),
        status=draw(st.sampled_from(Status)),
        recurrence_interval=an_interval(
            draw(st.floats(0.01, 1e7)), draw(TYPED), limit_of_data=draw(st.booleans())
        ),
        findings=tuple(
            a_finding(
                observed=draw(st.floats(0, 1e6)),
                expected=draw(st.floats(0, 1e4)),
                pvalue=draw(st.floats(0, 1)),
                unit=draw(TYPED),
                says=draw(TYPED),
            )
            for _ in range(draw(st.integers(0, 3)))
        ),
        explanations_tested=(an_explanation(says=draw(TYPED)),),
        prompts=(a_prompt(says=draw(TYPED), reference=draw(TYPED)),),
        feeds_missing=tuple(draw(st.lists(st.sampled_from(("shifts", "taskings")), unique=True))),
        says=draw(TYPED),
        provisional=draw(st.booleans()),
    )


def a_whole(alert: Alert, evidence: Evidence | str, work: Casework = WORK) -> RenderableType:
    """One alert whole, with the questions of its first look."""
    return whole(alert, zone=LONDON, work=work, questions=alert.prompts[:2], evidence=evidence)


def widest(text: str) -> int:
    return max(map(cell_len, text.splitlines()), default=0)


def masked() -> Alert:
    return masked_alert(replace(an_alert(), status=Status.TAKEN), MASKER)


def test_the_queue_is_as_promised() -> None:
    shown = queue([masked_alert(alert, MASKER) for alert in three_alerts()], now=NOW)

    assert is_golden("queue", text_of(shown))


def test_one_alert_whole_is_as_promised() -> None:
    evidence = masked_evidence(an_evidence(), MASKER)

    assert is_golden("whole", text_of(a_whole(masked(), evidence)))


def test_the_same_without_unicode_is_as_promised() -> None:
    evidence = masked_evidence(an_evidence(), MASKER)
    text = text_of(a_whole(masked(), evidence), unicode=False)

    assert is_golden("whole-ascii", text)
    assert text.isascii()


def test_the_rows_of_the_log_are_as_promised() -> None:
    found = (
        a_row(),
        a_row(line=42, action="search", subject_id="", reason="", on_duty=None, case_ref="C-1"),
        a_row(line=0, on_duty=False, occurred_at=a_moment("2026-07-01T23:59:00Z")),
    )
    shown = rows(masked_evidence(an_evidence(rows=found), MASKER).rows, zone=LONDON)

    assert is_golden("rows", text_of(shown))


def test_what_would_explain_it_is_as_promised() -> None:
    shown = Group(
        head(masked(), zone=LONDON, brief=True), explained(masked()), reach(masked(), LAW)
    )

    assert is_golden("explained", text_of(shown))


def test_a_queue_that_is_empty_names_the_feeds_that_were_missing() -> None:
    shown = empty(
        judged_to=a_moment("2026-03-05T00:00:00Z"),
        loaded={"shifts", "staff"},
        missing=("taskings",),
        worked=0,
    )

    assert text_of(shown).splitlines() == [
        "No detector fired on the feeds loaded, in days judged to 5 Mar 2026.",
        "Feeds loaded: access events, shifts, staff.",
        "Feeds missing: taskings.",
        "This says nothing of what is not logged: phones, paper, word of mouth, other",
        "systems.",
    ]


def test_a_queue_where_nothing_was_judged_says_what_to_do() -> None:
    shown = empty(judged_to=None, loaded=(), missing=(), worked=0)

    assert text_of(shown) == (
        "Nothing has been judged yet. Next: psdmon ingest events FILE, psdmon scan."
    )


def test_a_queue_worked_through_says_how_many_alerts_stand_elsewhere() -> None:
    shown = empty(judged_to=NOW, loaded=(), missing=(), worked=3)

    assert text_of(shown).splitlines()[:2] == [
        "Nothing waits here; 3 alerts stand elsewhere.",
        "No other detector fired on the feeds loaded, in days judged to 5 Mar 2026.",
    ]


def test_evidence_that_cannot_be_read_says_why_and_the_rest_is_shown() -> None:
    text = text_of(a_whole(masked(), "The lake of this home holds no access."))

    assert "The lake of this home holds no access." in text
    assert "Questions at first look" in text


def test_rows_that_the_lake_has_lost_are_counted() -> None:
    text = text_of(a_whole(masked(), an_evidence(missing=2)))

    assert "2 rows of this alert not found in the lake." in text


def test_the_sentence_of_limits_is_that_of_the_law_pack() -> None:
    assert LAW.sentence == SENTENCE


def test_the_elements_of_stalking_are_not_shown_with_a_curiosity() -> None:
    curiosity = replace(masked(), family=Family.CURIOSITY)

    assert "Stalking" in text_of(reach(masked(), LAW))
    assert "Stalking" not in text_of(reach(curiosity, LAW))


def test_an_alert_on_many_people_has_no_focus() -> None:
    alert = masked_alert(an_alert(focus_subject_id=""), MASKER)

    assert "5 people, no single focus" in text_of(head(alert, zone=LONDON))
    assert "5 people" in text_of(queue([alert], now=NOW))


@pytest.mark.parametrize("unicode", [True, False])
def test_every_screen_ends_with_the_sentence_of_limits(unicode: bool) -> None:  # noqa: FBT001 a case of the test
    text = text_of(a_whole(masked(), "none"), unicode=unicode)

    assert text.endswith(text_of(limits_line(), unicode=unicode).lstrip("\n"))


@settings(max_examples=25)  # a whole screen each
@given(alerts_of_any_kind())
def test_no_line_of_a_masked_screen_is_wider_than_eighty_columns(alert: Alert) -> None:
    shown = masked_alert(alert, MASKER)

    texts = (text_of(a_whole(shown, an_evidence())), text_of(queue([shown] * 3, now=NOW)))

    assert [widest(text) <= 80 for text in texts] == [True, True]


@settings(max_examples=25)  # a whole screen each
@given(alerts_of_any_kind())
def test_no_text_of_an_alert_can_steer_the_terminal(alert: Alert) -> None:
    text = text_of(a_whole(alert, an_evidence()))

    assert re.findall(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text) == []


IDS = st.from_regex(r"[A-Z]{2}[0-9]{5,8}", fullmatch=True)


@settings(max_examples=15)  # three whole screens each
@given(st.lists(IDS, min_size=8, max_size=8, unique=True))
def test_no_id_is_found_on_a_masked_screen(ids: list[str]) -> None:
    user, focus, linked, event, terminal, asker, case, typed = ids
    alert = an_alert(
        user_ids=(user,),
        subject_ids=(focus, linked),
        focus_subject_id=focus,
        event_ids=(event,),
        findings=(a_finding(user_id=user, focus_id=focus, says=f"{user} on {linked}"),),
        says=f"{user} looked at {focus}.",
    )
    row = a_row(
        event_id=event, user_id=user, subject_id=linked, terminal_id=terminal, requester_id=asker,
        case_ref=case, reason=typed, search_terms=typed, file=f"{typed}.csv", reason_code=typed,
    )  # fmt: skip
    evidence = masked_evidence(an_evidence(rows=(row,)), MASKER)
    shown = masked_alert(alert, MASKER)

    texts = (
        text_of(a_whole(shown, evidence)),
        text_of(rows(evidence.rows, zone=LONDON)),
        text_of(queue([shown], now=NOW)),
        repr(evidence.rows),
    )

    assert _found(ids, texts) == []


def test_no_screen_claims_more_than_a_log_can_show() -> None:
    screens = (
        text_of(a_whole(masked(), an_evidence())),
        text_of(queue(three_alerts(), now=NOW)),
        text_of(empty(judged_to=NOW, loaded=(), missing=("shifts",), worked=0)),
        text_of(reach(masked(), LAW)),
    )

    assert [forbidden_words(text) for text in screens] == [(), (), (), ()]


def _found(ids: Iterable[str], texts: Iterable[str]) -> list[str]:
    whole_text = "\n".join(texts).casefold()
    return [one for one in ids if one.casefold() in whole_text]

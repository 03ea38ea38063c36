"""A second person in the store: nothing is done before they say so, and never by oneself."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from alerts.errors import Misused, NotPermitted
from alerts.gates import Deed
from alerts.lifecycle import Action
from alerts.model import Status
from alerts.store import Request, Store
from tests.alerts.stores import judged
from tests.factories import a_moment, an_alert

AT = a_moment("2026-03-02T09:00:00Z")
A = "A-7F3K9Q2M"
CLOSURE = {"disposition": "cannot_tell", "explanation": ""}
SILENCE = {"detector": "circle", "expires_at": "2026-04-01T00:00:00Z"}


@pytest.fixture
def working(store: Store) -> Store:
    """A store with one urgent alert, taken, its question before closing answered."""
    judged(store, an_alert())
    store.act(A, Action.TAKE, actor="one", at=AT)
    store.answer_prompt(A, "P32", answer="done", reason="", actor="one", at=AT)
    return store


def asked(store: Store, deed: Deed = Deed.CLOSE, **facts: Any) -> Request:
    """A request by one person."""
    what = {Deed.CLOSE: CLOSURE, Deed.SUPPRESS: SILENCE}[deed]
    said = {"reason": "no roster", "actor": "one", "at": AT, **facts}
    return store.ask(A, deed=deed, asked=what, **said)


def answered(store: Store, seq: int, answer: str = "agreed", **facts: Any) -> Request:
    """An answer by another."""
    return store.answer_request(
        seq, **{"answer": answer, "reason": "", "actor": "two", "at": AT, **facts}
    )


def test_a_closure_asked_for_changes_nothing_until_another_confirms_it(working: Store) -> None:
    request = asked(working)
    before = working.alert(A).status
    done = answered(working, request.seq)

    assert (before, working.alert(A).status) == (Status.TAKEN, Status.CLOSED)
    assert (request.pending, done.answer, done.answered_by) == (True, "agreed", "two")
    assert working.notes(A)[-1].actor == "one"
    told = [entry.told for entry in working.chain(about=A) if entry.kind == "alert.action"][-1]
    assert (told["request"], told["agreed_by"]) == (request.seq, "two")
    assert working.verify().intact


def test_nobody_confirms_or_declines_what_they_asked_for(working: Store) -> None:
    request = asked(working)
    for answer in ("agreed", "declined"):
        with pytest.raises(NotPermitted) as refusal:
            answered(working, request.seq, answer, actor="ONE", reason="r")
        assert "possible: somebody else with the role reviewer or authority" in str(refusal.value)

    assert working.requests() == (request,)
    assert working.alert(A).status is Status.TAKEN


def test_a_declined_request_does_nothing_and_says_why(working: Store) -> None:
    request = asked(working)
    with pytest.raises(Misused, match="cannot decline without a reason; possible"):
        answered(working, request.seq, "declined")
    declined = answered(working, request.seq, "declined", reason="ask the ring first")

    assert (declined.answer, declined.answer_reason) == ("declined", "ask the ring first")
    assert working.alert(A).status is Status.TAKEN
    with pytest.raises(Misused, match=rf"request {request.seq}: was declined already"):
        answered(working, request.seq)


def test_whoever_asked_may_withdraw_and_nobody_else(working: Store) -> None:
    request = asked(working)
    with pytest.raises(NotPermitted, match="only one, who asked, may withdraw it; possible"):
        answered(working, request.seq, "withdrawn")

    assert answered(working, request.seq, "withdrawn", actor="one").answer == "withdrawn"
    assert working.requests() == ()


def test_the_same_closure_is_not_asked_for_twice(working: Store) -> None:
    request = asked(working)

    with pytest.raises(Misused, match=f"asked for already, number {request.seq}; possible"):
        asked(working, actor="three")


def test_what_would_be_refused_is_refused_when_it_is_asked_for(store: Store) -> None:
    judged(store, an_alert())
    refusals = []
    for deed, reason in ((Deed.CLOSE, "r"), (Deed.SUPPRESS, " ")):
        with pytest.raises(Misused) as refused:
            asked(store, deed, reason=reason)
        refusals.append(str(refused.value))
    store.act(A, Action.TAKE, actor="one", at=AT)
    with pytest.raises(Misused, match="cannot close before P32 is answered; possible"):
        asked(store)

    assert refusals == [
        f"alert {A}: cannot close while open; possible: take, assign, note",
        f"alert {A}: cannot ask without a reason; possible: the same with a reason",
    ]
    assert store.requests(pending=False) == ()


def test_an_alert_that_grew_since_is_not_closed_by_an_old_request(working: Store) -> None:
    request = asked(working)
    grown = an_alert(event_ids=("rms-1",))
    judged(working, replace(grown, status=Status.TAKEN), day=date(2026, 3, 1))

    with pytest.raises(Misused, match=f"has changed since .*; possible: decline {request.seq}"):
        answered(working, request.seq)
    assert working.requests() == (request,)


def test_a_suppression_holds_from_the_moment_it_is_agreed(working: Store) -> None:
    request = asked(working, Deed.SUPPRESS)
    before = working.suppressions(at=AT)
    answered(working, request.seq, at=AT + timedelta(hours=2))
    (made,) = working.suppressions(at=AT + timedelta(hours=2))

    assert before == ()
    assert (made.actor, made.at, made.detector) == ("one", AT + timedelta(hours=2), "circle")


def test_an_answer_from_before_a_reopening_settles_nothing(working: Store) -> None:
    answered(working, asked(working).seq)
    working.act(A, Action.REOPEN, actor="one", at=AT, reason="a complaint came in")

    left = working.open_questions(A, disposition=None)

    assert [prompt.id for prompt in left] == ["P32"]


def test_a_follow_up_is_set_moved_and_taken_away(store: Store) -> None:
    judged(store, an_alert())
    for due in (date(2026, 3, 9), date(2026, 3, 16)):
        store.follow(A, due_on=due, reason="roster", actor="one", at=AT)
    due_on = store.follow_ups()[A].due_on
    store.follow(A, due_on=None, reason="", actor="one", at=AT)

    assert due_on == date(2026, 3, 16)
    assert store.follow_ups() == {}
    with pytest.raises(Misused, match="is past; possible: 2026-03-02 or later"):
        store.follow(A, due_on=date(2026, 3, 1), reason="", actor="one", at=AT)
    with pytest.raises(Misused, match="has no follow-up; possible"):
        store.follow(A, due_on=None, reason="", actor="one", at=AT)

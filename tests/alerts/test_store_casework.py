"""Casework in the store: each step checked, noted, on the chain, or refused without a trace."""

from datetime import timedelta

import pytest

from alerts.chain import Entry
from alerts.contract import contract_sha256
from alerts.errors import DataRefused, Misused
from alerts.lifecycle import Action, Disposition
from alerts.model import Alert, Status
from alerts.store import Note, PromptAnswer, Store, Suppression
from tests.alerts.stores import judged
from tests.factories import a_finding, a_moment, a_prompt, an_alert

AT = a_moment("2026-03-02T09:00:00Z")
A = "A-7F3K9Q2M"


@pytest.fixture
def working(store: Store) -> Store:
    """A store with one alert, taken by a reviewer."""
    judged(store, an_alert())
    store.act(A, Action.TAKE, actor="reviewer", at=AT)
    return store


def newest(store: Store) -> Entry:
    """The last entry of the chain."""
    entry = store.last_entry()
    assert entry is not None
    return entry


def test_an_action_moves_the_alert_and_is_noted(working: Store) -> None:
    working.answer_prompt(A, "P32", answer="done", reason="", actor="reviewer", at=AT)

    alert = working.act(
        A,
        Action.CLOSE,
        actor="reviewer",
        at=AT,
        reason=" the roster came ",
        disposition=Disposition.EXPLAINED_BY_WORK,
        explanation="family liaison officer of the case",
    )

    assert alert == working.alert(A) == an_alert(status=Status.CLOSED)
    assert working.notes(A)[-1] == Note(
        seq=working.head().seq,
        alert_id=A,
        at=AT,
        actor="reviewer",
        action=Action.CLOSE,
        reason="the roster came",
        disposition=Disposition.EXPLAINED_BY_WORK,
        explanation="family liaison officer of the case",
        to="",
    )


def test_the_entry_of_an_action_says_what_was_done_and_not_the_words(working: Store) -> None:
    working.act(A, Action.AWAIT, actor="reviewer", at=AT, reason="asked about Elm Road")

    entry = newest(working)
    assert (entry.kind, entry.actor, entry.about, entry.moment) == (
        "alert.action",
        "reviewer",
        A,
        AT,
    )
    assert {key: entry.told[key] for key in ("action", "status", "held_by", "alert_sha256")} == {
        "action": "await",
        "status": "awaiting",
        "held_by": "reviewer",
        "alert_sha256": contract_sha256(an_alert(status=Status.AWAITING)),
    }
    assert "Elm Road" not in entry.facts


def test_a_refused_action_leaves_no_trace(working: Store) -> None:
    before = (working.head(), working.alert(A), working.notes(A))

    with pytest.raises(Misused, match=f"^alert {A}: cannot reopen while taken; possible: assign"):
        working.act(A, Action.REOPEN, actor="reviewer", at=AT, reason="again")

    assert (working.head(), working.alert(A), working.notes(A)) == before


def test_an_alert_that_is_not_there_is_refused_without_naming_others(working: Store) -> None:
    with pytest.raises(Misused) as refusal:
        working.act("A-7F3K", Action.NOTE, actor="reviewer", at=AT, reason="?")

    assert str(refusal.value) == "alert A-7F3K: is not there; possible: psdmon alerts list"


@pytest.mark.parametrize("text", ["nul\0", "half \udcff"])
def test_a_text_that_not_every_database_can_hold_is_refused(working: Store, text: str) -> None:
    before = working.head()

    with pytest.raises(Misused, match=r"^chain: reason holds a NUL or half a character; possible"):
        working.act(A, Action.NOTE, actor="reviewer", at=AT, reason=text)

    assert working.head() == before


def test_a_question_that_cannot_be_written_is_refused(working: Store) -> None:
    with pytest.raises(DataRefused, match="a value holds a NUL or half a character"):
        working.alert("A-\udcff")


def test_a_note_moves_nothing_and_makes_no_version(working: Store) -> None:
    versions = working.versions(A)

    alert = working.act(A, Action.NOTE, actor="other", at=AT, reason="read the earlier alert")

    assert alert.status is Status.TAKEN
    assert (working.versions(A), working.holders()) == (versions, {A: "reviewer"})
    assert [note.action for note in working.notes(A)] == [Action.TAKE, Action.NOTE]


def test_a_hand_over_changes_who_holds_it(working: Store) -> None:
    working.act(A, Action.ASSIGN, actor="reviewer", at=AT, to="reviewer2")

    assert working.holders() == {A: "reviewer2"}
    assert working.notes(A)[-1].to == "reviewer2"


def test_each_move_is_a_version_for_disclosure(working: Store) -> None:
    working.act(A, Action.REFER, actor="reviewer", at=AT, reason="to the authority")

    statuses = [version.line.split('"status": "')[1][:8] for version in working.versions(A)]
    assert statuses == ['open", "', 'taken", ', "referred"]


def test_an_answer_is_kept_with_the_question_as_it_stood(working: Store) -> None:
    prompt = a_prompt()

    answer = working.answer_prompt(
        A, "P01", answer="not needed", reason="considered on 1 March", actor="reviewer", at=AT
    )

    assert [answer] == working.prompt_answers(A)
    assert answer == PromptAnswer(
        seq=working.head().seq,
        alert_id=A,
        prompt_id="P01",
        version=1,
        says=prompt.says,
        reference=prompt.reference,
        answer="not needed",
        reason="considered on 1 March",
        actor="reviewer",
        at=AT,
    )


def test_an_answer_keeps_its_wording_when_the_alert_carries_another(store: Store) -> None:
    judged(store, an_alert(prompts=(a_prompt(says="Consider the old question."),)))
    store.answer_prompt(A, "P01", answer="later", reason="", actor="reviewer", at=AT)
    both = (
        a_prompt(says="Consider the old question."),
        a_prompt(version=2, says="Consider the new question."),
    )
    judged(store, an_alert(prompts=both))

    store.answer_prompt(A, "P01", answer="done", reason="", actor="reviewer", at=AT)

    assert [(a.version, a.says, a.answer) for a in store.prompt_answers(A)] == [
        (1, "Consider the old question.", "later"),
        (2, "Consider the new question.", "done"),
    ]


@pytest.mark.parametrize(
    ("prompt_id", "answer", "refusal"),
    [
        ("P99", "done", "alert A-7F3K9Q2M: it does not carry prompt P99; possible: P01, P06,"),
        ("P01", "yes", "alert A-7F3K9Q2M, prompt P01: 'yes' is no answer; possible: done, not"),
        (
            "P01",
            "not needed",
            "alert A-7F3K9Q2M, prompt P01: not needed without a reason; possible: the same with",
        ),
    ],
)
def test_an_answer_that_cannot_be_says_what_can(
    working: Store, prompt_id: str, answer: str, refusal: str
) -> None:
    before = working.head()

    with pytest.raises(Misused) as refused:
        working.answer_prompt(A, prompt_id, answer=answer, reason=" ", actor="reviewer", at=AT)

    assert str(refused.value).startswith(refusal)
    assert working.head() == before


@pytest.fixture
def three(store: Store) -> Store:
    """A store with three alerts."""
    judged(store, *(an_alert(alert_id=f"A-{number}") for number in (1, 2, 3)))
    return store


def test_a_merge_is_a_link_that_can_be_undone(three: Store) -> None:
    three.merge("A-2", into="A-1", reason="the same circle", actor="reviewer", at=AT)
    linked = three.merged()
    three.unmerge("A-2", reason="another person of that name", actor="reviewer", at=AT)

    assert (linked, three.merged()) == ({"A-2": "A-1"}, {})
    assert three.alert("A-2") == an_alert(alert_id="A-2")
    assert [f"{entry.kind} {entry.about}" for entry in list(three.chain())[-2:]] == [
        "alert.merged A-2",
        "alert.unmerged A-2",
    ]


@pytest.mark.parametrize(
    ("alert_id", "into", "refusal"),
    [
        ("A-3", "A-3", "alert A-3: cannot merge into itself; possible: another alert"),
        ("A-2", "A-3", "alert A-2: is merged into A-1 already; possible: unmerge"),
        ("A-3", "A-2", "alert A-2: is merged itself; possible: merge into A-1"),
        ("A-1", "A-3", "alert A-1: others are merged into it; possible: merge A-3 into A-1"),
        ("A-3", "A-9", "alert A-9: is not there; possible: psdmon alerts list"),
    ],
)
def test_a_merge_that_would_tangle_is_refused(
    three: Store, alert_id: str, into: str, refusal: str
) -> None:
    three.merge("A-2", into="A-1", reason="the same circle", actor="reviewer", at=AT)

    with pytest.raises(Misused) as refused:
        three.merge(alert_id, into=into, reason="r", actor="reviewer", at=AT)

    assert str(refused.value) == refusal
    assert three.merged() == {"A-2": "A-1"}


def test_merging_needs_a_reason_and_unmerging_a_merge(three: Store) -> None:
    with pytest.raises(Misused, match=r"^alert A-2: cannot merge without a reason"):
        three.merge("A-2", into="A-1", reason=" ", actor="reviewer", at=AT)
    with pytest.raises(Misused, match=r"^alert A-2: is not merged; possible: merge$"):
        three.unmerge("A-2", reason="r", actor="reviewer", at=AT)


def suppressed(store: Store, alert: Alert | None = None) -> tuple[Suppression, ...]:
    """The circle detector suppressed for thirty days on the pairs of an alert."""
    judged(store, alert or an_alert())
    return store.suppress(
        A,
        detector="circle",
        reason="declared association, being looked at",
        expires_at=AT + timedelta(days=30),
        actor="authority",
        at=AT,
    )


def test_a_suppression_names_pair_detector_author_reason_and_end(store: Store) -> None:
    written = suppressed(store)

    assert written == store.suppressions(at=AT)
    assert written == (
        Suppression(
            seq=store.head().seq,
            alert_id=A,
            user_id="U00123",
            focus_subject_id="P0001",
            detector="circle",
            reason="declared association, being looked at",
            actor="authority",
            at=AT,
            expires_at=AT + timedelta(days=30),
        ),
    )


def test_the_entry_of_a_suppression_names_nobody(store: Store) -> None:
    suppressed(store)

    assert not [name for name in ("P0001", "U00123") if name in newest(store).facts]


def test_each_pair_a_detector_speaks_about_is_suppressed(store: Store) -> None:
    findings = (
        a_finding(detector="circle", focus_id="P1"),
        a_finding(detector="circle", focus_id="P2"),
        a_finding(detector="burst", focus_id="P3"),
    )

    written = suppressed(store, an_alert(findings=findings))

    assert [one.focus_subject_id for one in written] == ["P1", "P2"]


def test_a_suppression_ends_by_itself(store: Store) -> None:
    (one,) = suppressed(store)

    assert store.suppressions(at=one.expires_at - timedelta(microseconds=1)) == (one,)
    assert store.suppressions(at=one.expires_at) == ()
    assert store.suppressions() == (one,)


def test_a_suppression_may_be_lifted_once(store: Store) -> None:
    (one,) = suppressed(store)
    store.lift_suppression(one.seq, reason="enough", actor="authority", at=AT)

    with pytest.raises(Misused) as refusal:
        store.lift_suppression(one.seq, reason="enough", actor="authority", at=AT)

    assert str(refusal.value) == (
        f"suppression {one.seq}: is not in force; possible: none is in force"
    )
    assert store.suppressions(at=AT) == ()
    assert store.suppressions() == (one,)


def test_a_suppression_without_reason_end_or_detector_is_refused(store: Store) -> None:
    judged(store, an_alert())
    whole = {
        "detector": "circle",
        "reason": "r",
        "expires_at": AT + timedelta(days=1),
        "actor": "authority",
        "at": AT,
    }
    refusals = []
    for change in ({"reason": ""}, {"expires_at": AT}, {"detector": "burst"}):
        with pytest.raises(Misused) as refused:
            store.suppress(A, **{**whole, **change})  # type: ignore[arg-type]  # one of them changed
        refusals.append(str(refused.value))

    assert refusals == [
        f"alert {A}: cannot suppress without a reason; possible: the same with a reason",
        (
            f"alert {A}: cannot suppress until 2026-03-02T09:00:00.000000Z, which is past;"
            " possible: a time after 2026-03-02T09:00:00.000000Z"
        ),
        f"alert {A}: burst does not speak in it; possible: circle, repeat_subject",
    ]
    assert store.suppressions() == ()


def test_roles_are_given_and_taken_away_on_the_chain(store: Store) -> None:
    store.grant("one", "reviewer", actor="admin", at=AT)
    store.grant("one", "auditor", actor="admin", at=AT)
    store.grant("two", "analyst", actor="admin", at=AT)
    store.revoke("one", "auditor", actor="admin", at=AT)
    store.revoke("two", "analyst", actor="admin", at=AT)

    assert store.role_holders() == {"one": frozenset({"reviewer"})}
    assert [f"{entry.kind} {entry.about}" for entry in list(store.chain())[1:]] == [
        "role.granted one",
        "role.granted one",
        "role.granted two",
        "role.revoked one",
        "role.revoked two",
    ]


def test_a_role_given_twice_is_one_role_and_one_entry(store: Store) -> None:
    store.grant("one", "reviewer", actor="admin", at=AT)
    before = store.head()

    store.grant("one", "reviewer", actor="admin", at=AT)
    store.revoke("two", "reviewer", actor="admin", at=AT)

    assert store.head() == before


def closed_as_going_on(store: Store, *, until: timedelta = timedelta(days=30)) -> None:
    """The alert closed, its work going on."""
    store.answer_prompt(A, "P32", answer="done", reason="", actor="reviewer", at=AT)
    store.act(
        A,
        Action.CLOSE,
        actor="reviewer",
        at=AT,
        reason="the roster came",
        disposition=Disposition.EXPLAINED_BY_WORK,
        explanation="family liaison officer of the case",
        legitimate_until=AT + until,
        decided_as="reviewer",
    )


def test_work_that_goes_on_is_written_with_its_end_and_is_on_the_chain(working: Store) -> None:
    closed_as_going_on(working)

    [one] = working.allowances()
    entry = newest(working)
    assert (one.user_id, one.focus_subject_id) == ("U00123", "P0001")
    assert (one.decided_as, one.actor, one.at) == ("reviewer", "reviewer", AT)
    assert one.until == AT + timedelta(days=30)
    assert (entry.kind, entry.about, entry.seq) == ("alert.allowed", A, one.seq)
    assert entry.told["until_at"] == "2026-04-01T09:00:00.000000Z"
    assert working.verify().intact


def test_what_was_decided_later_is_not_known_yet(working: Store) -> None:
    closed_as_going_on(working)

    assert working.allowances(known_at=AT - timedelta(seconds=1)) == ()


def test_work_no_longer_goes_on_where_somebody_opens_the_alert_again(working: Store) -> None:
    closed_as_going_on(working)
    later = AT + timedelta(days=7)
    working.act(A, Action.REOPEN, actor="two", at=later, reason="a complaint came in")

    [known], [before] = working.allowances(), working.allowances(known_at=AT)
    assert known.until == later
    assert before.until == AT + timedelta(days=30)


def test_of_a_member_of_staff_alone_no_work_goes_on_around_anybody(store: Store) -> None:
    judged(store, an_alert(focus_subject_id=""))
    store.act(A, Action.TAKE, actor="reviewer", at=AT)

    with pytest.raises(Misused, match="around nobody; possible: the same without, or suppress"):
        closed_as_going_on(store)


def test_work_does_not_go_on_until_a_day_that_is_past(working: Store) -> None:
    with pytest.raises(Misused, match="which is past; possible: a time after"):
        closed_as_going_on(working, until=timedelta())

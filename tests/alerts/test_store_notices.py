"""The outbox: nothing lost, nothing planned twice, a message in one hand at a time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from alerts.errors import IntegrityBroken
from alerts.gates import Deed
from alerts.lifecycle import Action, Disposition
from alerts.model import Priority
from alerts.notices import Kind, State, Topic
from alerts.store import Store
from tests.alerts.outboxes import LEASE, NOW, a_route, claim_on, names, plan_on
from tests.alerts.stores import FIRST_DAY, judged
from tests.factories import a_moment, an_alert

A, B = "A-7F3K9Q2M", "A-2"
EVERYTHING = frozenset(Topic)
HOUR = timedelta(hours=1)


def begun(store: Store) -> Store:
    """A store in which nothing waited when notices were planned for the first time."""
    plan_on(store, a_route(), at=a_moment("2026-02-01T00:00:00Z"))
    return store


def closed(store: Store, alert_id: str) -> None:
    """Close an alert as one person does."""
    how = Disposition.CANNOT_TELL
    store.answer_prompt(alert_id, "P32", answer="done", reason="", actor="one", at=NOW)
    store.act(alert_id, Action.TAKE, actor="one", at=NOW)
    store.act(alert_id, Action.CLOSE, actor="one", at=NOW, reason="no roster", disposition=how)


def standing(store: Store) -> list[tuple[str, str, str]]:
    """Each notice by channel, alert and state."""
    return [(one.channel, one.alert_id, str(one.state)) for one in store.outbox.notices()]


def kinds(store: Store) -> list[Kind]:
    """What the notices are for."""
    return [one.kind for one in store.outbox.notices()]


def test_an_alert_is_planned_once_for_each_channel_however_often_it_is_looked_at(
    store: Store,
) -> None:
    judged(begun(store), an_alert())

    counts = [plan_on(store, a_route(), a_route(name="other")) for _ in range(3)]

    assert counts == [2, 0, 0]
    assert standing(store) == [("mailbox", A, "queued"), ("other", A, "queued")]


def test_a_plan_that_meets_trouble_leaves_nothing_and_loses_nothing(store: Store) -> None:
    judged(begun(store), an_alert())
    before = store.head()

    def trouble() -> str:
        raise IntegrityBroken("chance: it failed; possible: another")

    with pytest.raises(IntegrityBroken):
        plan_on(store, a_route(), mint=trouble)

    assert (store.head(), store.outbox.notices()) == (before, ())
    assert plan_on(store, a_route()) == 1


def test_where_nothing_was_ever_planned_what_waits_is_told_together(store: Store) -> None:
    judged(store, an_alert(), an_alert(alert_id=B))
    closed(store, B)

    plan_on(store, a_route())

    (only,) = store.outbox.notices()
    assert (only.alert_id, only.at_once, only.due_at) == (A, False, NOW + HOUR)


def test_an_alert_that_grows_is_told_again_only_where_its_priority_rises(store: Store) -> None:
    high = an_alert(priority=Priority.HIGH)
    judged(begun(store), high)
    plan_on(store, a_route())
    next_day = FIRST_DAY + timedelta(days=1)
    judged(store, an_alert(priority=Priority.HIGH, score=2.5), day=next_day)
    plan_on(store, a_route())
    judged(store, an_alert(score=3.0), day=next_day + timedelta(days=1))
    plan_on(store, a_route())

    assert kinds(store) == [Kind.RAISED, Kind.GROWN]
    assert store.outbox.notices()[1].priority is Priority.URGENT


def test_what_people_do_is_told_where_somebody_else_should_know(store: Store) -> None:
    judged(begun(store), an_alert(), an_alert(alert_id=B))
    closed(store, A)
    store.act(A, Action.REOPEN, actor="two", at=NOW, reason="the roster came")
    store.follow(B, due_on=NOW.date(), reason="the roster", actor="one", at=NOW)
    ends = NOW + timedelta(days=3)
    store.suppress(B, detector="circle", reason="r", expires_at=ends, actor="two", at=NOW)
    silence = {"detector": "repeat_subject", "expires_at": "2026-04-01T00:00:00Z"}
    store.ask(B, deed=Deed.SUPPRESS, asked=silence, reason="r", actor="one", at=NOW)
    store.record("access.uncovered", actor="two", at=NOW, about=B)
    store.record("access.glass_broken", actor="eyes", at=NOW, purpose="life at risk")
    store.record("feed.finding_opened", actor="psdmon", at=NOW, about="rms", facts={"kind": "x"})
    route = a_route(tells=EVERYTHING, role="authority")

    plan_on(store, route)
    again = plan_on(store, route, at=NOW + HOUR)

    assert again == 0
    assert kinds(store) == [
        Kind.RAISED,
        Kind.RAISED,
        Kind.REOPENED,
        Kind.SECOND_PERSON,
        Kind.OPENED,
        Kind.GLASS,
        Kind.HEALTH,
        Kind.FOLLOW_UP,
        Kind.EXPIRING,
    ]


def test_a_message_is_in_one_hand_until_its_lease_runs_out(store: Store) -> None:
    judged(begun(store), an_alert())
    plan_on(store, a_route())

    first = claim_on(store, a_route(), owner="one/1")
    second = claim_on(store, a_route(), owner="two/2")
    later = claim_on(store, a_route(), owner="two/2", at=NOW + LEASE)

    assert (first is not None, second) == (True, None)
    assert later is not None
    assert first is not None
    assert later.message == first.message


def test_a_lease_from_a_clock_that_was_a_day_ahead_holds_nothing_back(store: Store) -> None:
    judged(begun(store), an_alert())
    plan_on(store, a_route())
    ahead = claim_on(store, a_route(), at=NOW + timedelta(days=1))

    now = claim_on(store, a_route(), owner="two/2")

    assert ahead is not None
    assert now is not None


def test_a_message_that_was_sent_is_never_offered_again_and_is_on_the_chain_once(
    store: Store,
) -> None:
    judged(begun(store), an_alert())
    plan_on(store, a_route())
    claimed = claim_on(store, a_route())
    assert claimed is not None
    for _ in range(2):
        store.outbox.sent(
            claimed.message, actor="psdmon", at=NOW, facts={"reached": ["one", "two"]}
        )

    (entry,) = store.chain(kinds=("notice.sent",))
    assert claim_on(store, a_route(), at=NOW + 9 * HOUR) is None
    assert (entry.about, entry.told["channel"], entry.told["reached"]) == (
        A,
        "mailbox",
        ["one", "two"],
    )
    assert standing(store) == [("mailbox", A, "sent")]


def test_a_try_in_vain_is_tried_again_under_the_same_name_and_leaves_no_entry(
    store: Store,
) -> None:
    judged(begun(store), an_alert())
    plan_on(store, a_route())
    claimed = claim_on(store, a_route())
    assert claimed is not None
    before = store.head()
    store.outbox.put_off(
        claimed.message, trouble="no answer", next_try_at=NOW + HOUR, actor="psdmon", at=NOW
    )

    early, again = claim_on(store, a_route()), claim_on(store, a_route(), at=NOW + HOUR)

    assert early is None
    assert again is not None
    assert (again.message, again.attempts) == (claimed.message, 1)
    assert store.head() == before


def test_a_dead_letter_is_told_elsewhere_and_goes_again_when_it_is_asked_for(
    store: Store,
) -> None:
    judged(begun(store), an_alert())
    plan_on(store, a_route())
    claimed = claim_on(store, a_route())
    assert claimed is not None
    store.outbox.put_off(
        claimed.message, trouble="no answer", next_try_at=None, actor="psdmon", at=NOW
    )
    other = a_route(name="other", tells=frozenset({Topic.DEAD_LETTERS}))
    plan_on(store, a_route(), other)

    assert standing(store) == [("mailbox", A, "dead"), ("other", "", "queued")]
    assert store.outbox.retry([claimed.message], actor="admin", at=NOW) == 1
    again = claim_on(store, a_route(), at=NOW)
    assert again is not None
    assert (again.message, again.attempts) == (claimed.message, 0)
    assert store.verify().intact


def test_a_dead_letter_about_dead_letters_begets_no_other(store: Store) -> None:
    judged(begun(store), an_alert())
    other = a_route(name="other", tells=frozenset({Topic.DEAD_LETTERS}), digest=timedelta())
    third = a_route(name="third", tells=frozenset({Topic.DEAD_LETTERS}))
    for route in (a_route(), other):
        plan_on(store, a_route(), other)
        claimed = claim_on(store, route)
        assert claimed is not None
        store.outbox.put_off(
            claimed.message, trouble="no answer", next_try_at=None, actor="psdmon", at=NOW
        )

    assert plan_on(store, a_route(), other, third) == 0


def test_what_may_not_be_told_is_withheld_with_its_reason_and_the_rest_goes(store: Store) -> None:
    judged(begun(store), an_alert(), an_alert(alert_id=B))
    plan_on(store, a_route())

    claimed = claim_on(store, a_route(), keep_back={A: "same team"})

    assert claimed is not None
    assert [one.alert_id for one in claimed.notices] == [B]
    assert [
        (one.alert_id, one.withheld) for one in store.outbox.notices(states={State.WITHHELD})
    ] == [(A, "same team")]
    (entry,) = store.chain(kinds=("notice.withheld",))
    assert (entry.about, entry.told["why"]) == (A, "same team")
    assert store.verify().intact


def test_several_who_plan_and_send_at_once_send_each_notice_once(
    store: Store, opened: Callable[[], Store]
) -> None:
    judged(begun(store), *(an_alert(alert_id=f"A-{n}") for n in range(6)))
    route = a_route(most_at_once=9)
    sent: list[str] = []

    def work(number: int) -> None:
        one, mint = opened(), names(number)
        plan_on(one, route, mint=mint)
        while claimed := claim_on(one, route, owner=f"one/{number}", mint=mint):
            sent.extend(notice.alert_id for notice in claimed.notices)
            one.outbox.sent(claimed.message, actor="psdmon", at=NOW, facts={})

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, range(3)))

    assert sorted(sent) == [f"A-{n}" for n in range(6)]
    assert store.verify().intact


def test_quiet_weeks_add_nothing_to_the_chain(store: Store) -> None:
    judged(begun(store), an_alert())
    plan_on(store, a_route())
    before = store.head()

    for day in range(20):
        plan_on(store, a_route(), at=NOW + timedelta(days=day))

    assert store.head() == before

"""Whatever happens to planning and sending, in any order: nothing lost, nothing under two names."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.model import Priority
from alerts.notices import State
from alerts.store import Store
from alerts.store.notifying import Claimed
from tests.alerts.outboxes import NOW, a_route, claim_on, names, plan_on
from tests.alerts.stores import FIRST_DAY, judged
from tests.factories import an_alert

# Each phrase is what happens to one message or none, until a kill or to the end; a kill forgets
# what was claimed and not yet marked.
PHRASES = (
    *("raise", "raise plan", "raise raise raise raise plan", "plan", "wait", "long wait"),
    *("claim kill", "claim refuse", "claim take kill", "claim take refuse", "claim take mark"),
    *("claim take kill long wait claim take mark", "claim take", "kill", "mark", "take mark"),
)
ROUTES = (a_route(most_at_once=2), a_route(name="other", digest=timedelta()))


class Life:
    """One store and one sender, killed at any moment, and the wire that remembers."""

    def __init__(self, store: Store) -> None:
        """Begin at rest."""
        self.store, self.now, self.alerts = store, NOW, 0
        self.chance = names(1)
        self.wire: list[tuple[str, tuple[str, ...]]] = []
        self.hand: Claimed | None = None

    def happen(self, word: str) -> None:
        """Let one thing happen, where it can."""
        self.now += timedelta(seconds=1)
        if word == "raise":
            self.alerts += 1
            _raised(self.store, self.alerts)
        elif word == "plan":
            plan_on(self.store, *ROUTES, at=self.now, mint=self.chance)
        elif word == "claim" and self.hand is None:
            self.hand = self._claim()
        elif word == "kill":
            self.hand = None
        elif word in {"long", "wait"}:
            self.now += timedelta(days=1) if word == "long" else timedelta(minutes=7)
        elif self.hand is not None:
            self._with_hand(self.hand, word)

    def rest(self) -> None:
        """Let nothing more go wrong, and go on until nothing waits."""
        self.happen("plan")
        for _ in range(200):
            for word in ("long", "claim", "take", "mark"):
                self.happen(word)
            if not self.store.outbox.notices(states={State.QUEUED}):
                return

    def _claim(self) -> Claimed | None:
        for route in ROUTES:
            if claimed := claim_on(self.store, route, at=self.now, mint=self.chance):
                return claimed
        return None

    def _with_hand(self, hand: Claimed, word: str) -> None:
        if word == "take":
            self.wire.append((hand.message, tuple(one.id for one in hand.notices)))
        elif word == "mark" and (hand.message, tuple(n.id for n in hand.notices)) in self.wire:
            self.store.outbox.sent(hand.message, actor="psdmon", at=self.now, facts={})
            self.hand = None
        elif word == "refuse":
            again = self.now + timedelta(minutes=5)
            self.store.outbox.put_off(
                hand.message, trouble="no answer", next_try_at=again, actor="psdmon", at=self.now
            )
            self.hand = None


@given(st.lists(st.sampled_from(PHRASES), max_size=12))
@settings(max_examples=12)
def test_whatever_happens_every_notice_is_sent_and_always_under_one_name(
    sqlite_template: Path, phrases: list[str]
) -> None:
    with _store(sqlite_template) as store:
        life = Life(store)
        plan_on(store, *ROUTES, at=NOW, mint=life.chance)
        for word in " ".join(phrases).split():
            life.happen(word)
        life.rest()

        sent = store.outbox.notices()
        assert [one.state for one in sent] == [State.SENT] * (2 * life.alerts)
        assert {one.id for one in sent} == {name for _, ids in life.wire for name in ids}
        by_notice = {(name, message) for message, ids in life.wire for name in ids}
        assert len(by_notice) == len(sent)
        assert store.verify().intact


def _raised(store: Store, number: int) -> None:
    alert = an_alert(alert_id=f"A-{number}", priority=tuple(Priority)[number % 3])
    judged(store, alert, day=FIRST_DAY, at=_at(number))


def _at(number: int) -> datetime:
    return NOW + timedelta(microseconds=number)


@contextmanager
def _store(template: Path) -> Iterator[Store]:
    with TemporaryDirectory() as folder:
        store = Store.at(f"sqlite:///{shutil.copy(template, folder)}")
        yield store
        store.close()

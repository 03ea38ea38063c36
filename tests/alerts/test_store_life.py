"""Whatever people and judging do to alerts, in any order, the store and the drawing agree."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from alerts.errors import Misused
from alerts.lifecycle import MOVES, Action, Disposition
from alerts.model import Alert, Status
from alerts.store import Store
from tests.alerts.stores import HOME_ID, emptied, judged
from tests.factories import a_moment, an_alert

AT = a_moment("2026-03-02T09:00:00Z")
IDS = ("A-1", "A-2", "A-3")
PEOPLE = ("one", "two")
WORDS: dict[Action, dict[str, Any]] = {
    Action.TAKE: {},
    Action.ASSIGN: {"to": "two"},
    Action.AWAIT: {"reason": "r"},
    Action.REFER: {"reason": "r"},
    Action.CLOSE: {"reason": "r", "disposition": Disposition.CANNOT_TELL},
    Action.REOPEN: {"reason": "r"},
    Action.NOTE: {"reason": "r"},
}


class Life(RuleBasedStateMachine):
    """Alerts as they should stand, beside a store in which they do."""

    opened: ClassVar[Callable[[], Store]]
    closed: ClassVar[Callable[[Store], None]]

    def __init__(self) -> None:
        super().__init__()
        self.expected: dict[str, Alert] = {}
        self.holders: dict[str, str] = {}
        self.notes: Counter[str] = Counter()
        self.settled: set[str] = set()  # alerts whose question before closing is answered

    @initialize()
    def begins(self) -> None:
        """A store with nothing in it."""
        self.store = type(self).opened()
        self.head = self.store.head()

    @rule(alert_id=st.sampled_from(IDS), grows=st.booleans(), reopens=st.booleans())
    def judging(self, *, alert_id: str, grows: bool, reopens: bool) -> None:
        """A day with one alert: new, grown, the same, or handed open again."""
        before = self.expected.get(alert_id)
        handed = before or an_alert(alert_id=alert_id)
        if grows:
            handed = replace(handed, event_ids=(*handed.event_ids, str(self.head.seq)))
        if reopens:
            handed = replace(handed, status=Status.OPEN)
        stored = judged(self.store, handed, at=AT)
        if before is None:
            assert stored.raised == (alert_id,)
            self.expected[alert_id] = handed
        elif not grows:
            assert stored.unchanged == (alert_id,)
        else:
            assert stored.extended == (alert_id,)
            comes_back = reopens and before.status is Status.CLOSED
            assert bool(stored.reopened) is comes_back
            status = Status.OPEN if comes_back else before.status
            self.expected[alert_id] = replace(handed, status=status)
            if comes_back:
                self.holders.pop(alert_id, None)
                self.settled.discard(alert_id)

    @precondition(lambda self: self.expected)
    @rule(data=st.data(), action=st.sampled_from(Action), actor=st.sampled_from(PEOPLE))
    def acting(self, *, data: st.DataObject, action: Action, actor: str) -> None:
        """A whole step, by somebody, whether it fits or not."""
        alert_id = data.draw(st.sampled_from(sorted(self.expected)))
        before = self.expected[alert_id]
        moves = MOVES[before.status]
        if action not in moves:
            with pytest.raises(Misused, match=f"alert {alert_id}: cannot {action} while"):
                self.store.act(alert_id, action, actor=actor, at=AT, **WORDS[action])
            return
        if action is Action.CLOSE and alert_id not in self.settled:
            with pytest.raises(Misused, match=f"alert {alert_id}: cannot close before P32 is"):
                self.store.act(alert_id, action, actor=actor, at=AT, **WORDS[action])
            return
        after = self.store.act(alert_id, action, actor=actor, at=AT, **WORDS[action])
        assert after == replace(before, status=moves[action])
        self.expected[alert_id] = after
        self.notes[alert_id] += 1
        if action in {Action.TAKE, Action.ASSIGN}:
            self.holders[alert_id] = actor if action is Action.TAKE else "two"
        if action is Action.REOPEN:
            self.holders.pop(alert_id, None)
            self.settled.discard(alert_id)

    @precondition(lambda self: self.expected)
    @rule(data=st.data(), action=st.sampled_from([Action.CLOSE, Action.NOTE, Action.REFER]))
    def leaving_things_unsaid(self, *, data: st.DataObject, action: Action) -> None:
        """A step without its reason."""
        alert_id = data.draw(st.sampled_from(sorted(self.expected)))
        with pytest.raises(Misused, match=f"^alert {alert_id}: cannot {action} .*; possible"):
            self.store.act(alert_id, action, actor="one", at=AT)

    @precondition(lambda self: self.expected)
    @rule(
        data=st.data(),
        prompt_id=st.sampled_from(["P01", "P32"]),
        answer=st.sampled_from(["done", "later", "not needed"]),
    )
    def answering(self, *, data: st.DataObject, prompt_id: str, answer: str) -> None:
        """An answer to the stalking question, or to the one before closing."""
        alert_id = data.draw(st.sampled_from(sorted(self.expected)))
        given = len(self.store.prompt_answers(alert_id))
        said = {"answer": answer, "reason": "r", "actor": "one", "at": AT}
        self.store.answer_prompt(alert_id, prompt_id, **said)
        if prompt_id == "P32":
            (self.settled.discard if answer == "later" else self.settled.add)(alert_id)
        assert len(self.store.prompt_answers(alert_id)) == given + 1

    @invariant()
    def alerts_stand_where_they_should(self) -> None:
        """Every alert and who holds it."""
        assert {one.alert_id: one for one in self.store.alerts()} == self.expected
        assert self.store.holders() == self.holders

    @invariant()
    def the_chain_only_grows(self) -> None:
        """Never shorter than it was."""
        head = self.store.head()
        assert head.seq >= self.head.seq
        self.head = head

    def teardown(self) -> None:
        """What the whole life left behind."""
        noted = {name: len(self.store.notes(name)) for name in self.expected}
        assert noted == {name: self.notes[name] for name in self.expected}
        assert self.store.verify().discrepancies == ()
        type(self).closed(self.store)


def lived(
    opened: Callable[[], Store], closed: Callable[[Store], None], *, examples: int, steps: int
) -> None:
    """Lives some lives of some steps, each in a store opened and closed as given."""
    life = type("Life", (Life,), {"opened": staticmethod(opened), "closed": staticmethod(closed)})
    run_state_machine_as_test(
        life, settings=settings(max_examples=examples, stateful_step_count=steps)
    )


def test_any_life_in_a_file_goes_as_the_drawing_says(sqlite_template: Path) -> None:
    def opened() -> Store:
        folder = tempfile.mkdtemp()
        return Store.at(f"sqlite:///{shutil.copy(sqlite_template, folder)}")

    def closed(store: Store) -> None:
        store.close()
        shutil.rmtree(Path(store.engine.url.database or "").parent)

    lived(opened, closed, examples=8, steps=15)


@pytest.mark.postgresql
def test_any_life_on_a_server_goes_as_the_drawing_says(postgresql_store_of_module: Store) -> None:
    def opened() -> Store:
        emptied(postgresql_store_of_module).begin(HOME_ID, actor="init", at=AT)
        return postgresql_store_of_module

    lived(opened, lambda _: None, examples=5, steps=15)

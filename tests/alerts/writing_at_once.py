"""Processes that write to a store at once, and processes that are killed while they write.

    python -m tests.alerts.writing_at_once write URL ROUNDS
    python -m tests.alerts.writing_at_once kill URL STRIDE

The second has one day after another judged, each by a child that dies STRIDE statements of the
finished day later than the one before; the last child lives.
"""

import os
import signal
import sys
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from itertools import count

from sqlalchemy import event

from alerts.errors import Misused
from alerts.lifecycle import Action
from alerts.store import Store
from tests.alerts.stores import FIRST_DAY, LEASE, a_judged_day
from tests.factories import a_moment, an_alert

AT = a_moment("2026-03-02T09:00:00Z")
SHARED = "A-shared"
NAMES = ("one", "two", "three", "four")


def write_at_once(url: str, *, rounds: int) -> bool:
    """Whether four children that wrote at once all came to their end."""
    children = []
    for name in NAMES:
        child = os.fork()
        if child == 0:
            write(url, name, rounds=rounds)
            os._exit(0)
        children.append(child)
    return all(os.waitpid(child, 0)[1] == 0 for child in children)


def write(url: str, name: str, *, rounds: int) -> None:
    """Judges a day, extends the shared alert, works on it and reads, over and over."""
    store = Store.at(url)

    known_seq = 0  # no day of ours was judged before we began
    for number in range(rounds):
        day = FIRST_DAY + timedelta(days=1 + number)
        if store.days.claim(day, owner=name, at=AT, lease=LEASE, known_seq=known_seq):
            finish(store, name, day=day)
        store.act(SHARED, Action.NOTE, actor=name, at=AT, reason=f"{name} {number}")
        with suppress(Misused):  # whoever comes second is refused, and says so
            store.act(SHARED, Action.TAKE, actor=name, at=AT)
        store.record("alert.shown", actor=name, at=AT, about=SHARED, purpose="test")
        store.alerts()
    store.close()


def finish(store: Store, name: str, *, day: date) -> None:
    """Finishes a day with one alert of its own, and one more event for the shared one."""
    shared = store.alert(SHARED)
    grown = replace(shared, event_ids=(*shared.event_ids, f"{name}-{day}"))
    own = an_alert(alert_id=f"A-{name}-{day}")
    store.days.finish(a_judged_day(day), alerts=[own, grown], owner=name, at=AT)


def kill(url: str, *, stride: int) -> None:
    """Lets a child die before each statement in turn, until one has none left to die before."""
    for statement in count(step=stride):
        child = os.fork()
        if child == 0:
            _finish_and_die(url, before=statement)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0:
            return


def _finish_and_die(url: str, *, before: int) -> None:
    """Finishes a day, and dies by SIGKILL before some statement; the commit is the last."""
    store = Store.at(url)
    seen = count()

    def dying(*_: object) -> None:
        if next(seen) == before:
            os.kill(os.getpid(), signal.SIGKILL)

    day = FIRST_DAY + timedelta(days=before)
    store.days.claim(day, owner=f"scan/{before}", at=AT, lease=LEASE)
    event.listen(store.engine, "before_cursor_execute", dying)
    event.listen(store.engine, "commit", dying)
    alerts = [an_alert(alert_id=f"A-{day}-{number}") for number in (1, 2)]
    store.days.finish(a_judged_day(day), alerts=alerts, owner=f"scan/{before}", at=AT)
    os._exit(0)


if __name__ == "__main__":
    if sys.argv[1] == "write":
        sys.exit(not write_at_once(sys.argv[2], rounds=int(sys.argv[3])))
    else:
        kill(sys.argv[2], stride=int(sys.argv[3]))

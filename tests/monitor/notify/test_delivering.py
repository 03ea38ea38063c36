"""A pass that is stopped anywhere loses nothing: what was not marked goes again under its name."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from alerts.model import Priority
from alerts.store import Store
from monitor.clock import FixedClock
from monitor.daemon.telling import Tell
from monitor.notify.accounts import ListedAccounts, SystemAccounts
from monitor.notify.channels import Notifying
from monitor.notify.delivering import Post, deliver, plan
from monitor.notify.message import Message
from monitor.wake import Outcome, StepRecord, Wake
from monitor.wiring import Site, open_site
from tests.alerts.outboxes import NOW
from tests.alerts.stores import HOME_ID, judged
from tests.factories import an_alert

MINUTE = timedelta(minutes=1)
CHANNEL = {
    "name": "lines",
    "kind": "file",
    "role": "reviewer",
    "reaches": ["one"],
    "path": "/var/nowhere/lines.jsonl",
    "digest_hours": 0,
    "gather_minutes": 0,
}


class Killed(BaseException):
    """The process was ended, as by a power cut."""


class Wire:
    """A wire that takes messages, and does something else when it is told to."""

    def __init__(self) -> None:
        """Take everything, and remember it."""
        self.taken: list[Message] = []
        self.then: Callable[[], str] = str

    def send(self, _: object, message: Message) -> str:
        """Take a message."""
        self.taken.append(message)
        return self.then()

    @property
    def names(self) -> list[str]:
        """The names of the messages, in the order they came."""
        return [message.id for message in self.taken]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A home that has begun, whose one user holds every role, with nothing planned yet."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "settings.toml").write_text("", encoding="utf-8")
    store = Store.at(f"sqlite:///{tmp_path / 'psdmon.db'}")
    store.migrate()
    store.begin(HOME_ID, actor="one", at=NOW)
    for role in ("analyst", "reviewer", "authority", "auditor", "administrator"):
        store.grant("one", role, actor="one", at=NOW)
    store.close()
    return tmp_path


def opened(root: Path, *, minutes: int = 0) -> Site:
    """The home, some minutes later."""
    return open_site(root, clock=FixedClock(NOW + minutes * MINUTE))


def a_post(site: Site, wire: Wire, **facts: object) -> Post:
    """A post with one channel, and chance that can be repeated."""
    return Post(
        site=site,
        notifying=Notifying.model_validate({"channel": [{**CHANNEL, **facts}]}),
        accounts=ListedAccounts(),
        chance=random.Random(site.store.head().seq),  # noqa: S311 tests are repeated, nothing is guarded by it
        send=wire.send,
    )


def passed(root: Path, wire: Wire, *, minutes: int, **facts: object) -> None:
    """One pass some minutes later, in a process of its own."""
    site = opened(root, minutes=minutes)
    try:
        post = a_post(site, wire, **facts)
        plan(post)
        deliver(post)
    finally:
        site.close()


def test_a_pass_that_is_killed_after_the_wire_sends_again_under_the_same_name(root: Path) -> None:
    wire = Wire()
    passed(root, wire, minutes=0)
    judged(opened(root).store, an_alert())

    def killed() -> str:
        raise Killed

    wire.then = killed
    with pytest.raises(Killed):
        passed(root, wire, minutes=1)
    wire.then = str
    passed(root, wire, minutes=5)
    held = wire.names
    passed(root, wire, minutes=12)
    passed(root, wire, minutes=30)

    assert len(held) == 1  # within the lease nobody else sends it
    assert wire.names == [held[0], held[0]]
    assert opened(root).store.verify().intact


def test_a_fault_of_the_program_on_one_channel_is_put_off_like_any_trouble(root: Path) -> None:
    wire = Wire()
    passed(root, wire, minutes=0)
    judged(opened(root).store, an_alert())

    def fault() -> str:
        raise RuntimeError("psd@example.org cannot be split")

    wire.then = fault
    passed(root, wire, minutes=1)
    (waiting,) = opened(root).store.outbox.notices()

    assert (waiting.attempts, waiting.trouble) == (1, "the program met a fault (RuntimeError)")


def test_tries_in_vain_grow_apart_under_one_name(root: Path) -> None:
    wire = Wire()
    passed(root, wire, minutes=0)
    judged(opened(root).store, an_alert())
    wire.then = lambda: "no answer in time"
    for half_hour in range(1, 20):
        passed(root, wire, minutes=half_hour * 30)

    (waiting,) = opened(root).store.outbox.notices()
    hours = [(message.at - NOW) / timedelta(hours=1) for message in wire.taken]
    waits = [later - earlier for earlier, later in pairwise(hours)]
    assert (len(set(wire.names)), waiting.attempts) == (1, len(wire.taken))
    assert waits == sorted(waits)
    assert waits[0] == 0.5
    assert waits[-1] >= 2


def test_the_flood_after_an_outage_of_forty_days_is_one_message_with_counts(root: Path) -> None:
    wire = Wire()
    passed(root, wire, minutes=0)
    store = opened(root).store
    late = NOW + timedelta(days=40)
    priorities = tuple(Priority)
    alerts = [an_alert(alert_id=f"A-{n:012d}", priority=priorities[n % 3]) for n in range(90)]
    judged(store, *alerts, at=late)
    passed(root, wire, minutes=40 * 1440 + 1)

    (message,) = wire.taken
    assert message.says == "90 alerts: 30 urgent, 30 high, 30 normal."
    assert message.counts == {"urgent": 30, "high": 30, "normal": 30}
    assert len(message.alerts) == 20


def test_the_step_of_the_daemon_tells_of_a_step_that_failed_once_a_day(root: Path) -> None:
    lines = root / "lines.jsonl"
    text = f'[[channel]]\nname = "lines"\nkind = "file"\nrole = "administrator"\npath = "{lines}"\n'
    (root / "config" / "notify.toml").write_text(text + "digest_hours = 0\n", encoding="utf-8")
    failed = StepRecord(name="judge", outcome=Outcome.FAILED, seconds=1.0, trouble="no room")
    noticed = replace(failed, name="feeds", outcome=Outcome.DONE, facts={"wrong": ["rms silent"]})
    facts = []
    for minutes in (0, 60, 120, 1440):
        site = opened(root, minutes=minutes)
        wake = Wake(began_at=site.clock.now(), before=(failed, noticed))
        facts.append(Tell().run(site, wake))
        site.close()

    assert facts == [{"channels": 1, "in_trouble": 0}] * 4
    said = lines.read_text(encoding="utf-8").splitlines()
    assert len(said) == 2  # a message each day, of both
    assert all('"says":"The service wants to be looked at."' in line for line in said)


def test_the_accounts_of_this_machine_are_asked_by_name() -> None:
    accounts = SystemAccounts()

    assert accounts.groups_of("nobody-of-this-name") == frozenset()
    assert accounts.members_of("no-group-of-this-name") == frozenset()
    assert "root" in accounts.members_of("root")
    assert "root" in accounts.groups_of("root")


def test_accounts_in_memory_answer_like_those_of_the_machine() -> None:
    accounts = ListedAccounts({"psd": frozenset({"one", "two"})})

    assert (accounts.groups_of("one"), accounts.members_of("psd")) == ({"psd"}, {"one", "two"})
    assert (accounts.groups_of("three"), accounts.members_of("it")) == (frozenset(), frozenset())

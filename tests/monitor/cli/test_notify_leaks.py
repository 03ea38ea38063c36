"""Marked and unusual ids go through every kind of notice and every wire, and none leaves."""

import json
import shutil
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from alerts.model import Alert, Family, Priority
from detectors.catalogue import available
from monitor.cli.main import shell
from monitor.clock import FixedClock
from tests.factories import a_finding, an_alert
from tests.homes import NOW, judge, with_queue
from tests.monitor.notify.servers import (
    HOST,
    Certified,
    Mailbox,
    Received,
    certified,
    collector,
    mail_server,
    web_server,
)

MARK = "zq7"
USERS = ("ZQ7|user=\\1", "ZQ7 user\n2", "<ZQ7@user>", "%sZQ7{id}", "ЖZQ7ü\u202e", "ZQ7;--", "ZQ7")
SECRET = "of-no-use-" * 4
AT_LAST = NOW + timedelta(days=3)


@dataclass(slots=True)  # grows with what arrives
class Arrived:
    """Everything that reached a server, a file or a screen."""

    mailbox: Mailbox = field(default_factory=Mailbox)
    web: Received = field(default_factory=Received)
    syslog: list[bytes] = field(default_factory=list)
    lines: bytes = b""
    said: str = ""

    def texts(self) -> dict[str, str]:
        """What arrived, by wire."""
        parts = {
            "smtp": b"\n".join(self.mailbox.mails),
            "webhook": b"\n".join(self.web.bodies) + repr(self.web.headers).encode(),
            "syslog": b"\n".join(self.syslog),
            "file": self.lines,
            "screen and log": self.said.encode(),
        }
        return {wire: content.decode("utf-8", "replace") for wire, content in parts.items()}


def marked(number: int, user_id: str) -> Alert:
    """An alert whose every id and sentence holds a mark."""
    focus = f"ZQ7-P{number} | = \\"
    return an_alert(
        alert_id=f"A-{number:012d}",
        user_ids=(user_id,),
        subject_ids=(focus, "ZQ7-A1"),
        focus_subject_id=focus,
        priority=tuple(Priority)[number % 3],
        findings=(a_finding(user_id=user_id, focus_id=focus, says=f"{user_id} {focus}"),),
        says=f"{user_id} looked at {focus}",
    )


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certified:
    """A certificate for loopback."""
    return certified(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="module")
def arrived(
    made_home: Path, certificate: Certified, tmp_path_factory: pytest.TempPathFactory
) -> Arrived:
    """What left a home full of marks over four wires, through everything that is told of."""
    folder = tmp_path_factory.mktemp("marked")
    root = Path(shutil.copytree(made_home, folder / "home"))
    alerts = [marked(number, user_id) for number, user_id in enumerate(USERS)]
    found = Arrived()
    with ExitStack() as stack:
        ports = {
            "smtp": stack.enter_context(mail_server(found.mailbox, certificate=certificate)),
            "webhook": stack.enter_context(web_server(found.web, certificate=certificate)),
            "syslog": stack.enter_context(collector(found.syslog, certificate=certificate)),
        }
        with closing(with_queue(root, ())) as site:
            actor = site.actor
            _set(root, folder, ports, certificate, actor=actor)
            found.said += _run(root, "notify", "send")
            judge(site, alerts)
            found.said += _run(root, "notify", "send")
            judge(site, [replace(one, score=9.0, priority=Priority.URGENT) for one in alerts])
            _worked(site, alerts, actor)
        found.said += _run(root, "-v", "notify", "send")
        _run(root, "alerts", "list", "--break-glass", "ZQ7 is at risk")
        for words in (("-v", "notify", "send"), ("notify", "list", "--all")):
            found.said += _run(root, *words, days=3)
        for name in ("mailbox", "hook", "collector", "lines"):
            found.said += _run(root, "notify", "test", name)
    found.lines = (folder / "lines.jsonl").read_bytes()
    return found


def _set(
    root: Path, folder: Path, ports: dict[str, int], certificate: Certified, *, actor: str
) -> None:
    every = [
        "alerts",
        "follow_ups",
        "suppressions",
        "second_person",
        "glass",
        "health",
        "dead_letters",
    ]
    shared = {"role": "authority", "tells": every, "digest_hours": 1, "gather_minutes": 0}
    tls = {"ca_file": str(certificate.path), "host": HOST}
    mail = {"sender": "psdmon@example.org", "to": "psd@example.org"}
    channels = (
        {"name": "mailbox", "kind": "smtp", "port": ports["smtp"], **tls, **mail, **shared},
        {
            "name": "hook",
            "kind": "webhook",
            "url": f"https://{HOST}:{ports['webhook']}/",
            "ca_file": str(certificate.path),
            "secret_env": "SECRET",
            "reaches": [actor],
            "at_once": [],
            **shared,
        },
        {"name": "collector", "kind": "syslog", "port": ports["syslog"], **tls, **shared},
        {
            "name": "lines",
            "kind": "file",
            "path": str(folder / "lines.jsonl"),
            "reaches": [actor],
            "most_at_once": 50,
            **shared,
        },
    )
    text = "\n".join(
        "[[channel]]\n" + "\n".join(f"{k} = {json.dumps(v)}" for k, v in one.items())
        for one in channels
    )
    (root / "config" / "notify.toml").write_text(text, encoding="utf-8")


def _worked(site: object, alerts: list[Alert], actor: str) -> None:
    store = site.store  # type: ignore[attr-defined]  # a site
    first, second = alerts[0].alert_id, alerts[1].alert_id
    store.follow(first, due_on=NOW.date(), reason="ZQ7 comes back", actor=actor, at=NOW)
    store.suppress(
        second,
        detector="repeat_subject",
        reason="ZQ7 declared it",
        expires_at=NOW + timedelta(days=5),
        actor=actor,
        at=NOW,
    )


def _run(root: Path, *words: str, days: int = 1) -> str:
    clock = FixedClock(NOW + timedelta(days=days))
    runner = CliRunner(env={"SECRET": SECRET})
    result = runner.invoke(shell, ["--home", str(root), *words], obj=clock)
    assert result.exit_code == 0, (words, result.output)
    return result.output


def test_every_wire_was_told_of_everything_and_no_identity_left(arrived: Arrived) -> None:
    texts = arrived.texts()

    for wire in ("smtp", "webhook", "syslog", "file"):
        assert "psdmon alerts" in texts[wire], wire
        assert "suppression ends soon" in texts[wire], wire
        assert "due to be looked at again" in texts[wire], wire
    assert {wire for wire, text in texts.items() if MARK in text.casefold()} == set()


def test_no_kind_of_pattern_detector_or_person_of_the_home_is_named(arrived: Arrived) -> None:
    words = [*map(str, Family), *(one.name for one in available()), "sealed", "covert", "reviewer"]
    wires = {wire: text for wire, text in arrived.texts().items() if wire != "screen and log"}

    found = {
        (wire, word)
        for wire, text in wires.items()
        for word in words
        if word != "account" and word in text.casefold()
    }
    assert found == set()


def test_only_a_channel_with_named_readers_was_given_ids_of_alerts(arrived: Arrived) -> None:
    texts = arrived.texts()

    assert {wire for wire, text in texts.items() if "A-0000000000" in text} == {
        "webhook",
        "file",
        "screen and log",
    }


def test_every_message_by_mail_came_over_tls(arrived: Arrived) -> None:
    assert arrived.mailbox.encrypted
    assert all(arrived.mailbox.encrypted)

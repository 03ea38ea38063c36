"""Each wire on a real server of loopback: what arrives, and what keeps it from arriving."""

import email
import json
import re
import ssl
from datetime import timedelta
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest

from alerts.model import Priority
from monitor.notify.channels import LineFile, Mail, Syslog, Webhook
from monitor.notify.lines import deliver as add_line
from monitor.notify.message import Message, message_of
from monitor.notify.sending import send
from monitor.notify.syslog import BOM, cef, rfc5424
from monitor.notify.webhook import SIGNATURE, signature, signature_holds
from tests.alerts.outboxes import NOW, a_notice
from tests.monitor.notify.servers import (
    HOST,
    Certified,
    Mailbox,
    Received,
    certified,
    collector,
    datagrams,
    free_port,
    mail_server,
    web_server,
)

SECRET = "of-no-use-" * 4  # as long as it must be, and of no use elsewhere
PASSWORD = "an example"  # noqa: S105 of a server that the test makes
ENVIRONMENT = {"SECRET": SECRET, "PASSWORD": PASSWORD, "SHORT": "short"}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certified:
    """A certificate for loopback."""
    return certified(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Certified:
    """A certificate for another host."""
    return certified(tmp_path_factory.mktemp("elsewhere"), name="mail.example.org")


def a_message(**facts: Any) -> Message:
    """One urgent alert, its id shown."""
    ordinary = {"name": "m-0123456789abcdef", "at": NOW, "shows_alert_ids": True}
    return message_of((a_notice(),), **{**ordinary, **facts})


def a_mail(port: int, **facts: Any) -> Mail:
    """A channel to a mailbox on loopback."""
    ordinary = {
        "name": "mailbox",
        "kind": "smtp",
        "role": "reviewer",
        "host": HOST,
        "port": port,
        "sender": "psdmon@example.org",
        "to": "psd@example.org",
        "timeout_seconds": 5,
    }
    return Mail.model_validate({**ordinary, **facts})


def a_webhook(port: int, **facts: Any) -> Webhook:
    """A channel to an address on loopback."""
    ordinary = {
        "name": "hook",
        "kind": "webhook",
        "role": "reviewer",
        "url": f"https://{HOST}:{port}/in?from=psdmon",
        "secret_env": "SECRET",
        "timeout_seconds": 5,
    }
    return Webhook.model_validate({**ordinary, **facts})


def a_syslog(port: int, **facts: Any) -> Syslog:
    """A channel to a collector on loopback."""
    ordinary = {
        "name": "collector",
        "kind": "syslog",
        "role": "auditor",
        "host": HOST,
        "port": port,
        "hostname": "psd1",
        "timeout_seconds": 5,
    }
    return Syslog.model_validate({**ordinary, **facts})


def trouble(channel: Any, message: Message | None = None) -> str:
    """What kept a message from being taken."""
    return send(channel, message or a_message(), at=NOW, environment=ENVIRONMENT, version="0.1.0")


def test_a_mail_goes_over_verified_tls_with_a_name_that_stays_the_same(
    certificate: Certified,
) -> None:
    mailbox = Mailbox()
    with mail_server(mailbox, certificate=certificate) as port:
        told = [trouble(a_mail(port, ca_file=str(certificate.path))) for _ in range(2)]

    mails = [email.message_from_bytes(mail, policy=SMTP) for mail in mailbox.mails]
    assert (told, mailbox.encrypted, mailbox.to[0]) == (
        ["", ""],
        [True, True],
        ["psd@example.org"],
    )
    assert {mail["Message-ID"] for mail in mails} == {"<m-0123456789abcdef@example.org>"}
    assert mails[0]["Subject"] == "psdmon: Alert A-7F3K9Q2M waits, priority urgent"
    assert mails[0].get_content().splitlines() == [
        "Alert A-7F3K9Q2M waits, priority urgent.",
        "",
        "psdmon alerts show A-7F3K9Q2M",
        "",
        "A finding shows that records were opened, not why; it is never proof.",
    ]


def test_a_mail_with_a_password_goes_only_where_the_password_is_right(
    certificate: Certified,
) -> None:
    mailbox = Mailbox()
    facts = {"ca_file": str(certificate.path), "user": "psdmon", "password_env": "PASSWORD"}
    with mail_server(mailbox, certificate=certificate, password=PASSWORD) as port:
        good = trouble(a_mail(port, **facts))
    with mail_server(mailbox, certificate=certificate, password="another") as port:  # noqa: S106 an example
        wrong = trouble(a_mail(port, **facts))

    assert (good, wrong, len(mailbox.mails)) == ("", "the server refused it (535)", 1)


def test_a_server_without_starttls_is_refused_and_nothing_goes_over_the_open_line() -> None:
    mailbox = Mailbox()
    with mail_server(mailbox, certificate=None) as port:
        told = trouble(a_mail(port))

    assert told == "the server offers no STARTTLS, or no way to log in"
    assert mailbox.mails == []


def test_a_mail_goes_without_tls_only_where_the_force_says_why() -> None:
    mailbox = Mailbox()
    with pytest.raises(ValueError, match="needs plain_reason"):
        a_mail(1, tls="none")
    with mail_server(mailbox, certificate=None) as port:
        told = trouble(a_mail(port, tls="none", plain_reason="the relay is on this machine"))

    assert (told, mailbox.encrypted) == ("", [False])


@pytest.mark.parametrize("wrong", ["an authority nobody trusts", "the name of another host"])
def test_a_certificate_that_is_not_trusted_stops_a_mail(
    certificate: Certified, elsewhere: Certified, wrong: str
) -> None:
    mailbox = Mailbox()
    served = certificate if "authority" in wrong else elsewhere
    with mail_server(mailbox, certificate=served) as port:
        told = trouble(a_mail(port, ca_file=str(elsewhere.path)))

    assert told == "the certificate of the server is not trusted"
    assert mailbox.mails == []


def test_what_a_server_answers_is_kept_as_its_number_alone(certificate: Certified) -> None:
    mailbox = Mailbox(answer="554 psd@example.org is full, call asmith")
    with mail_server(mailbox, certificate=certificate) as port:
        told = trouble(a_mail(port, ca_file=str(certificate.path)))

    assert told == "the server refused it (554)"


def test_nobody_listening_is_said_for_every_wire(tmp_path: Path) -> None:
    port = free_port()
    channels = [a_mail(port), a_webhook(port), a_syslog(port)]
    file = LineFile(name="f", kind="file", role="reviewer", path=str(tmp_path / "no" / "x"))  # type: ignore[arg-type]  # pydantic reads the role

    assert {trouble(one) for one in channels} == {"the connection was refused or broke off"}
    assert trouble(file) == "the system refused it (ENOENT)"


def test_a_webhook_is_signed_so_that_it_can_be_neither_forged_nor_used_again(
    certificate: Certified,
) -> None:
    received = Received()
    with web_server(received, certificate=certificate) as port:
        told = trouble(a_webhook(port, ca_file=str(certificate.path)))

    ((body,), (headers,)) = received.bodies, received.headers
    header = headers[SIGNATURE]

    def holds(*, of: bytes = body, by: str = SECRET, minutes: int = 0) -> bool:
        return signature_holds(header, of, secret=by, now=NOW + timedelta(minutes=minutes))

    assert told == ""
    assert (holds(), holds(minutes=5), holds(minutes=6), holds(minutes=-6)) == (
        *(True, True),
        *(False, False),
    )
    assert not holds(of=body + b" ")
    assert not holds(by=SECRET + "x")
    assert headers["Psdmon-Message"] == headers["Idempotency-Key"] == json.loads(body)["message_id"]


@pytest.mark.parametrize(
    "header",
    [
        "",
        "t=,v1=",
        "v1=00",
        "t=x,v1=00",
        "t=1772442000",
        "t=²,v1=0",
        signature("other", b"{}", at=NOW),
    ],
)
def test_a_signature_that_cannot_be_read_does_not_hold(header: str) -> None:
    assert not signature_holds(header, b"{}", secret=SECRET, now=NOW)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_webhook_never_goes_where_a_server_sends_it(status: int) -> None:
    there = Received()
    with web_server(there) as port:
        here = Received(status=status, location=f"http://{HOST}:{port}/other")
        with web_server(here) as first:
            told = trouble(a_webhook(first, url=f"http://{HOST}:{first}/", plain_reason="loopback"))

    assert told == f"the server sends it elsewhere ({status}), which is not followed"
    assert (len(here.bodies), there.bodies) == (1, [])


def test_a_webhook_that_is_not_taken_says_the_number(certificate: Certified) -> None:
    received = Received(status=503)
    with web_server(received, certificate=certificate) as port:
        told = trouble(a_webhook(port, ca_file=str(certificate.path)))

    assert told == "the server did not take it (503)"


def test_a_line_of_syslog_is_rfc_5424_around_cef() -> None:
    line = rfc5424(a_syslog(1), a_message(), version="0.1.0")

    header, _, event = line.partition(BOM)
    assert header == b"<108>1 2026-03-02T09:00:00.000000Z psd1 psdmon - raised - "
    assert event.decode() == (
        "CEF:0|psdmon|psdmon|0.1.0|notice.raised|Alert A-7F3K9Q2M waits, priority urgent.|8|"
        "rt=1772442000000 externalId=m-0123456789abcdef cat=raised cnt=1 cs1Label=priority"
        " cs1=urgent cs2Label=alerts cs2=A-7F3K9Q2M"
        " msg=Alert A-7F3K9Q2M waits, priority urgent. psdmon alerts show A-7F3K9Q2M"
    )


def test_nothing_in_a_field_of_cef_ends_it_or_begins_another() -> None:
    nasty = a_notice(alert_id="A|B\\C=D\nE\rcs1=x \u202ef")
    event = cef(message_of((nasty,), name="m", at=NOW, shows_alert_ids=True), version="0|1")

    head, extension = event_parts(event)
    assert (head[3], head[5]) == ("0|1", "Alert A|B\\C=D E cs1=x \u202ef waits, priority urgent.")
    assert extension["cs2"] == "A|B\\C=D\nE\rcs1=x \u202ef"
    assert extension["cs1"] == "urgent"
    assert len(head) == 7
    assert not set(event) & {"\n", "\r"}


def event_parts(event: str) -> tuple[list[str], dict[str, str]]:
    """The fields of an event of CEF, read as its description says."""
    *head, rest = split_head(event)
    found = re.findall(r"(?:^| )(\w+)=((?:\\.|[^=\\])*)(?= \w+=|$)", rest)
    return head, {key: unescaped(value) for key, value in found}


def split_head(event: str) -> list[str]:
    """The seven fields of the prefix, unescaped, and what follows them."""
    fields, field, letters = [], "", iter(event)
    for letter in letters:
        if letter == "\\":
            field += next(letters)
        elif letter == "|" and len(fields) < 7:
            fields.append(field)
            field = ""
        else:
            field += letter
        if len(fields) == 7:
            break
    return [*fields, "".join(letters)]


def unescaped(value: str) -> str:
    """A value of the extension as it was before it was escaped."""
    known = {"n": "\n", "r": "\r"}
    return re.sub(r"\\(.)", lambda found: known.get(found[1], found[1]), value)


@pytest.mark.parametrize("transport", ["tcp", "tls"])
def test_a_line_over_a_stream_is_counted_in_bytes(transport: str, certificate: Certified) -> None:
    taken: list[bytes] = []
    secure = {"ca_file": str(certificate.path)} if transport == "tls" else {"plain_reason": "x"}
    served = certificate if transport == "tls" else None
    with collector(taken, certificate=served) as port:
        told = trouble(a_syslog(port, transport=transport, **secure))

    ((count, _, line),) = [one.partition(b" ") for one in taken]
    assert (told, int(count)) == ("", len(line))
    assert line == rfc5424(a_syslog(1), a_message(), version="0.1.0")


def test_a_line_over_udp_is_one_datagram_that_every_collector_takes() -> None:
    many = [a_notice(id=f"N-{n}", alert_id=f"A-{n:012d}") for n in range(60)]
    digest = message_of(many, name="m", at=NOW, shows_alert_ids=True)
    with datagrams() as listener:
        channel = a_syslog(listener.getsockname()[1], transport="udp", plain_reason="a test")
        told = trouble(channel, digest)
        line = listener.recv(65_535)

    assert told == ""
    assert line.startswith(b"<108>1 ")
    assert len(line) <= 2048


def test_a_collector_whose_certificate_is_not_trusted_is_told_nothing(
    certificate: Certified, elsewhere: Certified
) -> None:
    taken: list[bytes] = []
    with collector(taken, certificate=certificate) as port:
        told = trouble(a_syslog(port, ca_file=str(elsewhere.path)))

    assert told == "the certificate of the server is not trusted"
    assert taken in ([b""], [])


def a_file(path: Path) -> LineFile:
    """A channel to a file."""
    return LineFile.model_validate(
        {"name": "file", "kind": "file", "role": "reviewer", "path": str(path)}
    )


def test_a_line_is_added_whole_to_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    path = tmp_path / "2026-03-02.jsonl"
    told = [trouble(a_file(tmp_path / "{day}.jsonl")) for _ in range(2)]

    first, second = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert told == ["", ""]
    assert first == second == a_message().as_json()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_that_was_renamed_is_begun_anew_and_loses_no_line(tmp_path: Path) -> None:
    path = tmp_path / "notices.jsonl"
    add_line(a_file(path), a_message())
    path.rename(tmp_path / "notices.jsonl.1")
    add_line(a_file(path), a_message())

    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == ["notices.jsonl", "notices.jsonl.1"]
    assert [len(file.read_text(encoding="utf-8").splitlines()) for file in files] == [1, 1]


def test_a_line_that_a_power_cut_left_half_written_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "notices.jsonl"
    path.write_text('{"half', encoding="utf-8")
    add_line(a_file(path), a_message())

    half, whole = path.read_text(encoding="utf-8").splitlines()
    assert half == '{"half'
    assert json.loads(whole)["message_id"] == "m-0123456789abcdef"


def test_a_link_in_the_place_of_the_file_is_not_followed(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("", encoding="utf-8")
    (tmp_path / "notices.jsonl").symlink_to(other)

    assert trouble(a_file(tmp_path / "notices.jsonl")) == "the system refused it (ELOOP)"
    assert other.read_text(encoding="utf-8") == ""


def test_a_secret_that_is_missing_open_or_short_is_refused_without_being_shown(
    tmp_path: Path,
) -> None:
    path = tmp_path / "secret"
    path.write_text(SECRET, encoding="utf-8")
    path.chmod(0o644)
    hooks = [
        *(a_webhook(1, secret_env=name) for name in ("NOT_SET", "SHORT")),
        a_webhook(1, secret_env="", secret_file=str(path)),
        a_webhook(1, secret_env="", secret_file=str(tmp_path / "none")),
    ]
    said = []
    for hook in hooks:
        with pytest.raises(Exception, match=r"^channel hook: .*possible: ") as refusal:
            trouble(hook)
        said.append(str(refusal.value))

    assert [text.split(": ")[1].replace(str(tmp_path), "") for text in said] == [
        "NOT_SET is not set; possible",
        "its secret has 5 letters; possible",
        "/secret is open to others; possible",
        "/none cannot be read (FileNotFoundError); possible",
    ]
    assert not any(SECRET in text or "short" in text.split("possible")[0] for text in said)
    path.chmod(0o600)
    assert trouble(hooks[2]) != ""


def test_priorities_are_severities_in_order() -> None:
    lines = [
        rfc5424(
            a_syslog(1),
            message_of((a_notice(priority=one),), name="m", at=NOW, shows_alert_ids=False),
            version="0",
        )
        for one in Priority
    ]

    assert [line.split(b">")[0] for line in lines] == [b"<108", b"<109", b"<110"]


def test_tls_is_never_less_than_version_1_2() -> None:
    from monitor.notify.tls import verifying

    context = verifying(ca_file="")
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2
    assert (context.check_hostname, context.verify_mode) == (True, ssl.CERT_REQUIRED)

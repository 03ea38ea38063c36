"""One message to one mailbox, by SMTP; never without TLS unless the force says why."""

import smtplib
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import TYPE_CHECKING

from monitor.notify.message import NOT_PROOF, Message
from monitor.notify.tls import verifying

if TYPE_CHECKING:
    from monitor.notify.channels import Mail


def deliver(channel: "Mail", message: Message, *, password: str) -> None:
    """Sends a message and returns when the server has taken it.

    Raises:
        OSError, SMTPException: it has not.
    """
    mail = composed(channel, message)
    with _connected(channel) as server:
        if channel.user:
            server.login(channel.user, password)
        server.send_message(mail)


def composed(channel: "Mail", message: Message) -> EmailMessage:
    """The mail of a message: the same name each time, so that a mailbox can tell it came twice."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = channel.sender
    mail["To"] = channel.to
    mail["Subject"] = f"psdmon: {message.says.rstrip('.')}"
    mail["Date"] = format_datetime(message.at)
    mail["Message-ID"] = f"<{message.id}@{channel.sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    listed = [f"{one.alert_id} ({one.priority})" for one in message.alerts]
    more = sum(message.counts.values()) - len(listed)
    if listed and more > 0:
        listed.append(f"and {more} more")
    parts = [message.says, *message.lines]
    if len(listed) > 1:
        parts += ["", *listed]
    mail.set_content("\n".join([*parts, "", message.command, "", NOT_PROOF]) + "\n")
    return mail


def _connected(channel: "Mail") -> smtplib.SMTP:
    """A server to talk to, its certificate verified."""
    name = channel.sender.rpartition("@")[2]
    seconds = channel.timeout_seconds
    if channel.tls == "implicit":
        return smtplib.SMTP_SSL(
            channel.host,
            channel.port,
            local_hostname=name,
            timeout=seconds,
            context=verifying(ca_file=channel.ca_file),
        )
    server = smtplib.SMTP(channel.host, channel.port, local_hostname=name, timeout=seconds)
    if channel.tls == "starttls":
        try:
            server.ehlo()
            server.starttls(context=verifying(ca_file=channel.ca_file))
            server.ehlo()
        except BaseException:
            server.close()  # a goodbye would go over a line that is not the one that was wanted
            raise
    return server

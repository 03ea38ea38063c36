"""One message over whatever wire its channel is."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from alerts.errors import Misused
from monitor.notify import lines, mail, syslog, webhook
from monitor.notify.channels import LineFile, Mail, Syslog, Webhook
from monitor.notify.credentials import LEAST_LETTERS, credential
from monitor.notify.trouble import EXPECTED, said

if TYPE_CHECKING:
    from monitor.notify.channels import Channel
    from monitor.notify.message import Message


def send(
    channel: "Channel",
    message: "Message",
    *,
    at: datetime,
    environment: Mapping[str, str],
    version: str,
) -> str:
    """What kept a message from being taken, in words that name nobody; nothing where it was.

    Args:
        channel: over which it goes.
        message: that goes.
        at: now.
        environment: of this process, where passwords may be.
        version: of psdmon, for collectors.

    Raises:
        Misused: the password or secret cannot be used.
    """
    secret = secret_of(channel, environment=environment)
    try:
        return _sent(channel, message, at=at, secret=secret, version=version)
    except EXPECTED as trouble:
        return said(trouble)


def secret_of(channel: "Channel", *, environment: Mapping[str, str]) -> str:
    """The password or secret of a channel; empty where it has none.

    Raises:
        Misused: it cannot be used.
    """
    of = f"channel {channel.name}"
    if isinstance(channel, Mail) and channel.user:
        return credential(
            channel.password_env, channel.password_file, environment=environment, of=of
        )
    if isinstance(channel, Webhook):
        found = credential(channel.secret_env, channel.secret_file, environment=environment, of=of)
        if len(found) < LEAST_LETTERS:
            raise Misused(
                f"{of}: its secret has {len(found)} letters; possible: {LEAST_LETTERS} or more,"
                " by chance, as openssl rand -hex 32 gives"
            )
        return found
    return ""


def _sent(
    channel: "Channel", message: "Message", *, at: datetime, secret: str, version: str
) -> str:
    if isinstance(channel, Webhook):
        return webhook.deliver(channel, message, secret=secret, at=at)
    if isinstance(channel, Mail):
        mail.deliver(channel, message, password=secret)
    elif isinstance(channel, Syslog):
        syslog.deliver(channel, message, version=version)
    elif isinstance(channel, LineFile):
        lines.deliver(channel, message)
    return ""

"""One message to one collector: RFC 5424 around CEF, by UDP, TCP or TLS.

    <109>1 2026-03-01T02:10:00.000000Z host psdmon - raised - BOM CEF:0|psdmon|psdmon|...
    UDP: one datagram.  TCP and TLS: its length in bytes, a blank, then the message (RFC 6587, 5425)

Syslog has no receipt: what a collector took and lost is not known here.
"""

import os
import socket
import ssl
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from alerts.model import Priority
from monitor.notify.message import Message
from monitor.notify.tls import verifying

if TYPE_CHECKING:
    from monitor.notify.channels import Syslog

BOM: Final = b"\xef\xbb\xbf"
MOST_IN_UDP: Final = 2048  # bytes every collector must take (RFC 5426, section 3.2)
_MOST_LISTED: Final = 5  # ids in one event, so that it fits a datagram
# Severities of RFC 5424: warning, notice, informational; and of CEF, 0 to 10.
_SEVERITY: Final = {Priority.URGENT: 4, Priority.HIGH: 5, Priority.NORMAL: 6}
_CEF_SEVERITY: Final = {Priority.URGENT: 8, Priority.HIGH: 6, Priority.NORMAL: 3}


def deliver(channel: "Syslog", message: Message, *, version: str) -> None:
    """Sends a message; over TCP and TLS it returns when the other side has not hung up on it.

    Raises:
        OSError: it could not be sent.
    """
    line = framed_line(channel, message, version=version)
    address = (channel.host, channel.port)
    if channel.transport == "udp":
        family = socket.getaddrinfo(*address, type=socket.SOCK_DGRAM)[0]
        with socket.socket(family[0], socket.SOCK_DGRAM) as udp:
            udp.settimeout(channel.timeout_seconds)
            udp.connect(family[4])
            udp.send(line)
        return
    with socket.create_connection(address, timeout=channel.timeout_seconds) as plain:
        if channel.transport == "tcp":
            _hand_over(plain, line)
            return
        context = verifying(ca_file=channel.ca_file, client_file=channel.client_file)
        with context.wrap_socket(plain, server_hostname=channel.host) as secure:
            _hand_over(secure, line)


def framed_line(channel: "Syslog", message: Message, *, version: str) -> bytes:
    """The bytes that go out: the message, counted where the transport is a stream."""
    line = rfc5424(channel, message, version=version)
    return line if channel.transport == "udp" else b"%d %b" % (len(line), line)


def rfc5424(channel: "Syslog", message: Message, *, version: str) -> bytes:
    """One message of RFC 5424, in UTF-8."""
    pri = channel.facility * 8 + _SEVERITY[message.priority]
    host = channel.hostname or _ascii(os.uname().nodename) or "-"
    header = f"<{pri}>1 {_stamp(message.at)} {host} psdmon - {message.kind} - "
    return header.encode("ascii") + BOM + cef(message, version=version).encode()


def cef(message: Message, *, version: str) -> str:
    """The message as an event of CEF, version 0."""
    ids = " ".join(one.alert_id for one in message.alerts[:_MOST_LISTED])
    fields = {
        "rt": str(int(message.at.timestamp() * 1000)),
        "externalId": message.id,
        "cat": message.kind,
        "cnt": str(max(sum(message.counts.values()), 1)),
        "cs1Label": "priority",
        "cs1": str(message.priority),
        **({"cs2Label": "alerts", "cs2": ids} if ids else {}),
        "msg": " ".join((message.says, *(f"{line};" for line in message.lines), message.command)),
    }
    prefix = (
        *("CEF:0", "psdmon", "psdmon", version, f"notice.{message.kind}", message.says),
        str(_CEF_SEVERITY[message.priority]),
    )
    head = "|".join((prefix[0], *map(_in_prefix, prefix[1:])))
    return f"{head}|" + " ".join(f"{k}={_in_extension(v)}" for k, v in fields.items())


def _in_prefix(text: str) -> str:
    r"""A field of the prefix: `\` and `|` escaped, line ends as blanks.

    >>> _in_prefix("a|b" + chr(92))
    'a\\|b\\\\'
    """
    plain = " ".join(text.splitlines())
    return plain.replace("\\", "\\\\").replace("|", "\\|")


def _in_extension(text: str) -> str:
    r"""A value of the extension: `\` and `=` escaped, line ends written out.

    >>> _in_extension("a=b" + chr(10) + "c|d")
    'a\\=b\\nc|d'
    """
    plain = text.replace("\\", "\\\\").replace("=", "\\=")
    return plain.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\r")


def _ascii(name: str) -> str:
    return "".join(letter for letter in name if "!" <= letter <= "~")[:255]


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _hand_over(stream: socket.socket, line: bytes) -> None:
    """Sends, says that no more comes, and listens whether the other side broke it off."""
    stream.sendall(line)
    try:
        if isinstance(stream, ssl.SSLSocket):
            stream.unwrap()
            return
        stream.shutdown(socket.SHUT_WR)
        while stream.recv(1024):
            pass
    except (TimeoutError, ssl.SSLEOFError, ssl.SSLZeroReturnError):
        pass  # a collector that keeps the line open, or hangs up in its own way, has not refused it
    except OSError as trouble:
        if trouble.errno:  # the ssl module says a plain end of the line with no number
            raise

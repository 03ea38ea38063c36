"""One message to one address by POST, signed so that it can be neither forged nor used again.

    Psdmon-Message: m-...                      the same each time it is tried
    Psdmon-Signature: t=1772331000,v1=5f0c...  seconds; HMAC-SHA256(secret, t "." body) in hex

Whoever takes it reckons the signature over the body as it came, refuses a time more than five
minutes off, and a message it has had.
"""

import hmac
import http.client
import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from monitor.notify.message import Message
from monitor.notify.tls import verifying

if TYPE_CHECKING:
    from monitor.notify.channels import Webhook

SIGNATURE: Final = "Psdmon-Signature"
NAME: Final = "Psdmon-Message"
FRESH: Final = timedelta(minutes=5)
_GOOD: Final = range(200, 300)
_READ_AT_MOST: Final = 64 * 1024  # bytes of an answer, which nobody looks at


def deliver(channel: "Webhook", message: Message, *, secret: str, at: datetime) -> str:
    """Sends a message; returns what kept it from being taken, or nothing.

    Raises:
        OSError, HTTPException: no answer came.
    """
    body = json.dumps(message.as_json(), separators=(",", ":")).encode()
    parts = urlsplit(channel.url)
    connection = _connection(channel)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "psdmon",
        NAME: message.id,
        "Idempotency-Key": message.id,
        SIGNATURE: signature(secret, body, at=at),
    }
    try:
        connection.request("POST", target, body=body, headers=headers)
        answer = connection.getresponse()
        answer.read(_READ_AT_MOST)
    finally:
        connection.close()
    if answer.status in _GOOD:
        return ""
    if answer.status in range(300, 400):
        return f"the server sends it elsewhere ({answer.status}), which is not followed"
    return f"the server did not take it ({answer.status})"


def signature(secret: str, body: bytes, *, at: datetime) -> str:
    """The signature of a body at a moment, as the header carries it."""
    seconds = int(at.timestamp())
    return f"t={seconds},v1={_digest(secret, body, at=seconds)}"


def signature_holds(header: str, body: bytes, *, secret: str, now: datetime) -> bool:
    """Whether a body came from whoever has the secret, within five minutes of now."""
    parts = dict(part.partition("=")[::2] for part in header.split(","))
    written = parts.get("t", "")
    if not written.isascii() or not written.isdigit():
        return False
    seconds = int(written)
    if abs(now.timestamp() - seconds) > FRESH.total_seconds():
        return False
    return hmac.compare_digest(
        _digest(secret, body, at=seconds).encode(), parts.get("v1", "").encode()
    )


def _digest(secret: str, body: bytes, *, at: int) -> str:
    return hmac.new(secret.encode(), b"%d.%b" % (at, body), "sha256").hexdigest()


def _connection(channel: "Webhook") -> http.client.HTTPConnection:
    """A connection that follows nothing and asks no proxy."""
    parts = urlsplit(channel.url)
    host, seconds = parts.hostname or "", channel.timeout_seconds
    if parts.scheme == "http":
        return http.client.HTTPConnection(host, parts.port, timeout=seconds)
    context = verifying(ca_file=channel.ca_file, client_file=channel.client_file)
    return http.client.HTTPSConnection(host, parts.port, timeout=seconds, context=context)

"""What kept a message from being delivered, in words that name nobody.

What a server answered is not kept: it may hold an address.
"""

import errno
import http.client
import smtplib
import socket
import ssl
from typing import Final

_NOT_A_TRY: Final = "the program met a fault"
_WORDS: Final[tuple[tuple[type[BaseException], str], ...]] = (
    (smtplib.SMTPNotSupportedError, "the server offers no STARTTLS, or no way to log in"),
    (smtplib.SMTPServerDisconnected, "the server hung up"),
    (ssl.SSLCertVerificationError, "the certificate of the server is not trusted"),
    (ssl.SSLError, "TLS could not be agreed on"),
    (TimeoutError, "no answer in time"),
    (socket.gaierror, "the name of the server is not known"),
    (ConnectionError, "the connection was refused or broke off"),
    (http.client.HTTPException, "the answer is no HTTP"),
    (smtplib.SMTPException, "the server did not take it"),
)
# What a transport may meet; anything else is a fault of the program.
EXPECTED: Final = (OSError, smtplib.SMTPException, http.client.HTTPException)


def said(trouble: BaseException) -> str:
    """The trouble in words, without anything that the other side wrote."""
    if isinstance(trouble, smtplib.SMTPRecipientsRefused):
        codes = sorted({code for code, _ in trouble.recipients.values()})
        return f"the server refused the address ({', '.join(map(str, codes))})"
    if isinstance(trouble, smtplib.SMTPResponseException):
        return f"the server refused it ({trouble.smtp_code})"
    if isinstance(trouble.__context__, TimeoutError):  # smtplib calls it a line that was cut
        trouble = trouble.__context__
    for kind, words in _WORDS:
        if isinstance(trouble, kind):
            return words
    if isinstance(trouble, OSError):
        return f"the system refused it ({errno.errorcode.get(trouble.errno or 0, 'unknown')})"
    return _NOT_A_TRY

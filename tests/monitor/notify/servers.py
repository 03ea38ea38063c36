"""Real servers on loopback for the wires of notices, and certificates made for them."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    """A certificate with its key in one file; it is its own authority."""

    path: Path

    def server_context(self) -> ssl.SSLContext:
        """TLS as the server of this certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path)
        return context


def certified(folder: Path, *, name: str = HOST) -> Certified:
    """A certificate made now for an address or a host's name."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    named: x509.GeneralName = (
        x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
    )
    now = datetime.now(UTC)  # noqa: TID251 the ssl module asks the system's clock
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([named]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return Certified(path=path)


@dataclass(slots=True)  # grows with each mail
class Mailbox:
    """What an SMTP server took, and what it answers."""

    answer: str = "250 taken"
    mails: list[bytes] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    to: list[list[str]] = field(default_factory=list)

    async def handle_DATA(self, _: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802 aiosmtpd calls it so
        """Take a mail, or answer with trouble."""
        if self.answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.mails.append(envelope.content)
            self.encrypted.append(session.ssl is not None)
            self.to.append(envelope.rcpt_tos)
        return self.answer


@contextmanager
def mail_server(
    mailbox: Mailbox, *, certificate: Certified | None, password: str = ""
) -> Iterator[int]:
    """The port of a server that offers STARTTLS where it has a certificate."""

    def authenticator(*asked: Any) -> AuthResult:
        data = asked[-1]
        good = isinstance(data, LoginPassword) and data.password == password.encode()
        return AuthResult(success=good, handled=False)

    controller = Controller(
        mailbox,
        hostname=HOST,
        port=free_port(),
        tls_context=certificate.server_context() if certificate else None,
        authenticator=authenticator if password else None,
        auth_required=bool(password),
    )
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@dataclass(slots=True)  # grows with each request
class Received:
    """What an HTTP server was sent, and what it answers."""

    status: int = 204
    location: str = ""
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def web_server(received: Received, *, certificate: Certified | None = None) -> Iterator[int]:
    """The port of a server that takes POST."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            received.headers.append(dict(self.headers.items()))
            self.send_response(received.status)
            if received.location:
                self.send_header("Location", received.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer((HOST, 0), Handler)
    if certificate:
        server.socket = certificate.server_context().wrap_socket(server.socket, server_side=True)
    with running(lambda: server.serve_forever(poll_interval=0.02)):
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            server.server_close()


@contextmanager
def collector(taken: list[bytes], *, certificate: Certified | None = None) -> Iterator[int]:
    """The port of a syslog collector on TCP or TLS: each connection's bytes, whole."""
    listener = socket.create_server((HOST, 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            try:
                with connection:
                    taken.append(_read_whole(connection, certificate))
            except OSError:
                taken.append(b"")

    with running(serve):
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()


@contextmanager
def datagrams() -> Iterator[socket.socket]:
    """A syslog collector on UDP."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind((HOST, 0))
        listener.settimeout(10)
        yield listener


@contextmanager
def running(work: Any) -> Iterator[None]:
    """Something at work in a thread, waited for at the end."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    yield
    thread.join(timeout=10)
    assert not thread.is_alive()


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _read_whole(connection: socket.socket, certificate: Certified | None) -> bytes:
    stream = connection
    if certificate:
        stream = certificate.server_context().wrap_socket(connection, server_side=True)
    content = b""
    while part := stream.recv(4096):
        content += part
    if isinstance(stream, ssl.SSLSocket):
        stream.close()
    return content

"""The answers over HTTP, on loopback alone."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Final

import structlog

from alerts.errors import Busy
from monitor.health.answers import Answer, unknown

LOOPBACK: Final = "127.0.0.1"
# A page in a browser of this machine must not read them under a name of its own.
_HOSTS: Final = frozenset({"127.0.0.1", "localhost", ""})
_PATIENCE_SECONDS: Final = 5  # how long a client may take to ask
_ELSEWHERE: Final = Answer(
    status=HTTPStatus.MISDIRECTED_REQUEST, content_type="text/plain", text=""
)
_AT_FAULT: Final = Answer(
    status=HTTPStatus.INTERNAL_SERVER_ERROR, content_type="text/plain", text=""
)

log = structlog.get_logger()
Answers = Mapping[str, Callable[[], Answer]]  # path -> what is answered


@contextmanager
def served(answers: Answers, *, port: int) -> Iterator[int]:
    """Answers on loopback for as long as this lasts; the port comes back, chosen where it was 0.

    Raises:
        Busy: something else listens at that port.
    """
    try:
        server = _Server((LOOPBACK, port), _handler(answers))
    except OSError as trouble:
        raise Busy(
            f"health: {LOOPBACK}:{port} cannot be listened at: {trouble.strerror};"
            " possible: another port in [health], or 0 for none"
        ) from trouble
    thread = Thread(target=server.serve_forever, name="health", daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    """One thread for each question, so that a slow client keeps nobody waiting."""

    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing: a client that went away is no trouble of ours."""


def _handler(answers: Answers) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Answers GET and HEAD, and says nothing of who asked."""

        timeout = _PATIENCE_SECONDS
        server_version = "psdmon"
        sys_version = ""

        def do_GET(self) -> None:
            self._send(with_text=True)

        def do_HEAD(self) -> None:
            self._send(with_text=False)

        def log_message(self, *_: object) -> None:
            """Nothing: a question each few seconds is no fact worth a line."""

        def _send(self, *, with_text: bool) -> None:
            answer = self._answer()
            text = answer.text.encode("utf-8")
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(text)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            if with_text:
                self.wfile.write(text)

        def _answer(self) -> Answer:
            if self.headers.get("Host", "").rsplit(":", 1)[0] not in _HOSTS:
                return _ELSEWHERE
            try:
                return answers.get(self.path.split("?", 1)[0], unknown)()
            except Exception as trouble:  # noqa: BLE001 whatever it is, the next question is answered
                log.error("health.question_failed", kind=type(trouble).__name__)  # noqa: TRY400 the store's words may name a place
                return _AT_FAULT

    return Handler

"""What /healthz, /readyz and /metrics say, over a real socket on loopback."""

import http.client
import json
import socket
from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest

from alerts.errors import Busy
from monitor.health.answers import Answer, alive, metrics, ready, troubles_of
from monitor.health.serving import LOOPBACK, served
from tests.factories import a_moment
from tests.monitor.health.test_signs import signs

NOW = a_moment("2026-11-24T09:00:00Z")
A_DAY = timedelta(hours=26)


@pytest.fixture
def port() -> Iterator[int]:
    """A server that answers one path, and the port it listens at."""
    with served({"/healthz": lambda: ready(())}, port=0) as number:
        yield number


def asked(port: int, path: str, *, method: str = "GET", **headers: str) -> tuple[int, bytes]:
    """The status and body that a question gets."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
    try:
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def troubles(**facts: Any) -> tuple[str, ...]:
    """Why a home with these signs is not ready."""
    return troubles_of(
        signs(steps={}, **facts), now=NOW, most_age=A_DAY, least_free_bytes=1_000_000_000
    )


def test_a_loop_that_gave_a_sign_lately_is_alive() -> None:
    answer = alive(silent=timedelta(minutes=1), patience=timedelta(minutes=5))

    assert answer.status == HTTPStatus.OK


def test_a_loop_that_is_silent_is_not() -> None:
    answer = alive(silent=timedelta(minutes=6), patience=timedelta(minutes=5))

    assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
    assert json.loads(answer.text) == {"format": 1, "alive": False, "silent_seconds": 360.0}


def test_a_home_in_good_order_is_ready() -> None:
    assert troubles() == ()
    assert ready(()).status == HTTPStatus.OK


def test_a_home_that_is_not_ready_says_every_reason() -> None:
    said = troubles(last_success_at=NOW - timedelta(hours=30), free_bytes=200_000_000)

    assert said == ("no scan has ended well for 30 hours; set: 26", "0.2 GB free on disk")
    assert ready(said).status == HTTPStatus.SERVICE_UNAVAILABLE
    assert json.loads(ready(said).text)["troubles"] == list(said)


def test_a_step_that_did_not_end_well_is_named() -> None:
    said = troubles_of(signs(), now=NOW, most_age=A_DAY, least_free_bytes=0)

    assert said == ("step read feeds did not end well",)


def test_a_home_without_signs_is_not_ready_and_has_no_metrics() -> None:
    assert troubles_of(None, now=NOW, most_age=A_DAY, least_free_bytes=0)
    answer = metrics(None, now=NOW, memory_bytes=None)

    assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE


def test_an_answer_goes_over_the_wire(port: int) -> None:
    status, text = asked(port, "/healthz?verbose")

    assert status == HTTPStatus.OK
    assert json.loads(text) == {"format": 1, "ready": True, "troubles": []}


def test_a_question_for_the_head_alone_gets_no_body(port: int) -> None:
    assert asked(port, "/healthz", method="HEAD") == (HTTPStatus.OK, b"")


def test_another_path_is_told_what_is_possible(port: int) -> None:
    status, text = asked(port, "/alerts")

    assert status == HTTPStatus.NOT_FOUND
    assert "/readyz" in json.loads(text)["possible"]


def test_nothing_can_be_changed_over_it(port: int) -> None:
    status, _ = asked(port, "/healthz", method="POST")

    assert status == HTTPStatus.NOT_IMPLEMENTED


def test_a_page_that_calls_it_by_another_name_gets_nothing(port: int) -> None:
    assert asked(port, "/healthz", Host="evil.example") == (HTTPStatus.MISDIRECTED_REQUEST, b"")


def test_it_listens_on_loopback_alone() -> None:
    with served({}, port=0) as number, socket.socket() as other:
        other.settimeout(1)

        assert other.connect_ex(("127.0.0.2", number)) != 0


def test_a_port_that_is_taken_is_told_with_what_is_possible() -> None:
    with served({}, port=0) as number, pytest.raises(Busy, match="or 0 for none"):
        served({}, port=number).__enter__()


def test_a_fault_while_answering_costs_that_answer_alone() -> None:
    def at_fault() -> Answer:
        raise RuntimeError("not now")

    with served({"/readyz": at_fault, "/healthz": lambda: ready(())}, port=0) as number:
        status, _ = asked(number, "/readyz")

        assert status == HTTPStatus.INTERNAL_SERVER_ERROR
        assert asked(number, "/healthz")[0] == HTTPStatus.OK

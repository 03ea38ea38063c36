"""A real daemon tells the service manager that it is ready, and answers on loopback."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

import pytest

from monitor.clock import FixedClock
from monitor.health.serving import LOOPBACK, served
from monitor.health.tending import Pulse, answers_of, tended
from monitor.wiring import open_site
from tests.homes import NOW
from tests.monitor.health.test_answers import asked


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """A service manager that waits for words."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(60)
        yield listening


def a_free_port() -> int:
    """A port of loopback that nothing listens at."""
    with closing(socket.socket()) as one:
        one.bind((LOOPBACK, 0))
        return int(one.getsockname()[1])


def at_port(root: Path, port: int) -> None:
    """Set the port of a home."""
    path = root / "config" / "settings.toml"
    text = path.read_text(encoding="utf-8").replace("\nport = 0 ", f"\nport = {port} ")
    path.write_text(text, encoding="utf-8")


def told_next(manager: socket.socket) -> bytes:
    """What a service manager is told next, signs of life apart."""
    said = manager.recv(1000)
    while said == b"WATCHDOG=1":
        said = manager.recv(1000)
    return said


def test_a_daemon_is_ready_is_asked_reloads_and_stops(
    root: Path, tmp_path: Path, manager: socket.socket
) -> None:
    port = a_free_port()
    at_port(root, port)
    daemon = subprocess.Popen(
        [Path(sys.executable).with_name("psdmon"), "--home", root, "daemon"],
        env={
            **os.environ,
            "NOTIFY_SOCKET": str(tmp_path / "notify"),
            "WATCHDOG_USEC": "1000000",
        },
        stderr=subprocess.DEVNULL,
    )
    try:
        assert manager.recv(1000).startswith(b"READY=1")
        assert manager.recv(1000) == b"WATCHDOG=1"
        assert asked(port, "/healthz")[0] == HTTPStatus.OK
        daemon.send_signal(signal.SIGHUP)
        assert told_next(manager).startswith(b"RELOADING=1\nMONOTONIC_USEC=")
        assert told_next(manager) == b"READY=1"
    finally:
        daemon.send_signal(signal.SIGTERM)

    assert told_next(manager) == b"STOPPING=1"
    assert daemon.wait(timeout=60) == 0


def test_a_port_that_is_taken_keeps_no_daemon_from_serving(root: Path) -> None:
    with served({}, port=0) as port:
        at_port(root, port)

        with tended(open_site(root, clock=FixedClock(NOW)), environment={}) as pulse:
            pulse.beat()


def test_a_home_whose_settings_broke_is_alive_but_not_ready(root: Path) -> None:
    site = open_site(root, clock=FixedClock(NOW))
    answers = answers_of(site, Pulse(environment={}))
    (root / "config" / "settings.toml").write_text("[health]\nport = 'none'\n", encoding="utf-8")

    assert answers["/healthz"]().status == HTTPStatus.OK
    ready = answers["/readyz"]()
    assert ready.status == HTTPStatus.SERVICE_UNAVAILABLE
    assert "health.port" in ready.text


def test_a_loop_that_hangs_is_found_and_the_manager_hears_nothing(
    tmp_path: Path, manager: socket.socket
) -> None:
    moments = iter([0.0, 1.0, 1.2, 300.0])
    pulse = Pulse(
        environment={"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "2000000"},
        monotonic=lambda: next(moments),
    )
    pulse.beat()
    pulse.beat()
    manager.setblocking(False)

    assert manager.recv(1000) == b"WATCHDOG=1"
    with pytest.raises(BlockingIOError):
        manager.recv(1000)
    assert pulse.silent > timedelta(minutes=2)


def test_every_figure_is_on_the_page() -> None:
    told = (Path(__file__).parents[3] / "monitor" / "README.md").read_text(encoding="utf-8")
    source = (Path(__file__).parents[3] / "monitor" / "health" / "exposition.py").read_text(
        encoding="utf-8"
    )
    names = {word for word in source.split('"') if word.startswith("psdmon_")}

    assert names
    assert not {name for name in names if f"`{name}" not in told}

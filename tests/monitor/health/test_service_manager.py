"""The service manager is told over a real socket, and the unit is one that it takes."""

import os
import shutil
import socket
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.health.service_manager import reloading, told, watchdog_every
from tests.contracts.tree import ROOT

UNIT = ROOT / "config" / "systemd" / "psdmon.service"


def test_a_manager_that_listens_is_told(tmp_path: Path) -> None:
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address)

        assert told("READY=1", environment={"NOTIFY_SOCKET": address})
        assert manager.recv(100) == b"READY=1"


def test_a_manager_without_a_file_is_told_too() -> None:
    name = f"psdmon-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"\0{name}")

        assert told("WATCHDOG=1", environment={"NOTIFY_SOCKET": f"@{name}"})
        assert manager.recv(100) == b"WATCHDOG=1"


@pytest.mark.parametrize("address", ["", "relative/path", "/nowhere"])
def test_where_nobody_listens_nothing_happens(address: str) -> None:
    assert not told("READY=1", environment={"NOTIFY_SOCKET": address})


def test_a_sign_of_life_comes_twice_as_often_as_it_is_wanted() -> None:
    wanted = {"WATCHDOG_USEC": "60000000"}

    assert watchdog_every(wanted, process=7) == timedelta(seconds=30)
    assert watchdog_every({**wanted, "WATCHDOG_PID": "8"}, process=7) is None
    assert watchdog_every({}, process=7) is None


def test_reading_settings_again_is_told_with_its_moment() -> None:
    assert reloading(17) == "RELOADING=1\nMONOTONIC_USEC=17"


def test_the_unit_is_one_that_systemd_takes(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not on this machine")
    program = tmp_path / "psdmon"
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    text = UNIT.read_text(encoding="utf-8").replace("/opt/psdmon/bin/psdmon", str(program))
    (tmp_path / "psdmon.service").write_text(text, encoding="utf-8")

    said = subprocess.run(
        [analyze, "verify", "--man=no", tmp_path / "psdmon.service"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert "psdmon.service" not in said.stderr
    assert said.returncode == 0


def test_the_unit_waits_for_readiness_and_keeps_to_the_home() -> None:
    lines = set(UNIT.read_text(encoding="utf-8").splitlines())

    assert {
        "Type=notify",
        "WatchdogSec=5min",
        "UMask=0077",
        "ProtectSystem=strict",
        "NoNewPrivileges=yes",
        "CapabilityBoundingSet=",
        "ExecStartPre=/opt/psdmon/bin/psdmon check",
    } <= lines

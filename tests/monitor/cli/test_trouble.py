"""Trouble ends in words and an exit code, and never in a traceback on the screen."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from alerts.errors import Busy, DataRefused, IntegrityBroken, Misused, NotPermitted
from monitor.cli import main
from monitor.cli.main import shell


class Ending:
    """Runs psdmon with a command that ends in some trouble."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Keep what changes the table of commands."""
        self.monkeypatch = monkeypatch

    def __call__(
        self, trouble: BaseException, home: Path | None = None
    ) -> "main.click.testing.Result":
        """What came of it."""

        @click.command("status")
        def failing() -> None:
            """Fail."""
            raise trouble

        self.monkeypatch.setattr(main.Shell, "get_command", lambda *_: failing)
        words = ["--home", str(home)] if home else []
        return CliRunner().invoke(shell, [*words, "status"])


@pytest.fixture
def ending_in(monkeypatch: pytest.MonkeyPatch) -> Ending:
    """Runs psdmon with a command that ends in some trouble."""
    return Ending(monkeypatch)


def test_a_home_that_is_not_one_is_told_what_makes_one(tmp_path: Path) -> None:
    result = CliRunner().invoke(shell, ["--home", str(tmp_path / "none"), "status", "--json"])

    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr == (
        f"psdmon: home: {tmp_path / 'none'} is not a home; possible: psdmon --home"
        f" {tmp_path / 'none'} init, or name another with --home or PSDMON_HOME\n"
    )


@pytest.mark.parametrize(
    ("trouble", "code"),
    [(Misused, 2), (DataRefused, 3), (IntegrityBroken, 4), (NotPermitted, 5), (Busy, 75)],
)
def test_each_expected_trouble_ends_in_its_exit_code(
    trouble: type[Exception], code: int, ending_in: Ending
) -> None:
    result = ending_in(trouble("alert A-17: cannot close while open; possible: take"))

    assert result.exit_code == code
    assert result.stderr == "psdmon: alert A-17: cannot close while open; possible: take\n"


@pytest.mark.parametrize(
    ("number", "code"),
    [(28, 75), (13, 5), (30, 5), (5, 70)],
    ids=["no room", "no permission", "read only", "the disk did not answer"],
)
def test_trouble_of_the_system_names_the_file(number: int, code: int, ending_in: Ending) -> None:
    result = ending_in(OSError(number, os.strerror(number), "/srv/home/psdmon.db"))

    assert result.exit_code == code
    assert f"/srv/home/psdmon.db: {os.strerror(number)}" in result.stderr
    assert "Traceback" not in result.stderr


def test_what_nobody_foresaw_is_written_where_only_the_owner_reads_it(
    root: Path, ending_in: Ending
) -> None:
    result = ending_in(KeyError("P0001"), home=root)

    written = next(root.glob("trouble-*.log"))
    assert result.exit_code == 70
    assert result.stdout == ""
    assert "P0001" not in result.stderr
    assert "Traceback" not in result.stderr
    assert str(written) in result.stderr
    assert "KeyError: 'P0001'" in written.read_text(encoding="utf-8")
    assert stat.S_IMODE(written.stat().st_mode) == 0o600


def test_the_keyboard_stops_it_with_the_code_of_shells(ending_in: Ending) -> None:
    assert ending_in(KeyboardInterrupt()).exit_code == 130
    assert ending_in(click.Abort()).exit_code == 130


def test_a_reader_that_leaves_early_causes_no_complaint(environment: dict[str, str]) -> None:
    psdmon = f"{sys.executable} -m monitor.cli prompts list --json"
    ended = subprocess.run(
        ["/bin/bash", "-c", f"{psdmon} | head -c 1; exit ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )

    assert ended.stdout == "{"
    assert ended.stderr == ""
    assert ended.returncode in {0, 141}


def test_json_stands_alone_on_standard_output(environment: dict[str, str]) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "monitor.cli", "--verbose", "prompts", "list", "--json"],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )

    assert json.loads(ended.stdout)["format"] == 1

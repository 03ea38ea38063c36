"""The same functions, live and in a replay: the same alerts, and nothing of the store touched."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from monitor.cli.main import shell

MONDAYS = ("2026-10-05", "2026-10-12", "2026-10-19", "2026-10-26", "2026-11-02", "2026-11-09")
SPAN = ("--from", "2020-01-01", "--to", "2100-01-01")


@pytest.fixture(scope="module")
def home(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the demonstration home, which live scans have judged."""
    return Path(shutil.copytree(demo_home, tmp_path_factory.mktemp("live") / "home"))


@pytest.fixture(scope="module")
def live(home: Path) -> list[dict[str, object]]:
    """The alerts that the live scans raised."""
    return written_by(home, "alerts", "export")


@pytest.fixture(scope="module")
def replayed(home: Path, live: list[dict[str, object]]) -> list[dict[str, object]]:
    """The alerts of one replay over the whole history, made once the live ones were read."""
    assert live
    return written_by(home, "replay", *SPAN)


def test_a_replay_gives_the_alerts_that_live_scans_gave_in_every_fact(
    live: list[dict[str, object]], replayed: list[dict[str, object]]
) -> None:
    assert replayed == live


def test_an_alert_of_a_replay_was_raised_when_the_live_service_would_have_raised_it(
    replayed: list[dict[str, object]],
) -> None:
    moments = {str(alert["raised_at"])[10:] for alert in replayed}

    assert moments == {"T02:10:00Z"}  # midnight, and the 130 minutes a day takes to settle


def test_a_replay_leaves_the_live_store_as_it_was(
    home: Path, live: list[dict[str, object]], replayed: list[dict[str, object]]
) -> None:
    assert replayed

    assert written_by(home, "alerts", "export") == live
    assert json.loads(psdmon(home, "audit", "verify", "--json"))["format"] == 1


def test_weekly_scans_and_one_replay_give_the_same_alerts(
    home: Path, replayed: list[dict[str, object]], tmp_path: Path
) -> None:
    weekly = Path(shutil.copytree(home, tmp_path / "home"))
    for path in weekly.glob("psdmon.db*"):
        path.unlink()
    psdmon(weekly, "init")

    for monday in MONDAYS:
        psdmon(weekly, "scan", "--until", monday)

    assert written_by(weekly, "alerts", "export") == replayed


def written_by(home: Path, *command: str) -> list[dict[str, object]]:
    """The alerts that a command writes to a file, with identities, a purpose given."""
    out = home / "written.jsonl"
    psdmon(home, *command, "--out", str(out), "--purpose", "test")
    lines = out.read_text(encoding="utf-8").splitlines()
    out.unlink()
    return [json.loads(line) for line in lines]


def psdmon(home: Path, *words: str) -> str:
    """What one run of psdmon prints, at this hour."""
    result = CliRunner().invoke(shell, ["--home", str(home), *words])
    assert result.exit_code == 0, result.stderr
    return result.stdout

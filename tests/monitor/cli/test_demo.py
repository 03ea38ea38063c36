"""The demonstration: one command, one case, its look-alikes, and never a home with real data."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from monitor.cli.main import shell
from tests.monitor.cli.conftest import Typed


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """The demonstration's home, and what was on the screen."""
    root = tmp_path_factory.mktemp("demo") / "home"
    return root, CliRunner().invoke(shell, ["--home", str(root), "demo"])


def test_the_case_is_at_the_top_of_the_queue(shown: tuple[Path, Result]) -> None:
    _, result = shown

    assert result.exit_code == 0, result.stderr
    assert "It is the case that was woven into the logs." in result.stdout
    assert "fixation" in result.stdout


def test_the_look_alikes_are_no_alerts_and_each_says_what_explained_it(
    shown: tuple[Path, Result],
) -> None:
    root, _ = shown

    result = CliRunner().invoke(shell, ["--home", str(root), "demo", "--json"])

    told = json.loads(result.stdout)
    alike = told["look_alikes"]
    assert told["place_of_the_case"] == 1
    assert len(alike) == 6
    assert [one["name"] for one in alike if one["became_an_alert"]] == []
    assert [one["name"] for one in alike if set(one["explained"]) <= {"nothing"}] == []


def test_the_demonstration_shows_nobody_by_id(shown: tuple[Path, Result]) -> None:
    root, result = shown
    truth = (root / "made-up" / "truth" / "truth.jsonl").read_text(encoding="utf-8")
    case = next(row for row in map(json.loads, truth.splitlines()) if row["kind"] == "misuse")

    assert case["user_id"] not in result.stdout
    assert case["focus_subject_id"] not in result.stdout


def test_the_demonstration_fits_80_columns(shown: tuple[Path, Result]) -> None:
    wide = [line for line in shown[1].stdout.splitlines() if len(line) > 80]

    assert not wide


def test_the_demonstration_times_each_step(shown: tuple[Path, Result]) -> None:
    steps = [line for line in shown[1].stderr.splitlines() if " s  " in line]

    assert len(steps) == 6


def test_the_demonstration_never_touches_another_home(typed: Typed, root: Path) -> None:
    before = sorted(root.rglob("*"))

    result = typed("demo", "--fresh")

    assert result.exit_code == 2
    assert "is not a demonstration, and stays as it is" in result.stderr
    assert sorted(root.rglob("*")) == before


def test_the_demonstration_leaves_no_day_unjudged(shown: tuple[Path, Result]) -> None:
    root, _ = shown

    result = CliRunner().invoke(shell, ["--home", str(root), "status", "--json"])

    assert result.exit_code == 0
    assert json.loads(result.stdout)["gaps"] == []

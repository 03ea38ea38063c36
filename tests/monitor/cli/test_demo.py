"""The demonstration: one command, one case, its look-alikes, and never a home with real data."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from monitor.cli.main import shell
from tests.conftest import Demonstration
from tests.monitor.cli.conftest import Typed


@pytest.fixture(scope="module")
def copied(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demonstration home of this file's own."""
    return Path(shutil.copytree(demo_home, tmp_path_factory.mktemp("demo") / "home"))


def test_the_case_is_at_the_top_of_the_queue(demo_shown: Demonstration) -> None:
    assert "It is the case that was woven into the logs." in demo_shown.stdout
    assert "fixation" in demo_shown.stdout


def test_the_look_alikes_are_no_alerts_and_each_says_what_explained_it(
    copied: Path,
) -> None:
    result = CliRunner().invoke(shell, ["--home", str(copied), "demo", "--json"])

    told = json.loads(result.stdout)
    alike = told["look_alikes"]
    assert told["place_of_the_case"] == 1
    assert len(alike) == 6
    assert [one["name"] for one in alike if one["became_an_alert"]] == []
    assert [one["name"] for one in alike if set(one["explained"]) <= {"nothing"}] == []


def test_the_demonstration_shows_nobody_by_id(demo_shown: Demonstration) -> None:
    truth = (demo_shown.home / "made-up" / "truth" / "truth.jsonl").read_text(encoding="utf-8")
    case = next(row for row in map(json.loads, truth.splitlines()) if row["kind"] == "misuse")

    assert case["user_id"] not in demo_shown.stdout
    assert case["focus_subject_id"] not in demo_shown.stdout


def test_the_demonstration_fits_80_columns(demo_shown: Demonstration) -> None:
    wide = [line for line in demo_shown.stdout.splitlines() if len(line) > 80]

    assert not wide


def test_the_demonstration_times_each_step(demo_shown: Demonstration) -> None:
    steps = [line for line in demo_shown.stderr.splitlines() if " s  " in line]

    assert len(steps) == 6


def test_the_demonstration_never_touches_another_home(typed: Typed, root: Path) -> None:
    before = sorted(root.rglob("*"))

    result = typed("demo", "--fresh")

    assert result.exit_code == 2
    assert "is not a demonstration, and stays as it is" in result.stderr
    assert sorted(root.rglob("*")) == before


def test_the_demonstration_leaves_no_day_unjudged(copied: Path) -> None:
    result = CliRunner().invoke(shell, ["--home", str(copied), "status", "--json"])

    assert result.exit_code == 0
    assert json.loads(result.stdout)["gaps"] == []

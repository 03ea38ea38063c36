"""A home made, completed and checked: init, check, completion, detectors, prompts."""

import json
import shutil
import stat
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from alerts.store import Store
from monitor.access.roles import Role
from monitor.cli.main import shell
from monitor.clock import FixedClock
from monitor.settings import shipped_config
from monitor.wiring import open_site
from tests.factories import a_moment
from tests.monitor.cli.conftest import NOW, Typed

LISTS = (
    ("detectors", "list"),
    ("detectors", "show", "burst"),
    ("detectors", "describe", "burst"),
    ("prompts", "list"),
    ("prompts", "show", "P01"),
    ("prompts", "verify"),
    ("check",),
    ("status",),
    ("quarantine", "list"),
    ("ingest", "staff", "--columns"),
)


def test_init_makes_a_home_that_its_owner_alone_can_read(root: Path) -> None:
    modes = {
        name: stat.S_IMODE((root / name).stat().st_mode) for name in (".", "keys", "keys/mask.key")
    }

    assert modes == {".": 0o700, "keys": 0o700, "keys/mask.key": 0o600}


def test_init_as_a_process_leaves_nothing_open_to_others_even_in_a_folder_that_was(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(0o755)
    psdmon = [sys.executable, "-m", "monitor.cli", "--home", str(home), "init"]

    subprocess.run(psdmon, check=True, capture_output=True, umask=0o022)

    open_ones = [p.name for p in (home, *home.rglob("*")) if p.stat().st_mode & 0o077]
    assert open_ones == []


def test_the_check_names_a_home_that_is_open_to_others(typed: Typed, root: Path) -> None:
    root.chmod(0o750)

    result = typed("check", "--json")

    checks = json.loads(result.stdout)["checks"]
    assert result.exit_code == 2
    assert [c["says"] for c in checks if c["state"] == "problem"] == [
        f"{root} is open to others; possible: chmod 700 {root}"
    ]


def test_init_copies_every_file_that_is_shipped(root: Path) -> None:
    shipped = {p.relative_to(shipped_config()) for p in shipped_config().rglob("*") if p.is_file()}
    copied = {p.relative_to(root / "config") for p in (root / "config").rglob("*") if p.is_file()}

    assert copied == shipped


def test_init_begins_the_chain_and_gives_every_role_to_whoever_ran_it(root: Path) -> None:
    site = open_site(root, clock=FixedClock(NOW))

    kinds = [entry.kind for entry in site.store.chain()]

    assert kinds == ["chain.began", *["role.granted"] * len(Role), "home.made"]
    assert site.store.role_holders() == {site.actor: frozenset(map(str, Role))}
    assert site.store.verify().intact


def test_init_again_makes_nothing_and_says_so(typed: Typed) -> None:
    result = typed("init")

    assert result.exit_code == 0
    assert " ".join(result.stdout.split()).endswith("is a home already, and nothing is missing.")


def test_init_completes_what_is_missing_and_leaves_the_rest_alone(typed: Typed, root: Path) -> None:
    mine = root / "config" / "settings.toml"
    mine.write_text('[force]\nname = "Mine"\n', encoding="utf-8")
    shutil.rmtree(root / "config" / "prompts")

    result = typed("init", "--json")

    assert result.exit_code == 0
    shipped = sorted((shipped_config() / "prompts").iterdir())
    assert json.loads(result.stdout)["made"] == [f"config/prompts/{p.name}" for p in shipped]
    assert tomllib.loads(mine.read_text(encoding="utf-8")) == {"force": {"name": "Mine"}}


def test_init_by_force_keeps_what_it_replaced(typed: Typed, root: Path) -> None:
    mine = root / "config" / "settings.toml"
    mine.write_text('[force]\nname = "Mine"\n', encoding="utf-8")

    typed("init", "--force")

    assert mine.read_bytes() == (shipped_config() / "settings.toml").read_bytes()
    assert "Mine" in mine.with_name("settings.toml.before").read_text(encoding="utf-8")


def test_init_in_a_dry_run_makes_nothing(tmp_path: Path) -> None:
    root = tmp_path / "new"

    result = CliRunner().invoke(shell, ["--home", str(root), "init", "--dry-run"])

    assert result.exit_code == 0
    assert "would be made" in result.stdout
    assert not root.exists()


@pytest.mark.postgresql
def test_init_keeps_the_store_in_postgresql_where_the_settings_say_so(
    tmp_path: Path, postgresql_url: str
) -> None:
    root = tmp_path / "home"
    (root / "config").mkdir(parents=True)
    (root / "config" / "settings.toml").write_text(
        f'[store]\nurl = "{postgresql_url}"\n', encoding="utf-8"
    )

    result = CliRunner().invoke(shell, ["--home", str(root), "init"], obj=FixedClock(NOW))

    assert result.exit_code == 0, result.stderr
    store = Store.at(postgresql_url)
    assert store.ready()
    store.close()
    assert not (root / "psdmon.db").exists()


def test_a_home_as_made_passes_the_check(typed: Typed) -> None:
    result = typed("check", "--json")

    told = json.loads(result.stdout)
    assert result.exit_code == 0, told
    assert told["good"]


def test_the_check_names_every_problem_at_once_each_with_its_place(
    typed: Typed, root: Path
) -> None:
    (root / "config" / "settings.toml").write_text("[engine]\nthreads = 0\nspeed = 1\n", "utf-8")
    (root / "config" / "detectors.toml").unlink()
    (root / "config" / "prompts" / "limits.toml").write_text("sentence = ", "utf-8")
    (root / "keys" / "mask.key").chmod(0o644)

    result = typed("check", "--json")

    checks = json.loads(result.stdout)["checks"]
    problems = " ".join(c["says"] for c in checks if c["state"] == "problem")
    assert result.exit_code == 2
    assert all(
        word in problems
        for word in (
            "engine.threads",
            "engine.speed",
            "detectors.toml is not there",
            "limits.toml",
            "is open to others",
        )
    ), problems


def test_the_check_notices_a_clock_that_was_set_back(typed: Typed) -> None:
    result = typed("check", "--json", at="2026-11-20T00:00:00Z")

    problems = [c for c in json.loads(result.stdout)["checks"] if c["state"] == "problem"]
    assert result.exit_code == 2
    assert problems == [
        {
            "what": "clock",
            "state": "problem",
            "says": (
                "it says 2026-11-20T00:00Z, but the chain already holds 2026-11-24T09:00Z;"
                " possible: set the clock"
            ),
        }
    ]


def test_the_check_of_what_is_no_home_says_what_makes_one(tmp_path: Path) -> None:
    result = CliRunner().invoke(shell, ["--home", str(tmp_path), "check", "--json"])

    assert result.exit_code == 2
    assert "is not a home; possible: psdmon --home" in result.stdout


@pytest.mark.parametrize("words", LISTS, ids=" ".join)
def test_what_is_listed_fits_80_columns_and_carries_no_trailing_blanks(
    words: tuple[str, ...], typed: Typed
) -> None:
    lines = typed(*words).stdout.splitlines()

    assert lines
    assert [line for line in lines if len(line) > 80 or line != line.rstrip()] == []


@pytest.mark.parametrize("words", LISTS, ids=" ".join)
def test_json_alone_stands_on_standard_output(words: tuple[str, ...], typed: Typed) -> None:
    assert json.loads(typed(*words, "--json").stdout)["format"] == 1


def test_no_colour_is_written_where_there_is_no_terminal(typed: Typed) -> None:
    assert "\x1b" not in typed("check").stdout


def test_a_detector_that_is_not_known_is_answered_with_those_that_are(typed: Typed) -> None:
    result = typed("detectors", "show", "bursts")

    assert result.exit_code == 2
    assert "detector bursts: is not known; possible: across_systems, after_change" in result.stderr


def test_a_prompt_is_shown_with_its_source_and_that_nobody_verified_it(typed: Typed) -> None:
    shown = typed("prompts", "show", "P01").stdout

    assert "stalking" in shown
    assert "legislation.gov.uk" in shown
    assert "verified" in shown


def test_prompts_verify_signals_what_is_unverified_where_asked(typed: Typed) -> None:
    assert typed("prompts", "verify").exit_code == 0
    assert typed("prompts", "verify", "--exit-code").exit_code == 1


def test_prompts_are_listed_by_family_and_stage(typed: Typed) -> None:
    result = typed("prompts", "list", "--family", "curiosity", "--stage", "first", "--json")

    found = [prompt["id"] for prompt in json.loads(result.stdout)["prompts"]]
    assert found
    assert "P01" not in found


def test_the_shipped_data_is_shown_where_there_is_no_home_yet(tmp_path: Path) -> None:
    result = CliRunner().invoke(shell, ["--home", str(tmp_path / "x"), "prompts", "list", "--json"])

    assert result.exit_code == 0
    assert "is not a home yet" in result.stderr
    assert json.loads(result.stdout)["prompts"]


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_a_completion_script_is_one_that_its_shell_can_read(name: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(shell, ["completion", name])
    script = tmp_path / "script"
    script.write_text(result.stdout, encoding="utf-8")

    assert result.exit_code == 0
    assert "_PSDMON_COMPLETE" in result.stdout
    if program := shutil.which(name):
        subprocess.run([program, "-n", str(script)], check=True)


def test_a_half_typed_word_is_completed() -> None:
    words = {"COMP_WORDS": "psdmon detectors describe repe", "COMP_CWORD": "3"}

    result = CliRunner(env={"_PSDMON_COMPLETE": "bash_complete", **words}).invoke(
        shell, [], prog_name="psdmon"
    )

    assert result.stdout == "plain,repeat_subject\n"


def test_time_stands_where_the_test_puts_it(typed: Typed) -> None:
    told = json.loads(typed("status", "--json", at="2026-12-01T00:00:00Z").stdout)

    assert a_moment(told["at"]) == a_moment("2026-12-01T00:00:00Z")


def test_check_finds_nothing_wrong_with_a_public_key_that_others_may_read(
    typed: Typed, root: Path, tmp_path: Path
) -> None:
    assert typed("audit", "checkpoint", "--out", str(tmp_path / "lodged.json")).exit_code == 0
    (root / "keys" / "checkpoint.pub").chmod(0o644)

    checks = json.loads(typed("check", "--json").stdout)["checks"]
    assert [one["state"] for one in checks if one["what"] == "keys"] == ["good"]

"""README says what is true today: its order, its files, its promises and its commands."""

import re
import shutil
from pathlib import Path

import pytest

from tests.contracts.readme import commands, holds_test, lay_files, make_targets, ran
from tests.contracts.texts import section
from tests.contracts.tree import ROOT, listed, text_of

ORDER = [
    "1. What it is, and what it is not",
    "2. Show me",
    "3. Daily use",
    "4. How it decides",
    "5. Who may change what",
    "6. What it promises",
    "7. How it is built",
    "8. What was measured",
    "9. The words",
]
STEPS = ["read", "parse", "store", "frame", "detect", "fuse", "raise", "triage", "account"]
PROMISE = re.compile(r"^\| (S\d+) \| (.+?) \| `(tests/[\w/]+\.py)::(test_\w+)` \|$", re.MULTILINE)


def test_readme_answers_in_the_order_of_the_house() -> None:
    headings = re.findall(r"^## (.+)$", text_of(ROOT / "README.md"), re.MULTILINE)

    assert headings == ORDER


def test_show_me_needs_two_commands_that_set_themselves_up() -> None:
    shown = section("README.md", "2. Show me").strip()

    assert "its own set-up" in shown.splitlines()[0]
    assert re.findall(r"^\$ (.+)$", shown, re.MULTILINE)[:2] == ["make demo", "make test"]


def test_the_way_of_one_access_is_told_in_the_order_it_goes() -> None:
    told = re.findall(
        r"^\d+\. \*\*(\w+)\*\*", section("README.md", "4. How it decides"), re.MULTILINE
    )

    assert told == STEPS


def test_every_file_that_readme_names_exists() -> None:
    named = re.findall(r"`([\w./-]+/[\w./-]*)`", text_of(ROOT / "README.md"))

    missing = [name for name in named if not any(ROOT.glob(name.rstrip("/")))]
    assert not missing, listed(missing)


def test_every_promise_is_held_by_a_test_that_exists() -> None:
    promises = PROMISE.findall(section("README.md", "6. What it promises"))

    assert [number for number, *_ in promises] == [f"S{n}" for n in range(1, len(promises) + 1)]
    assert len(promises) >= 8
    broken = [
        f"{number}: {file}::{name}"
        for number, _, file, name in promises
        if not holds_test(file, name)
    ]
    assert not broken, listed(broken)


def test_every_row_of_the_promises_names_its_test() -> None:
    rows = [
        line for line in section("README.md", "6. What it promises").splitlines() if "| S" in line
    ]

    assert [row for row in rows if not PROMISE.match(row)] == []


def test_every_attacker_is_answered_by_promises_that_exist() -> None:
    page = section("README.md", "6. What it promises")
    promised = {number for number, *_ in PROMISE.findall(page)}
    model = page.split("| who | prevented |")[1].splitlines()[2:]
    rows = [line for line in model if line.startswith("| ")]

    named = {number for row in rows for number in re.findall(r"\bS\d+\b", row)}
    silent = [row for row in rows if row.count("|") != 5 or not re.search(r"\bS\d+\b", row)]
    assert len(rows) >= 8
    assert (named - promised, silent) == (set(), [])


def test_every_make_target_that_readme_names_exists() -> None:
    named = set(re.findall(r"\bmake ([a-z]+)\b", "\n".join(commands("make ")) or ""))

    assert named - make_targets() == set()


def test_every_command_of_the_shell_is_shown_in_readme() -> None:
    from monitor.cli.main import SECTIONS

    page = text_of(ROOT / "README.md")

    names = [name for section_ in SECTIONS.values() for name in section_]
    assert [name for name in names if not shown_in(page, name)] == []


@pytest.mark.timeout(300)
def test_every_command_that_readme_shows_runs(demo_home: Path, tmp_path: Path) -> None:
    troubles = []
    shutil.copytree(demo_home, tmp_path / "demo-home")
    lay_files(tmp_path)
    for command in commands("psdmon "):
        outcome = ran(command, folder=tmp_path)
        if outcome.exit_code not in {0, 1}:
            troubles.append(f"{command}: exit {outcome.exit_code}: {outcome.stderr.strip()[-300:]}")

    assert not troubles, listed(troubles)


def test_the_formats_that_readme_links_to_are_in_the_repository() -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text_of(ROOT / "README.md"))

    assert [link for link in links if not (ROOT / link).exists()] == []


def shown_in(page: str, command: str) -> bool:
    """Whether a page shows a command of psdmon, with or without the home before it."""
    return bool(re.search(rf"psdmon (?:--home \S+ )?{command}\b", page))

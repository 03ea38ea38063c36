"""Decisions are numbered, dated and reasoned, and whatever names one names one that exists."""

import re
import tomllib

from tests.contracts.tree import ROOT, listed, place, project_files, text_of

FOLDER = ROOT / "config" / "decisions"
PARTS = ["Why", "Decision", "What follows"]


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(path.name[:4]) for path in sorted(FOLDER.glob("*.md"))]

    assert numbers == list(range(1, len(numbers) + 1))


def test_a_decision_says_when_why_what_and_what_follows() -> None:
    for path in FOLDER.glob("*.md"):
        text = text_of(path)

        assert text.startswith(f"# {path.name[:4]} "), place(path)
        assert re.search(r"^Date: \d{4}-\d{2}-\d{2}\.$", text, re.MULTILINE), place(path)
        assert re.search(r"^Status: .+\.$", text, re.MULTILINE), place(path)
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == PARTS, place(path)


def test_a_decision_that_is_named_exists() -> None:
    there = {path.name[:4] for path in FOLDER.glob("*.md")}
    missing = [
        f"{place(path)}: {number}"
        for path in project_files()
        if path.suffix in {".py", ".toml", ".md"}
        for number in re.findall(r"(?i)decisions?:? (\d{4})\b", text_of(path))
        if number not in there
    ]

    assert not missing, listed(missing)


def test_every_detector_that_runs_is_allowed_by_a_decision_that_names_it() -> None:
    running = tomllib.loads(text_of(ROOT / "config" / "detectors.toml"))["detector"]

    for entry in running:
        [decision] = FOLDER.glob(f"{entry['decision']}-*.md")
        assert f"`{entry['name']}`" in text_of(decision), entry["name"]


def test_the_changelog_says_what_changed_under_four_headings() -> None:
    headings = re.findall(r"^### (.+)$", text_of(ROOT / "CHANGELOG.md"), re.MULTILINE)

    assert set(headings) <= {"Added", "Changed", "Fixed", "Removed"}
    assert "## Unreleased" in text_of(ROOT / "CHANGELOG.md")

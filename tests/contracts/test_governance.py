"""The governance kit says what the product does: every table, every role, and what it leaves."""

import re

from alerts.wording import forbidden_words
from monitor.access.roles import Role
from monitor.cli.main import SECTIONS
from monitor.feeds import REFERENCE_TABLES
from tests.contracts.tree import ROOT, listed, text_of

FOLDER = ROOT / "config" / "governance"
KIT = ("consultation.md", "dpia.md", "notice-to-staff.md", "what-it-does-not-do.md")


def test_the_kit_is_whole() -> None:
    assert tuple(sorted(path.name for path in FOLDER.iterdir())) == KIT


def test_the_assessment_names_every_table_that_can_be_loaded_and_no_other() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", text_of(FOLDER / "dpia.md"), re.MULTILINE)

    assert rows == ["events", *REFERENCE_TABLES]


def test_the_assessment_names_every_role() -> None:
    text = text_of(FOLDER / "dpia.md")

    assert [role for role in Role if f"| {role} |" not in text] == []


def test_every_command_that_the_kit_names_exists() -> None:
    known = {name for section in SECTIONS.values() for name in section}
    named = {
        command
        for name in KIT
        for command in re.findall(r"`psdmon (?!-)(\w+)", text_of(FOLDER / name))
    }

    assert named
    assert named - known == set()


def test_the_kit_says_that_nothing_is_deleted_by_itself() -> None:
    assert "deletes nothing by itself" in text_of(FOLDER / "dpia.md")
    assert "deletes nothing by itself" in text_of(FOLDER / "what-it-does-not-do.md")


def test_the_kit_claims_no_more_than_a_log_can_show() -> None:
    found = [f"{name}: {word}" for name in KIT for word in forbidden_words(text_of(FOLDER / name))]

    assert not found, listed(found)

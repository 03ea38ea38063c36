"""The project speaks of itself alone: no machine, no place of work, no index, no real person."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contracts.tree import ROOT, listed, place, project_files, text_of

# Folders of the system that an operator knows too; a path in any other is of some machine.
KNOWN_ROOTS = {"bin", "dev", "etc", "opt", "path", "proc", "run", "srv", "sys", "tmp", "usr", "var"}
# What a web server answers; not files.
WEB_PATHS = {"healthz", "metrics", "readyz"}
ABSOLUTE = re.compile(r"(?<![\w.:/<>}\])*\\-])/([A-Za-z][\w-]*)/[\w.$-]+")

# Where the law, the science and the formats are published, and addresses that lead nowhere.
KNOWN_HOSTS = (
    ".gov.uk", ".police.uk", ".org.uk", ".nhs.uk", ".ac.uk", ".judiciary.uk", ".scot",
    "apache.org", "arxiv.org", "delta.io", "doi.org", "duckdb.org", "flocksafety.com", "hl7.org",
    "ietf.org", "ocsf.io", "postgresql.org", "python.org", "rfc-editor.org", "w3.org", "iso.org",
    "schemas.microsoft.com", "choosealicense.com", "keepachangelog.com", "semver.org",
    "example.org", "example.com", "example.net", ".example", ".invalid", ".test",
    "127.0.0.1", "localhost", "localhost.localdomain",
)  # fmt: skip
HOST = re.compile(
    r"\bhttps?://(?:[^\s/@\"'<>]*@)?((?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}|\d+(?:\.\d+){3})"
)

INDEXES = re.compile(
    r"(?i)--(?:extra-)?index-url|--find-links|PIP_(?:EXTRA_)?INDEX|trusted-host|python[h]osted\.org"
    r"|\bpypi\.|registry\.npm[j]s|artifact[o]ry|de[v]pi\b|conda\.anaconda"
)

PERSONAL = {
    "an e-mail address": re.compile(
        r"\b[\w.+-]+@(?!127\.|localhost|[\w.-]*(?:example|invalid|test)\b)[\w-]+\.\w+"
    ),
    # Ofcom reserves 07700 900000 to 900999 and 020 7946 0000 to 0999 for made-up people.
    "a telephone number": re.compile(
        r"(?<![\w.])(?:\+44 ?|0)7(?!700 ?900)\d{3} ?\d{3} ?\d{3}(?![\w.])"
    ),
    "a national insurance number": re.compile(
        r"\b(?!QQ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b"
    ),
}
NOT_READ = {"LICENSE", "constraints.txt"}


def lines_of_the_project() -> Iterator[tuple[Path, int, str]]:
    """Each line of each text file, with its place; this file is the one that names patterns."""
    for path in project_files():
        if path.name in NOT_READ or path == Path(__file__).resolve() or b"\0" in path.read_bytes():
            continue
        for number, line in enumerate(text_of(path).splitlines(), start=1):
            yield path, number, line


@pytest.mark.parametrize("written", ["open('{}')", "--home={}", "see {} for", 'f"{}"', "[a]({})"])
def test_a_path_of_some_machine_is_found_however_it_is_written(written: str) -> None:
    path = "/" + "machine/shared/data"

    found = ABSOLUTE.search(written.format(path))

    assert found is not None
    assert found[1] == "machine"


@pytest.mark.parametrize(
    ("what", "written"),
    [
        ("an e-mail address", "someone" + "@" + "force.uk"),
        ("a telephone number", "07" + "911 123456"),
        ("a telephone number", "+44 7" + "911123456"),
        ("a national insurance number", "AB 12 34 " + "56 C"),
    ],
)
def test_what_could_be_a_real_person_is_found(what: str, written: str) -> None:
    assert PERSONAL[what].search(f"call {written}, please")


@pytest.mark.parametrize(
    ("what", "written"),
    [
        ("an e-mail address", "psd@example.org"),
        ("an e-mail address", "psd@force.example"),
        ("a telephone number", "07700 900123"),
    ],
)
def test_what_is_reserved_for_made_up_people_may_be_used(what: str, written: str) -> None:
    assert not PERSONAL[what].search(f"call {written}, please")


def test_no_file_holds_the_marks_of_a_merge_left_half_done() -> None:
    marked = re.compile(r"^(<{7} |>{7} |={7}$)", re.MULTILINE)
    found = [place(path) for path in project_files() if marked.search(text_of(path))]

    assert not found, listed(found)


def test_no_file_names_a_path_of_some_machine() -> None:
    found = [
        f"{place(path, number)} {match[0]}"
        for path, number, line in lines_of_the_project()
        for match in ABSOLUTE.finditer(line)
        if match[1] not in KNOWN_ROOTS | WEB_PATHS
    ]

    assert not found, listed(found)


def test_no_file_names_a_host_that_is_not_a_known_source() -> None:
    found = [
        f"{place(path, number)} {match[1]}"
        for path, number, line in lines_of_the_project()
        for match in HOST.finditer(line)
        if not match[1].rstrip(".").endswith(KNOWN_HOSTS)
    ]

    assert not found, listed(found)


def test_no_file_names_a_package_index() -> None:
    found = [
        f"{place(path, number)} {match[0]}"
        for path, number, line in lines_of_the_project()
        for match in INDEXES.finditer(line)
    ]

    assert not found, listed(found)


def test_no_file_holds_what_could_be_a_real_person() -> None:
    found = [
        f"{place(path, number)} {what}"
        for path, number, line in lines_of_the_project()
        for what, pattern in PERSONAL.items()
        if pattern.search(line)
    ]

    assert not found, listed(found)


def test_no_text_says_how_or_by_whom_it_was_made() -> None:
    maker = re.compile(
        r"(?i)co-authored-by|generated (?:by|with) (?!`?make|`?psdmon|tests)\w|as an ai\b"
    )
    found = [
        f"{place(path, number)} {match[0]}"
        for path, number, line in lines_of_the_project()
        for match in maker.finditer(line)
    ]

    assert not found, listed(found)


def test_the_licence_the_package_names_is_the_one_in_the_file() -> None:
    assert 'license = "Apache-2.0"' in text_of(ROOT / "pyproject.toml")
    assert "Apache License" in text_of(ROOT / "LICENSE")[:200]

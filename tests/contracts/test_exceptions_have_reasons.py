"""Every exception to a rule carries its code and its reason, where it stands."""

import io
import re
import tokenize
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tests.contracts.tree import PACKAGES, ROOT, listed, place, python_files, text_of

CODE_AND_REASON = {
    "noqa": re.compile(r"noqa: [A-Z]+[0-9]+(?:, ?[A-Z]+[0-9]+)*\s+(?:# )?\w\S* \S+"),
    "type: ignore": re.compile(r"type: ignore\[[a-z, -]+\]\s+(?:# )?\w\S* \S+"),
    "pragma: no": re.compile(r"pragma: no (?:cover|branch)\s+(?:# )?\w\S* \S+"),
}
LEFT_OPEN = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


def comments(path: Path) -> Iterator[tuple[int, str]]:
    """Each comment of a file with its line number."""
    for token in tokenize.generate_tokens(io.StringIO(text_of(path)).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def test_what_is_switched_off_in_a_line_says_what_and_why() -> None:
    bare = [
        f"{place(path, line)} {comment}"
        for path in python_files(*PACKAGES, "tests")
        for line, comment in comments(path)
        for mark, pattern in CODE_AND_REASON.items()
        if re.match(rf"#\s*{mark}", comment) and not pattern.search(comment)
    ]

    assert not bare, listed(bare)


def test_no_file_switches_a_rule_off_for_its_whole_length() -> None:
    whole = [
        f"{place(path, line)} {comment}"
        for path in python_files(*PACKAGES, "tests")
        for line, comment in comments(path)
        if re.match(r"#\s*(ruff: noqa|mypy: )", comment)
    ]

    assert not whole, listed(whole)


def test_nothing_is_left_open_without_a_decision() -> None:
    left = [
        f"{place(path, line)} {comment}"
        for path in python_files(*PACKAGES, "tests")
        for line, comment in comments(path)
        if LEFT_OPEN.search(comment) and "decision" not in comment and "noqa" not in comment
    ]

    assert not left, listed(left)


def test_each_rule_the_linter_leaves_out_has_a_reason_beside_it() -> None:
    lint = tomllib.loads(text_of(ROOT / "pyproject.toml"))["tool"]["ruff"]["lint"]
    in_some_files = [code for codes in lint["per-file-ignores"].values() for code in codes]
    lines = text_of(ROOT / "pyproject.toml").splitlines()

    reasoned = {
        match[1] for line in lines if (match := re.match(r'\s*"([A-Z]+\d+)",\s+# \w+.* \w+', line))
    }
    assert lint["select"] == ["ALL"]
    assert {*lint["ignore"], *in_some_files} - reasoned == set()


def test_each_exception_in_the_type_checker_has_a_reason_beside_it() -> None:
    text = text_of(ROOT / "pyproject.toml")

    switched_off = r"^(?:ignore_missing_imports|ignore_errors) = true(.*)$"

    reasons = re.findall(switched_off, text, re.MULTILINE)
    assert [reason for reason in reasons if not re.match(r"  # \w+ ", reason)] == []


def test_warnings_are_errors() -> None:
    tools = tomllib.loads(text_of(ROOT / "pyproject.toml"))["tool"]

    assert tools["pytest"]["ini_options"]["filterwarnings"][0] == "error"

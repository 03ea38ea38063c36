"""Texts that people read: pages, prompts, help, and the sentences of findings and alerts."""

import ast
import re
import tomllib
from collections.abc import Iterator

from tests.contracts.tree import (
    PACKAGES,
    ROOT,
    markdown_files,
    place,
    project_files,
    python_files,
    syntax,
    text_of,
)

# Files whose business is the very words that no text may hold.
ABOUT_WORDS = {"alerts/wording.py", "alerts/prompt_checks.py"}


def prose_lines() -> Iterator[tuple[str, str]]:
    """Each line of each page with its place; code, tables' rules and links' targets left out."""
    for path in markdown_files():
        fenced = False
        for number, line in enumerate(text_of(path).splitlines(), start=1):
            if line.lstrip().startswith("```"):
                fenced = not fenced
            elif not fenced:
                plain = re.sub(r"`[^`]*`", "`code`", line)
                yield place(path, number), re.sub(r"\]\([^)]*\)", "]", plain)


def spoken_strings() -> Iterator[tuple[str, str]]:
    """Each string of the code with its place: sentences, and the help of commands."""
    for path in python_files(*PACKAGES):
        if place(path) in ABOUT_WORDS:
            continue
        for node in ast.walk(syntax(path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield place(path, node.lineno), node.value


def config_texts() -> Iterator[tuple[str, str]]:
    """Each text of the force's data with its place."""
    for path in project_files():
        if path.suffix == ".toml" and place(path).startswith("config/"):
            for text in _texts(tomllib.loads(text_of(path))):
                yield place(path), text


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def section(page: str, heading: str) -> str:
    """What a page says below a heading of the second level."""
    text = text_of(ROOT / page)
    found = re.search(
        rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL
    )
    return found[1] if found else ""

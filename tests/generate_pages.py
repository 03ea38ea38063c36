"""The pages that are made from the code: `make docs` writes them, a test compares them."""

import ast
import inspect
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

from detectors.catalogue import available
from tests.contracts.tree import ROOT

Detector = type[Any]

HEADINGS = ("Statistic", "Assumes", "False alarms", "Blind to", "Source")
HEAD = """\
# Detectors

This page is made from the code by `make docs`; change the docstring, not the page.
A detector is available by being here.
It runs, with which settings and by which decision, in `config/detectors.toml`.
Its behaviour is frozen under its name and version: what it says of one month never changes.

| detector | asks |
|---|---|
"""


def pages() -> dict[Path, str]:
    """Every generated page by its path."""
    return {ROOT / "detectors" / "README.md": detector_manual(available())}


def detector_manual(detectors: tuple[Detector, ...]) -> str:
    """The manual of the detectors: a table of questions, then a section for each."""
    table = "".join(
        f"| [{found.name}](#{found.name}) | {parts(found)['Question']} |\n" for found in detectors
    )
    return HEAD + table + "".join(map(section, detectors))


def section(detector: Detector) -> str:
    """One detector: its question, its answers, its settings, its stories."""
    said = parts(detector)
    file = Path(inspect.getfile(detector)).name
    lines = [
        f"\n## {detector.name}",
        "",
        f"**{said['Question']}**",
        "",
        f"Version {detector.version}, in [{file}]({file}); counts {detector.unit}.",
        "",
        *(f"- **{heading}:** {said[heading]}" for heading in HEADINGS if heading in said),
        f"- **Needs:** {feeds(detector.needs)}",
        f"- **Sharpened by:** {feeds(detector.sharpened_by)}",
        *(f"- **Setting** `{item.name}`: {item.default}" for item in fields(detector)),
        *stories(Path(file).stem),
    ]
    return "\n".join(lines) + "\n"


def parts(detector: Detector) -> dict[str, str]:
    """What the docstring says, by heading, each on one line; the first line is the question."""
    text = inspect.getdoc(detector) or ""
    split = re.split(rf"^({'|'.join(HEADINGS)}):", text, flags=re.MULTILINE)
    said = dict(zip(split[1::2], split[2::2], strict=True))
    return {name: " ".join(words.split()) for name, words in {"Question": split[0], **said}.items()}


def feeds(names: frozenset[str]) -> str:
    """The feeds by name, or that there are none."""
    return ", ".join(f"`{name}`" for name in sorted(names)) or "no feed beyond the events"


def stories(module: str) -> list[str]:
    """The sentences of the detector's story tests: what it finds, and what it leaves alone."""
    file = ROOT / "tests" / "detectors" / f"test_{module}.py"
    if not file.is_file():
        return []
    tree = ast.parse(file.read_text(encoding="utf-8"))
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    told = [sentence(name) for name in names if name.startswith("test_")]
    return ["", f"Stories, each run in `tests/detectors/test_{module}.py`:", "", *told]


def sentence(name: str) -> str:
    """The name of a test as a line of a list."""
    words = name.removeprefix("test_").replace("_", " ")
    return f"- {words[0].upper()}{words[1:]}."


def write() -> list[Path]:
    """Write the pages that differ, and return them."""
    changed = [
        (path, text)
        for path, text in pages().items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]
    for path, text in changed:
        path.write_text(text, encoding="utf-8")
    return [path for path, _ in changed]


if __name__ == "__main__":
    for written in write():
        print(f"written: {written.relative_to(ROOT)}")  # noqa: T201 a command speaks on its output

"""Whatever others may use says what it is, and a detector answers the questions of a hearing."""

import ast
import inspect
import re
from typing import Any

import pytest

from tests.contracts.tree import PACKAGES, listed, place, public_definitions, python_files, syntax

HEADINGS = ("Statistic", "Assumes", "False alarms", "Blind to", "Source")


def detector_classes() -> list[type[Any]]:
    """Every detector that exists, whether it runs or not."""
    catalogue = pytest.importorskip("detectors.catalogue", reason="no detector exists yet")
    return list(catalogue.available())


def test_every_module_says_in_its_first_line_what_is_here() -> None:
    silent = [
        place(path)
        for path in python_files(*PACKAGES, "tests")
        if not (ast.get_docstring(syntax(path)) or "").splitlines()[:1]
    ]

    assert not silent, listed(silent)


def test_every_public_class_and_function_has_a_docstring_whose_first_line_is_a_sentence() -> None:
    wanting = [
        f"{place(path, node.lineno)} {node.name}"
        for path in python_files()
        for node in public_definitions(path)
        if not ends_a_sentence((ast.get_docstring(node) or " ").splitlines()[0])
    ]

    assert not wanting, listed(wanting)


def test_what_answers_yes_or_no_says_whether_in_its_first_line() -> None:
    wanting = [
        f"{place(path, node.lineno)} {node.name}"
        for path in python_files()
        for node in public_definitions(path)
        if answers_yes_or_no(node)
        if "whether" not in (ast.get_docstring(node) or "").split("\n")[0].casefold()
    ]

    assert not wanting, listed(wanting)


def test_every_function_of_the_mathematics_shows_a_worked_number() -> None:
    wanting = [
        f"{place(path, node.lineno)} {node.name}"
        for path in python_files("detectors/stats/")
        for node in public_definitions(path)
        if not isinstance(node, ast.ClassDef) and ">>> " not in (ast.get_docstring(node) or "")
        if node in syntax(path).body
    ]

    assert not wanting, listed(wanting)


def test_a_detector_asks_one_question_in_its_first_line() -> None:
    first_lines = {
        detector.__name__: (inspect.getdoc(detector) or " ").splitlines()[0]
        for detector in detector_classes()
    }

    assert {name: line for name, line in first_lines.items() if not line.endswith("?")} == {}


def test_a_detector_answers_all_five_headings_in_their_order() -> None:
    answered = {
        detector.__name__: tuple(answers(inspect.getdoc(detector) or ""))
        for detector in detector_classes()
    }

    assert answered == dict.fromkeys(answered, HEADINGS)


def test_no_answer_of_a_detector_is_left_empty() -> None:
    empty = [
        f"{detector.__name__}: {heading}"
        for detector in detector_classes()
        for heading, answer in answers(inspect.getdoc(detector) or "").items()
        if len(answer.split()) < 3
    ]

    assert not empty, listed(empty)


def ends_a_sentence(line: str) -> bool:
    """Whether a line ends as a sentence does; a detector's question does too."""
    return line.strip().endswith((".", "?"))


def answers_yes_or_no(node: ast.AST) -> bool:
    """Whether a function's result is annotated as a bool."""
    returned = getattr(node, "returns", None)
    return isinstance(returned, ast.Name) and returned.id == "bool"


def answers(docstring: str) -> dict[str, str]:
    """What a docstring says below each heading at the start of a line, in order."""
    parts = re.split(rf"^({'|'.join(HEADINGS)}):", docstring, flags=re.MULTILINE)
    return dict(zip(parts[1::2], (" ".join(text.split()) for text in parts[2::2]), strict=True))

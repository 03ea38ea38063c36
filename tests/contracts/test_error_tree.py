"""The error tree that is drawn is the error tree that exists."""

import inspect
import re

from alerts import errors
from tests.contracts.tree import ROOT, listed, place, python_files, text_of

Tree = dict[str, tuple[str, int]]  # class -> parent, exit code

LINE = re.compile(r"^(?P<indent>[ │├└─]*)(?P<name>[A-Z]\w+) {2,}(?P<code>\d+) {2,}\S", re.MULTILINE)


def existing_tree() -> Tree:
    """The classes as Python sees them."""
    return {
        name: (found.__base__.__name__, found.exit_code)
        for name, found in vars(errors).items()
        if inspect.isclass(found) and issubclass(found, errors.PsdmonError)
    }


def drawn_tree(drawing: str) -> Tree:
    """The classes as a drawing shows them: deeper below shallower."""
    drawn: Tree = {}
    above: list[tuple[int, str]] = []
    for line in LINE.finditer(inspect.cleandoc(drawing)):
        depth = len(line["indent"])
        above = [step for step in above if step[0] < depth]
        drawn[line["name"]] = (above[-1][1] if above else "Exception", int(line["code"]))
        above.append((depth, line["name"]))
    return drawn


def test_the_tree_drawn_in_the_module_is_the_tree_that_exists() -> None:
    assert drawn_tree(errors.__doc__ or "") == existing_tree()


def test_the_tree_drawn_for_operators_is_the_tree_that_exists() -> None:
    page = text_of(ROOT / "monitor" / "README.md")
    drawing = page.split("## Errors", maxsplit=1)[1].split("```")[1]

    assert drawn_tree(drawing.removeprefix("text\n")) == existing_tree()


def test_every_exit_code_means_one_thing() -> None:
    codes = [code for _, code in existing_tree().values()]

    assert sorted(codes) == sorted(set(codes))
    assert set(codes) == {1, 2, 3, 4, 5, 75}


def test_no_error_class_stands_outside_the_tree() -> None:
    # A private one never leaves its file, so it needs no exit code.
    raised = re.compile(r"^class ([A-Z]\w+)\((?:\w*Error|Exception)\)", re.MULTILINE)
    outside = [
        f"{place(path)} {name}"
        for path in python_files()
        for name in raised.findall(text_of(path))
        if name not in existing_tree()
    ]

    assert not outside, listed(outside)

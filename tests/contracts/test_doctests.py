"""Every worked example in a docstring comes out as printed."""

import doctest
import importlib

import pytest

from tests.contracts.tree import place, python_files, text_of

EXAMPLES = [place(path) for path in python_files() if ">>> " in text_of(path)]


@pytest.mark.parametrize("file", EXAMPLES)
def test_the_worked_examples_come_out_as_printed(file: str) -> None:
    name = file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    outcome = doctest.testmod(importlib.import_module(name))

    assert outcome.attempted > 0
    assert outcome.failed == 0

"""Sizes of files and functions against the habits of the house; reported, never enforced."""

import ast
import sys

from tests.contracts.tree import PACKAGES, definitions, place, python_files, text_of

FILE_HABIT = 180  # lines, with reason
FUNCTION_HABIT = 20  # lines of body, with reason


def long_files() -> list[tuple[int, str]]:
    """Files longer than the habit, longest first."""
    sizes = ((len(text_of(p).splitlines()), place(p)) for p in python_files(*PACKAGES, "tests"))
    return sorted((size for size in sizes if size[0] > FILE_HABIT), reverse=True)


def long_functions() -> list[tuple[int, str]]:
    """Functions whose body, docstring left out, is longer than the habit, longest first."""
    sizes = (
        (body_lines(node), f"{place(path, node.lineno)} {node.name}")
        for path in python_files(*PACKAGES)
        for node in definitions(path)
        if not isinstance(node, ast.ClassDef)
    )
    return sorted((size for size in sizes if size[0] > FUNCTION_HABIT), reverse=True)


def body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from the first statement after the docstring to the last."""
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def report() -> str:
    """What is longer than the habits of the house, as a page of text."""
    lines = []
    for what, found in (("files", long_files()), ("functions", long_functions())):
        habit = FILE_HABIT if what == "files" else FUNCTION_HABIT
        lines.append(f"{len(found)} {what} of more than {habit} lines")
        lines += [f"  {size:5d}  {where}" for size, where in found[:15]]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(report() + "\n")

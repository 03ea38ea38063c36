"""The project's own files and syntax trees, as the contracts read them."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("detectors", "alerts", "monitor")
_NOT_OURS = {".git", ".venv", "build", "dist", "__pycache__", "demo-home", "bench-out"}

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@cache
def project_files() -> tuple[Path, ...]:
    """Every file of the project: known to git or about to be, or unpacked from a release."""
    if (ROOT / ".git").exists():
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT, check=True, capture_output=True, text=True,
        ).stdout.split("\0")  # fmt: skip
        found = (ROOT / name for name in listed if name)
    else:
        found = (p for p in ROOT.rglob("*") if not _NOT_OURS & set(p.relative_to(ROOT).parts))
    return tuple(sorted(path for path in found if path.is_file()))


def python_files(*folders: str) -> tuple[Path, ...]:
    """The Python files below these folders; without one, of the packages."""
    wanted = folders or PACKAGES
    return tuple(p for p in project_files() if p.suffix == ".py" and place(p).startswith(wanted))


def markdown_files() -> tuple[Path, ...]:
    """Every page written for people."""
    return tuple(path for path in project_files() if path.suffix == ".md")


@cache
def text_of(path: Path) -> str:
    """What a file says; bytes that are not text are shown as such."""
    return path.read_text(encoding="utf-8", errors="replace")


@cache
def syntax(path: Path) -> ast.Module:
    """A Python file as its syntax tree."""
    return ast.parse(text_of(path), filename=str(path))


def place(path: Path, line: int | None = None) -> str:
    """Where something stands, from the project's root."""
    name = path.relative_to(ROOT).as_posix()
    return name if line is None else f"{name}:{line}"


def definitions(path: Path) -> Iterator[Definition]:
    """Every class and function of a file, nested ones included."""
    for node in ast.walk(syntax(path)):
        if isinstance(node, Definition):
            yield node


def public_definitions(path: Path) -> Iterator[Definition]:
    """Classes and functions that others may use: no leading underscore anywhere on the way."""

    def below(parent: ast.AST) -> Iterator[Definition]:
        for node in ast.iter_child_nodes(parent):
            if isinstance(node, Definition) and not node.name.startswith("_"):
                yield node
                if isinstance(node, ast.ClassDef):
                    yield from below(node)

    yield from below(syntax(path))


def listed(found: list[str]) -> str:
    """What was found, one place a line, for the message of a contract that does not hold."""
    return "\n  ".join([f"{len(found)} found:", *sorted(found)])

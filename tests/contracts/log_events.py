"""Every log line that the code can write, as the code says it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from tests.contracts.tree import PACKAGES, place, python_files, syntax

LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
LOGS = {"log", "_log", "logger", "_logger", "LOG"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """One call that writes a log line."""

    place: str
    level: str
    event: str | None  # none where it is not a constant
    fields: frozenset[str]
    open_ended: bool  # gives fields by ** that cannot be read from the code

    @property
    def row(self) -> tuple[str, str]:
        """What is the same wherever the event is written: its name and its level."""
        return (self.event or "?", "error" if self.level == "exception" else self.level)


def logged() -> Iterator[Logged]:
    """Each call of a logger, in the order of the files."""
    for path in python_files(*PACKAGES):
        for node in ast.walk(syntax(path)):
            if isinstance(node, ast.Call) and is_log_call(node.func):
                yield described(node, place(path, node.lineno))


def is_log_call(called: ast.expr) -> bool:
    """Whether something called is a logger's level."""
    if not isinstance(called, ast.Attribute) or called.attr not in LEVELS:
        return False
    logger = called.value
    named = getattr(logger, "attr", getattr(logger, "id", ""))
    return named in LOGS or "get_logger" in ast.unparse(logger)


def described(call: ast.Call, where: str) -> Logged:
    """What a call says."""
    first = call.args[0] if call.args else None
    constant = isinstance(first, ast.Constant) and isinstance(first.value, str)
    assert isinstance(call.func, ast.Attribute)
    return Logged(
        place=where,
        level=call.func.attr,
        event=first.value if constant and isinstance(first, ast.Constant) else None,
        fields=frozenset(k.arg for k in call.keywords if k.arg and k.arg != "exc_info"),
        open_ended=any(k.arg is None for k in call.keywords),
    )


def uncalled(tree: ast.Module) -> Iterator[ast.Attribute]:
    """Each level of a logger that is handed on rather than called."""
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and is_log_call(node) and id(node) not in called:
            yield node

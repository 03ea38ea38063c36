"""A name is a word of the house: no drawers for odds and ends, no filler."""

import ast
import re
from collections.abc import Iterator

from tests.contracts.tree import (
    PACKAGES,
    definitions,
    listed,
    place,
    project_files,
    python_files,
    syntax,
    text_of,
)

DRAWERS = {"utils", "util", "helpers", "helper", "common", "base", "misc", "manager"}
FILLER = re.compile(r"^_*(get|do|handle|process)_|(?i:helper|util)s?(_|$)|[a-z]Manager$")
# Names that a library calls, so they are not ours to choose.
GIVEN = {
    "process_bind_param",
    "process_result_value",
    "get_command",
    "get_help",
    "get_system_commands",
    "_handle_exception",
    "handle_error",
    "do_GET",
    "do_HEAD",
}
# A ratchet: it may only be lowered. Most are private functions whose one caller stands beside them.
UNNAMED_AT_MOST = 130
CREATED_BY = {"Protocol", "Exception", "Enum", "StrEnum", "IntEnum", "IntFlag", "Flag", "object"}
LIBRARY_CLASSES = {
    "BaseModel",
    "Generic",
    "Group",
    "Command",
    "ParamType",
    "MultiCommand",
    "TypeDecorator",
    # A server and what it exposes are made of the libraries' own parts.
    "BaseHTTPRequestHandler",
    "Collector",
    "ThreadingHTTPServer",
    # A screen is made of the library's own parts, and there is no other way to make one.
    "App",
    "Message",
    "ModalScreen",
    "ScrollView",
    "VerticalScroll",
}


def test_no_file_or_folder_is_a_drawer_for_odds_and_ends() -> None:
    drawers = [
        place(path)
        for path in project_files()
        if DRAWERS & {part.split(".")[0].lstrip("_") for part in place(path).split("/")}
    ]

    assert not drawers, listed(drawers)


def test_files_are_lower_snake_words() -> None:
    odd = [
        place(path)
        for path in python_files(*PACKAGES, "tests")
        if not re.fullmatch(r"_?_?[a-z][a-z0-9_]*", path.stem)
        if "migrations/versions" not in place(path)
    ]

    assert not odd, listed(odd)


def test_a_module_and_a_folder_never_share_a_name() -> None:
    folders = {path.parent for path in python_files(*PACKAGES)}
    shared = [place(path) for path in python_files(*PACKAGES) if path.with_suffix("") in folders]

    assert not shared, listed(shared)


def test_no_name_is_filler() -> None:
    fillers = [
        f"{place(path, node.lineno)} {node.name}"
        for path in python_files(*PACKAGES)
        for node in definitions(path)
        if FILLER.search(node.name) and node.name not in GIVEN
    ]

    assert not fillers, listed(fillers)


def test_from_the_third_argument_on_fewer_and_fewer_arguments_are_unnamed() -> None:
    crowded = [
        f"{place(path, node.lineno)} {node.name}"
        for path in python_files(*PACKAGES)
        for node in definitions(path)
        if not isinstance(node, ast.ClassDef)
        if len(by_position(node)) > 2 and not called_by_a_library(node)
    ]

    assert len(crowded) <= UNNAMED_AT_MOST, listed(crowded)


def test_a_flag_is_always_named() -> None:
    flags = [
        f"{place(path, node.lineno)} {node.name}({argument.arg})"
        for path in python_files(*PACKAGES)
        for node in definitions(path)
        if not isinstance(node, ast.ClassDef) and not called_by_a_library(node)
        for argument in by_position(node)
        if isinstance(argument.annotation, ast.Name) and argument.annotation.id == "bool"
    ]

    assert not flags, listed(flags)


def test_nothing_inherits_but_from_what_the_house_allows() -> None:
    heirs = [
        f"{place(path, node.lineno)} {node.name}({base})"
        for path in python_files(*PACKAGES)
        for node in definitions(path)
        if isinstance(node, ast.ClassDef)
        for base in base_names(node)
        if base not in CREATED_BY | LIBRARY_CLASSES | local_bases(syntax(path))
    ]

    assert not heirs, listed(heirs)


def test_every_dataclass_is_frozen_and_slotted_or_says_beside_it_why_it_grows() -> None:
    loose = [
        f"{place(path, node.lineno)} {node.name}"
        for path in python_files(*PACKAGES)
        for node in definitions(path)
        if isinstance(node, ast.ClassDef)
        for line, options in dataclass_options(node)
        if not {"frozen", "slots"} <= options
        if "  # " not in text_of(path).splitlines()[line - 1]
    ]

    assert not loose, listed(loose)


def by_position(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.arg]:
    """The arguments that may be given by position, self and class left out."""
    arguments = [*node.args.posonlyargs, *node.args.args]
    return [a for a in arguments if a.arg not in {"self", "cls", "_", "__"}]


def called_by_a_library(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a library calls this: a decorated command or hook, a method that overrides one."""
    called = [d for d in node.decorator_list if isinstance(d, ast.Call | ast.Attribute)]
    return bool(called) or node.name.startswith("__") or node.name in GIVEN


def base_names(node: ast.ClassDef) -> Iterator[str]:
    """The names a class inherits from, without module and type argument."""
    for base in node.bases:
        named = base.value if isinstance(base, ast.Subscript) else base
        yield named.attr if isinstance(named, ast.Attribute) else getattr(named, "id", "?")


def local_bases(tree: ast.Module) -> set[str]:
    """Private classes of the same file, and the errors: shared by a family of frozen models."""
    private = {n.name for n in tree.body if isinstance(n, ast.ClassDef) and n.name.startswith("_")}
    return private | {"PsdmonError"}


def dataclass_options(node: ast.ClassDef) -> Iterator[tuple[int, set[str]]]:
    """The line and the options set to true where a class is decorated as a dataclass."""
    for decorator in node.decorator_list:
        named = decorator.func if isinstance(decorator, ast.Call) else decorator
        if getattr(named, "id", getattr(named, "attr", "")) == "dataclass":
            keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
            true = {k.arg or "" for k in keywords if ast.unparse(k.value) == "True"}
            yield decorator.end_lineno or decorator.lineno, true

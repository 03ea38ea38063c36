"""Tests are sentences, and stand on real things: no sleep, no stand-in, no leftover database."""

import ast
import re

import psycopg
import pytest

from tests.contracts.sizes import report
from tests.contracts.tree import listed, place, python_files, syntax, text_of
from tests.postgresql import Server, fresh_database


def stories_of(tree: ast.Module) -> list[ast.FunctionDef]:
    """Every test function of a file."""
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]


def test_the_name_of_a_test_is_a_sentence() -> None:
    short = [
        f"{place(path, node.lineno)} {node.name}"
        for path in python_files("tests")
        for node in stories_of(syntax(path))
        if len(node.name.split("_")) < 4
    ]

    assert not short, listed(short)


def test_no_two_tests_of_a_file_share_a_name() -> None:
    twice = [
        f"{place(path)} {name}"
        for path in python_files("tests")
        for names in [[node.name for node in stories_of(syntax(path))]]
        for name in set(names)
        if names.count(name) > 1
    ]

    assert not twice, listed(twice)


def test_no_test_sleeps_or_replaces_what_it_tests() -> None:
    pattern = re.compile(r"\btime\.sleep\(|\bunittest\.mock\b|\bMagicMock\b|\bmocker\b")
    found = [
        f"{place(path, number)} {line.strip()}"
        for path in python_files("tests")
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        if pattern.search(line) and "re.compile(" not in line
    ]

    assert not found, listed(found)


def test_chance_in_a_test_has_a_visible_seed() -> None:
    unseeded = re.compile(r"default_rng\(\)|Random\(\)|\brandom\.(random|choice|randint|shuffle)\(")
    found = [
        f"{place(path, number)} {line.strip()}"
        for path in python_files("tests", "monitor/demo")
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        if unseeded.search(line) and "re.compile(" not in line
    ]

    assert not found, listed(found)


@pytest.mark.postgresql
def test_a_database_of_a_test_is_gone_after_it(postgresql_server: Server) -> None:
    with fresh_database(postgresql_server) as url:
        name = url.rpartition("/")[2]
        left_open = psycopg.connect(url.replace("+psycopg", ""))
        assert name in databases(postgresql_server)

    assert name not in databases(postgresql_server)
    left_open.close()


def test_sizes_are_reported_not_enforced() -> None:
    assert "files of more than 180 lines" in report()


def databases(server: Server) -> set[str]:
    """Every database of the server."""
    with server.connect() as connection:
        return {row[0] for row in connection.execute("SELECT datname FROM pg_database").fetchall()}

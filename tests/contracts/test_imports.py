"""Who may import whom, and what a quick command must not load."""

import subprocess
import sys
import tomllib

import pytest

from tests.contracts.tree import PACKAGES, ROOT, python_files, text_of

HEAVY = ("scipy", "duckdb", "pyarrow", "deltalake", "sqlalchemy", "apscheduler", "numpy")


def test_the_import_contracts_hold() -> None:
    kept = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert kept.returncode == 0, kept.stdout + kept.stderr


def test_each_import_contract_is_a_sentence() -> None:
    contracts = tomllib.loads(text_of(ROOT / "pyproject.toml"))["tool"]["importlinter"]["contracts"]

    names = [contract["name"] for contract in contracts]
    assert [name for name in names if len(name.split()) < 5 or not name[0].isupper()] == []
    assert len(names) == len(set(names))


@pytest.mark.parametrize("package", PACKAGES)
def test_importing_a_package_loads_nothing_heavy(package: str) -> None:
    assert loaded_by(f"import {package}") == set()


def test_the_command_line_starts_without_anything_heavy() -> None:
    pytest.importorskip("monitor.cli.main", reason="the command line does not exist yet")

    assert loaded_by("import monitor.cli.main") == set()


def test_config_is_data_and_nothing_in_it_is_python() -> None:
    assert python_files("config/") == ()


def loaded_by(statement: str) -> set[str]:
    """The heavy libraries that a fresh interpreter holds after a statement."""
    asked = f"{statement}; import sys; print(*sys.modules)"
    shown = subprocess.run(
        [sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(HEAVY) & set(shown.stdout.split())

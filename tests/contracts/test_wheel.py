"""What is built is what is installed: the packages, and the data a home is made from."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.contracts.tree import PACKAGES, ROOT, listed, place, project_files, python_files


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.Path:
    """A wheel built from this checkout, as an archive."""
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    return zipfile.Path(next(out.glob("*.whl")))


def test_the_wheel_holds_every_module_of_the_packages(wheel: zipfile.Path) -> None:
    missing = {place(path) for path in python_files(*PACKAGES)} - names(wheel)

    assert not missing, listed(list(missing))


def test_the_wheel_holds_every_template_of_the_reports(wheel: zipfile.Path) -> None:
    templates = {place(path) for path in project_files() if path.suffix == ".j2"}

    assert templates
    assert templates - names(wheel) == set()


def test_the_wheel_holds_every_file_of_config(wheel: zipfile.Path) -> None:
    shipped = {
        f"monitor/_shipped_{place(path)}"
        for path in project_files()
        if place(path).startswith("config/")
    }

    missing = shipped - names(wheel)
    assert not missing, listed(list(missing))


def test_the_wheel_holds_nothing_of_the_tests(wheel: zipfile.Path) -> None:
    assert [name for name in names(wheel) if name.startswith(("tests/", ".", "config/"))] == []


def test_what_is_installed_finds_its_data_without_the_checkout(
    wheel: zipfile.Path, tmp_path: Path
) -> None:
    wheel.root.extractall(tmp_path)
    asked = "from monitor.settings import *; print(shipped_config()); settings_at(shipped_config())"

    shown = subprocess.run(
        [sys.executable, "-c", asked], cwd=tmp_path, check=True, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )  # fmt: skip

    assert shown.stdout.strip() == str(tmp_path / "monitor" / "_shipped_config")


def names(wheel: zipfile.Path) -> set[str]:
    """Every file in the archive."""
    return set(wheel.root.namelist())

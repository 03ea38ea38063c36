"""A home that is ready; made once and copied."""

import shutil
from pathlib import Path

import pytest

from tests.homes import a_home


@pytest.fixture(scope="session")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home as `psdmon init` makes it; copied, never changed."""
    return a_home(tmp_path_factory.mktemp("made") / "home")


@pytest.fixture
def root(made_home: Path, tmp_path: Path) -> Path:
    """A home of one's own."""
    return Path(shutil.copytree(made_home, tmp_path / "home"))

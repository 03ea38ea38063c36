"""A home whose feeds are declared by the test, and a folder to drop files into."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.homes import a_home
from tests.monitor.sources.fed import NOW, Fed


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home as `psdmon init` makes it; copied, never changed."""
    return a_home(tmp_path_factory.mktemp("fed") / "home", at=NOW)


@pytest.fixture
def fed(empty_home: Path, tmp_path: Path) -> Iterator[Fed]:
    """A home of one's own, and a folder beside it."""
    made = Fed(root=Path(shutil.copytree(empty_home, tmp_path / "home")), folder=tmp_path / "drop")
    made.folder.mkdir()
    yield made
    made.close()

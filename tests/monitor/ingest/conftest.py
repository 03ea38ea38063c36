"""A fresh home for each test that loads something."""

from pathlib import Path

import pytest

from monitor.home import Home
from tests.monitor.ingest.loaded import Loads


@pytest.fixture
def loads(tmp_path: Path) -> Loads:
    """Loads into a home that does not exist yet."""
    return Loads(home=Home(tmp_path / "home"), folder=tmp_path / "files")

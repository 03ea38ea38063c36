"""A home that is ready; made once and copied."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from monitor.cli.main import shell
from monitor.clock import FixedClock
from tests.homes import NOW


@pytest.fixture(scope="session")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home as `psdmon init` makes it; copied, never changed."""
    root = tmp_path_factory.mktemp("made") / "home"
    result = CliRunner().invoke(shell, ["--home", str(root), "init"], obj=FixedClock(NOW))
    assert result.exit_code == 0, result.stderr
    return root


@pytest.fixture
def root(made_home: Path, tmp_path: Path) -> Path:
    """A home of one's own."""
    return Path(shutil.copytree(made_home, tmp_path / "home"))

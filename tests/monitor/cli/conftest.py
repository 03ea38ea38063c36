"""A home that is ready, a shell to type into, and logs small enough to read."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from monitor.cli.main import shell
from monitor.clock import FixedClock
from monitor.wiring import Site
from tests.factories import a_moment
from tests.homes import NOW as AT_THE_QUEUE
from tests.homes import a_home, three_alerts, with_queue
from tests.monitor.cli.notified import House, a_house, four_alerts

NOW = a_moment("2026-11-24T09:00:00Z")

Typed = Callable[..., Result]

EVENTS = """\
event_id,occurred_at,user_id,system,action,subject_id
E1,2026-11-01T10:00:00Z,U00123,RMS,view,P0001
E2,2026-11-02T10:00:00Z,U00123,RMS,view,P0001
E3,2026-11-02T11:00:00Z,U00456,PNC,search,P0002
"""

SPOILT = EVENTS + "E4,yesterday,U00123,RMS,view,P0003\n"


@pytest.fixture(scope="session")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home as `psdmon init` makes it; copied, never changed."""
    return a_home(tmp_path_factory.mktemp("made") / "home", at=NOW)


@pytest.fixture
def root(made_home: Path, tmp_path: Path) -> Path:
    """A home of one's own."""
    return Path(shutil.copytree(made_home, tmp_path / "home"))


@pytest.fixture
def typed(root: Path) -> Typed:
    """A function that runs psdmon in that home, at a fixed hour, and gives what came of it."""

    def run(*words: str, at: str = "2026-11-24T09:00:00Z", **environment: str) -> Result:
        clock = FixedClock(a_moment(at))
        return CliRunner(env=environment).invoke(shell, ["--home", str(root), *words], obj=clock)

    return run


@pytest.fixture
def site(root: Path) -> Site:
    """A home whose queue holds three alerts."""
    return with_queue(root, three_alerts())


@pytest.fixture
def alerts(typed: Typed, site: Site) -> Typed:
    """A function that runs psdmon alerts in that home, at the hour of its queue."""
    assert site.home.database.is_file()
    return lambda *words: typed("alerts", *words, at=AT_THE_QUEUE.isoformat())


@pytest.fixture
def events(tmp_path: Path) -> Path:
    """Three accesses by two members of staff."""
    path = tmp_path / "events.csv"
    path.write_text(EVENTS, encoding="utf-8")
    return path


@pytest.fixture
def spoilt(tmp_path: Path) -> Path:
    """The same, and a fourth whose time cannot be read."""
    path = tmp_path / "spoilt.csv"
    path.write_text(SPOILT, encoding="utf-8")
    return path


@pytest.fixture
def environment(root: Path) -> dict[str, str]:
    """The environment of a psdmon that runs as a process of its own in that home."""
    return {**os.environ, "PSDMON_HOME": str(root), "PYTHONWARNINGS": "default"}


@pytest.fixture(scope="session")
def kept_house(made_home: Path, tmp_path_factory: pytest.TempPathFactory) -> House:
    """A house in which four alerts were raised and nobody was told yet; copied, never changed."""
    return a_house(made_home, tmp_path_factory.mktemp("house"), alerts=four_alerts())


@pytest.fixture
def house(kept_house: House, tmp_path: Path) -> House:
    """A house of one's own."""
    root = Path(shutil.copytree(kept_house.root, tmp_path / "house"))
    (tmp_path / "out").mkdir()
    return House(root=root, out=tmp_path / "out")

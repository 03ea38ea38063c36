"""What every test stands on: a clean environment, the same examples each run, a real database."""

import os
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings as hypothesis_settings

from monitor import telemetry
from monitor.clock import SystemClock
from monitor.home import Home
from tests.postgresql import REQUIRED, Server, fresh_database, server_reached, server_wanted

# Settings of the person who runs the tests must not change what they say.
SCRUBBED = ("PSDMON_HOME", "PSDMON_PURPOSE", "NO_COLOR", "FORCE_COLOR", "PAGER", "COLUMNS", "LINES")

os.environ["TZ"] = "UTC"
time.tzset()
for _name in SCRUBBED:
    os.environ.pop(_name, None)

# The same examples each run; PSDMON_HYPOTHESIS=search looks for new ones and prints how to repeat.
hypothesis_settings.register_profile("repeat", deadline=None, derandomize=True, print_blob=True)
hypothesis_settings.register_profile("search", deadline=None, max_examples=1000, print_blob=True)
hypothesis_settings.load_profile(os.environ.get("PSDMON_HYPOTHESIS", "repeat"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Demonstration:
    """What `psdmon demo` left behind: a home, and what it printed."""

    home: Path
    stdout: str
    stderr: str


@pytest.fixture(autouse=True)
def _environment(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the person who runs the tests, and no home but a temporary one."""
    for name in SCRUBBED:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path_factory.getbasetemp() / "user-data"))
    telemetry.configure(clock=SystemClock())


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """The paths of a home that does not exist yet."""
    return Home(tmp_path / "home")


@pytest.fixture(scope="session")
def demo_shown(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    """The demonstration, made once for all workers."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder = shared / "demonstration"
    with FileLock(shared / "demonstration.lock"):
        if not folder.exists():
            folder.mkdir()
            _demonstrate(folder)
    said = [(folder / name).read_text(encoding="utf-8") for name in ("stdout", "stderr")]
    return Demonstration(home=folder / "demo-home", stdout=said[0], stderr=said[1])


def _demonstrate(folder: Path) -> None:
    """Make the demonstration home in a folder, and write beside it what was printed."""
    psdmon = Path(sys.executable).with_name("psdmon")
    told = subprocess.run(
        [psdmon, "--home", folder / "demo-home", "demo", "--fresh"],
        check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    (folder / "stdout").write_text(told.stdout, encoding="utf-8")
    (folder / "stderr").write_text(told.stderr, encoding="utf-8")


@pytest.fixture(scope="session")
def demo_home(demo_shown: Demonstration) -> Path:
    """The demonstration home; copy it before you change it."""
    return demo_shown.home


@pytest.fixture(scope="session")
def postgresql_server() -> Server:
    """The server, reached once a run; without it the test is skipped aloud, or fails when required.

    A function that needs a database asks for `postgresql_url` instead.
    """
    reached = server_reached()
    if isinstance(reached, Server):
        return reached
    if REQUIRED:
        pytest.fail(reached, pytrace=False)
    pytest.skip(reached)


@pytest.fixture
def postgresql_url(postgresql_server: Server) -> Iterator[str]:
    """The URL of a fresh, empty database, dropped after the test."""
    with fresh_database(postgresql_server) as url:
        yield url


@pytest.fixture(scope="module")
def postgresql_url_of_module(postgresql_server: Server) -> Iterator[str]:
    """The URL of a database that the tests of one module share, dropped after the last."""
    with fresh_database(postgresql_server) as url:
        yield url


@pytest.fixture(autouse=True)
def _postgresql_where_marked(request: pytest.FixtureRequest) -> None:
    """A test marked `postgresql` meets the server even if it makes its own connection."""
    if request.node.get_closest_marker("postgresql"):
        request.getfixturevalue("postgresql_server")


def pytest_report_header() -> list[str]:
    """What a reader needs to run the same tests again."""
    profile = os.environ.get("PSDMON_HYPOTHESIS", "repeat")
    return [
        f"hypothesis profile: {profile} (repeat: the same examples each run)",
        f"postgresql: {server_wanted()}",
    ]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Generator[None]:
    """Say aloud, after everything else, which tests PostgreSQL's absence cost."""
    yield
    skipped = terminalreporter.stats.get("skipped", [])
    missed = [report for report in skipped if "PostgreSQL at" in str(report.longrepr)]
    if missed:
        terminalreporter.section("PostgreSQL WAS NOT REACHED", sep="!", red=True, bold=True)
        terminalreporter.line(
            f"{len(missed)} tests that need it did not run: nothing above speaks for PostgreSQL."
        )
        terminalreporter.line(str(missed[0].longrepr[2]))

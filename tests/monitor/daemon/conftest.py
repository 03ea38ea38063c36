"""A home with a hundred quiet days, and judging that costs nothing, so that stories of days do."""

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from alerts.candidates import PassedOver
from alerts.model import Alert
from monitor.cli.main import shell
from monitor.clock import FixedClock
from monitor.judgement import DayOutcome
from monitor.wiring import Site, open_site
from tests.factories import a_moment

FIRST = date(2026, 1, 1)
WARM_UP = timedelta(days=28)
FIRST_JUDGED = FIRST + WARM_UP  # 29 January 2026
DAYS = 100  # up to and with 10 April 2026
MADE = a_moment("2026-01-01T00:00:00Z")


@dataclass(slots=True)
class Quick:
    """Judging that knows what comes of each day before it looks."""

    fails: dict[date, Exception] = field(default_factory=dict)
    raises: dict[date, Alert] = field(default_factory=dict)
    seen: list[date] = field(default_factory=list)
    meanwhile: Callable[[date], None] = lambda _: None

    def __call__(
        self,
        records: object,  # noqa: ARG002 as judging has it
        rules: object,  # noqa: ARG002 as judging has it
        *,
        days: Iterable[date],
        until: datetime,
        **_: Any,
    ) -> Iterator[DayOutcome]:
        """The outcome of each day, oldest first."""
        for day in days:
            self.meanwhile(day)
            if day in self.fails:
                raise self.fails[day]
            self.seen.append(day)
            ends = datetime.combine(day + timedelta(days=1), time(), tzinfo=UTC)
            yield DayOutcome(
                day=day,
                until=min(ends, until),
                accesses=2,
                pairs=2,
                candidates=0,
                held_back=0,
                alerts=(self.raises[day],) if day in self.raises else (),
                abstentions=(),
                passed=PassedOver(),
            )


def an_access(day: date, number: int = 0) -> str:
    """One access of a day, as a line of CSV."""
    return f"E{day:%Y%m%d}-{number},{day.isoformat()}T10:00:00Z,U{number:05d},RMS,view,P{number}"


def load(root: Path, lines: Iterable[str], *, at: datetime) -> None:
    """Load accesses into a home at a moment."""
    path = root.parent / "accesses.csv"
    header = "event_id,occurred_at,user_id,system,action,subject_id"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    words = ["--home", str(root), "ingest", "events", str(path)]
    result = CliRunner().invoke(shell, words, obj=FixedClock(at))
    assert result.exit_code == 0, result.stderr


@pytest.fixture(scope="session")
def quiet_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one access a day for a hundred days, and around days of the calendar."""
    root = tmp_path_factory.mktemp("quiet") / "home"
    made = CliRunner().invoke(shell, ["--home", str(root), "init"], obj=FixedClock(MADE))
    assert made.exit_code == 0, made.stderr
    days = [FIRST + timedelta(days=number) for number in range(DAYS)]
    for begins in (date(2026, 10, 23), date(2028, 2, 27)):
        days += [begins + timedelta(days=number) for number in range(5)]
    load(root, [an_access(day) for day in days], at=a_moment("2028-03-03T00:00:00Z"))
    return root


@pytest.fixture
def root(quiet_home: Path, tmp_path: Path) -> Path:
    """Such a home of one's own."""
    return Path(shutil.copytree(quiet_home, tmp_path / "home"))


@pytest.fixture
def opened(root: Path) -> Iterator[Callable[[str], Site]]:
    """A way to open that home at a moment, closed after the story."""
    sites: list[Site] = []

    def opening(at: str) -> Site:
        sites.append(open_site(root, clock=FixedClock(a_moment(at))))
        sites[-1].code_version = "0.1.0+tests"  # so that each need not be reckoned
        return sites[-1]

    yield opening
    for site in sites:
        site.close()

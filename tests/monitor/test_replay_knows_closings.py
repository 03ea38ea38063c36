"""A home in which alerts were closed while it was judged, and what a replay of it says."""

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from alerts.lifecycle import Action, Disposition
from alerts.model import Alert, Status
from monitor.cli.main import shell
from monitor.clock import FixedClock
from monitor.cycle.scanning import scan
from monitor.replay import replay
from monitor.wiring import Site, open_site

SCANS = tuple(
    datetime(2026, month, day, 3, tzinfo=UTC)
    for month, day in ((10, 19), (10, 26), (10, 27), (10, 28), (10, 29), (10, 31), (11, 9))
)
CLOSED_ON = datetime(2026, 10, 27, 9, tzinfo=UTC)  # within a day on which somebody looks again
SPAN = {"start": datetime(2020, 1, 1, tzinfo=UTC), "end": SCANS[-1].replace(hour=0)}


@pytest.fixture(scope="module")
def undisturbed(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A home that scans have judged, in which nobody closed anything."""
    site = judged_in_turn(demo_home, tmp_path_factory.mktemp("undisturbed"), closes=False)
    yield site
    site.close()


@pytest.fixture(scope="module")
def closed(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The same, but that every alert was closed on one morning."""
    site = judged_in_turn(demo_home, tmp_path_factory.mktemp("closed"), closes=True)
    yield site
    site.close()


def test_a_closing_in_between_changes_what_live_scans_say(undisturbed: Site, closed: Site) -> None:
    assert standing(closed.store.alerts()) != standing(undisturbed.store.alerts())


def test_a_replay_says_what_live_scans_said_around_a_closing(closed: Site) -> None:
    report = replay(closed, **SPAN)

    assert standing(report.alerts) == standing(closed.store.alerts())


def test_a_replay_that_knows_only_what_was_known_before_the_closing_does_not_know_it(
    undisturbed: Site, closed: Site
) -> None:
    seen = [
        standing(replay(site, **SPAN, known_at=CLOSED_ON - timedelta(hours=1)).alerts)
        for site in (undisturbed, closed)
    ]

    assert seen[0] == seen[1]


def judged_in_turn(demo_home: Path, folder: Path, *, closes: bool) -> Site:
    """A copy of the demonstration home, judged by one scan after another from the beginning."""
    root = Path(shutil.copytree(demo_home, folder / "home"))
    for path in root.glob("psdmon.db*"):
        path.unlink()
    made = CliRunner().invoke(shell, ["--home", str(root), "init"])
    assert made.exit_code == 0, made.stderr
    for moment in SCANS:
        site = open_site(root, clock=FixedClock(moment))
        scan(site, until=moment.replace(hour=0), actor="analyst")
        if closes and moment.date() == CLOSED_ON.date():
            close_everything(site, at=CLOSED_ON)
        site.close()
    return open_site(root, clock=FixedClock(SCANS[-1]))


def close_everything(site: Site, *, at: datetime) -> None:
    """Answer what a closing waits for, and close every alert there is."""
    ending = Disposition.CANNOT_TELL
    for alert in site.store.alerts():
        name = alert.alert_id
        for question in site.store.open_questions(name, disposition=ending):
            site.store.answer_prompt(
                name, question.id, answer="done", reason="asked", actor="analyst", at=at
            )
        site.store.act(name, Action.TAKE, actor="analyst", at=at)
        site.store.act(
            name, Action.CLOSE, actor="analyst", at=at, reason="no roster", disposition=ending
        )


def standing(alerts: Iterable[Alert]) -> list[Alert]:
    """Alerts in every fact but where people have put them."""
    found = [replace(one, status=Status.OPEN) for one in alerts]
    return sorted(found, key=lambda one: one.alert_id)

"""Queues made up for tests: alerts put into the store of a home as a judged day puts them."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from alerts.candidates import Candidate, passed_over
from alerts.model import Alert, Family, Priority
from alerts.records import JudgedDay
from monitor.cli.main import shell
from monitor.clock import FixedClock
from monitor.wiring import Site, open_site
from tests.factories import a_moment, an_alert, an_interval

NOW = a_moment("2026-03-05T03:00:00Z")
JUDGED = date(2026, 3, 4)


def a_home(root: Path, *, at: datetime = NOW) -> Path:
    """A home at a folder, as `psdmon init` makes it."""
    made = CliRunner().invoke(shell, ["--home", str(root), "init"], obj=FixedClock(at))
    assert made.exit_code == 0, made.stderr
    return root


def with_queue(
    root: Path, alerts: Sequence[Alert], *, at: datetime = NOW, two: bool = False
) -> Site:
    """The home at a folder, its last judged day having raised these alerts.

    One person decides alone in it, unless two are wanted.
    """
    if not two:
        let_one_person_decide(root)
    site = open_site(root, clock=FixedClock(at))
    judge(site, alerts)
    return site


def let_one_person_decide(root: Path) -> None:
    """Write into the settings of a home that nothing waits for a second person."""
    path = root / "config" / "settings.toml"
    text = path.read_text(encoding="utf-8")
    text = text.replace("second_person = true ", "second_person = false ", 1)  # of [casework]
    text = text.replace('second_person_reason = ""', 'second_person_reason = "a test"')
    path.write_text(text, encoding="utf-8")


def joined_by(site: Site, name: str, *, role: str = "reviewer") -> None:
    """Give somebody a role, and say that neither of the two is of the staff."""
    site.store.grant(name, role, actor="admin", at=NOW)
    for who in (site.actor, name):
        facts: dict[str, Any] = {"user_ids": []}
        site.store.record("access.declared", actor="admin", at=NOW, about=who, facts=facts)


def judge(site: Site, alerts: Sequence[Alert], *, near: Sequence[Candidate] = ()) -> None:
    """Judge the day, or judge it again, with these alerts, and what came near one, for outcome."""
    at = site.clock.now()
    claimed = site.store.days.claim(JUDGED, owner="tests", at=at, lease=timedelta(hours=1))
    assert claimed
    site.store.days.finish(
        a_judged_day(), alerts=list(alerts), owner="tests", at=at, candidates=passed_over(near)
    )


def a_judged_day(**facts: Any) -> JudgedDay:
    """The fourth of March, judged whole."""
    ordinary: dict[str, Any] = {
        "day": JUDGED,
        "until": a_moment("2026-03-05T00:00:00Z"),
        "loaded_seq": 0,
        "events": 20_100,
        "pairs": 9_000,
        "candidates": 1,
        "abstentions": (),
        "seconds": 1.5,
        "settings_fingerprint": "sha256:" + "0" * 64,
        "code_version": "0.1.0",
    }
    return JudgedDay(**{**ordinary, **facts})


def three_alerts() -> tuple[Alert, ...]:
    """An urgent fixation, the same member of staff again, and somebody's curiosity."""
    return (
        an_alert(),
        an_alert(
            alert_id="A-9d2mx4tqhq7k",
            priority=Priority.HIGH,
            score=1.8,
            focus_subject_id="P0700",
            subject_ids=("P0700",),
            recurrence_interval=an_interval(63.0),
        ),
        an_alert(
            alert_id="A-k3vm2qqx7abc",
            user_ids=("U00777",),
            subject_ids=("P0900",),
            focus_subject_id="P0900",
            family=Family.CURIOSITY,
            priority=Priority.NORMAL,
            score=1.5,
            recurrence_interval=an_interval(31.6, "control room", limit_of_data=True),
            provisional=True,
        ),
    )

"""What two people decide: asked for by one, agreed by another, and refused with what helps."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from alerts.model import Status
from monitor.cli.main import shell
from monitor.clock import FixedClock
from monitor.settings import settings_at
from monitor.wiring import Site
from tests.homes import NOW, joined_by, let_one_person_decide, three_alerts, with_queue

Typed = Callable[..., Result]
FIRST, SECOND, THIRD = "A-7F3K9Q2M", "A-9d2mx4tqhq7k", "A-k3vm2qqx7abc"
CLOSE = (
    *("close", "--disposition", "cannot_tell", "--reason", "no roster"),
    *("--answer", "P32=done:second look by the duty inspector"),
)
SILENCE = ("--detector", "circle", "--until", "2026-06-01", "--reason", "liaison")


@pytest.fixture
def site(root: Path) -> Site:
    """A home whose queue holds three alerts, and where two people decide."""
    return with_queue(root, three_alerts(), two=True)


@pytest.fixture
def alerts(root: Path, site: Site, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """A function that runs psdmon alerts in that home, as whoever is named."""
    joined_by(site, "second")
    me = site.actor

    def run(*words: str, who: str = "") -> Result:
        monkeypatch.setattr(Site, "actor", who or me)
        clock = FixedClock(NOW)
        return CliRunner().invoke(shell, ["--home", str(root), "alerts", *words], obj=clock)

    return run


def number(result: Result) -> str:
    """The number of a request, from JSON."""
    document = json.loads(result.stdout)
    asked = document["alerts"][0] if "alerts" in document else document
    return str(asked["request"])


def test_closing_a_pressing_alert_waits_until_somebody_else_confirms(
    alerts: Typed, site: Site
) -> None:
    alerts("take", FIRST)
    asked = alerts(*CLOSE, FIRST, "--json")
    before = site.store.alert(FIRST).status
    agreed = alerts("confirm", number(asked), who="second")

    assert json.loads(asked.stdout)["alerts"][0]["status"] == "taken"
    assert before is Status.TAKEN
    assert agreed.stdout.startswith(f"request {number(asked)}: agreed: {FIRST}: close as")
    assert site.store.alert(FIRST).status is Status.CLOSED


def test_an_alert_that_does_not_press_is_closed_by_one(alerts: Typed, site: Site) -> None:
    alerts("take", THIRD)
    alerts(*CLOSE, THIRD)

    assert site.store.alert(THIRD).status is Status.CLOSED


def test_lookups_are_legitimate_until_a_day_only_when_two_say_so(alerts: Typed, site: Site) -> None:
    """Of an alert that does not press, too: it is as much as silencing every detector."""
    by_work = ("--disposition", "explained_by_work", "--explanation", "family liaison")
    alerts("take", THIRD)
    close = ("close", THIRD, *by_work, *CLOSE[3:], "--legitimate-until", "2026-09-01")
    asked = alerts(*close, "--json")
    before = site.store.allowances()
    pending = alerts("pending")
    alerts("confirm", number(asked), who="second")

    [one] = site.store.allowances()
    assert before == ()
    assert "legitimate until 2026-09-01" in " ".join(pending.stdout.split())
    assert (one.alert_id, one.actor, one.at) == (THIRD, site.actor, NOW)
    assert one.until.date().isoformat() == "2026-09-01"


def test_nobody_confirms_their_own_request_and_is_told_who_could(alerts: Typed) -> None:
    alerts("take", FIRST)
    asked = alerts(*CLOSE, FIRST, "--json")
    result = alerts("confirm", number(asked))

    assert result.exit_code == 5
    assert "possible: somebody else with the role reviewer or authority" in result.stderr


def test_somebody_without_the_role_may_not_confirm(alerts: Typed, site: Site) -> None:
    alerts("take", FIRST)
    asked = alerts(*CLOSE, FIRST, "--json")
    joined_by(site, "third", role="analyst")
    result = alerts("confirm", number(asked), who="third")

    assert result.exit_code == 5
    assert "may not work on alerts" in result.stderr


def test_where_nobody_else_could_confirm_it_is_said_what_to_do(alerts: Typed, site: Site) -> None:
    site.store.revoke("second", "reviewer", actor="admin", at=NOW)
    alerts("take", FIRST)
    result = alerts(*CLOSE, FIRST)

    assert "holds the role reviewer or authority here; possible: give somebody" in result.stdout
    assert "[casework] second_person" in result.stdout


def test_what_waits_is_listed_with_tokens_and_counted(alerts: Typed) -> None:
    alerts("take", FIRST)
    alerts(*CLOSE[:-2], FIRST, "--answer", "P32=done:asked P0001")
    alerts(
        "suppress", SECOND, "--detector", "circle", "--until", "2026-04-01", "--reason", "U00123"
    )
    listed = alerts("pending", who="second").stdout
    below = alerts("list").stdout

    assert "close as cannot tell" in listed
    assert "suppress circle until 2026-04-01" in listed
    assert "U00123" not in listed
    assert "2 requests that wait for a second person." in listed
    assert "2 requests for a second person (alerts pending)" in below


def test_a_declined_request_does_nothing_and_can_be_asked_anew(alerts: Typed, site: Site) -> None:
    first = alerts("suppress", FIRST, "--detector", "circle", "--until", "2026-04-01",
                   "--reason", "liaison", "--json")  # fmt: skip
    alerts("decline", number(first), "--reason", "ask the ring first", who="second")
    again = alerts("suppress", FIRST, "--detector", "circle", "--until", "2026-04-01",
                   "--reason", "asked", "--json")  # fmt: skip

    assert site.store.suppressions() == ()
    assert int(number(again)) > int(number(first))
    assert alerts("withdraw", number(again)).exit_code == 0


def test_a_suppression_is_no_longer_than_the_settings_allow(alerts: Typed) -> None:
    result = alerts("suppress", FIRST, "--detector", "circle", "--until", "2027-01-01",
                    "--reason", "liaison")  # fmt: skip

    assert result.exit_code == 2
    assert "longer than the 90 days of the settings; possible: until" in result.stderr


def test_where_one_person_decides_screen_and_chain_say_why(
    alerts: Typed, site: Site, root: Path
) -> None:
    let_one_person_decide(root)
    alerts("take", FIRST)
    done = alerts(*CLOSE, FIRST)
    told = [entry.told for entry in site.store.chain(about=FIRST) if "second_person" in entry.told]

    assert done.stdout == f"{FIRST}: closed as cannot tell\n"
    assert "One person decides alone here (a test)." in done.stderr
    assert [one["second_person"] for one in told] == ["a test"]


def test_one_person_is_enough_only_with_a_reason(root: Path) -> None:
    path = root / "config" / "settings.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("second_person = true ", "second_person = false "), "utf-8")

    with pytest.raises(Exception, match=r"casework.*needs second_person_reason; possible"):
        settings_at(root / "config")


def test_a_query_is_shown_first_and_moves_nothing_without_yes(alerts: Typed, site: Site) -> None:
    shown = alerts("take", "--where", "family=curiosity")
    before = site.store.alert(THIRD).status
    done = alerts("take", "--where", "family=curiosity", "--yes")

    assert "1 alert would be taken." in shown.stdout
    assert "Nothing was changed; the same with --yes does it." in shown.stdout
    assert before is Status.OPEN
    assert done.stdout == f"{THIRD}: taken, held by {site.actor}\n"


def test_a_query_moves_what_fits_and_names_the_rest(alerts: Typed, site: Site) -> None:
    alerts("take", THIRD)
    result = alerts(*CLOSE, "--where", "age>1h", "--yes")

    assert result.exit_code == 2
    assert site.store.alert(THIRD).status is Status.CLOSED
    assert f"alert {FIRST}: cannot close while open; possible: take" in result.stderr


@pytest.mark.parametrize("words", [(), (FIRST, "--where", "age>1h")])
def test_alerts_are_named_or_chosen_and_not_both(alerts: Typed, words: tuple[str, ...]) -> None:
    result = alerts("take", *words)

    assert result.exit_code == 2
    assert "name them, or choose them; possible" in result.stderr


def test_an_alert_whose_day_has_come_is_marked_in_the_queue(alerts: Typed) -> None:
    alerts("follow-up", FIRST, "--on", "2026-03-05", "--reason", "roster")
    alerts("follow-up", SECOND, "--on", "2026-03-06")
    listed = alerts("list").stdout
    shown = alerts("show", FIRST).stdout
    due = json.loads(alerts("list", "--where", "due=yes", "--json").stdout)["alerts"]

    assert [line.split()[2:4] for line in listed.splitlines() if FIRST in line] == [["open", "DUE"]]
    assert "to be looked at again on 5 Mar 2026" in shown
    assert [(one["alert_id"], one["due_on"]) for one in due] == [(FIRST, "2026-03-05")]


def test_several_questions_are_answered_with_one_reason(alerts: Typed, site: Site) -> None:
    refused = alerts("answer", FIRST, "P06,P99", "done", "--dry-run")
    alerts("answer", FIRST, "P06,P10", "not-needed", "--reason", "the ring was asked")
    answers = [(one.prompt_id, one.reason) for one in site.store.prompt_answers(FIRST)]

    assert refused.exit_code == 2
    assert answers == [("P06", "the ring was asked"), ("P10", "the ring was asked")]

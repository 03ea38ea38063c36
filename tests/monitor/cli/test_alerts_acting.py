"""`psdmon alerts take, note, refer, close, ...`: each action, its refusals, and its dry run."""

import json
from collections.abc import Callable

import pytest
from click.testing import Result

from alerts.model import Status
from monitor.wiring import Site

Typed = Callable[..., Result]
FIRST = "A-7F3K9Q2M"
SECOND = "A-9d2mx4tqhq7k"
SETTLED = ("--answer", "P32=done:second look by the duty inspector")
CLOSE = ("close", FIRST, "--disposition", "cannot_tell", "--reason", "no roster", *SETTLED)


def status(site: Site, alert_id: str = FIRST) -> Status:
    return site.store.alert(alert_id).status


def test_an_alert_is_taken_referred_closed_and_opened_again(alerts: Typed, site: Site) -> None:
    stood = []
    for words in (
        ("take", FIRST),
        ("await", FIRST, "--reason", "radio log asked for"),
        ("refer", FIRST, "--to", "authority", "--reason", "criteria may be met"),
        CLOSE,
        ("reopen", FIRST, "--reason", "a complaint came in"),
    ):
        assert alerts(*words).exit_code == 0
        stood.append(status(site))

    assert stood == ["taken", "awaiting", "referred", "closed", "open"]
    assert [note.reason for note in site.store.notes(FIRST)] == [
        "",
        "radio log asked for",
        "to authority: criteria may be met",
        "no roster",
        "a complaint came in",
    ]


def test_an_action_says_how_the_alert_stands_then(alerts: Typed, site: Site) -> None:
    result = alerts("take", "A-7f", "A-9d")

    assert result.stdout.splitlines() == [
        f"{FIRST}: taken, held by {site.actor}",
        f"{SECOND}: taken, held by {site.actor}",
    ]


def test_an_action_as_json_says_status_and_holder(alerts: Typed, site: Site) -> None:
    document = json.loads(alerts("assign", FIRST, "--to", "asmith", "--json").stdout)

    assert document == {
        "format": 1,
        "dry_run": False,
        "alerts": [{"alert_id": FIRST, "action": "assign", "status": "taken", "held_by": "asmith"}],
    }
    assert site.store.holders() == {FIRST: "asmith"}


@pytest.mark.parametrize(
    "words",
    [
        ("take", FIRST),
        ("note", FIRST, "a word"),
        ("assign", FIRST, "--to", "asmith"),
        ("answer", FIRST, "P06", "done"),
        ("merge", SECOND, "--into", FIRST, "--reason", "one course"),
        ("suppress", FIRST, "--detector", "circle", "--until", "2026-06-01", "--reason", "liaison"),
    ],
)
def test_a_dry_run_says_what_would_be_and_changes_nothing(
    alerts: Typed, site: Site, words: tuple[str, ...]
) -> None:
    before = site.store.head()
    result = alerts(*words, "--dry-run")

    assert result.exit_code == 0
    assert "would" in result.stdout
    assert site.store.head() == before


def test_a_dry_run_of_what_does_not_fit_is_refused_like_the_thing_itself(alerts: Typed) -> None:
    result = alerts(*CLOSE, "--dry-run")

    assert result.exit_code == 2
    assert "cannot close while open; possible: take, assign, note" in result.stderr


def test_several_alerts_are_all_checked_before_the_first_is_moved(
    alerts: Typed, site: Site
) -> None:
    alerts("take", FIRST)
    result = alerts(*CLOSE, SECOND)

    assert result.exit_code == 2
    assert status(site) is Status.TAKEN


def test_a_closure_explained_by_work_names_the_work(alerts: Typed, site: Site) -> None:
    alerts("take", FIRST)
    close = ("close", FIRST, "--disposition", "explained_by_work", "--reason", "asked the unit")
    close = (*close, *SETTLED)
    refused, done = alerts(*close), alerts(*close, "--explanation", "tasking 41 of 3 March")

    assert refused.exit_code == 2
    assert "without the explanation" in refused.stderr
    assert done.stdout == f"{FIRST}: closed as explained by work\n"
    assert site.store.notes(FIRST)[-1].explanation == "tasking 41 of 3 March"


def test_work_that_goes_on_makes_lookups_legitimate_until_a_day(alerts: Typed) -> None:
    alerts("take", FIRST)
    by_work = ("--disposition", "explained_by_work", "--explanation", "family liaison")
    close = ("close", FIRST, *by_work, "--reason", "asked the unit", *SETTLED)
    past, far, done = (
        alerts(*close, "--legitimate-until", until)
        for until in ("2026-03-01", "2027-12-01", "2026-09-01")
    )
    shown = alerts("show", FIRST)

    assert [one.exit_code for one in (past, far, done)] == [2, 2, 0]
    assert "which is past" in past.stderr
    assert "longer than the 365 days of the settings" in far.stderr
    assert "lookups of these two legitimate until 1 Sep 2026" in done.stdout
    assert "count as explained until 1 Sep 2026" in " ".join(shown.stdout.split())


def test_lookups_are_legitimate_only_where_work_explains_them(alerts: Typed) -> None:
    alerts("take", FIRST)
    refused = alerts(*CLOSE, "--legitimate-until", "2026-09-01")

    assert refused.exit_code == 2
    assert "possible: close as explained_by_work" in refused.stderr


def test_a_question_is_answered_and_the_answer_is_shown_with_it(alerts: Typed, site: Site) -> None:
    refused = alerts("answer", FIRST, "P06", "not-needed")
    done = alerts("answer", FIRST, "P06", "done", "--reason", "roster asked for")
    shown = alerts("show", FIRST)

    assert refused.exit_code == 2
    assert done.stdout == f"{FIRST}: P06 answered: done\n"
    assert site.store.prompt_answers(FIRST)[0].reason == "roster asked for"
    assert "Also at first look: P06 (done)" in shown.stdout


def test_a_merged_alert_leaves_the_queue_until_it_stands_by_itself_again(
    alerts: Typed,
) -> None:
    def waiting() -> list[str]:
        return [a["alert_id"] for a in json.loads(alerts("list", "--json").stdout)["alerts"]]

    alerts("merge", SECOND, "--into", FIRST, "--reason", "one course of looking")
    merged = waiting()
    alerts("unmerge", SECOND, "--reason", "another matter")

    assert SECOND not in merged
    assert SECOND in waiting()


def test_a_suppression_has_an_end_and_is_listed_masked_until_it_is_lifted(
    alerts: Typed,
) -> None:
    silence = ("--detector", "circle", "--until", "2026-06-01", "--reason", "liaison")
    made = json.loads(alerts("suppress", FIRST, *silence, "--json").stdout)["suppressions"][0]
    listed = alerts("suppressions").stdout
    alerts("lift", str(made["number"]), "--reason", "liaison ended")

    assert made["user_id"].startswith("M-")
    assert made["expires_at"] == "2026-06-01T00:00:00Z"
    assert "1 Jun 2026" in listed
    assert json.loads(alerts("suppressions", "--json").stdout)["suppressions"] == []


def test_a_suppression_without_an_end_is_refused(alerts: Typed) -> None:
    result = alerts("suppress", FIRST, "--detector", "circle", "--reason", "liaison")

    assert result.exit_code == 2
    assert "--until" in result.stderr

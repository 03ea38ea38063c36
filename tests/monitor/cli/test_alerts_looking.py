"""`psdmon alerts list, show, timeline, export`: what is shown, to whom, and what is kept of it."""

import csv
import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from click.testing import Result

from alerts.contract import as_contract
from alerts.wording import forbidden_words
from monitor.cli.alerts import command
from monitor.views.wording import SENTENCE
from monitor.wiring import Site
from tests.factories import an_alert
from tests.homes import NOW, judge, three_alerts, with_queue

Typed = Callable[..., Result]
AT = NOW.isoformat()
IDS = ("U00123", "U00777", "P0001", "P0002", "A0001", "V0001", "P0700", "P0900", "rms-0000")
PURPOSE = ("--purpose", "complaint 17")


@pytest.fixture
def psdmon(typed: Typed, site: Site) -> Typed:
    """A function that runs psdmon in that home at the hour of the queue."""
    assert site.home.database.is_file()
    return lambda *words, **environment: typed(*words, at=AT, **environment)


def seen(site: Site) -> list[tuple[str, str, str]]:
    """Looks on the chain: kind, about and purpose."""
    return [
        (entry.kind, entry.about, entry.purpose)
        for entry in site.store.chain()
        if entry.actor == site.actor and entry.kind.startswith(("alert.", "chain.s"))
    ]


def about_reader(site: Site) -> str:
    """The id of an alert on the account of whoever runs the tests."""
    judge(site, [an_alert(alert_id="A-ownownownown", user_ids=(site.actor,))])
    return "A-ownownownown"


def test_the_queue_fits_eighty_columns_and_shows_tokens(psdmon: Typed) -> None:
    result = psdmon("alerts", "list")

    assert result.exit_code == 0
    assert [line[:14].strip() for line in result.stdout.splitlines()[1:4]] == [
        "A-7F3K9Q2M",
        "A-9d2mx4tqhq7k",
        "A-k3vm2qqx7abc",
    ]
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert [one for one in IDS if one in result.stdout] == []


def test_the_screen_says_who_holds_every_role(psdmon: Typed, site: Site) -> None:
    result = psdmon("alerts", "list")

    assert f"{site.actor} holds every role here; tokens only" in result.stdout


def test_the_queue_as_json_is_the_contract_masked(psdmon: Typed) -> None:
    document = json.loads(psdmon("alerts", "list", "--json").stdout)

    assert document["format"] == 1
    assert document["masked"] is True
    assert document["alerts"][0]["alert_id"] == "A-7F3K9Q2M"
    assert set(as_contract(an_alert())) <= set(document["alerts"][0])
    assert [one for one in IDS if one in json.dumps(document)] == []


def test_an_empty_queue_names_the_feeds_that_were_missing(typed: Typed, root: Path) -> None:
    with_queue(root, ())

    result = typed("alerts", "list", at=AT)

    assert result.stdout.startswith("No detector fired on the feeds loaded, in days judged to")
    assert "Feeds missing: case_subjects, cases" in result.stdout
    assert forbidden_words(result.stdout) == ()


def test_a_home_that_judged_nothing_says_what_to_do(typed: Typed) -> None:
    result = typed("alerts", "list", at=AT)

    assert result.stdout.startswith("Nothing has been judged yet.")


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ((), ["A-9d2mx4tqhq7k", "A-k3vm2qqx7abc"]),
        (("--status", "closed"), ["A-7F3K9Q2M"]),
        (("--all",), ["A-7F3K9Q2M", "A-9d2mx4tqhq7k", "A-k3vm2qqx7abc"]),
        (("--mine",), ["A-k3vm2qqx7abc"]),
        (("--status", "referred"), []),
    ],
)
def test_closed_alerts_leave_the_queue_and_are_found_when_asked_for(
    psdmon: Typed, words: tuple[str, ...], ids: list[str]
) -> None:
    psdmon("alerts", "take", "A-7F", "A-k3")
    psdmon("alerts", "answer", "A-7F", "P32", "done")
    psdmon("alerts", "close", "A-7F", "--disposition", "cannot_tell", "--reason", "no roster")

    document = json.loads(psdmon("alerts", "list", "--json", *words).stdout)

    assert [alert["alert_id"] for alert in document["alerts"]] == ids


def test_identities_are_shown_for_a_purpose_which_goes_on_the_chain(
    psdmon: Typed, site: Site
) -> None:
    result = psdmon("alerts", "show", "A-7F", "--unmask", *PURPOSE)

    assert "U00123" in result.stdout
    assert seen(site)[-1] == ("alert.shown", "A-7F3K9Q2M", "complaint 17")


def test_the_purpose_may_come_from_the_environment(psdmon: Typed) -> None:
    result = psdmon("alerts", "list", "--unmask", PSDMON_PURPOSE="audit of March")

    assert "U00123" in result.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("list", "--unmask"),
        ("show", "A-7F", "--unmask"),
        ("timeline", "A-7F", "--unmask"),
        ("export",),
    ],
)
def test_identities_without_a_purpose_are_refused_and_it_is_said_what_would_do(
    psdmon: Typed, words: tuple[str, ...]
) -> None:
    result = psdmon("alerts", *words)

    assert result.exit_code == 5
    assert '--purpose "..." or PSDMON_PURPOSE' in result.stderr
    assert result.stdout == ""


def test_every_look_is_on_the_chain(psdmon: Typed, site: Site) -> None:
    before = len(seen(site))
    psdmon("alerts", "list")
    psdmon("alerts", "show", "A-7F")
    psdmon("alerts", "timeline", "A-7F")
    psdmon("alerts", "export", "--masked")
    psdmon("audit", "show")

    assert [kind for kind, _, _ in seen(site)[before:]] == [
        "alert.listed",
        "alert.shown",
        "alert.timeline_shown",
        "alert.exported",
        "chain.shown",
    ]


def test_no_look_puts_an_identity_on_the_chain(psdmon: Typed, site: Site) -> None:
    psdmon("alerts", "show", "A-7F", "--unmask", "--rows", *PURPOSE)
    psdmon("alerts", "export", *PURPOSE)

    looks = [entry.facts for entry in site.store.chain() if entry.actor == site.actor]

    assert [one for one in IDS if any(one in facts for facts in looks)] == []


def test_one_alert_whole_ends_with_the_sentence_of_limits(psdmon: Typed) -> None:
    result = psdmon("alerts", "show", "A-7F", "--limits")
    plain = " ".join(result.stdout.split())

    assert SENTENCE in plain
    assert "What a log shows, and what it cannot" in plain
    assert "element by element" in plain
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert [one for one in IDS if one in result.stdout] == []
    assert forbidden_words(result.stdout) == ()


def test_one_alert_as_json_is_masked_and_carries_the_casework(psdmon: Typed) -> None:
    psdmon("alerts", "note", "A-7F", "ask about P0001 and u00123")

    document = json.loads(psdmon("alerts", "show", "A-7F", "--json").stdout)

    assert document["format"] == 1
    assert document["other_alerts"] == ["A-9d2mx4tqhq7k"]
    assert document["notes"][0]["says"].startswith("ask about P-")
    assert [one for one in IDS if one.casefold() in json.dumps(document).casefold()] == []


def test_an_id_that_several_alerts_share_is_refused_with_those_ids(psdmon: Typed) -> None:
    result = psdmon("alerts", "show", "A-")

    assert result.exit_code == 2
    assert "several begin so; possible: A-7F3K9Q2M, A-9d2mx4tqhq7k" in result.stderr


def test_an_alert_on_ones_own_account_is_answered_like_one_that_is_not_there(
    psdmon: Typed, site: Site
) -> None:
    own = about_reader(site)
    shown, unknown = psdmon("alerts", "show", own), psdmon("alerts", "show", "A-nonesuch")

    assert shown.exit_code == unknown.exit_code == 2
    assert shown.stderr.replace(own, "") == unknown.stderr.replace("A-nonesuch", "")
    assert ("alert.withheld", own, "") in seen(site)


@pytest.mark.parametrize(
    "words",
    [
        ("alerts", "list", "--all"),
        ("alerts", "list", "--all", "--json"),
        ("alerts", "export", *PURPOSE),
        ("audit", "show"),
        ("audit", "show", "--json"),
        ("alerts", "show", "A-7F", "--json"),
    ],
)
def test_an_alert_on_ones_own_account_is_named_nowhere(
    psdmon: Typed, site: Site, words: tuple[str, ...]
) -> None:
    own = about_reader(site)

    assert own not in psdmon(*words).stdout


def test_the_export_holds_real_ids_and_every_alert(psdmon: Typed) -> None:
    lines = psdmon("alerts", "export", *PURPOSE).stdout.splitlines()

    assert [json.loads(line) for line in lines] == [
        {**as_contract(alert), "notice": SENTENCE} for alert in three_alerts()
    ]


def test_a_masked_export_needs_no_purpose_and_holds_no_id(psdmon: Typed) -> None:
    for kind in ("jsonl", "csv"):
        text = psdmon("alerts", "export", "--masked", "--format", kind).stdout

        assert text
        assert [one for one in IDS if one in text] == []


def test_an_exported_file_is_readable_by_its_owner_alone(psdmon: Typed, tmp_path: Path) -> None:
    out = tmp_path / "alerts.jsonl"
    out.write_text("an older export", encoding="utf-8")
    result = psdmon("alerts", "export", "--out", str(out), *PURPOSE)

    assert result.exit_code == 0
    assert result.stdout == ""
    assert len(out.read_text(encoding="utf-8").splitlines()) == 3
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert list(tmp_path.glob(".psdmon-*")) == []


def test_an_export_into_a_device_leaves_the_device(psdmon: Typed) -> None:
    result = psdmon("alerts", "export", "--masked", "--out", os.devnull)

    assert result.exit_code == 0
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


def test_the_export_as_csv_has_one_row_an_alert_and_no_formula(psdmon: Typed, site: Site) -> None:
    evil = replace(three_alerts()[0], says='=HYPERLINK("http://x")', alert_id="A-evil")
    judge(site, [evil])
    found = list(
        csv.DictReader(StringIO(psdmon("alerts", "export", "--format", "csv", *PURPOSE).stdout))
    )

    assert [row["alert_id"] for row in found] == [
        "A-7F3K9Q2M",
        "A-evil",
        "A-9d2mx4tqhq7k",
        "A-k3vm2qqx7abc",
    ]
    assert found[1]["says"].startswith("'=HYPERLINK")
    assert found[0]["subject_ids"] == "P0001;P0002;P0003;A0001;V0001"
    assert found[0]["notice"] == SENTENCE


def test_somebody_without_a_role_is_refused_and_told_what_would_allow_it(
    psdmon: Typed, site: Site
) -> None:
    for role in site.store.role_holders()[site.actor]:
        site.store.revoke(site.actor, role, actor="tests", at=NOW)
    result = psdmon("alerts", "list")

    assert result.exit_code == 5
    assert "roles held: none; possible: ask whoever holds administrator" in result.stderr


def test_an_analyst_sees_tokens_and_may_not_unmask_or_act(psdmon: Typed, site: Site) -> None:
    for role in site.store.role_holders()[site.actor] - {"analyst"}:
        site.store.revoke(site.actor, role, actor="tests", at=NOW)
    codes = [
        psdmon(*words).exit_code
        for words in (
            ("alerts", "list"),
            ("alerts", "show", "A-7F", "--unmask", *PURPOSE),
            ("alerts", "take", "A-7F"),
            ("alerts", "export", "--masked"),
            ("audit", "show"),
        )
    ]

    assert codes == [0, 5, 5, 5, 5]


def test_the_queue_is_shown_without_loading_the_engines_of_analysis(
    site: Site, environment: dict[str, str]
) -> None:
    code = (
        "import sys; from monitor.cli.main import shell\n"
        "shell(['alerts', 'list'], standalone_mode=False)\n"
        "print(sorted({'scipy', 'duckdb', 'pyarrow', 'deltalake'} & set(sys.modules)))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )

    assert site.home.database.is_file()
    assert told.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", sorted(command.commands))
def test_every_command_teaches_by_an_example(typed: Typed, name: str) -> None:
    result = typed("alerts", name, "--help")

    assert result.exit_code == 0
    assert f"Example: psdmon alerts {name}" in result.stdout

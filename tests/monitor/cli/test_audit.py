"""`psdmon audit`: the chain verified and read, and every edit of the store found."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from monitor.wiring import Site
from tests.homes import NOW, three_alerts, with_queue

Typed = Callable[..., Result]


@pytest.fixture
def site(root: Path) -> Site:
    """A home whose queue holds three alerts."""
    return with_queue(root, three_alerts())


@pytest.fixture
def psdmon(typed: Typed, site: Site) -> Typed:
    """A function that runs psdmon in that home."""
    assert site.home.database.is_file()
    return lambda *words: typed(*words, at=NOW.isoformat())


def edit(site: Site, sql: str) -> None:
    """Change the store past psdmon."""
    site.store.close()
    with sqlite3.connect(site.home.database) as connection:
        connection.execute(sql)
    connection.close()


def test_a_chain_as_it_was_written_is_said_to_be_so(psdmon: Typed, site: Site) -> None:
    entries = site.store.head().seq
    result = psdmon("audit", "verify")

    assert result.exit_code == 0
    assert result.stdout.startswith(f"{entries} entries: each is as it was written")


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("update chain set actor = 'somebody' where seq = 9", "entry 9"),
        ("delete from chain where seq = 9", "entry 10"),
        ("update alert set status = 'closed' where alert_id = 'A-7F3K9Q2M'", "A-7F3K9Q2M"),
    ],
)
def test_an_edit_past_psdmon_is_found_and_ends_with_exit_code_4(
    psdmon: Typed, site: Site, sql: str, says: str
) -> None:
    edit(site, f"pragma foreign_keys = off; {sql}" if ";" in sql else sql)
    told, as_json = psdmon("audit", "verify"), psdmon("audit", "verify", "--json")

    assert told.exit_code == as_json.exit_code == 4
    assert says in told.stdout
    assert json.loads(as_json.stdout)["intact"] is False
    assert "possible: keep this home as it is" in told.stderr


def test_the_chain_answers_who_looked_at_an_alert(psdmon: Typed, site: Site) -> None:
    psdmon("alerts", "show", "A-7F", "--unmask", "--purpose", "complaint 17")
    document = json.loads(psdmon("audit", "show", "--about", "a-7f", "--json").stdout)

    assert [(entry["kind"], entry["actor"]) for entry in document["entries"]] == [
        ("alert.raised", "tests"),
        ("alert.shown", site.actor),
    ]
    assert document["entries"][1]["purpose"] == "complaint 17"
    assert document["entries"][1]["facts"]["masked"] is False


def test_the_chain_answers_what_somebody_did(psdmon: Typed, site: Site) -> None:
    psdmon("alerts", "take", "A-7F")
    words = ("audit", "show", "--actor", site.actor, "--kind", "alert.", "--last", "1")
    result = psdmon(*words)

    assert "alert.action" in result.stdout
    assert "action take, status taken" in " ".join(result.stdout.split())
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_reading_the_chain_is_an_entry_of_it(psdmon: Typed, site: Site) -> None:
    psdmon("audit", "show")
    last = list(site.store.chain())[-1]

    assert (last.kind, last.actor) == ("chain.shown", site.actor)


def test_nothing_that_fits_is_said_in_words(psdmon: Typed) -> None:
    result = psdmon("audit", "show", "--actor", "nobody")

    assert result.stdout == "No entry of the chain fits what was asked for.\n"

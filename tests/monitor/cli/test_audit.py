"""`psdmon audit`: the chain verified and read, and every edit of the store found."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from monitor.wiring import Site
from tests.homes import NOW, a_judged_day

Typed = Callable[..., Result]


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


def test_a_list_and_an_export_in_which_an_alert_stood_are_looks_at_it(
    psdmon: Typed, tmp_path: Path
) -> None:
    psdmon("alerts", "list")
    psdmon("alerts", "export", "--masked", "--out", str(tmp_path / "a.jsonl"))
    document = json.loads(psdmon("audit", "show", "--alert", "A-7f", "--json").stdout)

    kinds = [entry["kind"] for entry in document["entries"]]
    assert kinds == ["alert.raised", "alert.listed", "alert.exported"]


def test_the_chain_is_read_between_two_moments(psdmon: Typed) -> None:
    words = ("audit", "show", "--json", "--from", "2026-03-05T03:00:00Z")
    told = json.loads(psdmon(*words, "--to", "2026-03-06").stdout)
    later = json.loads(psdmon(*words, "--to", "2026-03-05T03:00:00Z").stdout)

    assert {entry["at"][:10] for entry in told["entries"]} == {"2026-03-05"}
    assert later["entries"] == []


def test_what_somebody_typed_for_a_purpose_shows_no_id_to_an_auditor(
    psdmon: Typed, site: Site
) -> None:
    psdmon("alerts", "show", "A-7F", "--unmask", "--purpose", "did u00123 look at P0001.")
    (shown,) = json.loads(psdmon("audit", "show", "--kind", "alert.shown", "--json").stdout)[
        "entries"
    ]

    staff, record = site.masker.staff("U00123"), site.masker.record("P0001")
    assert shown["purpose"] == f"did {staff} look at {record}."


def checkpointed(psdmon: Typed, path: Path) -> dict[str, Any]:
    """A checkpoint of the chain as it stands, lodged at a path."""
    result = psdmon("audit", "checkpoint", "--out", str(path), "--json")
    assert result.exit_code == 0, result.stderr
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def test_a_checkpoint_names_the_end_of_the_chain_and_is_kept_twice(
    psdmon: Typed, site: Site, tmp_path: Path
) -> None:
    made = checkpointed(psdmon, tmp_path / "one.json")
    last = list(site.store.chain())[-1]

    assert (made["seq"], made["hash"], last.kind) == (last.seq, last.hash, "chain.checkpointed")
    assert (site.home.keys / "checkpoint.pub").read_text().strip() == made["public_key"]
    (kept,) = site.home.checkpoints.iterdir()
    assert kept.read_text() == (tmp_path / "one.json").read_text()
    assert (site.home.keys / "checkpoint.key").stat().st_mode & 0o077 == 0


def test_a_chain_that_grew_since_still_holds_what_was_lodged(psdmon: Typed, tmp_path: Path) -> None:
    checkpointed(psdmon, tmp_path / "one.json")
    psdmon("alerts", "take", "A-7F")

    result = psdmon("audit", "verify", "--against", str(tmp_path / "one.json"))

    assert result.exit_code == 0
    assert "It still holds what the checkpoint names." in result.stdout


def test_an_older_copy_put_in_place_of_the_store_is_found_against_what_was_lodged(
    psdmon: Typed, site: Site, tmp_path: Path
) -> None:
    site.store.close()
    older = shutil.copytree(site.home.root, tmp_path / "older")
    lodged = tmp_path / "lodged"
    lodged.mkdir()
    checkpointed(psdmon, lodged / "one.json")
    shutil.copy(site.home.keys / "checkpoint.pub", lodged)
    site.store.close()
    shutil.rmtree(site.home.root)
    shutil.copytree(older, site.home.root)  # all of the home, its own checkpoints included

    alone = psdmon("audit", "verify")
    words = ("--against", str(lodged / "one.json"), "--key", str(lodged / "checkpoint.pub"))
    against = psdmon("audit", "verify", *words)

    assert (alone.exit_code, against.exit_code) == (0, 4)
    assert "a checkpoint names it, and the chain ends at entry" in against.stdout


def test_an_older_copy_of_the_database_alone_is_found_without_what_was_lodged(
    psdmon: Typed, site: Site, tmp_path: Path
) -> None:
    site.store.close()
    older = shutil.copy(site.home.database, tmp_path / "older.db")
    checkpointed(psdmon, tmp_path / "one.json")
    site.store.close()
    for left in site.home.root.glob("psdmon.db-*"):
        left.unlink()
    shutil.copy(older, site.home.database)

    assert psdmon("audit", "verify").exit_code == 4


def test_a_checkpoint_that_was_changed_or_forged_counts_for_nothing(
    psdmon: Typed, tmp_path: Path
) -> None:
    path = tmp_path / "one.json"
    made = checkpointed(psdmon, path)
    path.write_text(json.dumps({**json.loads(path.read_text()), "seq": made["seq"] - 1}))
    (tmp_path / "two.json").write_text("{}")
    words = ("--against", str(path), "--against", str(tmp_path / "two.json"))

    result = psdmon("audit", "verify", *words, "--json")

    places = [one["place"] for one in json.loads(result.stdout)["discrepancies"]]
    assert (result.exit_code, places) == (4, ["one.json", "two.json"])


def test_an_exported_file_that_was_changed_is_found(psdmon: Typed, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    psdmon("alerts", "export", "--masked", "--out", str(path))
    as_written = psdmon("audit", "verify", "--export", str(path))
    path.write_text(path.read_text().replace("open", "closed"), encoding="utf-8")
    changed = psdmon("audit", "verify", "--export", str(path))

    assert (as_written.exit_code, changed.exit_code) == (0, 4)
    assert "a.jsonl: no export of this home wrote it" in changed.stdout


def test_loads_that_were_judged_and_are_gone_from_the_lake_are_found(
    psdmon: Typed, site: Site
) -> None:
    day = date(2026, 3, 3)
    at = site.clock.now()
    assert site.store.days.claim(day, owner="tests", at=at, lease=timedelta(hours=1))
    judged = a_judged_day(day=day, loaded_seq=41)
    site.store.days.finish(judged, alerts=[], owner="tests", at=at)

    result = psdmon("audit", "verify")

    assert result.exit_code == 4
    assert "lake, events: it stands at version 0, and version 41 was judged" in result.stdout


def test_nothing_that_fits_is_said_in_words(psdmon: Typed) -> None:
    result = psdmon("audit", "show", "--actor", "nobody")

    assert result.stdout == "No entry of the chain fits what was asked for.\n"

"""What config/feeds.toml may say, and how it is told what it may not."""

import re
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from alerts.errors import Misused
from monitor.settings import shipped_config
from monitor.sources.declared import (
    Declared,
    FileFeed,
    FolderFeed,
    Health,
    TableFeed,
    declared_at,
)
from tests.monitor.sources.fed import Fed

SHIPPED = (shipped_config() / "feeds.toml").read_text(encoding="utf-8")
EXAMPLES = re.sub(r"(?m)^# (?=\[\[feed\]\]|\w+ = )", "", SHIPPED)
FOLDER = 'name = "rms"\nkind = "folder"\ntable = "events"\nprofile = "canonical"\n'
TABLE = 'name = "db"\nkind = "table"\ntable = "events"\nprofile = "canonical"\nrelation = "log"\n'


def test_as_shipped_no_feed_is_active_and_the_rest_are_the_defaults_of_the_code() -> None:
    told = tomllib.loads(SHIPPED)

    assert Declared.model_validate(told) == Declared()
    assert set(told["health"]) == set(Health.model_fields)


@pytest.mark.parametrize("model", [FolderFeed, FileFeed, TableFeed])
def test_an_example_is_shown_of_every_kind_with_every_key(model: type[BaseModel]) -> None:
    examples = {entry["kind"]: entry for entry in tomllib.loads(EXAMPLES)["feed"]}
    kinds = {FolderFeed: "folder", FileFeed: "file", TableFeed: "table"}

    assert set(examples[kinds[model]]) == set(model.model_fields)
    assert Declared.model_validate(tomllib.loads(EXAMPLES)).feed


def test_every_key_of_the_shipped_file_says_its_reason_where_it_first_stands() -> None:
    told: set[str] = set()
    bare = []
    for line in EXAMPLES.splitlines():
        key = re.match(r"(\w+) = ", line)
        if key and key[1] not in told | {"format"}:
            told.add(key[1])
            bare += [] if re.search(r"\s# \w+ \w+", line) or key[1] == "name" else [line]

    assert not bare


def test_every_problem_is_told_at_once_with_its_place_and_no_secret(fed: Fed) -> None:
    fed.declare(
        FOLDER + 'path = "relative"\nsettle = 3\n',
        TABLE + 'url = "postgresql://user:hunter2@host/db"\n',
        TABLE + 'url = "sqlite:///x.db"\npassword_env = "A"\npassword_file = "b"\n',
        'kind = "socket"\n',
        health="fall_pvalue = 0.5",
    )

    with pytest.raises(Misused) as trouble:
        declared_at(fed.root / "config")

    lines = str(trouble.value).splitlines()
    assert "hunter2" not in str(trouble.value)
    assert [line.split(": ")[0].strip() for line in lines[1:]] == [
        "health.fall_pvalue",
        "feed.0.folder.path",
        "feed.0.folder.settle",
        "feed.1.table.url",
        "feed.2.table",
        "feed.3",
    ]


def test_a_name_used_twice_and_a_profile_that_does_not_fit_are_told(fed: Fed) -> None:
    fed.declare(
        FOLDER + 'path = "/srv/a"\n',
        FOLDER.replace("canonical", "gone") + 'path = "/srv/b"\n',
        FOLDER.replace('"events"', '"staff"').replace("canonical", "ocsf").replace("rms", "hr")
        + 'path = "/srv/c"\n',
    )

    with pytest.raises(Misused) as trouble:
        declared_at(fed.root / "config")

    assert [line.strip()[:60] for line in str(trouble.value).splitlines()[1:]] == [
        "rms: is declared twice; possible: a name for each",
        "feed.1 (rms).profile: 'gone' is none; possible: canonical, e",
        "feed.2 (hr).table: profile ocsf: does not read staff; possib",
    ]


def test_a_feed_that_is_not_declared_is_told_with_those_that_are(fed: Fed) -> None:
    fed.declare(FOLDER + 'path = "/srv/a"\n')
    declared = declared_at(fed.root / "config")

    with pytest.raises(Misused, match="feed pnc: is not declared; possible: rms"):
        declared.named(("rms", "pnc"))


def test_a_home_from_before_there_were_feeds_has_none(tmp_path: Path) -> None:
    assert declared_at(tmp_path) == Declared()

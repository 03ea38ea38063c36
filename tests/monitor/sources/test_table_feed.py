"""Stories of a table of somebody else's database: late commits, pages, and no way to write."""

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from alerts.errors import Misused
from monitor.sources import declared_at, table, unreachable
from monitor.sources.declared import TableFeed
from monitor.sources.secrets import password_of
from tests.monitor.sources.fed import NOW, Fed, counts, ids

TABLE = """
name = "custody"
kind = "table"
table = "events"
profile = "canonical"
source = "custody"
url = "{url}"
relation = "access_log"
key = "id"
page_rows = 3
"""
MADE = """
CREATE TABLE access_log (id integer PRIMARY KEY, event_id text, occurred_at text, user_id text,
                         system text, action text, subject_id text)
"""


def values(number: int, *, at: str = "2026-03-01T09:00:00Z") -> tuple[object, ...]:
    """One access as a row."""
    return (number, f"E{number}", at, "U1", "CUSTODY", "view", f"P{number}")


@pytest.fixture
def lite(fed: Fed) -> Iterator[sqlite3.Connection]:
    """An SQLite database with an empty log, declared as a feed."""
    path = fed.folder / "custody.db"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(MADE)
    fed.declare(TABLE.replace("{url}", f"sqlite:///{path}"))
    yield connection
    connection.close()


def insert(connection: sqlite3.Connection, *numbers: int) -> None:
    """Write accesses into the log."""
    marks = ",".join("?" * 7)
    rows = [values(number) for number in numbers]
    connection.executemany(f"INSERT INTO access_log VALUES ({marks})", rows)


def test_rows_are_read_in_pages_and_each_once(fed: Fed, lite: sqlite3.Connection) -> None:
    insert(lite, *range(1, 9))
    first = fed.read()
    insert(lite, 9, 10)
    second, third = fed.read(), fed.read()

    assert [counts(one) for one in (first, second)] == [(8, 8, 0, 0), (10, 2, 8, 0)]
    assert third.counts["stored"] == 0
    assert fed.stored() == ids(1, 10)
    assert len(fed.told()) == 2


def test_a_refused_row_waits_with_its_table_and_key_and_can_be_tried_again(
    fed: Fed, lite: sqlite3.Connection
) -> None:
    insert(lite, 1, 2)
    lite.execute("UPDATE access_log SET occurred_at = 'yesterday' WHERE id = 2")

    reports = [fed.read(), fed.read()]

    assert [counts(report) for report in reports] == [(2, 1, 0, 1), (2, 0, 1, 1)]
    [waiting] = fed.waiting()
    assert (waiting.file, waiting.line) == ("custody/access_log#id", 2)
    assert len(fed.told()) == 1
    assert fed.retried().read == 1


def test_rows_that_share_a_time_are_never_cut_apart_by_a_page(
    fed: Fed, lite: sqlite3.Connection
) -> None:
    for number in range(1, 12):
        at = f"2026-03-01T09:0{number // 5}:00Z"
        lite.execute("INSERT INTO access_log VALUES (?,?,?,?,?,?,?)", values(number, at=at))
    url = f"sqlite:///{fed.folder}/custody.db"
    fed.declare(TABLE.replace("{url}", url).replace('key = "id"', 'key = "occurred_at"'))

    assert counts(fed.read()) == (11, 11, 0, 0)
    lite.execute(
        "INSERT INTO access_log VALUES (?,?,?,?,?,?,?)", values(12, at="2026-03-01T09:02:00Z")
    )
    assert fed.read().counts["stored"] == 1


def test_a_table_that_was_emptied_and_numbered_anew_is_told_and_read(
    fed: Fed, lite: sqlite3.Connection
) -> None:
    insert(lite, 7, 8, 9)
    fed.read()
    lite.execute("DELETE FROM access_log")
    insert(lite, 1, 2)

    report = fed.read()

    assert counts(report) == (2, 2, 0, 0)
    [told] = report.noticed
    assert (told.kind, told.detail) == ("cut_short", "id 9")
    assert "was read up to id 9, and now the highest is 2" in told.says
    assert fed.read().noticed == ()


def test_a_reference_table_without_a_key_is_read_whole_and_told_when_it_changed(
    fed: Fed, lite: sqlite3.Connection
) -> None:
    lite.execute("CREATE VIEW people AS SELECT user_id, 'response' AS role FROM access_log")
    insert(lite, 1)
    url = f"sqlite:///{fed.folder}/custody.db"
    fed.declare(
        TABLE.replace("{url}", url)
        .replace('table = "events"', 'table = "staff"')
        .replace("access_log", "people")
        .replace('key = "id"', "")
    )

    reports = [fed.read(), fed.read()]

    assert [counts(report) for report in reports] == [(1, 1, 0, 0), (1, 0, 1, 0)]
    assert len(fed.told()) == 1


def test_many_rows_are_stored_and_written_down_part_by_part(
    fed: Fed, lite: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "_MOST_ROWS", 4)
    monkeypatch.setattr(table, "_YOUNG_ROWS", 2)
    insert(lite, *range(1, 13))

    fed.read()
    insert(lite, 13)

    assert [told["key"] for told in fed.told()] == [6, 12]
    assert counts(fed.read()) == (4, 1, 3, 0)


def test_nothing_can_be_written_and_no_statement_runs_for_ever_in_sqlite(
    fed: Fed, lite: sqlite3.Connection
) -> None:
    lite.execute(
        "CREATE VIEW slow AS WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n)"
        " SELECT id, 'x' AS event_id, 'x' AS occurred_at, 'x' AS user_id, 'x' AS system,"
        " 'x' AS action FROM n WHERE id < 0"
    )
    url = f"sqlite:///{fed.folder}/custody.db"
    slow = TABLE.replace("{url}", url).replace("access_log", "slow")
    fed.declare(slow + "timeout_seconds = 0.1\n")

    assert fed.read().problem == (f"feed custody: {url} slow: cannot be read: interrupted")


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (("access_log", "gone"), "gone: is not there, or may not be seen by this user"),
        (('"id"', '"number"'), "has no column number; found: id, event_id, occurred_at"),
        (("custody.db", "nowhere.db"), "cannot be read: unable to open database file"),
        (("sqlite://", "cobol+tape://"), "url: no driver for cobol+tape is installed"),
    ],
)
def test_what_keeps_a_table_from_being_read_is_told(
    fed: Fed, lite: sqlite3.Connection, changed: tuple[str, str], says: str
) -> None:
    insert(lite, 1)
    path = fed.root / "config" / "feeds.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(*changed), encoding="utf-8")
    [feed] = declared_at(fed.root / "config").feed

    report = fed.read()

    assert says in report.problem
    assert unreachable(feed) == report.problem


def a_feed(**changed: str) -> TableFeed:
    """A feed of a table, by its facts."""
    facts = {"name": "db", "kind": "table", "table": "events", "profile": "canonical"}
    return TableFeed.model_validate(facts | {"url": "sqlite:///x", "relation": "log"} | changed)


def test_a_password_comes_from_the_environment_a_file_or_a_credential(tmp_path: Path) -> None:
    (tmp_path / "custody-password").write_text("from the file\n", encoding="utf-8")
    environ = {"CUSTODY": "from outside", "CREDENTIALS_DIRECTORY": str(tmp_path)}
    path, bare = str(tmp_path / "custody-password"), "custody-password"
    named = ({}, {"password_env": "CUSTODY"}, {"password_file": path}, {"password_file": bare})

    told = [password_of(a_feed(**one), environ=environ) for one in named]

    assert told == [None, "from outside", "from the file", "from the file"]
    for missing in ({"password_env": "GONE"}, {"password_file": bare}):
        with pytest.raises(Misused, match="is not set; possible"):
            password_of(a_feed(**missing), environ={})


# PostgreSQL

POSTGRES = """
CREATE SCHEMA audit;
CREATE TABLE audit.access_log (id bigint GENERATED ALWAYS AS IDENTITY, occurred_at timestamptz,
                               user_id text, system text, action text, subject_id text, more jsonb);
"""
INSERT = (
    "INSERT INTO audit.access_log (occurred_at, user_id, system, action, subject_id, more)"
    " VALUES ('2026-03-01 10:00+01', 'U1', 'CUSTODY', 'view', 'P1', '{\"a\": [1, null]}')"
)


@pytest.fixture
def audit(fed: Fed, postgresql_url: str) -> str:
    """A PostgreSQL database with an empty log, declared as a feed; how to connect to it."""
    address = postgresql_url.replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(POSTGRES.encode())
    declared = TABLE.replace("{url}", postgresql_url)
    fed.declare(declared.replace('"access_log"', '"audit.access_log"'))
    return address


@pytest.mark.postgresql
def test_a_row_that_commits_late_with_a_lower_key_is_not_lost(fed: Fed, audit: str) -> None:
    with psycopg.connect(audit) as late, psycopg.connect(audit, autocommit=True) as prompt:
        late.execute(INSERT)  # takes key 1, and is not committed
        for _ in range(4):
            prompt.execute(INSERT)
        before = fed.read()
        prompt.execute(INSERT)
        between = fed.read(at=NOW + timedelta(minutes=60))
        late.commit()
        after = fed.read(at=NOW + timedelta(minutes=110))

    assert [r.counts["stored"] for r in (before, between, after)] == [4, 1, 1]
    assert sorted(fed.stored("line")) == [1, 2, 3, 4, 5, 6]
    assert fed.read(at=NOW + timedelta(minutes=120)).counts["stored"] == 0


@pytest.mark.postgresql
def test_after_an_outage_the_look_back_reaches_behind_the_last_reading(
    fed: Fed, audit: str
) -> None:
    with psycopg.connect(audit, autocommit=True) as prompt, psycopg.connect(audit) as late:
        for hours in range(6):
            prompt.execute(INSERT)
            if hours == 4:
                late.execute(INSERT)
                prompt.execute(INSERT)
            fed.read(at=NOW + timedelta(hours=hours))
        late.commit()
        report = fed.read(at=NOW + timedelta(days=5))

    assert counts(report) == (5, 1, 4, 0)  # from the key that stood highest two hours before


@pytest.mark.postgresql
def test_times_and_nested_values_come_as_a_file_would_give_them(fed: Fed, audit: str) -> None:
    with psycopg.connect(audit, autocommit=True) as connection:
        connection.execute(INSERT)

    fed.read()

    assert [str(at) for at in fed.stored("occurred_at")] == ["2026-03-01 09:00:00"]
    assert fed.stored("extra") == ['{"id": "1", "more": "{\\"a\\": [1, null]}"}']


@pytest.mark.postgresql
def test_nothing_can_be_written_and_no_statement_runs_for_ever_in_postgresql(
    fed: Fed, audit: str
) -> None:
    with psycopg.connect(audit, autocommit=True) as connection:
        connection.execute(INSERT)
        connection.execute(
            "CREATE FUNCTION audit.meddled() RETURNS text LANGUAGE sql AS"
            " $$ INSERT INTO audit.access_log (user_id) VALUES ('U9') RETURNING user_id $$"
        )
        connection.execute(
            "CREATE VIEW audit.meddling AS SELECT id, occurred_at, audit.meddled() AS user_id,"
            " system, action FROM audit.access_log"
        )
        connection.execute(
            "CREATE VIEW audit.slow AS SELECT id, occurred_at, pg_sleep(30)::text AS user_id,"
            " system, action FROM audit.access_log"
        )
        path = fed.root / "config" / "feeds.toml"
        text = path.read_text(encoding="utf-8")
        said = []
        for view in ("meddling", "slow"):
            changed = text.replace("audit.access_log", f"audit.{view}")
            path.write_text(f"{changed}timeout_seconds = 0.2\n", encoding="utf-8")
            said.append(fed.read().problem.partition("cannot be read: ")[2])
        [[rows]] = connection.execute("SELECT count(*) FROM audit.access_log").fetchall()

    assert "25006" in said[0] or "read-only transaction" in said[0]
    assert said[1] == "canceling statement due to statement timeout"
    assert rows == 1


@pytest.mark.postgresql
def test_a_database_that_does_not_answer_is_told_without_its_password(fed: Fed) -> None:
    fed.declare(
        TABLE.replace("{url}", "postgresql://127.0.0.1:1/custody")
        + 'user = "reader"\npassword_file = "/dev/null"\n'
    )

    problem = fed.read().problem

    assert problem.startswith("feed custody: postgresql://127.0.0.1:1/custody access_log: cannot")
    assert "connection failed" in problem

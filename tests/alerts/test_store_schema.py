"""The schema: migrations that make what the code wants, by whoever comes first, from any place."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import event, text

from alerts.errors import Busy, DataRefused, IntegrityBroken, Misused
from alerts.schema import metadata, operational
from alerts.store import Store
from alerts.store.database import altering, writing
from alerts.store.migrating import newest
from tests.alerts.stores import HOME_ID, judged
from tests.factories import a_moment, an_alert

ROOT = Path(__file__).resolve().parents[2]
AT = a_moment("2026-03-02T09:00:00Z")
NEWEST = newest()


@pytest.fixture
def empty_url(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The URL of a database without any table."""
    if database == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    return str(request.getfixturevalue("postgresql_url"))


@pytest.fixture
def empty(empty_url: str) -> Iterator[Store]:
    """A store without any table."""
    store = Store.at(empty_url)
    yield store
    store.close()


def test_migrations_make_the_schema_that_the_code_wants(empty: Store) -> None:
    empty.migrate()

    with empty.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, [metadata, operational]) == []


def test_a_store_is_ready_when_migrated_and_begun(empty: Store) -> None:
    seen = [(empty.schema_version(), empty.ready())]
    empty.migrate()
    seen.append((empty.schema_version(), empty.ready()))
    empty.begin(HOME_ID, actor="init", at=AT)
    seen.append((empty.schema_version(), empty.ready()))

    assert seen == [("", False), (NEWEST, False), (NEWEST, True)]


def test_migrating_again_changes_nothing(store: Store) -> None:
    judged(store, an_alert())
    before = list(store.chain())

    store.migrate()

    assert (list(store.chain()), store.alerts()) == (before, [an_alert()])


def test_several_who_migrate_at_once_do_not_get_in_each_others_way(empty_url: str) -> None:
    stores = [Store.at(empty_url) for _ in range(6)]

    with ThreadPoolExecutor(len(stores)) as pool:
        list(pool.map(Store.migrate, stores))

    assert [store.schema_version() for store in stores] == [NEWEST] * 6
    for store in stores:
        store.close()


def test_a_migration_that_meets_trouble_leaves_nothing(empty: Store) -> None:
    half_done = text("CREATE TABLE half_done (id integer)")
    with pytest.raises(Misused), altering(empty.engine) as connection:
        _then_fails(connection.execute(half_done))

    empty.migrate()
    assert empty.schema_version() == NEWEST
    with empty.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, [metadata, operational]) == []


def test_a_store_of_a_newer_psdmon_is_left_alone(store: Store) -> None:
    with store.engine.connect() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.commit()

    with pytest.raises(
        Misused,
        match=rf"its schema 9999 is newer than this psdmon knows \({NEWEST}\); possible: the",
    ):
        store.migrate()
    assert not store.ready()
    with store.engine.connect() as connection:
        connection.execute(text(f"UPDATE alembic_version SET version_num = '{NEWEST}'"))
        connection.commit()


def test_a_store_without_tables_says_what_makes_them(empty: Store) -> None:
    with pytest.raises(
        Misused, match=r"^store \S+: has not the tables of this psdmon; possible: psdmon init$"
    ):
        empty.alerts()


def test_nothing_is_written_before_the_chain_has_begun(empty: Store) -> None:
    empty.migrate()

    with pytest.raises(Misused, match=r"^chain: it begins .* possible: psdmon init$"):
        empty.record("scan.finished", actor="scan", at=AT)


def test_an_empty_chain_that_has_not_begun_is_intact(empty: Store) -> None:
    empty.migrate()

    assert empty.verify().intact


@pytest.mark.parametrize(
    ("url", "refusal"),
    [
        ("mysql://u:secret@h/d", r"^store: mysql is unknown; possible: sqlite:////path"),
        ("no url", r"^store: the URL cannot be read; possible: sqlite:////path"),
    ],
)
def test_a_url_of_another_database_is_refused(url: str, refusal: str) -> None:
    with pytest.raises(Misused, match=refusal):
        Store.at(url)


def test_a_server_that_does_not_answer_is_named_without_its_password() -> None:
    store = Store.at("postgresql://u:secret@127.0.0.1:1/d?application_name=x")

    with pytest.raises(Busy) as refusal:
        store.alerts()

    assert str(refusal.value) == (
        "store postgresql+psycopg://u:***@127.0.0.1:1/d: does not answer;"
        " possible: start it, or try again"
    )


def test_a_file_that_is_no_database_is_called_broken(tmp_path: Path) -> None:
    path = tmp_path / "psdmon.db"
    path.write_bytes(b"this was never a database" * 99)
    store = Store.at(f"sqlite:///{path}")

    with pytest.raises(IntegrityBroken, match="cannot be read as a database; possible: put the"):
        store.alerts()
    store.close()


def test_a_folder_that_is_not_there_is_no_place_for_a_store(tmp_path: Path) -> None:
    store = Store.at(f"sqlite:///{tmp_path / 'nowhere' / 'psdmon.db'}")

    with pytest.raises(Misused, match="may not be opened or written by this user"):
        store.migrate()


def test_a_file_that_may_only_be_read_says_so(fresh_sqlite_url: str) -> None:
    path = fresh_sqlite_url.removeprefix("sqlite:///")
    store = Store.at(f"sqlite:///file:{path}?mode=ro&uri=true")

    with pytest.raises(Misused, match="may not be opened or written by this user"):
        store.record("scan.finished", actor="scan", at=AT)
    assert store.head().seq == 1
    store.close()


def test_an_embedded_store_keeps_readers_and_writer_apart(fresh_sqlite_url: str) -> None:
    store = Store.at(fresh_sqlite_url)

    pragmas = ("journal_mode", "busy_timeout", "foreign_keys", "synchronous")
    with store.engine.connect() as connection:
        kept = {p: connection.exec_driver_sql(f"PRAGMA {p}").scalar_one() for p in pragmas}

    assert kept == {
        "journal_mode": "wal",
        "busy_timeout": 30_000,
        "foreign_keys": 1,
        "synchronous": 2,
    }
    store.close()


def test_a_reader_sees_one_moment_while_others_write(store: Store) -> None:
    entries = store.chain()
    first = next(entries)

    store.record("alert.shown", actor="auditor", at=AT)

    assert [first.seq, *(entry.seq for entry in entries)] == [1]
    assert store.head().seq == 2


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_writer_that_is_kept_waiting_too_long_is_told_so(store: Store) -> None:
    impatient = Store.at(store.engine.url.render_as_string())
    event.listen(
        impatient.engine, "connect", lambda one, _: one.execute("PRAGMA busy_timeout = 50")
    )

    with writing(store.engine), pytest.raises(Busy, match="held by another writer for 30 s"):
        impatient.record("alert.shown", actor="auditor", at=AT)
    impatient.close()


@pytest.mark.postgresql
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_writer_waits_no_longer_for_a_server_than_for_a_file(store: Store) -> None:
    with writing(store.engine) as connection:
        waits = connection.execute(text("SHOW lock_timeout")).scalar_one()

    assert waits == "30s"


def test_no_value_of_a_row_is_in_a_message(store: Store) -> None:
    judged(store, an_alert(subject_ids=("P-SECRET",)))

    with pytest.raises(Exception, match="alert_subject") as trouble, store.engine.begin() as c:
        c.execute(
            metadata.tables["alert_subject"].insert(),
            {"alert_id": "A-7F3K9Q2M", "subject_id": "P-SECRET"},
        )
    assert "parameters hidden" in str(trouble.value)


def test_an_id_that_no_database_can_hold_is_refused_or_kept_whole(store: Store) -> None:
    refused: list[str] = []
    try:
        judged(store, an_alert(subject_ids=("P\0",), focus_subject_id="P\0"))
    except DataRefused as refusal:
        refused.append(str(refusal).partition(": ")[2])

    kept = [alert.subject_ids for alert in store.alerts()]
    assert (refused, kept) in (
        (["a value holds a NUL or half a character; possible: plain text"], []),
        ([], [("P\0",)]),
    )
    assert store.verify().intact


def test_an_installed_package_migrates_without_the_checkout(tmp_path: Path) -> None:
    for package in ("alerts", "detectors"):
        shutil.copytree(ROOT / package, tmp_path / "site" / package)
    script = (
        "from alerts.store import Store; import alerts; print(alerts.__file__);"
        f"s = Store.at('sqlite:///{tmp_path / 'here.db'}'); s.migrate(); print(s.schema_version())"
    )

    shown = subprocess.run(
        [sys.executable, "-W", "error", "-P", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
        check=True,
        capture_output=True,
        text=True,
    )

    assert shown.stdout.split() == [str(tmp_path / "site" / "alerts" / "__init__.py"), NEWEST]


def _then_fails(_: object) -> None:
    """Trouble after the first statement."""
    raise Misused("schema: the second statement is no good; possible: none")

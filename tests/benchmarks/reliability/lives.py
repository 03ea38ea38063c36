"""A small home on its way from files to alerts: each step a command, and what holds after."""

import csv
import hashlib
import json
import shutil
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from alembic import command
from click.testing import CliRunner
from sqlalchemy import Connection, MetaData

from alerts.contract import as_contract
from alerts.schema import metadata
from alerts.store import Store
from alerts.store.database import altering
from alerts.store.migrating import revisions, settings_for
from monitor.cli.init import HOME_ID
from monitor.cli.main import shell
from monitor.clock import FixedClock
from monitor.ingest import quarantined_rows
from monitor.wiring import Site, open_site
from tests.alerts.tamperings import Rows, held_by
from tests.benchmarks.reliability.worlds import EVENTS, World, a_home, world

SEED, STAFF, WEEKS, CASES = 831, 50, 6, 6
SETTINGS = {
    "chance_alerts_per_1000_user_weeks = 1.0": "chance_alerts_per_1000_user_weeks = 60.0",
    "warm_up_days = 28": "warm_up_days = 14",
    "reference_days = 56": "reference_days = 14",
    "threads = 2 ": "threads = 1 ",
    "second_person = true ": "second_person = false ",
    'second_person_reason = ""': 'second_person_reason = "a trial"',
}
KEPT_DETECTORS = ("burst", "repeat_subject", "circle", "unexplained_days")
CHANNEL = """
[[channel]]
name = "file"
kind = "file"
role = "reviewer"
reaches = ["{who}"]
path = "{path}"
at_once = ["urgent", "high", "normal"]
digest_hours = 0
gather_minutes = 0
most_at_once = 50
"""
BAD = b'"broken, row\n"E9","never","U1"\n"E8",2026-01-05T00:00:00Z,U1\n'
AFTER = timedelta(hours=1)  # after which a command is given again


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One command line, or a few of one kind.

    Attributes:
        name: what is killed.
        words: the commands, each by its words; ALERT stands for the first alert of the queue.
        hours: after the end of the world, at which it is given.
        again: exit codes with which it may end when it had been done already.
    """

    name: str
    words: Sequence[Sequence[str]]
    hours: int
    again: frozenset[int] = frozenset({0})


def run(root: Path, step: Step, *, ends: datetime, later: timedelta = timedelta()) -> list[int]:
    """The exit codes of the commands of a step."""
    codes = []
    for words in step.words:
        clock = FixedClock(ends + timedelta(hours=step.hours) + later)
        given = [_first_alert(root, clock) if word == "ALERT" else word for word in words]
        result = CliRunner().invoke(shell, ["--home", str(root), *given], obj=clock)
        codes.append(result.exit_code)
        if result.exit_code not in step.again:
            raise RuntimeError(f"{' '.join(given)}: {result.exit_code}: {result.output[-1500:]}")
    return codes


def a_life(folder: Path, *, url: str = "") -> datetime:
    """The end of a world, whose files are written, and for which a home waits for `init`."""
    found = world(folder / "made", staff=STAFF, weeks=WEEKS, seed=SEED, cases=CASES, activity=0.4)
    files = folder / "files"
    files.mkdir(parents=True, exist_ok=True)
    _write_files(found, files)
    root = folder / "home"
    with closing(a_home(root, at=found.ends, changes=SETTINGS, url=url)) as site:
        few_detectors(site.home.config / "detectors.toml")
        channel = CHANNEL.format(who=site.actor, path=root / "told.jsonl")
        (site.home.config / "notify.toml").write_text(channel, encoding="utf-8")
        if not url:  # a database that was begun belongs to its home
            site.home.database.unlink()
            shutil.rmtree(site.home.keys)
            (root / HOME_ID).unlink()
    return found.ends


def _write_files(found: World, files: Path) -> None:
    rows = [*found.rows[EVENTS], *returning(found, until=found.ends)]
    half = len(rows) * 9 // 10
    first, second = rows[:half], rows[half:]
    for name, rows in (("first", first), ("second", [*second, BAD, *first[-50:]])):
        (files / f"{name}.csv").write_bytes(found.header[EVENTS] + b"".join(rows))
    for table, rows in found.rows.items():
        if table != EVENTS:
            (files / f"{table}.csv").write_bytes(found.header[table] + b"".join(rows))
    for number in range(4):
        rows = found.rows[EVENTS][number * 40 : number * 40 + 60]
        (files / f"part-{number}.csv").write_bytes(found.header[EVENTS] + b"".join(rows))


def returning(found: World, *, until: datetime, name: str = "R") -> list[bytes]:
    """Rows of three members of staff who return to one person each, with no task, for two weeks."""
    names = next(csv.reader([found.header[EVENTS].decode()]))
    written = [next(csv.reader([row.decode()])) for row in found.rows[EVENTS]]
    people = [dict(zip(names, row, strict=True)) for row in written]
    people = [row for row in people if row["subject_type"] == "person"]
    users = sorted({row["user_id"] for row in people})[:3]
    rows = []
    for number, user in enumerate(users):
        like = next(row for row in people if row["user_id"] == user)
        for day in range(13):
            for look in range(6):
                at = until - timedelta(days=14 - day) + timedelta(hours=9 + look)
                told = {
                    "event_id": f"{name}{number}-{day}-{look}",
                    "occurred_at": f"{at:%Y-%m-%dT%H:%M:%SZ}",
                    "subject_id": people[number]["subject_id"],
                    "case_ref": "",
                    "reason": "",
                }
                rows.append((",".join((like | told)[name] for name in names) + "\n").encode())
    return rows


def steps_of(files: Path, ends: datetime) -> list[Step]:
    """The steps of a life, in order."""

    def at(name: str) -> str:
        return str(files / f"{name}.csv")

    days = (ends - timedelta(days=3)).date().isoformat()
    tables = ("staff", "taskings", "cases")
    small = [("ingest", EVENTS, at(f"part-{number}")) for number in range(4)]
    actions = [
        ("alerts", "take", "ALERT"),
        ("alerts", "note", "ALERT", "asked the sergeant"),
        ("alerts", "refer", "ALERT", "--to", "appropriate authority", "--reason", "criteria"),
    ]
    return [
        Step(name="init", words=[("init",)], hours=0),
        Step(name="small", words=small, hours=1),
        Step(name="compact", words=[("lake", "compact", "--all")], hours=2),
        Step(name="ingest", words=[("ingest", EVENTS, at("first"), at("second"))], hours=3),
        Step(name="ingest table", words=[("ingest", t, at(t)) for t in tables], hours=4),
        Step(name="scan", words=[("scan", "--until", days)], hours=5),
        Step(name="migrate", words=[("init",)], hours=6),
        Step(name="told", words=[("notify", "send")], hours=6),
        Step(name="raise", words=[("scan", "--until", ends.date().isoformat())], hours=7),
        Step(name="notify", words=[("notify", "send")], hours=8),
        Step(name="triage", words=actions, hours=9, again=frozenset({0, 2})),
    ]


def few_detectors(path: Path) -> None:
    """Leave four detectors in a file of them, so that a day costs little."""
    head, *entries = path.read_text(encoding="utf-8").split("[[detector]]")
    few = [one for one in entries if any(f'name = "{name}"' in one for name in KEPT_DETECTORS)]
    path.write_text("[[detector]]".join([head, *few]), encoding="utf-8")


def _first_alert(root: Path, clock: FixedClock) -> str:
    with closing(open_site(root, clock=clock)) as site:
        return min(alert.alert_id for alert in site.store.alerts())


def as_of_the_first_release(root: Path) -> str:
    """The revision of the first release, as which a store now stands with everything it held."""
    with closing(open_site(root, clock=FixedClock(datetime(2026, 1, 1, tzinfo=UTC)))) as site:
        rows = held_by(site.store)
        url = site.store_url
    store = Store.at(url)
    with altering(store.engine) as connection:
        every = MetaData()
        every.reflect(connection)
        every.drop_all(connection)
        command.upgrade(settings_for(connection), revisions()[0])
        written(connection, rows)
    found = store.schema_version()
    store.close()
    return found


def written(connection: Connection, rows: Rows) -> None:
    """The rows put into tables as they were then, with the columns they had."""
    then = MetaData()
    then.reflect(connection)
    ours = [table for table in then.sorted_tables if table.name in metadata.tables]
    for table in reversed(ours):
        connection.execute(table.delete())
    for table in ours:
        kept = [
            {name: value for name, value in row.items() if name in table.c}
            for row in rows[table.name]
        ]
        if kept:
            connection.execute(table.insert(), kept)


def state_of(root: Path, *, at: datetime) -> dict[str, Any]:
    """Everything that must be the same however often the way was interrupted."""
    with closing(open_site(root, clock=FixedClock(at))) as site:
        return {
            **_lake(site),
            "alerts": _hashed(_alerts(site)),
            "alert ids": [alert.alert_id for alert in site.store.alerts()],
            "raised": _counts(site, "alert.raised"),
            "casework": sorted(
                f"{note.action} {note.reason} {note.actor}"
                for alert in site.store.alerts()
                for note in site.store.notes(alert.alert_id)
            ),
            "claims": [str(day.day) for day in site.store.days.ledger() if day.owner],
            "judged": sorted(str(day) for day in site.store.days.judged()),
            "schema": site.store.schema_version(),
            "intact": site.store.verify().intact,
            "told": _told(root / "told.jsonl"),
        }


def _lake(site: Site) -> dict[str, Any]:
    con = site.lake.connect(engine=site.settings.engine)
    try:
        found: dict[str, Any] = {}
        tables = ("events", "staff", "shifts", "taskings", "cases", "case_subjects", "subjects")
        for table in tables:
            rows = con.execute(
                f"SELECT content_sha256, count(*) FROM {table} GROUP BY 1 ORDER BY 1"
            ).fetchall()
            found[table] = [sum(row[1] for row in rows), _hashed(rows)]
        doubled = "SELECT count(*) - count(DISTINCT (source, event_id)) FROM events"
        found["doubled events"] = con.execute(doubled).fetchall()[0][0]
    finally:
        con.close()
    waiting = quarantined_rows(site.home, settings=site.settings)
    return found | {"quarantine": [[row.line, row.reason] for row in waiting]}


def _alerts(site: Site) -> list[dict[str, Any]]:
    found = [as_contract(alert) for alert in site.store.alerts()]
    for alert in found:
        del alert["data_version"]  # numbers of loads: a load given again has another
        del alert["settings_fingerprint"]  # each home has a channel with a path of its own
    return sorted(found, key=lambda alert: str(alert["alert_id"]))


def _counts(site: Site, kind: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for entry in site.store.chain(kinds=(kind,)):
        counts[entry.about] = counts.get(entry.about, 0) + 1
    return counts


def _told(path: Path) -> list[str]:
    """The alerts that left, each named once however often its message came."""
    if not path.exists():
        return []
    messages = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    by_id = {one["message_id"]: one for one in messages}
    return sorted(a["alert_id"] for one in by_id.values() for a in one["alerts"])


def _hashed(thing: Any) -> str:
    return hashlib.sha256(json.dumps(thing, default=str, sort_keys=True).encode()).hexdigest()[:16]


def copied(before: Path, root: Path, *, leave: Sequence[str] = ()) -> None:
    """A home as another stands, with what its settings say of its place, some names left out."""
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(before, root, ignore=shutil.ignore_patterns(*leave))
    path = root / "config" / "notify.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace(str(before), str(root)), encoding="utf-8"
    )

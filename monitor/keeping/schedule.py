"""What is out of time by the force's schedule, what is held back all the same, and what is left.

events      accesses, from when they happened
reference   records that ended, were put right, or are about nobody who is looked up any more
quarantine  refused rows, from when they were loaded
alerts      from the last closure; open ones never, and each keeps its evidence as long as itself
candidates  of a judged day: who came near an alert and became none
words       what was typed about nothing that is kept
models, trouble   files of the home
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from alerts.lifecycle import Action, Disposition
from alerts.model import Alert, Status
from monitor.access.masking import Masker
from monitor.feeds import REFERENCE_TABLES
from monitor.keeping.holds import Hold, holds_of
from monitor.lake.shape import stored_schema
from monitor.lake.verdicts import connection, parquet, quoted
from monitor.shelf import KIND as MODEL
from monitor.utc_day import midnight
from monitor.wiring import Site

if TYPE_CHECKING:
    import duckdb

EVENTS: Final = "events"
QUARANTINE: Final = "quarantine"
TABLES: Final = (EVENTS, *REFERENCE_TABLES, QUARANTINE)
UPHELD: Final = frozenset({Disposition.CONDUCT_MATTER, Disposition.SUSPECTED_CRIME})
_HOLDING: Final = ("retention.held", "retention.hold_ended")

_SUPERSEDED = "(loaded_at < $cut AND loaded_seq < last_seq)"
_GONE = "(loaded_at < $cut AND {0} NOT IN (SELECT subject_id FROM looked_at))"
_CLOSED = "case_ref IN (SELECT case_ref FROM closed_case WHERE closed_at < $cut)"
# When a record is out of time. `cut` is the first moment that is kept.
_DUE: Final[Mapping[str, str]] = {
    EVENTS: "occurred_at < $cut",
    "staff": f"valid_to < $cut OR {_SUPERSEDED}",
    "shifts": f"ends_at < $cut OR {_SUPERSEDED}",
    "taskings": f"ends_at < $cut OR (ends_at IS NULL AND {_CLOSED}) OR {_SUPERSEDED}",
    "cases": f"{_CLOSED} OR {_SUPERSEDED}",
    "case_subjects": _CLOSED,
    "subjects": f"{_GONE.format('subject_id')} OR {_SUPERSEDED}",
    "subject_identifiers": f"valid_to < $cut OR {_GONE.format('subject_id')} OR {_SUPERSEDED}",
    "subject_links": (
        f"valid_to < $cut OR {_SUPERSEDED}"
        f" OR ({_GONE.format('subject_id')} AND {_GONE.format('linked_subject_id')})"
    ),
    "record_changes": "changed_at < $cut",
    "declared_associations": f"valid_to < $cut OR {_SUPERSEDED}",
    "watched_records": f"valid_to < $cut OR {_SUPERSEDED}",
    "outcomes": "decided_at < $cut",
    QUARANTINE: "loaded_at < $cut",
}
_IN_A_HELD_SPAN: Final = """EXISTS (
    SELECT 1 FROM held_span s WHERE raw.occurred_at >= s.first AND raw.occurred_at < s.past
    AND (s.user_id IS NULL OR s.user_id IN (raw.user_id, raw.requester_id))
    AND (s.subject_id IS NULL OR s.subject_id = raw.subject_id)
)"""
_ANYBODY: Final[tuple[str | None]] = (None,)
# Which columns say whom a record is about, and when it was.
_USERS: Final = ("user_id", "requester_id")
_SUBJECTS: Final = ("subject_id", "linked_subject_id", "person_subject_id", "address_subject_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What the schedule says of one kind or table."""

    kind: str  # the key of the settings, without _days
    table: str  # empty where it is no table of the lake
    days: int  # 0: kept until the force's own schedule says otherwise
    due: int = 0  # out of time, and not held back
    held: int = 0  # out of time, and held back
    oldest: date | None = None  # of what is due


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that is out of time at a moment."""

    as_of: datetime
    shares: tuple[Share, ...]
    holds: tuple[Hold, ...]  # in force
    alerts: Mapping[str, tuple[str, ...]]  # kind -> ids of alerts that are due
    kept_alerts: frozenset[str]
    models: tuple[str, ...]  # SHA-256 of those that are due
    trouble: tuple[Path, ...]
    cuts: Mapping[str, datetime] = field(default_factory=dict)  # kind -> first moment kept

    def share(self, kind: str, table: str = "") -> Share:
        """What it says of one kind, or of one table."""
        return next(one for one in self.shares if (one.kind, one.table) == (kind, table))

    @property
    def due(self) -> int:
        """Everything that is due, of whatever kind."""
        return sum(one.due for one in self.shares)


def plan_at(site: Site, as_of: datetime) -> Plan:
    """What is out of time at a moment; nothing is changed."""
    cuts = _cuts(site, as_of)
    today = as_of.date()
    holds = tuple(
        one
        for one in holds_of(site.store.chain(kinds=_HOLDING), site.masker)
        if one.in_force(today)
    )
    alerts, held = _alerts(site, cuts, holds=holds, today=today)
    due = {alert.alert_id for found in alerts.values() for alert in found}
    kept = tuple(one for one in site.store.alerts() if one.alert_id not in due)
    con = opened(site, cuts, kept=kept, holds=holds)
    try:
        tables = tuple(_table(con, site, table=table, cuts=cuts) for table in TABLES)
    finally:
        con.close()
    models, trouble = _models(site, cuts), _trouble(site, cuts)
    return Plan(
        as_of=as_of,
        shares=(
            *tables,
            *(
                _alert_share(site, kind, found=found, held=held[kind])
                for kind, found in alerts.items()
            ),
            _candidates(site, cuts),
            _words(site, cuts, still=frozenset(one.alert_id for one in kept), going=due),
            Share(kind="models", table="", days=_days(site, "models"), due=len(models)),
            Share(kind="trouble", table="", days=_days(site, "trouble"), due=len(trouble)),
        ),
        holds=holds,
        alerts={kind: tuple(one.alert_id for one in found) for kind, found in alerts.items()},
        kept_alerts=frozenset(one.alert_id for one in kept),
        models=models,
        trouble=trouble,
        cuts=cuts,
    )


def kind_of(table: str) -> str:
    """The key of the settings that says how long a table is kept."""
    return table if table in {EVENTS, QUARANTINE} else "reference"


def kept_sql(table: str) -> str:
    """The SQL of the rows of a table that stay."""
    columns = ", ".join(f'"{name}"' for name in stored_schema(table).names)
    return f"SELECT {columns} FROM told_{table} WHERE NOT (due AND NOT held)"


def erased_sql(table: str) -> str:
    """The SQL of the hashes of the rows of a table that go, in order."""
    own = "id" if table == QUARANTINE else "content_sha256"
    return f'SELECT "{own}" FROM told_{table} WHERE due AND NOT held ORDER BY "{own}"'


def opened(
    site: Site, cuts: Mapping[str, datetime], *, kept: Iterable[Alert], holds: Iterable[Hold]
) -> "duckdb.DuckDBPyConnection":
    """A connection with a view told_TABLE for each table: every row, whether due, whether held."""
    con = connection(site.settings.engine)
    for table in TABLES:
        _lay_raw(con, site, table=table)
    _lay_held(con, site, kept=kept, holds=holds)
    con.execute(
        "CREATE TEMP TABLE closed_case AS SELECT case_ref, arg_max(closed_at, (loaded_seq, line))"
        " AS closed_at FROM raw_cases GROUP BY case_ref"
    )
    for table in TABLES:
        con.execute(f"CREATE VIEW told_{table} AS {_told_sql(table, cuts)}")
        if table == EVENTS:
            con.execute(
                "CREATE TEMP TABLE looked_at AS SELECT DISTINCT subject_id FROM told_events"
                " WHERE subject_id IS NOT NULL AND NOT (due AND NOT held)"
            )
            con.execute(
                "INSERT INTO looked_at SELECT i.subject_id FROM raw_subject_identifiers i"
                " JOIN looked_at l ON i.local_id = l.subject_id"
            )
    return con


def _lay_raw(con: "duckdb.DuckDBPyConnection", site: Site, *, table: str) -> None:
    """Every row that was ever told of a table; none where there is no table."""
    files = site.lake.snapshot(table).tables.get(table)
    if files is not None and files.paths:
        con.execute(f"CREATE VIEW raw_{table} AS SELECT * FROM {parquet(files.paths)}")
        return
    con.register(f"raw_{table}", stored_schema(table).empty_table())


def _told_sql(table: str, cuts: Mapping[str, datetime]) -> str:
    cut = cuts.get(kind_of(table))
    due = "false" if cut is None else _DUE[table].replace("$cut", _timestamp(cut))
    last = (
        "0" if table in {EVENTS, QUARANTINE} else "max(loaded_seq) OVER (PARTITION BY key_sha256)"
    )
    return (
        f"SELECT * EXCLUDE (last_seq), coalesce({due}, false) AS due,"
        f" coalesce({_held_sql(table)}, false) AS held"
        f" FROM (SELECT *, {last} AS last_seq FROM raw_{table}) AS raw"
    )


def _held_sql(table: str) -> str:
    """Whether a row is held: by whom it is about, by an alert it bears out, by its time."""
    names = stored_schema(table).names
    told = [f"{c} IN (SELECT id FROM held_user)" for c in _USERS if c in names]
    told += [f"{c} IN (SELECT id FROM held_subject)" for c in _SUBJECTS if c in names]
    if table == EVENTS:
        told += [
            "event_id IN (SELECT id FROM held_event)",
            "(user_id, subject_id) IN (SELECT user_id, subject_id FROM held_pair)",
            _IN_A_HELD_SPAN,
        ]
    else:
        told += [f"{c} IN (SELECT user_id FROM held_pair)" for c in _USERS if c in names]
        told += [f"{c} IN (SELECT subject_id FROM held_pair)" for c in _SUBJECTS if c in names]
        if "case_ref" in names:
            told.append("case_ref IN (SELECT id FROM held_case)")
    return " OR ".join(f"coalesce({one}, false)" for one in told) or "false"


def _lay_held(
    con: "duckdb.DuckDBPyConnection", site: Site, *, kept: Iterable[Alert], holds: Iterable[Hold]
) -> None:
    """What is held: people, pairs and rows of alerts that are kept, and what holds name."""
    con.execute(
        "CREATE TEMP TABLE held_user (id VARCHAR); CREATE TEMP TABLE held_subject (id VARCHAR);"
        "CREATE TEMP TABLE held_event (id VARCHAR); CREATE TEMP TABLE held_case (id VARCHAR);"
        "CREATE TEMP TABLE held_pair (user_id VARCHAR, subject_id VARCHAR);"
        "CREATE TEMP TABLE held_span (first TIMESTAMP, past TIMESTAMP, user_id VARCHAR,"
        " subject_id VARCHAR)"
    )
    for alert in kept:
        _into(con, "held_event", rows=((one,) for one in alert.event_ids))
        _into(con, "held_pair", rows=((u, s) for u in alert.user_ids for s in alert.subject_ids))
    for hold in holds:
        _lay_hold(con, site, hold=hold)
    con.execute(
        "INSERT INTO held_subject SELECT i.local_id FROM raw_subject_identifiers i"
        " JOIN held_subject h ON h.id = i.subject_id"
    )
    con.execute(
        "INSERT INTO held_case SELECT DISTINCT case_ref FROM raw_events WHERE case_ref IS NOT NULL"
        " AND event_id IN (SELECT id FROM held_event)"
    )


def _lay_hold(con: "duckdb.DuckDBPyConnection", site: Site, *, hold: Hold) -> None:
    """What one hold names; a token is found again among all ids by the key."""
    masker = site.masker.for_files()
    users: list[str | None] = []
    people: list[str | None] = []
    if hold.staff:
        users += [one for one in _ids(con, _USERS) if masker.staff(one) == hold.staff]
    if hold.person:
        people += [one for one in _ids(con, _SUBJECTS) if masker.record(one) == hold.person]
    if hold.start is None:
        _into(con, "held_user", rows=((one,) for one in users))
        _into(con, "held_subject", rows=((one,) for one in people))
        return
    if (hold.staff and not users) or (hold.person and not people):
        return
    first, past = midnight(hold.start), midnight(hold.end or date.max)
    spans = [
        (first.replace(tzinfo=None), past.replace(tzinfo=None), user, person)
        for user in users or _ANYBODY
        for person in people or _ANYBODY
    ]
    _into(con, "held_span", rows=spans)


def _ids(con: "duckdb.DuckDBPyConnection", columns: tuple[str, ...]) -> list[str]:
    """Every id that stands in some columns of any table."""
    asked = [
        f"SELECT {column} AS id FROM raw_{table}"
        for table in TABLES
        for column in columns
        if column in stored_schema(table).names
    ]
    rows = con.execute(f"SELECT DISTINCT id FROM ({' UNION '.join(asked)}) WHERE id IS NOT NULL")
    return [str(row[0]) for row in rows.fetchall()]


def _into(
    con: "duckdb.DuckDBPyConnection", table: str, *, rows: Iterable[tuple[object, ...]]
) -> None:
    found = list(rows)
    if found:
        marks = ", ".join("?" for _ in found[0])
        con.executemany(f"INSERT INTO {table} VALUES ({marks})", found)


def _table(
    con: "duckdb.DuckDBPyConnection", site: Site, *, table: str, cuts: Mapping[str, datetime]
) -> Share:
    kind = kind_of(table)
    share = Share(kind=kind, table=table, days=_days(site, kind))
    if kind not in cuts:
        return share
    when = "occurred_at" if table == EVENTS else "loaded_at"
    due, held, oldest = con.execute(
        f"SELECT count(*) FILTER (due AND NOT held), count(*) FILTER (due AND held),"
        f" min({when}) FILTER (due AND NOT held)::DATE FROM told_{table}"
    ).fetchall()[0]
    return Share(kind=kind, table=table, days=share.days, due=due, held=held, oldest=oldest)


def _alerts(
    site: Site, cuts: Mapping[str, datetime], *, holds: Iterable[Hold], today: date
) -> tuple[dict[str, list[Alert]], dict[str, int]]:
    """The alerts that are due, by kind, and how many are held back."""
    closed = {one.alert_id: one for one in site.store.alerts(statuses={Status.CLOSED})}
    merged = site.store.merged()
    out: dict[str, str] = {}
    held: dict[str, int] = {"dismissed_alerts": 0, "upheld_alerts": 0}
    kept_back = _kept_back(site, closed.values(), holds=tuple(holds), today=today)
    for alert in closed.values():
        kind, at = _closure(site, alert)
        if kind in cuts and at < cuts[kind]:
            if alert.alert_id in kept_back:
                held[kind] += 1
            else:
                out[alert.alert_id] = kind
    for alert_id in _unbroken(out, merged):
        held[out.pop(alert_id)] += 1
    found: dict[str, list[Alert]] = {"dismissed_alerts": [], "upheld_alerts": []}
    for alert_id, kind in out.items():
        found[kind].append(closed[alert_id])
    return found, held


def _closure(site: Site, alert: Alert) -> tuple[str, datetime]:
    """How an alert ended last, and when."""
    ends = [n for n in site.store.notes(alert.alert_id) if n.action is Action.CLOSE]
    if not ends:
        return "dismissed_alerts", alert.updated_at
    ever = any(note.disposition in UPHELD for note in ends)  # once upheld, kept as upheld
    return ("upheld_alerts" if ever else "dismissed_alerts"), ends[-1].at


def _kept_back(
    site: Site, alerts: Iterable[Alert], *, holds: tuple[Hold, ...], today: date
) -> frozenset[str]:
    """Alerts that are held: by a hold, a request, a look to come, a silence, work that goes on."""
    now = midnight(today)
    waiting = {one.alert_id for one in site.store.requests()}
    waiting |= {one.alert_id for one in site.store.suppressions(at=now)}
    waiting |= {one.alert_id for one in site.store.allowances() if one.until > now}
    waiting |= {i for i, one in site.store.follow_ups().items() if one.due_on >= today}
    masker = site.masker.for_files()
    by_hold = {
        alert.alert_id
        for alert in alerts
        if any(_holds(one, alert, masker=masker) for one in holds)
    }
    return frozenset(waiting | by_hold)


def _holds(hold: Hold, alert: Alert, *, masker: Masker) -> bool:
    """Whether a hold is about an alert."""
    if hold.alert_id:
        return hold.alert_id == alert.alert_id
    staff = {masker.staff(one) for one in alert.user_ids}
    people = {masker.record(one) for one in alert.subject_ids}
    if (hold.staff and hold.staff not in staff) or (hold.person and hold.person not in people):
        return False
    if hold.start is None:
        return True
    past = hold.end or date.max
    return alert.first_event_at.date() < past and alert.last_event_at.date() >= hold.start


def _unbroken(out: Mapping[str, str], merged: Mapping[str, str]) -> Iterator[str]:
    """Alerts that are due and belong to one that is not: together they came, together they go."""
    stays: set[str] = set()
    while more := {
        one
        for a, b in merged.items()
        for one, other in ((a, b), (b, a))
        if one in out and one not in stays and (other not in out or other in stays)
    }:
        stays |= more
    yield from sorted(stays)


def _alert_share(site: Site, kind: str, *, found: list[Alert], held: int) -> Share:
    oldest = min((one.last_event_at.date() for one in found), default=None)
    return Share(
        kind=kind, table="", days=_days(site, kind), due=len(found), held=held, oldest=oldest
    )


def _candidates(site: Site, cuts: Mapping[str, datetime]) -> Share:
    """The days too long ago of which it is still kept who came near an alert."""
    share = Share(kind="candidates", table="", days=_days(site, "candidates"))
    if "candidates" not in cuts:
        return share
    last = cuts["candidates"].date() - timedelta(days=1)
    due = [one.day for one in site.store.days.candidates(last=last) if one.candidates]
    oldest = min(due, default=None)
    return Share(kind="candidates", table="", days=share.days, due=len(due), oldest=oldest)


def _words(
    site: Site, cuts: Mapping[str, datetime], *, still: frozenset[str], going: set[str]
) -> Share:
    """What was typed too long ago about nothing that is kept; of alerts that go, it goes too."""
    share = Share(kind="words", table="", days=_days(site, "words"))
    if "words" not in cuts:
        return share
    found = site.store.erasure.words_due(before=cuts["words"], still=still)
    due = [entry for entry in found if entry.about not in going]
    oldest = due[0].moment.date() if due else None
    return Share(kind="words", table="", days=share.days, due=len(due), oldest=oldest)


def _models(site: Site, cuts: Mapping[str, datetime]) -> tuple[str, ...]:
    """Models that were taught too long ago and are still there."""
    if "models" not in cuts:
        return ()
    told = {str(entry.told["sha256"]): entry.moment for entry in site.store.chain(kinds=(MODEL,))}
    old = (sha256 for sha256, at in told.items() if at < cuts["models"])
    return tuple(one for one in old if (site.home.models / f"{one}.json").is_file())


def _trouble(site: Site, cuts: Mapping[str, datetime]) -> tuple[Path, ...]:
    """Files about faults of the program that are too old."""
    if "trouble" not in cuts:
        return ()
    cut = cuts["trouble"].timestamp()
    found = site.home.root.glob("trouble-*.log")
    return tuple(sorted(path for path in found if path.stat().st_mtime < cut))


def _cuts(site: Site, as_of: datetime) -> dict[str, datetime]:
    """The first moment that is kept of each kind that has a time."""
    told = site.settings.retention.model_dump()
    days = {k.removesuffix("_days"): v for k, v in told.items() if k.endswith("_days") and v}
    today = midnight(as_of.astimezone(UTC).date())
    return {kind: today - timedelta(days=count) for kind, count in days.items()}


def _days(site: Site, kind: str) -> int:
    return int(site.settings.retention.model_dump()[f"{kind}_days"])


def _timestamp(moment: datetime) -> str:
    return f"TIMESTAMP {quoted(moment.replace(tzinfo=None).isoformat(sep=' '))}"

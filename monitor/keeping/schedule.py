"""What is out of time by the force's schedule, what is held back all the same, and what is left.

events      accesses, from when they happened
reference   records that ended, were put right, or are about nobody who is looked up any more
quarantine  refused rows, from when they were loaded
alerts      from the last closure; open ones never, and each keeps its evidence as long as itself
candidates  of a judged day: who came near an alert and became none
words       what was typed about nothing that is kept
models, trouble   files of the home
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from alerts.model import Alert
from monitor.keeping.alerts_due import alerts_due
from monitor.keeping.holds import Hold, holds_of
from monitor.keeping.rows_due import EVENTS, TABLES, kind_of, opened
from monitor.shelf import KIND as MODEL
from monitor.utc_day import midnight
from monitor.wiring import Site

if TYPE_CHECKING:
    import duckdb

_HOLDING: Final = ("retention.held", "retention.hold_ended")


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
    alerts, held = alerts_due(site, cuts, holds=holds, today=today)
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

"""`psdmon status`: how the service is, in figures that a watchdog can read."""

import shutil
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import click
from rich.table import Column, Table
from rich.text import Text

from alerts.notices import State
from alerts.silences import expiring
from monitor.cli import output
from monitor.cli.options import age, by_good_settings, json_option, pass_site
from monitor.daemon.lease import LOCK_NAME, served_by
from monitor.owing import settled
from monitor.utc_day import end_of
from monitor.views.entries import broken_glass
from monitor.wake import WakeRecord, last_wake
from monitor.wiring import Site

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alerts.records import Lease
    from monitor.access.record import Glass
    from monitor.gaps import Gap
    from monitor.lateness import Lateness
    from monitor.notify.standing import ChannelTrouble

STALE_EXIT: Final = 1
_HOUR = timedelta(hours=1)
_SHOWN: Final = 10  # rows of a kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a home stands at one moment."""

    at: datetime
    last_scan_at: datetime | None  # of the last scan that ended well
    daemon_running: bool
    events: int
    newest_event_at: datetime | None
    judged_until: date | None  # the last day that was judged
    days_judged: int
    gaps: tuple[date, ...]  # days that are owed
    failing: "tuple[Gap, ...]"  # of those, days whose judging does not end well
    holes: int  # days without any access between days that have some
    served_by: "Lease | None"  # the one daemon of the store, where there is one
    last_wake: WakeRecord | None
    lateness: "tuple[Lateness, ...]"  # of what was loaded in a week
    queue: dict[str, int]  # alerts by status, those that whoever asks may know of
    queue_shown: bool  # whether whoever asks may see alerts at all
    broken_glass: "tuple[Glass, ...]"  # not yet acknowledged by somebody else
    due: int  # alerts whose day to be looked at again has come
    waiting_for_second: int  # requests that a second person has not answered
    suppressions: int  # in force
    suppressions_expiring: int  # of those, ending soon
    notices_dead: int  # that could not be delivered, of those that whoever asks may know of
    channels_in_trouble: "tuple[ChannelTrouble, ...]"
    passed_over: dict[str, int]  # pairs of the last week judged that came near an alert, by reason
    over_cap: int  # of them, over the weekly cap and still without an alert
    quarantined: int
    feeds: tuple[str, ...]
    feed_findings: tuple[str, ...]  # what is wrong with which feed
    home_bytes: int
    free_bytes: int

    @property
    def lag_hours(self) -> float | None:
        """Hours from the end of the last judged day to the newest event; 0 when all is judged."""
        if self.newest_event_at is None:
            return None
        if self.judged_until is None:
            return None
        end = end_of(self.judged_until)
        return max((self.newest_event_at - end) / _HOUR, 0.0)

    def stale(self, max_age: timedelta) -> bool:
        """Whether no scan has ended well within that time."""
        return self.last_scan_at is None or self.at - self.last_scan_at > max_age


@click.command("status")
@click.option(
    "--max-age",
    type=age,
    default="26h",
    show_default=True,
    metavar="AGE",
    help="Stale when no scan has ended well for longer than this.",
)
@json_option
@pass_site
def command(site: Site, *, max_age: timedelta, as_json: bool) -> int:
    """Show last success, lag, gaps, queue and disk.

    For people, cron and Nagios-style checks: exit 1 when no scan has ended well within --max-age,
    else 0. A quiet queue is not clearance of anybody; the feeds that are missing say what could
    not be seen.

    Example: psdmon status --max-age 26h
    """
    site = by_good_settings(site)
    standing = standing_of(site)
    stale = standing.stale(max_age)
    if as_json:
        output.as_json(_told(standing) | {"max_age_hours": max_age / _HOUR, "stale": stale})
    else:
        _print(site, standing, stale=stale, max_age=max_age)
    return STALE_EXIT if stale else 0


def standing_of(site: Site) -> Standing:
    """How the home stands now."""
    from monitor.access.desk import access_record, countable
    from monitor.gaps import Kind, days_owed, gaps
    from monitor.notify.standing import in_trouble

    found = gaps(site, until=settled(site))
    span = site.lake.event_span()
    ledger = site.store.days.judged()
    last = site.store.last_entry("scan.finished")
    known = countable(site)
    queue = Counter(str(alert.status) for alert in known or ())
    disk = shutil.disk_usage(site.home.root)
    now = site.clock.now()
    near = _near(site, max(ledger, default=None)) if known is not None else _Near()
    ids = {alert.alert_id for alert in known or ()}
    silent = [one for one in site.store.suppressions(at=now) if one.alert_id in ids]
    follow_ups = site.store.follow_ups().values()
    soon = timedelta(days=site.settings.casework.expiring_days)
    today = now.astimezone(site.settings.zone).date()
    dead = site.store.outbox.notices(states={State.DEAD})
    return Standing(
        at=now,
        last_scan_at=last.moment if last else None,
        daemon_running=served_by(site) is not None or _held_by_a_daemon(site),
        events=span.rows if span else 0,
        newest_event_at=span.last if span else None,
        judged_until=max(ledger, default=None),
        days_judged=len(ledger),
        gaps=days_owed(found),
        failing=tuple(gap for gap in found if gap.kind is Kind.FAILING),
        holes=sum(gap.days for gap in found if gap.kind is Kind.NO_ACCESS),
        served_by=served_by(site),
        last_wake=last_wake(site.home.root),
        lateness=_lateness(site),
        queue=dict(sorted(queue.items())),
        queue_shown=known is not None,
        broken_glass=access_record(site).glass,
        due=sum(one.due_on <= today for one in follow_ups if one.alert_id in ids),
        waiting_for_second=sum(one.alert_id in ids for one in site.store.requests()),
        suppressions=len(silent),
        suppressions_expiring=len(expiring(silent, at=now, within=soon)),
        notices_dead=sum(not one.alert_id or one.alert_id in ids for one in dead),
        channels_in_trouble=in_trouble(site),
        passed_over=near.by_reason,
        over_cap=near.over_cap,
        quarantined=_quarantined(site),
        feeds=tuple(sorted(site.lake.feeds())),
        feed_findings=_feed_findings(site),
        home_bytes=sum(p.stat().st_size for p in site.home.root.rglob("*") if p.is_file()),
        free_bytes=disk.free,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Near:
    by_reason: dict[str, int] = field(default_factory=dict)
    over_cap: int = 0


def _near(site: Site, last: date | None) -> _Near:
    """What came near an alert in the last week judged, as far as whoever asks may know."""
    from monitor.access.desk import Desk, person_at
    from monitor.cli.alerts.candidates import counted_by_reason, waiting_over_cap

    if last is None:
        return _Near()
    desk = Desk(site=site, person=person_at(site), purpose="")
    found = desk.candidates(first=last - timedelta(days=6), last=last)
    return _Near(by_reason=counted_by_reason(found), over_cap=waiting_over_cap(desk, last=last))


def _lateness(site: Site) -> "tuple[Lateness, ...]":
    from monitor.lateness import lateness

    connection = site.lake.snapshot("events").connect(engine=site.settings.engine)
    try:
        return lateness(connection, now=site.clock.now())
    finally:
        connection.close()


def _quarantined(site: Site) -> int:
    from monitor.ingest import quarantined_rows

    return len(quarantined_rows(site.home, settings=site.settings))


def _feed_findings(site: Site) -> tuple[str, ...]:
    from monitor.sources.keeping import record_of

    return tuple(f"{one.feed}: {one.kind}" for one in record_of(site.store).standing)


def _held_by_a_daemon(site: Site) -> bool:
    from filelock import FileLock, Timeout

    path = site.home.root / LOCK_NAME
    if not path.exists():
        return False
    try:
        with FileLock(path).acquire(timeout=0):
            return False
    except Timeout:
        return True


def _told(standing: Standing) -> dict[str, Any]:
    told = asdict(standing) | {"lag_hours": standing.lag_hours}
    broken = [
        {"number": one.number, "broken_by": one.broken_by, "at": one.at}
        for one in standing.broken_glass
    ]
    return told | {
        "gaps": [day.isoformat() for day in standing.gaps],
        "failing": [gap.as_json() for gap in standing.failing],
        "broken_glass": broken,
        "served_by": _lease(standing),
        "last_wake": _wake(standing.last_wake),
        "lateness": [one.as_json() for one in standing.lateness],
    }


def _lease(standing: Standing) -> dict[str, Any] | None:
    lease = standing.served_by
    if lease is None:
        return None
    return {"holder": lease.holder, "since": lease.since, "until": lease.until}


def _wake(record: WakeRecord | None) -> dict[str, Any] | None:
    """The last wake without the counts of its steps: some would count alerts."""
    if record is None:
        return None
    steps = [
        {
            "name": step.name,
            "outcome": str(step.outcome),
            "seconds": step.seconds,
            "trouble": step.trouble,
        }
        for step in record.steps
    ]
    return {
        "began_at": record.began_at,
        "ended_at": record.ended_at,
        "seconds": record.seconds,
        "steps": steps,
    }


def _print(site: Site, standing: Standing, *, stale: bool, max_age: timedelta) -> None:
    lag = standing.lag_hours
    gaps = standing.gaps
    rows: list[tuple[str, object]] = [
        ("home", site.home.root),
        ("last scan", _ago(standing.last_scan_at, standing.at)),
        ("daemon", _daemon(standing)),
        ("last wake", _waked(standing)),
        ("events", _events(standing)),
        ("judged", _judged(standing)),
        (
            "lag",
            "nothing judged yet" if lag is None else f"{lag:.0f} hours behind the newest event",
        ),
        ("gaps", f"{output.counted(len(gaps), 'day')} owed, from {gaps[0]}" if gaps else "none"),
        *_worse(standing),
        ("queue", _queue(standing)),
        *_casework(standing),
        *_telling(standing),
        ("quarantine", output.counted(standing.quarantined, "row")),
        ("tables", ", ".join(standing.feeds) or "events alone"),
        (
            "feed findings",
            ", ".join(standing.feed_findings) or "none found; psdmon feeds findings",
        ),
        (
            "disk",
            f"{standing.home_bytes / 1e6:,.0f} MB used, {standing.free_bytes / 1e9:,.1f} GB free",
        ),
    ]
    with output.paged() as console:
        for line in broken_glass(standing.broken_glass):
            console.print(line)
        console.print(output.facts(rows))
        if standing.lateness:
            console.print(Text("\nLoaded in 7 days, by how long after it happened (%):\n"))
            console.print(_late(standing.lateness))
        if stale:
            hours = f"{max_age / _HOUR:.0f} hours"
            console.print(Text(f"\nStale: no scan has ended well for {hours}.", style="bold red"))


def _daemon(standing: Standing) -> str:
    lease = standing.served_by
    if lease is not None:
        return f"{lease.holder} since {lease.since:%Y-%m-%dT%H:%MZ}"
    return "running" if standing.daemon_running else "not running"


def _waked(standing: Standing) -> str:
    record = standing.last_wake
    if record is None:
        return "never"
    steps = ", ".join(f"{step.name} {step.outcome}" for step in record.steps)
    return f"{_ago(record.began_at, standing.at)}, {record.seconds:.0f} s: {steps or 'no step'}"


def _worse(standing: Standing) -> list[tuple[str, object]]:
    """Days that fail, and days without any access; nothing where there are none."""
    rows: list[tuple[str, object]] = [
        ("failing", f"{gap.first}: {gap.reason}") for gap in standing.failing[:_SHOWN]
    ]
    if standing.holes:
        days = output.counted(standing.holes, "day")
        rows.append(("empty days", f"{days} without any access: psdmon gaps"))
    return rows


def _late(found: "Sequence[Lateness]") -> Table:
    """The histogram: the share of each step, in per cent, the busiest sources first."""
    steps = tuple(found[0].steps)
    numbers = [Column(step, justify="right") for step in ("rows", *steps)]
    rows = [
        (one.source[:12], one.system[:8], f"{one.rows:,}", *(_share(one, step) for step in steps))
        for one in found[:_SHOWN]
    ]
    return output.table("source", "system", *numbers, rows=rows)


def _share(one: "Lateness", step: str) -> str:
    share = 100 * one.steps[step] / one.rows
    return "<1" if 0 < share < 1 else f"{share:.0f}"


def _queue(standing: Standing) -> str:
    if not standing.queue_shown:
        return "not shown to you: no role to see alerts, or no match to the staff"
    return ", ".join(f"{n} {s}" for s, n in standing.queue.items()) or "no alert"


def _casework(standing: Standing) -> list[tuple[str, object]]:
    """What waits beside the queue; nothing for somebody who may see no alert."""
    if not standing.queue_shown:
        return []
    waiting = output.counted(standing.waiting_for_second, "request")
    return [
        ("due", f"{output.counted(standing.due, 'alert')} to look at again"),
        ("waiting", f"{waiting} for a second person"),
        ("silenced", _silent(standing)),
        ("came near", _came_near(standing)),
    ]


def _telling(standing: Standing) -> list[tuple[str, object]]:
    """What could not be told; nothing where every channel answers."""
    rows: list[tuple[str, object]] = []
    if standing.notices_dead:
        dead = output.counted(standing.notices_dead, "dead letter")
        rows.append(("notices", f"{dead}: psdmon notify list --dead"))
    found = standing.channels_in_trouble
    return [*rows, *(("channel", f"{one.channel}: {one.trouble}") for one in found)]


def _came_near(standing: Standing) -> str:
    """What came near an alert in the last week judged, and what waits over the cap."""
    pairs = output.counted(sum(standing.passed_over.values()), "pair")
    return f"{pairs} in the last week judged, {standing.over_cap} waiting over the weekly cap"


def _ago(then: datetime | None, now: datetime) -> str:
    if then is None:
        return "never"
    return f"{then:%Y-%m-%dT%H:%MZ}, {(now - then) / _HOUR:.1f} hours ago"


def _events(standing: Standing) -> str:
    newest = standing.newest_event_at
    return f"{standing.events:,}, newest {newest:%Y-%m-%dT%H:%MZ}" if newest else "none"


def _judged(standing: Standing) -> str:
    if standing.judged_until is None:
        return "nothing yet"
    return f"{output.counted(standing.days_judged, 'day')}, up to and with {standing.judged_until}"


def _silent(standing: Standing) -> str:
    if not standing.suppressions:
        return "none"
    told = output.counted(standing.suppressions, "suppression")
    return f"{told} in force, {standing.suppressions_expiring} ending soon"

"""What the history of a feed says of its health: silence, a fall, a clock, its columns, numbers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from alerts.chain import Entry, moment
from monitor.ingest.profile import profiles_at
from monitor.sources.columns import Columns
from monitor.sources.cursors import first_reading
from monitor.sources.declared import EVENTS, declared_at
from monitor.sources.lateness import RECENT, shift_in
from monitor.sources.numbers import Numbers
from monitor.sources.taking import Kind, Noticed, Taking
from monitor.sources.volume import Fall, fall_on
from monitor.utc_day import midnight
from monitor.wiring import Site

_LEAST_DAYS: Final = 14  # of history, before silence is learnt from it
_LEAST_GAPS: Final = 5
_ODD_GAPS: Final = 2  # an outage or two of our own must not teach what is usual
_TIMES: Final = 2  # the usual gap, and the feed is silent
_LOOKED_AT: Final = 7  # days, of which each is held against its weekdays
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What is known of a feed's past.

    Attributes:
        readings: entries that found something, oldest first, as far back as is learnt from.
        columns: what is known of its columns; None before the first row.
        sequence: numbers of its rows that should have no gap; None where it has none.
    """

    readings: Sequence[Entry]
    columns: Columns | None
    sequence: Numbers | None


def wrong_with(site: Site, taking: Taking, history: History) -> Iterator[Noticed]:
    """Everything that is wrong, as far as the history shows."""
    now = site.clock.now()
    yield from _silence(site, taking, history.readings, now=now)
    yield from _clock(history.readings)
    yield from _columns(history.columns)
    if history.sequence:
        grace = timedelta(minutes=taking.health.grace_minutes)
        for hole in history.sequence.missing_before(now - grace):
            yield Noticed(
                kind=Kind.MISSING_NUMBERS,
                detail=f"{taking.feed.sequence_column} {hole.says}",
                says=f"{taking.feed.sequence_column} {hole.says} is in no row",
                since=hole.seen_at,
            )
    if taking.feed.table == EVENTS:
        begun = first_reading(site.store, taking.feed.name)
        if begun is not None:
            yield from _falls(site, taking, since=begun.moment.astimezone(UTC).date())


def silent_after(site: Site, taking: Taking, arrivals: Sequence[datetime]) -> timedelta | None:
    """How long nothing may come; as declared, else learnt; None where too little is known.

    Learnt: twice the third longest gap between arrivals, so that a weekend counts as usual and an
    outage or two of our own do not.
    """
    if taking.feed.expected_minutes:
        return timedelta(minutes=taking.feed.expected_minutes)
    if not arrivals or arrivals[-1] - arrivals[0] < timedelta(days=_LEAST_DAYS):
        return None
    gaps = sorted((later - earlier for earlier, later in pairwise(arrivals)), reverse=True)
    if len(gaps) < _LEAST_GAPS:
        return None
    least = _TIMES * timedelta(minutes=site.settings.schedule.every_minutes)
    return max(_TIMES * gaps[_ODD_GAPS], least)


def _silence(
    site: Site, taking: Taking, readings: Sequence[Entry], *, now: datetime
) -> Iterator[Noticed]:
    arrivals = [entry.moment for entry in readings if entry.told.get("stored")]
    limit = silent_after(site, taking, arrivals)
    if limit is None:
        return
    last = arrivals[-1] if arrivals else None
    if last is not None and now - last <= limit:
        return
    since = f"since {_minute(last)}" if last else "ever"
    yield Noticed(
        kind=Kind.SILENT,
        detail=since,
        says=f"nothing new has come {since}; usual is within {_length(limit)}",
        since=last or now,
    )


def _clock(readings: Sequence[Entry]) -> Iterator[Noticed]:
    """Events ahead of their arrival in the last reading, and a whole hour's shift of the last."""
    told = [entry.told | {"at": entry.moment} for entry in readings]
    seen = [one for one in told if "ahead_rows" in one]
    timed = [one for one in seen if "newest_at" in one]
    lateness = [
        (moment(one["arrived_at"]) - moment(one["newest_at"])).total_seconds() for one in timed
    ]
    if seen and (seen[-1]["ahead_rows"] or seen[-1]["refused_ahead"]):
        yield _ahead(seen[-1], lateness[-1] if "newest_at" in seen[-1] else 0.0)
    shift = shift_in(lateness)
    if shift:
        hours = abs(shift.hours)
        way = "later" if shift.hours > 0 else "earlier"
        says = (
            f"times have shifted: events come {hours} {'hour' if hours == 1 else 'hours'} {way}"
            f" after they happened than in the readings before"
            f" (p = {shift.pvalue:.1g}){_as_a_clock_change(shift.hours * 3600.0)}"
        )
        since = timed[-RECENT]["at"]
        detail = f"shift of {shift.hours:+d} h"
        yield Noticed(kind=Kind.CLOCK_SKEW, detail=detail, says=says, since=since)


def _ahead(told: Mapping[str, Any], lateness: float) -> Noticed:
    """Events of one reading that bear times after they came."""
    ahead = timedelta(seconds=max(-lateness, 0.0))
    parts = []
    if told["ahead_rows"]:
        parts.append(
            f"{told['ahead_rows']:,} of {told['events']:,} events bear times up to"
            f" {_length(ahead)} after they came"
        )
    if told["refused_ahead"]:
        parts.append(f"{told['refused_ahead']:,} are refused for a time more than a day ahead")
    says = f"{' and '.join(parts)}{_as_a_clock_change(lateness) if told['ahead_rows'] else ''}"
    return Noticed(kind=Kind.CLOCK_SKEW, detail="ahead", says=says, since=told["at"])


def _columns(columns: Columns | None) -> Iterator[Noticed]:
    for change, at in (columns.changes if columns else {}).items():
        says = f"column {change}"
        yield Noticed(kind=Kind.SCHEMA_CHANGED, detail=change, says=says, since=at)


def _falls(site: Site, taking: Taking, *, since: date) -> Iterator[Noticed]:
    """Days with too few rows; none before the day the feed was first read, which it did not owe."""
    days = rows_by_day(site, source=taking.source, days=taking.health.learning_days + _LOOKED_AT)
    if not days:
        return
    first, last = min(days), max(days)
    # The newest day of the log may still be arriving; those before it are over.
    for back in range(_LOOKED_AT, 0, -1):
        day = last - timedelta(days=back)
        fall = fall_on(day, days, first=first) if day >= since else None
        if fall and fall.pvalue < taking.health.fall_pvalue:
            yield _fallen(fall, shared=_shared(site, taking))


def _shared(site: Site, taking: Taking) -> str:
    """Which other feeds bring rows of the same source, so that they are counted as one."""
    profiles = profiles_at(site.home.config)
    others = [
        one.name
        for one in declared_at(site.home.config).feed
        if one.table == EVENTS
        and one.name != taking.feed.name
        and one.profile in profiles
        and (one.source or profiles[one.profile].source) == taking.source
    ]
    if not others:
        return ""
    return f"; counted together with {', '.join(others)}, whose rows bear the same source"


def rows_by_day(site: Site, *, source: str, days: int) -> dict[date, int]:
    """Events of a source, by the UTC day on which they happened; the last so many days."""
    since = site.clock.now().astimezone(UTC).replace(tzinfo=None) - timedelta(days=days)
    until = site.clock.now().astimezone(UTC).replace(tzinfo=None)
    connection = site.lake.snapshot(EVENTS).connect(engine=site.settings.engine)
    try:
        found = connection.execute(
            """
            SELECT occurred_at::DATE, count(*) FROM events
            WHERE source = ? AND occurred_at >= ? AND occurred_at <= ? GROUP BY ALL
            """,
            [source, since, until],
        ).fetchall()
    finally:
        connection.close()
    return {day: int(count) for day, count in found}


def _fallen(fall: Fall, *, shared: str) -> Noticed:
    says = (
        f"{fall.day} has {fall.rows:,} events; the {fall.weeks} same weekdays before had"
        f" {fall.expected:,.0f} on average (p = {fall.pvalue:.1g}){shared}"
    )
    since = midnight(fall.day)
    return Noticed(kind=Kind.VOLUME_FELL, detail=str(fall.day), says=says, since=since)


def _as_a_clock_change(seconds: float) -> str:
    """A hint where a difference is a whole hour, to five minutes."""
    hours = round(seconds / 3600)
    near = abs(seconds - hours * 3600) <= 300
    return "; a clock change that one side did not follow looks like this" if hours and near else ""


def _length(span: timedelta) -> str:
    if span >= 2 * timedelta(days=1):
        return f"{span / timedelta(days=1):.1f} days"
    return (
        f"{span / _HOUR:.1f} hours" if span >= _HOUR else f"{span.total_seconds() / 60:.0f} minutes"
    )


def _minute(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%MZ}" if at else ""

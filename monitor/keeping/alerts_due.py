"""Which closed alerts are out of time, and which are kept back all the same."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Final

from alerts.lifecycle import Action, Disposition
from alerts.model import Alert, Status
from monitor.access.masking import Masker
from monitor.keeping.holds import Hold
from monitor.utc_day import midnight
from monitor.wiring import Site

UPHELD: Final = frozenset({Disposition.CONDUCT_MATTER, Disposition.SUSPECTED_CRIME})


def alerts_due(
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

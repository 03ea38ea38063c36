"""Everything people have done with an alert and what still waits, as a desk may read it."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from alerts.chain import Entry
from alerts.model import Alert
from monitor.access.desk import Desk
from monitor.access.masking import Scrubber
from monitor.cli.alerts.pending import deed_said
from monitor.views.casework import Casework, FollowUpShown
from monitor.views.wording import day, plain_name, when

_BY_JUDGING = {
    "alert.raised": "raised",
    "alert.extended": "grew: new evidence",
    "alert.reopened": "opened again: new evidence after it was closed",
}


def work_on(desk: Desk, alert: Alert) -> Casework:
    """The casework of an alert, with links, follow-up, requests, suppressions and growth."""
    store = desk.site.store
    merged = store.merged()
    return replace(
        desk.casework(alert),
        others_on_person=_on_person(desk, alert),
        follow_up=_follow_up(desk, alert),
        merged_into=merged.get(alert.alert_id, ""),
        merged_here=tuple(one for one, into in merged.items() if into == alert.alert_id),
        pending=tuple(
            f"{one.actor} asks to {deed_said(one)}, request {one.seq}"
            for one in store.requests()
            if one.alert_id == alert.alert_id
        ),
        silences=(*_silences(desk, alert), *_allowed(desk, alert)),
        grown=_grown(desk, alert, zone=desk.site.settings.zone),
    )


def _on_person(desk: Desk, alert: Alert) -> tuple[Alert, ...]:
    """Alerts on other members of staff in which the same person was looked up."""
    wanted = [alert.focus_subject_id] if alert.focus_subject_id else []
    found = desk.site.store.alerts_of_subjects(wanted)
    return tuple(
        desk.shown(one)
        for one in found
        if not set(one.user_ids) & set(alert.user_ids) and desk.knows(one)
    )


def _follow_up(desk: Desk, alert: Alert) -> FollowUpShown | None:
    found = desk.site.store.follow_ups().get(alert.alert_id)
    if found is None:
        return None
    clean = str if desk.shows(alert) else Scrubber.of(alert, desk.site.masker).clean
    return FollowUpShown(due_on=found.due_on, reason=clean(found.reason), actor=found.actor)


def _silences(desk: Desk, alert: Alert) -> tuple[str, ...]:
    pairs = {(finding.user_id, finding.focus_id) for finding in alert.findings}
    return tuple(
        f"{plain_name(one.detector)} is silent about"
        f" {'these two' if one.focus_subject_id else 'this member of staff alone'}"
        f" until {day(one.expires_at)}"
        f" ({one.actor}, number {one.seq})"
        for one in desk.site.store.suppressions(at=desk.site.clock.now())
        if (one.user_id, one.focus_subject_id) in pairs
    )


def _allowed(desk: Desk, alert: Alert) -> tuple[str, ...]:
    """The decisions in force by which later lookups of the same two are explained."""
    now = desk.site.clock.now()
    return tuple(
        f"lookups of this person by this member of staff count as explained until {day(one.until)}"
        f" (decided on {day(one.at)}, {one.actor})"
        for one in desk.site.store.allowances()
        if one.user_id in alert.user_ids
        and one.focus_subject_id in alert.subject_ids
        and one.at <= now < one.until
    )


def _grown(desk: Desk, alert: Alert, *, zone: ZoneInfo) -> tuple[str, ...]:
    """What judging did to it; the days on which it merely grew are counted, not listed."""
    entries = [e for e in desk.site.store.chain(about=alert.alert_id) if e.kind in _BY_JUDGING]
    named = [_line(one, zone) for one in entries if one.kind != "alert.extended"]
    grew = [one for one in entries if one.kind == "alert.extended"]
    if grew:
        last = when(grew[-1].moment, zone)
        often = "grew once" if len(grew) == 1 else f"grew {len(grew)} times, the last then"
        named.append(f"{last}  judging: {often}")
    return tuple(named)


def _line(entry: Entry, zone: ZoneInfo) -> str:
    return f"{when(entry.moment, zone)}  judging: {_BY_JUDGING[entry.kind]}"

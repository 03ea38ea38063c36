"""What somebody does to the alert in front: each deed asks what it must, and tells the outcome."""

from alerts.lifecycle import Action, Step
from alerts.model import Alert
from alerts.records import Request
from monitor.access.desk import Desk
from monitor.cli.alerts import steps
from monitor.cli.alerts.acting import referral
from monitor.cli.alerts.steps import said, take_step, waiting_said
from monitor.cli.triage.asking import GIVEN_UP, Sitting, day_meant, numbered, yes
from monitor.cli.triage.taking import taken
from monitor.utc_day import midnight
from monitor.views.wording import day, plain_name

_WHY = "Why? It is kept with the alert:"


def take(at: Sitting, alert: Alert) -> str:
    """Take the alert."""
    desk = at.desk
    return _stepped(desk, alert, step=Step(action=Action.TAKE))


def note(at: Sitting, alert: Alert) -> str:
    """Add a note."""
    desk, asker = at.desk, at.asker
    text = asker.typed("Note (it is never changed; Ctrl-C gives up):")
    if not text:
        return GIVEN_UP
    return _stepped(desk, alert, step=Step(action=Action.NOTE, reason=text))


def await_enquiry(at: Sitting, alert: Alert) -> str:
    """Say which enquiry is out."""
    desk, asker = at.desk, at.asker
    ready = taken(at, alert)
    reason = asker.typed("Which enquiry is out, and of whom?") if ready else None
    if not ready or not reason:
        return GIVEN_UP
    return _stepped(desk, ready, step=Step(action=Action.AWAIT, reason=reason))


def hand_over(at: Sitting, alert: Alert) -> str:
    """Hand the alert over to somebody, with what they should know."""
    desk, asker = at.desk, at.asker
    to = asker.typed("Hand over to whom (a user of this home)?")
    reason = asker.typed("What should they know (Enter for nothing)?") if to else None
    if not to or reason is None:
        return GIVEN_UP
    return _stepped(desk, alert, step=Step(action=Action.ASSIGN, to=to, reason=reason))


def refer(at: Sitting, alert: Alert) -> str:
    """Refer the alert: to whom, and why."""
    desk, asker = at.desk, at.asker
    ready = taken(at, alert)
    if ready is None:
        return GIVEN_UP
    to = asker.typed("Refer to whom (appropriate authority, another force, ...)?")
    reason = asker.typed(_WHY) if to else None
    if not to or not reason:
        return GIVEN_UP
    if not yes(asker, f"Refer {alert.alert_id} to {to}?", "", reason):
        return GIVEN_UP
    told = _stepped(desk, ready, step=Step(action=Action.REFER, reason=referral(to, reason)))
    return f"{told} For the file: psdmon alerts show {alert.alert_id} --rows --limits"


def reopen(at: Sitting, alert: Alert) -> str:
    """Open a closed alert again."""
    desk, asker = at.desk, at.asker
    steps.take_step(desk, alert, Step(action=Action.REOPEN, reason="-"), dry_run=True)
    reason = asker.typed("Why is it opened again?")
    return (
        _stepped(desk, alert, step=Step(action=Action.REOPEN, reason=reason))
        if reason
        else GIVEN_UP
    )


def follow_up(at: Sitting, alert: Alert) -> str:
    """Set the day to look at it again, or take it away."""
    desk, asker = at.desk, at.asker
    text = asker.typed("Look again on which day (2026-12-01; +7 for a week from now; none)?")
    if not text:
        return GIVEN_UP
    now = desk.site.clock.now()
    due_on = None if text.casefold() == "none" else day_meant(text, today=now.date())
    reason = asker.typed("What is to be looked at then (Enter for nothing)?") if due_on else ""
    if reason is None:
        return GIVEN_UP
    who = desk.person.os_user
    desk.site.store.follow(alert.alert_id, due_on=due_on, reason=reason, actor=who, at=now)
    return f"{alert.alert_id}: " + (f"due {day(due_on)}." if due_on else "no follow-up.")


def merge(at: Sitting, alert: Alert) -> str:
    """Link it to the alert it belongs to, or let it stand by itself again."""
    desk, asker = at.desk, at.asker
    who, now = desk.person.os_user, desk.site.clock.now()
    belongs = desk.site.store.merged().get(alert.alert_id)
    if belongs:
        reason = asker.typed(f"It belongs to {belongs}. Why does it stand by itself?")
        if not reason:
            return GIVEN_UP
        desk.site.store.unmerge(alert.alert_id, reason=reason, actor=who, at=now)
        return f"{alert.alert_id}: stands by itself again."
    written = asker.typed("It belongs to which alert (its id, or as much as no other shares)?")
    into = desk.alert(written) if written else None
    reason = asker.typed(_WHY) if into else None
    if not into or not reason:
        return GIVEN_UP
    desk.site.store.merge(alert.alert_id, into=into.alert_id, reason=reason, actor=who, at=now)
    return f"{alert.alert_id}: merged into {into.alert_id}."


def suppress(at: Sitting, alert: Alert) -> str:
    """Let one detector be silent about these two people for a time."""
    desk, asker = at.desk, at.asker
    spoken = dict.fromkeys(finding.detector for finding in alert.findings)
    whom = "these two" if alert.focus_subject_id else "this member of staff alone"
    asked = f"Which detector is to be silent about {whom} for a time?"
    detector = numbered(asker, asked, choices={name: plain_name(name) for name in spoken})
    most = desk.site.settings.casework.suppression_most_days
    text = asker.typed(f"Until which day (at most +{most})?") if detector else None
    reason = asker.typed(_WHY) if text else None
    if not text or not reason:
        return GIVEN_UP
    last = day_meant(text, today=desk.site.clock.now().date())
    until = midnight(last)
    made = steps.suppress(desk, alert, detector=detector, until=until, reason=reason)
    if isinstance(made, Request):
        return f"{alert.alert_id}: suppression {waiting_said(desk, made.seq)}."
    return f"{alert.alert_id}: {plain_name(detector)} silent until {day(until)}."


def _stepped(desk: Desk, alert: Alert, *, step: Step) -> str:
    """The step taken, in words."""
    outcome = take_step(desk, alert, step, dry_run=False)
    return f"{said(outcome, step, dry_run=False, desk=desk)}."

"""A step with an alert: done at once, or asked of a second person where the settings want one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.chain import stamp
from alerts.errors import Misused
from alerts.gates import Deed, needs_second, refuse_allowance, refuse_unanswered
from alerts.lifecycle import Action, Step, holder, stepped
from alerts.model import Alert
from alerts.records import Request, Suppression
from monitor.access.desk import Desk
from monitor.access.roles import Permission, Role, person
from monitor.views.casework import disposition_name
from monitor.views.wording import day


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answer to a question, given together with a step."""

    prompt_id: str
    answer: str  # done, not needed
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one alert stands after a step, or would stand."""

    alert: Alert
    held_by: str
    waits: bool = False  # for a second person; the alert stands as it stood
    request: int | None = None  # the number of what was asked; nothing with a dry run


def take_step(
    desk: Desk, alert: Alert, step: Step, *, dry_run: bool, answers: Sequence[Answered] = ()
) -> Outcome:
    """How an alert stands after a step; with a dry run, how it would.

    Args:
        desk: of whoever takes it.
        alert: as it stands.
        step: with everything it says.
        dry_run: whether to check alone.
        answers: to questions, given before the step where the alert carries them.

    Raises:
        Misused: the step does not fit; says what is possible.
    """
    status = stepped(alert.status, step, alert_id=alert.alert_id)
    if step.legitimate_until:
        refuse_too_legitimate(desk, alert, until=step.legitimate_until)
        step = replace(step, decided_as=_role(desk))
    if step.action is Action.CLOSE:
        _refuse_open_questions(desk, alert, step=step, answers=answers)
    held_by = desk.site.store.holders().get(alert.alert_id, "")
    waits = waits_with(desk, alert, step=step)
    if dry_run:
        after = holder(held_by, step, actor=desk.person.os_user)
        shown = alert if waits else replace(alert, status=status)
        return Outcome(alert=shown, held_by=held_by if waits else after, waits=waits)
    _give(desk, alert, answers=answers)
    if waits:
        asked = {"disposition": str(step.disposition), "explanation": step.explanation.strip()}
        if step.legitimate_until:
            until = {"legitimate_until": stamp(step.legitimate_until)}
            asked = {**asked, **until, "decided_as": step.decided_as}
        request = ask(desk, alert.alert_id, deed=Deed.CLOSE, asked=asked, reason=step.reason)
        return Outcome(alert=alert, held_by=held_by, waits=True, request=request.seq)
    return _acted(desk, alert, step=step, held_by=held_by)


def suppress(
    desk: Desk, alert: Alert, *, detector: str, until: datetime, reason: str
) -> Request | tuple[Suppression, ...]:
    """The suppressions made, or the request for them that waits for a second person.

    Raises:
        Misused: it lasts longer than the settings allow, or says too little.
    """
    now = desk.site.clock.now()
    refuse_too_long(desk, alert, until=until)
    if waits_for_second(desk, Deed.SUPPRESS, alert=alert):
        asked = {"detector": detector, "expires_at": stamp(until)}
        return ask(desk, alert.alert_id, deed=Deed.SUPPRESS, asked=asked, reason=reason)
    return desk.site.store.suppress(
        alert.alert_id,
        detector=detector,
        reason=reason,
        expires_at=until,
        actor=desk.person.os_user,
        at=now,
        also=alone(desk),
    )


def refuse_too_long(desk: Desk, alert: Alert, *, until: datetime) -> None:
    """Nothing where a suppression ends soon enough.

    Raises:
        Misused: it lasts longer than the settings allow.
    """
    most = desk.site.settings.casework.suppression_most_days
    last = desk.site.clock.now() + timedelta(days=most)
    if until > last:
        raise Misused(
            f"alert {alert.alert_id}: cannot suppress until {day(until)}, longer than the {most}"
            f" days of the settings; possible: until {day(last)}, and again then"
        )


def refuse_too_legitimate(desk: Desk, alert: Alert, *, until: datetime) -> None:
    """Nothing where lookups may be decided legitimate for so long, of this alert.

    Raises:
        Misused: the end is past or too far, or the alert is around nobody.
    """
    most = desk.site.settings.casework.legitimate_most_days
    now = desk.site.clock.now()
    last = now + timedelta(days=most)
    if until > last:
        raise Misused(
            f"alert {alert.alert_id}: lookups cannot be legitimate until {day(until)}, longer than"
            f" the {most} days of the settings; possible: until {day(last)}, and again then"
        )
    refuse_allowance(alert, until, at=now)


def _role(desk: Desk) -> str:
    """The role in which somebody decides that work goes on."""
    return str(Role.AUTHORITY if Role.AUTHORITY in desk.person.roles else Role.REVIEWER)


def waits_with(desk: Desk, alert: Alert, *, step: Step) -> bool:
    """Whether a step waits for a second person: a closure that presses, or one that allows on."""
    if step.action is not Action.CLOSE:
        return False
    allows = bool(step.legitimate_until) and desk.site.settings.casework.second_person
    return allows or waits_for_second(desk, Deed.CLOSE, alert=alert)


def ask(
    desk: Desk, alert_id: str, *, deed: Deed, asked: Mapping[str, object], reason: str
) -> Request:
    """The request that now waits for a second person."""
    return desk.site.store.ask(
        alert_id,
        deed=deed,
        asked=asked,
        reason=reason,
        actor=desk.person.os_user,
        at=desk.site.clock.now(),
    )


def waits_for_second(desk: Desk, deed: Deed, *, alert: Alert) -> bool:
    """Whether a deed has to wait for a second person in this home."""
    return desk.site.settings.casework.second_person and needs_second(deed, alert.priority)


def alone(desk: Desk) -> dict[str, object]:
    """What the chain is told where one person decides: why that is enough; else nothing."""
    casework = desk.site.settings.casework
    return {} if casework.second_person else {"second_person": casework.second_person_reason}


def alone_said(desk: Desk) -> str:
    """The sentence for a screen where one person decides alone; empty where two are wanted."""
    casework = desk.site.settings.casework
    if casework.second_person:
        return ""
    return f"One person decides alone here ({casework.second_person_reason})."


def waiting_said(desk: Desk, number: int) -> str:
    """What a request waits for, and what to do where nobody could answer it."""
    who = seconds(desk)
    if who:
        return f"waits for a second person ({', '.join(who)}): psdmon alerts confirm {number}"
    return (
        f"waits for a second person, request {number}. Nobody but {desk.person.os_user} holds the"
        " role reviewer or authority here; possible: give somebody that role, or let the force"
        " decide in config/settings.toml, [casework] second_person, that one person is enough"
    )


def seconds(desk: Desk) -> tuple[str, ...]:
    """Who else may confirm what this person asks for."""
    held = desk.site.store.role_holders()
    return tuple(
        os_user
        for os_user, roles in held.items()
        if os_user.casefold() != desk.person.os_user.casefold()
        and person(os_user, roles).may(Permission.WORK)
    )


def said(one: Outcome, step: Step, *, dry_run: bool, desk: Desk) -> str:
    """One line: how an alert stands after a step, or would."""
    name = one.alert.alert_id
    if step.action is Action.NOTE:
        return f"{name}: {'a note would be' if dry_run else 'note'} added"
    ended = f" as {disposition_name(step.disposition)}" if step.disposition else ""
    if step.legitimate_until:
        ended += f", lookups of these two legitimate until {day(step.legitimate_until)}"
    if one.waits and one.request is None:
        return f"{name}: closing{ended} would wait for a second person"
    if one.request is not None:
        return f"{name}: closing{ended} {waiting_said(desk, one.request)}"
    held = f", held by {one.held_by}" if one.held_by and step.action is not Action.CLOSE else ""
    return f"{name}: {'would be ' if dry_run else ''}{one.alert.status}{ended}{held}"


def _acted(desk: Desk, alert: Alert, *, step: Step, held_by: str) -> Outcome:
    presses = needs_second(Deed.CLOSE, alert.priority) or bool(step.legitimate_until)
    by_two = step.action is Action.CLOSE and presses
    moved = desk.site.store.act(
        alert.alert_id,
        step.action,
        actor=desk.person.os_user,
        at=desk.site.clock.now(),
        reason=step.reason,
        disposition=step.disposition,
        explanation=step.explanation,
        to=step.to,
        legitimate_until=step.legitimate_until,
        decided_as=step.decided_as,
        also=alone(desk) if by_two else None,
    )
    return Outcome(alert=moved, held_by=holder(held_by, step, actor=desk.person.os_user))


def _refuse_open_questions(
    desk: Desk, alert: Alert, *, step: Step, answers: Sequence[Answered]
) -> None:
    given = {one.prompt_id for one in answers}
    left = desk.site.store.open_questions(alert.alert_id, disposition=step.disposition)
    refuse_unanswered(alert, [prompt for prompt in left if prompt.id not in given])


def _give(desk: Desk, alert: Alert, *, answers: Sequence[Answered]) -> None:
    carried = {prompt.id for prompt in alert.prompts}
    for one in answers:
        if one.prompt_id in carried:
            desk.site.store.answer_prompt(
                alert.alert_id,
                one.prompt_id,
                answer=one.answer,
                reason=one.reason,
                actor=desk.person.os_user,
                at=desk.site.clock.now(),
            )

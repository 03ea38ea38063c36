"""`psdmon alerts take, assign, note, answer, await, refer, close, reopen`: work, scriptable."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import click

from alerts.lifecycle import Action, Disposition, Step, holder, stepped
from alerts.model import Alert
from monitor.access.desk import Desk, desk_of
from monitor.access.roles import Permission
from monitor.cli import output
from monitor.cli.alerts.options import alert_argument, alerts_argument
from monitor.cli.options import dry_run_option, json_option, pass_site
from monitor.views.casework import disposition_name
from monitor.wiring import Site

_ANSWERS: Final[Mapping[str, str]] = {"done": "done", "not-needed": "not needed", "later": "later"}

reason_option = click.option(
    "--reason", required=True, metavar="TEXT", help="Why; it is kept with the alert."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one alert stands after a step, or would stand."""

    alert: Alert
    held_by: str


@click.command("take")
@alerts_argument
@dry_run_option
@json_option
@pass_site
def take(site: Site, *, alert_ids: tuple[str, ...], dry_run: bool, as_json: bool) -> None:
    """Take alerts: you work on them from here on.

    Example: psdmon alerts take A-7f3k A-9d2m
    """
    _step_all(site, alert_ids, Step(action=Action.TAKE), dry_run=dry_run, as_json=as_json)


@click.command("assign")
@alerts_argument
@click.option("--to", required=True, metavar="USER", help="Who takes over: a user of this home.")
@click.option("--reason", default="", metavar="TEXT", help="Why, and what to know.")
@dry_run_option
@json_option
@pass_site
def assign(  # noqa: PLR0913 one argument an option
    site: Site, *, alert_ids: tuple[str, ...], to: str, reason: str, dry_run: bool, as_json: bool
) -> None:
    """Hand alerts over to somebody else.

    Example: psdmon alerts assign A-7f3k --to asmith --reason "leave until Monday"
    """
    step = Step(action=Action.ASSIGN, to=to, reason=reason)
    _step_all(site, alert_ids, step, dry_run=dry_run, as_json=as_json)


@click.command("note")
@alert_argument
@click.argument("text")
@dry_run_option
@json_option
@pass_site
def note(site: Site, *, alert_id: str, text: str, dry_run: bool, as_json: bool) -> None:
    """Add a note; notes are never changed or removed.

    Example: psdmon alerts note A-7f3k "duty sheet asked for"
    """
    step = Step(action=Action.NOTE, reason=text)
    _step_all(site, (alert_id,), step, dry_run=dry_run, as_json=as_json)


@click.command("await")
@alerts_argument
@reason_option
@dry_run_option
@json_option
@pass_site
def await_(
    site: Site, *, alert_ids: tuple[str, ...], reason: str, dry_run: bool, as_json: bool
) -> None:
    """Say that an enquiry is out, and which.

    Example: psdmon alerts await A-7f3k --reason "control room asked for the radio log"
    """
    step = Step(action=Action.AWAIT, reason=reason)
    _step_all(site, alert_ids, step, dry_run=dry_run, as_json=as_json)


@click.command("refer")
@alerts_argument
@click.option("--to", default="", metavar="WHOM", help="To whom: the authority, another force.")
@reason_option
@dry_run_option
@json_option
@pass_site
def refer(  # noqa: PLR0913 one argument an option
    site: Site, *, alert_ids: tuple[str, ...], to: str, reason: str, dry_run: bool, as_json: bool
) -> None:
    """Refer alerts: somebody else decides. The referral itself is made by you, not by psdmon.

    Example: psdmon alerts refer A-7f3k --to "appropriate authority" --reason "criteria may be met"
    """
    step = Step(action=Action.REFER, reason=referral(to, reason))
    _step_all(site, alert_ids, step, dry_run=dry_run, as_json=as_json)


@click.command("close")
@alerts_argument
@click.option(
    "--disposition",
    required=True,
    type=click.Choice([one.value for one in Disposition]),
    metavar="HOW",
    help=f"How it ended: {', '.join(Disposition)}.",
)
@reason_option
@click.option(
    "--explanation", default="", metavar="TEXT", help="The work, where explained_by_work."
)
@dry_run_option
@json_option
@pass_site
def close(  # noqa: PLR0913 one argument an option
    site: Site,
    *,
    alert_ids: tuple[str, ...],
    disposition: str,
    reason: str,
    explanation: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Close alerts, each with how it ended and why.

    New evidence opens a closed alert again. Look first: psdmon alerts show ID --stage closure.

    Example: psdmon alerts close A-7f3k --disposition cannot_tell --reason "no roster before March"
    """
    step = Step(
        action=Action.CLOSE,
        disposition=Disposition(disposition),
        reason=reason,
        explanation=explanation,
    )
    _step_all(site, alert_ids, step, dry_run=dry_run, as_json=as_json)


@click.command("reopen")
@alerts_argument
@reason_option
@dry_run_option
@json_option
@pass_site
def reopen(
    site: Site, *, alert_ids: tuple[str, ...], reason: str, dry_run: bool, as_json: bool
) -> None:
    """Open closed alerts again.

    Example: psdmon alerts reopen A-7f3k --reason "a complaint came in"
    """
    step = Step(action=Action.REOPEN, reason=reason)
    _step_all(site, alert_ids, step, dry_run=dry_run, as_json=as_json)


@click.command("answer")
@alert_argument
@click.argument("prompt_id", metavar="PROMPT")
@click.argument("answer", type=click.Choice(tuple(_ANSWERS)))
@click.option(
    "--reason", default="", metavar="TEXT", help="What was done, or why it is not needed."
)
@dry_run_option
@json_option
@pass_site
def answer(  # noqa: PLR0913 one argument an option
    site: Site,
    *,
    alert_id: str,
    prompt_id: str,
    answer: str,
    reason: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Answer a question of law or practice: done, not-needed (with a reason) or later.

    Example: psdmon alerts answer A-7f3k P20 done --reason "export asked of the data owner"
    """
    desk = working_desk(site)
    alert = desk.alert(alert_id)
    said = {"alert_id": alert.alert_id, "prompt": prompt_id, "answer": _ANSWERS[answer]}
    if not dry_run:
        site.store.answer_prompt(
            alert.alert_id,
            prompt_id,
            answer=_ANSWERS[answer],
            reason=reason,
            actor=desk.person.os_user,
            at=site.clock.now(),
        )
    if as_json:
        output.as_json({**said, "dry_run": dry_run})
        return
    would = "would be answered" if dry_run else "answered"
    click.echo(output.plain(f"{alert.alert_id}: {prompt_id} {would}: {_ANSWERS[answer]}"))


def working_desk(site: Site) -> Desk:
    """The desk of somebody who may act on alerts.

    Raises:
        NotPermitted: no role allows it.
    """
    desk = desk_of(site)
    desk.person.require(Permission.WORK)
    return desk


def referral(to: str, reason: str) -> str:
    """The reason kept with a referral: to whom, then why."""
    return f"to {to.strip()}: {reason}" if to.strip() and reason.strip() else reason


def take_step(desk: Desk, alert: Alert, step: Step, *, dry_run: bool) -> Outcome:
    """How an alert stands after a step; with a dry run, how it would.

    Raises:
        Misused: the step does not fit; says what is possible.
    """
    status = stepped(alert.status, step, alert_id=alert.alert_id)
    held_by = desk.site.store.holders().get(alert.alert_id, "")
    after = holder(held_by, step, actor=desk.person.os_user)
    if dry_run:
        return Outcome(alert=replace(alert, status=status), held_by=after)
    moved = desk.site.store.act(
        alert.alert_id,
        step.action,
        actor=desk.person.os_user,
        at=desk.site.clock.now(),
        reason=step.reason,
        disposition=step.disposition,
        explanation=step.explanation,
        to=step.to,
    )
    return Outcome(alert=moved, held_by=after)


def _step_all(
    site: Site, alert_ids: tuple[str, ...], step: Step, *, dry_run: bool, as_json: bool
) -> None:
    """Take one step with each alert; all are checked before the first is moved."""
    desk = working_desk(site)
    chosen = list({found.alert_id: found for found in map(desk.alert, alert_ids)}.values())
    for alert in chosen:
        take_step(desk, alert, step, dry_run=True)
    done = [take_step(desk, alert, step, dry_run=dry_run) for alert in chosen]
    if as_json:
        output.as_json({"dry_run": dry_run, "alerts": [_told(one, step) for one in done]})
        return
    for one in done:
        click.echo(output.plain(_said(one, step, dry_run=dry_run)))


def _told(one: Outcome, step: Step) -> dict[str, Any]:
    return {
        "alert_id": one.alert.alert_id,
        "action": str(step.action),
        "status": str(one.alert.status),
        "held_by": one.held_by,
    }


def _said(one: Outcome, step: Step, *, dry_run: bool) -> str:
    would = "would be " if dry_run else ""
    ended = f" as {disposition_name(step.disposition)}" if step.disposition else ""
    closed = step.action is Action.CLOSE
    held = f", held by {one.held_by}" if one.held_by and not closed else ""
    if step.action is Action.NOTE:
        return f"{one.alert.alert_id}: {'a note would be' if dry_run else 'note'} added"
    return f"{one.alert.alert_id}: {would}{one.alert.status}{ended}{held}"

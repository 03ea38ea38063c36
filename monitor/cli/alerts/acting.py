"""`psdmon alerts take, assign, note, answer, await, refer, close, reopen`: work, scriptable."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import click

from alerts.errors import Misused
from alerts.gates import prompt_answered
from alerts.lifecycle import Action, Disposition, Step
from alerts.model import Alert
from monitor.access.desk import Desk, desk_of
from monitor.access.roles import Permission
from monitor.cli import output
from monitor.cli.alerts.choosing import chosen_argument, meant, preview, split
from monitor.cli.alerts.options import alert_argument, alerts_argument
from monitor.cli.alerts.steps import Answered, Outcome, alone_said, said, take_step
from monitor.cli.options import dry_run_option, json_option, pass_site
from monitor.views.wording import day
from monitor.wiring import Site

_ANSWERS: Final[Mapping[str, str]] = {"done": "done", "not-needed": "not needed", "later": "later"}

reason_option = click.option(
    "--reason", required=True, metavar="TEXT", help="Why; it is kept with the alert."
)


@click.command("take")
@chosen_argument
@dry_run_option
@json_option
@pass_site
def take(site: Site, /, *, alert_ids: tuple[str, ...], **how: Any) -> int:
    """Take alerts: you work on them from here on.

    Example: psdmon alerts take A-7f3k A-9d2m
    """
    return _step_all(site, alert_ids, Step(action=Action.TAKE), **how)


@click.command("assign")
@chosen_argument
@click.option("--to", required=True, metavar="USER", help="Who takes over: a user of this home.")
@click.option("--reason", default="", metavar="TEXT", help="Why, and what to know.")
@dry_run_option
@json_option
@pass_site
def assign(site: Site, /, *, alert_ids: tuple[str, ...], to: str, reason: str, **how: Any) -> int:
    """Hand alerts over to somebody else.

    Example: psdmon alerts assign A-7f3k --to asmith --reason "leave until Monday"
    """
    step = Step(action=Action.ASSIGN, to=to, reason=reason)
    return _step_all(site, alert_ids, step, **how)


@click.command("note")
@alert_argument
@click.argument("text")
@dry_run_option
@json_option
@pass_site
def note(site: Site, *, alert_id: str, text: str, dry_run: bool, as_json: bool) -> int:
    """Add a note; notes are never changed or removed.

    Example: psdmon alerts note A-7f3k "duty sheet asked for"
    """
    step = Step(action=Action.NOTE, reason=text)
    return _step_all(site, (alert_id,), step, dry_run=dry_run, as_json=as_json)


@click.command("await")
@chosen_argument
@reason_option
@dry_run_option
@json_option
@pass_site
def await_(site: Site, /, *, alert_ids: tuple[str, ...], reason: str, **how: Any) -> int:
    """Say that an enquiry is out, and which.

    Example: psdmon alerts await A-7f3k --reason "control room asked for the radio log"
    """
    step = Step(action=Action.AWAIT, reason=reason)
    return _step_all(site, alert_ids, step, **how)


@click.command("refer")
@chosen_argument
@click.option("--to", default="", metavar="WHOM", help="To whom: the authority, another force.")
@reason_option
@dry_run_option
@json_option
@pass_site
def refer(site: Site, /, *, alert_ids: tuple[str, ...], to: str, reason: str, **how: Any) -> int:
    """Refer alerts: somebody else decides. The referral itself is made by you, not by psdmon.

    Example: psdmon alerts refer A-7f3k --to "appropriate authority" --reason "criteria may be met"
    """
    step = Step(action=Action.REFER, reason=referral(to, reason))
    return _step_all(site, alert_ids, step, **how)


@click.command("close")
@chosen_argument
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
@click.option(
    "--legitimate-until",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Where the work goes on: until which day later lookups of these two are explained by it.",
)
@click.option(
    "--answer",
    "answers",
    multiple=True,
    metavar="PROMPT=ANSWER:TEXT",
    help="Answer a question with it: P32=done:TEXT, P09=not-needed:REASON; may be repeated.",
)
@dry_run_option
@json_option
@pass_site
def close(  # noqa: PLR0913 one argument an option
    site: Site,
    /,
    *,
    alert_ids: tuple[str, ...],
    disposition: str,
    reason: str,
    explanation: str,
    legitimate_until: datetime | None,
    answers: tuple[str, ...],
    **how: Any,
) -> int:
    """Close alerts, each with how it ended and why.

    The questions before closing are answered first; a high or urgent alert waits for a second
    person. Only lookups after the closing raise another alert, which names this one; evidence ten
    times rarer as a whole opens this one again. Look first: alerts show ID --stage closure.

    Example: psdmon alerts close A-7f3k --disposition cannot_tell --reason "no roster before March"
             --answer "P32=done:second look by the duty inspector"
    """
    step = Step(
        action=Action.CLOSE,
        disposition=Disposition(disposition),
        reason=reason,
        explanation=explanation,
        legitimate_until=legitimate_until.replace(tzinfo=UTC) if legitimate_until else None,
    )
    return _step_all(site, alert_ids, step, answers=_answered(answers), **how)


@click.command("reopen")
@alerts_argument
@reason_option
@dry_run_option
@json_option
@pass_site
def reopen(
    site: Site, *, alert_ids: tuple[str, ...], reason: str, dry_run: bool, as_json: bool
) -> int:
    """Open closed alerts again.

    Example: psdmon alerts reopen A-7f3k --reason "a complaint came in"
    """
    step = Step(action=Action.REOPEN, reason=reason)
    return _step_all(site, alert_ids, step, dry_run=dry_run, as_json=as_json)


@click.command("answer")
@alert_argument
@click.argument("prompt_ids", metavar="PROMPT[,PROMPT...]")
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
    prompt_ids: str,
    answer: str,
    reason: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Answer questions of law and practice: done, not-needed (with a reason) or later.

    Example: psdmon alerts answer A-7f3k P20 done --reason "export asked of the data owner"
    """
    desk = working_desk(site)
    alert = desk.alert(alert_id)
    asked = [one.strip() for one in prompt_ids.split(",") if one.strip()]
    given = {"answer": _ANSWERS[answer], "reason": reason, "actor": desk.person.os_user}
    for prompt_id in asked:
        prompt_answered(alert, prompt_id, answer=_ANSWERS[answer], reason=reason)
    if not dry_run:
        for prompt_id in asked:
            site.store.answer_prompt(alert.alert_id, prompt_id, **given, at=site.clock.now())
    if as_json:
        told = {"alert_id": alert.alert_id, "prompt": ",".join(asked), "answer": _ANSWERS[answer]}
        output.as_json({**told, "dry_run": dry_run})
        return
    would = "would be answered" if dry_run else "answered"
    for prompt_id in asked:
        click.echo(output.plain(f"{alert.alert_id}: {prompt_id} {would}: {_ANSWERS[answer]}"))


@click.command("follow-up")
@alert_argument
@click.option("--on", "due_on", type=click.DateTime(["%Y-%m-%d"]), help="The day to look again.")
@click.option("--none", "no_more", is_flag=True, help="Take the follow-up away.")
@click.option("--reason", default="", metavar="TEXT", help="What is to be looked at then.")
@dry_run_option
@json_option
@pass_site
def follow_up(  # noqa: PLR0913 one argument an option
    site: Site,
    *,
    alert_id: str,
    due_on: datetime | None,
    no_more: bool,
    reason: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Set the day to look at an alert again; the queue shows when it is due.

    Example: psdmon alerts follow-up A-7f3k --on 2026-06-01 --reason "roster of May arrives"
    """
    desk = working_desk(site)
    alert = desk.alert(alert_id)
    if (due_on is None) != no_more:
        raise Misused(f"alert {alert.alert_id}: which day? possible: --on 2026-06-01, or --none")
    wanted = due_on.date() if due_on else None
    if not dry_run:
        site.store.follow(
            alert.alert_id,
            due_on=wanted,
            reason=reason,
            actor=desk.person.os_user,
            at=site.clock.now(),
        )
    if as_json:
        output.as_json({"alert_id": alert.alert_id, "due_on": wanted, "dry_run": dry_run})
        return
    would = "would be due" if dry_run else "due"
    told = f"{would} {day(wanted)}" if wanted else "no follow-up"
    click.echo(f"{alert.alert_id}: {told}")


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


def _step_all(  # noqa: PLR0913 everything that decides how a step is taken with many
    site: Site,
    alert_ids: tuple[str, ...],
    step: Step,
    *,
    dry_run: bool,
    as_json: bool,
    where: str = "",
    yes: bool = True,
    answers: Sequence[Answered] = (),
) -> int:
    """Take one step with each alert; all are checked before the first is moved.

    What a query chose is only shown without `yes`; with it, those that fit are moved, the others
    are named, and the exit code is 2 where there are any.
    """
    desk = working_desk(site)
    alerts = meant(desk, alert_ids, where=where)

    def checked(alert: Alert) -> Outcome:
        return take_step(desk, alert, step, dry_run=True, answers=answers)

    fit, refused = split(alerts, checked) if where else (alerts, {})
    if not where:
        for alert in alerts:
            checked(alert)
    elif not yes and not as_json:
        desk.looked("alert.listed", alerts=len(alerts), alert_ids=[one.alert_id for one in alerts])
        preview(desk, fit, refused=refused.values(), what=_DONE[step.action])
        return 0
    only_shown = dry_run or bool(where and not yes)
    done = [take_step(desk, one, step, dry_run=only_shown, answers=answers) for one in fit]
    code = Misused.exit_code if refused and not only_shown else 0
    if as_json:
        told = {"dry_run": only_shown, "alerts": [_told(one, step) for one in done]}
        output.as_json(told | ({"refused": refused} if where else {}))
        return code
    for one in done:
        click.echo(output.plain(said(one, step, dry_run=only_shown, desk=desk)))
    for why in refused.values():
        output.note(output.plain(why))
    if step.action is Action.CLOSE and alone_said(desk):
        output.note(alone_said(desk))
    return code


def _told(one: Outcome, step: Step) -> dict[str, Any]:
    told = {
        "alert_id": one.alert.alert_id,
        "action": str(step.action),
        "status": str(one.alert.status),
        "held_by": one.held_by,
    }
    return told | ({"waits_for_second": True, "request": one.request} if one.waits else {})


def _answered(written: Sequence[str]) -> list[Answered]:
    """Answers as typed with --answer: P32=done:what was done.

    Raises:
        Misused: one is not written so, or not needed without a reason.
    """
    found = []
    for one in written:
        prompt_id, sign, rest = one.partition("=")
        answer, _, reason = rest.partition(":")
        if not sign or answer not in {"done", "not-needed"}:
            raise Misused(
                f"--answer: {one!r} cannot be read; possible: P32=done:TEXT, P32=not-needed:REASON"
            )
        if answer == "not-needed" and not reason.strip():
            raise Misused(f"--answer: {one!r} has no reason; possible: {one}:REASON")
        found.append(
            Answered(prompt_id=prompt_id.strip(), answer=_ANSWERS[answer], reason=reason.strip())
        )
    return found


_DONE: Final[Mapping[Action, str]] = {
    Action.TAKE: "taken",
    Action.ASSIGN: "handed over",
    Action.AWAIT: "marked as awaiting an enquiry",
    Action.REFER: "referred",
    Action.CLOSE: "closed, or asked to be",
    Action.REOPEN: "opened again",
    Action.NOTE: "given a note",
}

"""`psdmon alerts merge, unmerge, suppress, lift, suppressions`: links and silences, undoable."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

import click
from rich.console import Group
from rich.text import Text

from alerts.gates import Deed
from alerts.records import Request, Suppression
from alerts.silences import expiring
from monitor.access.desk import Desk, desk_of
from monitor.cli import output
from monitor.cli.alerts import steps
from monitor.cli.alerts.acting import reason_option, working_desk
from monitor.cli.alerts.options import alert_argument
from monitor.cli.alerts.steps import (
    alone_said,
    refuse_too_long,
    waiting_said,
    waits_for_second,
)
from monitor.cli.options import TIMES_HELP, dry_run_option, json_option, moment, pass_site
from monitor.views.wording import day, plain_name
from monitor.wiring import Site


@click.command("merge")
@alert_argument
@click.option("--into", required=True, metavar="ALERT", help="The alert it belongs to.")
@reason_option
@dry_run_option
@pass_site
def merge(site: Site, *, alert_id: str, into: str, reason: str, dry_run: bool) -> None:
    """Link an alert to the one it belongs to; it leaves the queue, and nothing is lost.

    Example: psdmon alerts merge A-9d2m --into A-7f3k --reason "one course of looking"
    """
    desk = working_desk(site)
    alert, other = desk.alert(alert_id), desk.alert(into)
    if dry_run:
        click.echo(f"{alert.alert_id}: would be merged into {other.alert_id}")
        return
    site.store.merge(
        alert.alert_id,
        into=other.alert_id,
        reason=reason,
        actor=desk.person.os_user,
        at=site.clock.now(),
    )
    click.echo(f"{alert.alert_id}: merged into {other.alert_id}")


@click.command("unmerge")
@alert_argument
@reason_option
@dry_run_option
@pass_site
def unmerge(site: Site, *, alert_id: str, reason: str, dry_run: bool) -> None:
    """Let a merged alert stand by itself again.

    Example: psdmon alerts unmerge A-9d2m --reason "another member of staff"
    """
    desk = working_desk(site)
    alert = desk.alert(alert_id)
    if not dry_run:
        site.store.unmerge(
            alert.alert_id, reason=reason, actor=desk.person.os_user, at=site.clock.now()
        )
    click.echo(f"{alert.alert_id}: {'would stand' if dry_run else 'stands'} by itself again")


@click.command("suppress")
@alert_argument
@click.option("--detector", required=True, metavar="NAME", help="Which detector is to be silent.")
@click.option("--until", required=True, type=moment, metavar="TIME", help=f"{TIMES_HELP}")
@reason_option
@dry_run_option
@json_option
@pass_site
def suppress(  # noqa: PLR0913 one argument an option
    site: Site,
    *,
    alert_id: str,
    detector: str,
    until: datetime,
    reason: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Let one detector raise nothing about this pair until a time.

    It waits for a second person, is counted and shown, and ends by itself; the alert stays.

    Example: psdmon alerts suppress A-7f3k --detector repeat_subject --until 2026-06-01
             --reason "family liaison until the inquest"
    """
    desk = working_desk(site)
    alert = desk.alert(alert_id)
    if dry_run:
        refuse_too_long(desk, alert, until=until)
        waits = waits_for_second(desk, Deed.SUPPRESS, alert=alert)
        after = " once a second person has agreed to it" if waits else ""
        click.echo(f"{alert.alert_id}: {detector} would be silent until {day(until)}{after}")
        return
    made = steps.suppress(desk, alert, detector=detector, until=until, reason=reason)
    if isinstance(made, Request):
        _say_waiting(desk, made, as_json=as_json)
        return
    if as_json:
        output.as_json({"suppressions": [_told(desk, one) for one in made]})
        return
    numbers = ", ".join(str(one.seq) for one in made)
    click.echo(f"{alert.alert_id}: {detector} silent until {day(until)} (number {numbers})")
    if alone_said(desk):
        output.note(alone_said(desk))


@click.command("lift")
@click.argument("number", type=int)
@reason_option
@dry_run_option
@pass_site
def lift(site: Site, *, number: int, reason: str, dry_run: bool) -> None:
    """End a suppression before its time.

    Example: psdmon alerts lift 41 --reason "liaison ended early"
    """
    desk = working_desk(site)
    desk.suppression(number)
    if not dry_run:
        site.store.lift_suppression(
            number, reason=reason, actor=desk.person.os_user, at=site.clock.now()
        )
    click.echo(f"suppression {number}: {'would be ' if dry_run else ''}lifted")


@click.command("suppressions")
@click.option("--all", "every", is_flag=True, help="Those that ended or were lifted too.")
@json_option
@pass_site
def suppressions(site: Site, *, every: bool, as_json: bool) -> None:
    """Show what is silenced, by whom, why and until when.

    Example: psdmon alerts suppressions
    """
    desk = desk_of(site)
    known = {alert.alert_id for alert in desk.alerts()}
    at = None if every else site.clock.now()
    found = [one for one in site.store.suppressions(at=at) if one.alert_id in known]
    within = timedelta(days=site.settings.casework.expiring_days)
    soon = {one.seq for one in expiring(found, at=site.clock.now(), within=within)}
    desk.looked("alert.suppressions_listed", suppressions=len(found))
    if as_json:
        told = [{**_told(desk, one), "expiring": one.seq in soon} for one in found]
        output.as_json({"suppressions": told, "expiring": len(soon)})
        return
    columns = ("number", "alert", "detector", "until", "by", "reason")
    rows = [
        (o.seq, o.alert_id, plain_name(o.detector), day(o.expires_at), o.actor, o.reason)
        for o in found
    ]
    with output.paged() as console:
        tally = Text(_tally(found, soon, days=within.days))
        console.print(Group(output.table(*columns, rows=rows), tally) if found else tally)


def _tally(found: Sequence[Suppression], soon: Collection[int], *, days: int) -> str:
    """How many there are, and which of them end soon."""
    told = f"{output.counted(len(found), 'suppression')}."
    if not soon:
        return told
    numbers = ", ".join(map(str, sorted(soon)))
    return f"{told} Ending within {days} days, and heard again then: {numbers}."


def _say_waiting(desk: Desk, request: Request, *, as_json: bool) -> None:
    if as_json:
        output.as_json({"suppressions": [], "waits_for_second": True, "request": request.seq})
        return
    told = f"{request.alert_id}: suppression {waiting_said(desk, request.seq)}"
    click.echo(output.plain(told))


def _told(desk: Desk, one: Suppression) -> dict[str, Any]:
    masker = desk.site.masker
    return {
        "number": one.seq,
        "alert_id": one.alert_id,
        "user_id": masker.staff(one.user_id),
        "focus_subject_id": masker.record(one.focus_subject_id),
        "detector": one.detector,
        "reason": one.reason,
        "actor": one.actor,
        "at": one.at,
        "expires_at": one.expires_at,
    }

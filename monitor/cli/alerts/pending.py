"""`psdmon alerts pending, confirm, decline, withdraw`: what two people decide."""

from collections.abc import Sequence
from typing import Any

import click
from rich.console import Group
from rich.text import Text

from alerts.errors import Misused
from alerts.gates import Deed
from alerts.records import Request
from monitor.access.desk import Desk, desk_of
from monitor.cli import output
from monitor.cli.alerts.acting import working_desk
from monitor.cli.alerts.steps import alone_said
from monitor.cli.options import dry_run_option, json_option, pass_site
from monitor.views.casework import disposition_name
from monitor.views.wording import age, plain_name
from monitor.wiring import Site


@click.command("pending")
@click.option("--all", "every", is_flag=True, help="Those that were answered too.")
@json_option
@pass_site
def pending(site: Site, *, every: bool, as_json: bool) -> None:
    """Show what waits for a second person: closures and suppressions.

    Identities and roles are asked for and approved elsewhere: psdmon access list.

    Example: psdmon alerts pending
    """
    desk = desk_of(site)
    found = known_requests(desk, every=every)
    desk.looked("alert.requests_listed", requests=len(found))
    if as_json:
        output.as_json({"requests": [_told(desk, one) for one in found]})
        return
    columns = ("number", "alert", "asks to", "by", "age", "why")
    rows = [
        (
            one.seq,
            one.alert_id,
            deed_said(one) + (f" ({one.answer} by {one.answered_by})" if one.answer else ""),
            one.actor,
            age(one.at, site.clock.now()),
            reason_said(desk, one),
        )
        for one in found
    ]
    with output.paged() as console:
        kind = "request" if every else "request that waits for a second person"
        kinds = "requests" if every else "requests that wait for a second person"
        tally = Text(f"{len(found)} {kind if len(found) == 1 else kinds}.")
        console.print(Group(output.table(*columns, rows=rows), tally) if found else tally)
        if alone_said(desk):
            console.print(Text(alone_said(desk)))


@click.command("confirm")
@click.argument("number", type=int)
@click.option("--reason", default="", metavar="TEXT", help="What you looked at.")
@dry_run_option
@json_option
@pass_site
def confirm(site: Site, *, number: int, reason: str, dry_run: bool, as_json: bool) -> None:
    """Confirm what somebody else asked for; it is done at once, and both names are kept.

    Example: psdmon alerts confirm 41 --reason "read the alert and the answers"
    """
    _answer(site, number, answer="agreed", reason=reason, dry_run=dry_run, as_json=as_json)


@click.command("decline")
@click.argument("number", type=int)
@click.option("--reason", required=True, metavar="TEXT", help="Why not; it is kept.")
@dry_run_option
@json_option
@pass_site
def decline(site: Site, *, number: int, reason: str, dry_run: bool, as_json: bool) -> None:
    """Decline what somebody else asked for; nothing is done, and the reason is kept.

    Example: psdmon alerts decline 41 --reason "the mother has not been asked"
    """
    _answer(site, number, answer="declined", reason=reason, dry_run=dry_run, as_json=as_json)


@click.command("withdraw")
@click.argument("number", type=int)
@click.option("--reason", default="", metavar="TEXT", help="Why; it is kept.")
@dry_run_option
@json_option
@pass_site
def withdraw(site: Site, *, number: int, reason: str, dry_run: bool, as_json: bool) -> None:
    """Take back what you asked for.

    Example: psdmon alerts withdraw 41
    """
    _answer(site, number, answer="withdrawn", reason=reason, dry_run=dry_run, as_json=as_json)


def known_requests(desk: Desk, *, every: bool = False) -> list[Request]:
    """The requests about alerts that this person may know of, oldest first."""
    known = {alert.alert_id for alert in desk.alerts()}
    return [one for one in desk.site.store.requests(pending=not every) if one.alert_id in known]


def deed_said(one: Request) -> str:
    """What a request asks for, in words."""
    if one.deed is Deed.CLOSE:
        ended = f"close as {disposition_name(str(one.asked['disposition']))}"
        goes_on = str(one.asked.get("legitimate_until", ""))[:10]
        return ended + (f", lookups of these two legitimate until {goes_on}" if goes_on else "")
    until = str(one.asked["expires_at"])[:10]
    return f"suppress {plain_name(str(one.asked['detector']))} until {until}"


def reason_said(desk: Desk, one: Request) -> str:
    """Why it was asked for, and the work that explains it, as this desk may read them."""
    text = "; ".join(filter(None, (str(one.asked.get("explanation", "")), one.reason)))
    alert = desk.site.store.alert(one.alert_id)
    if desk.shows(alert):
        return text
    from monitor.access.masking import Scrubber

    return Scrubber.of(alert, desk.site.masker).clean(text)


def answer_request(desk: Desk, number: int, *, answer: str, reason: str) -> Request:
    """The request, answered by this person.

    Raises:
        Misused: it is not there, or may not be known to this person.
    """
    found = one_known(desk, number)
    return desk.site.store.answer_request(
        found.seq,
        answer=answer,
        reason=reason,
        actor=desk.person.os_user,
        at=desk.site.clock.now(),
    )


def one_known(desk: Desk, number: int) -> Request:
    """One request about an alert that this person may know of.

    Raises:
        Misused: there is none; names those that wait.
    """
    known = known_requests(desk, every=True)
    found = next((one for one in known if one.seq == number), None)
    if found is None:
        waiting = ", ".join(str(one.seq) for one in known if one.pending) or "none waits"
        raise Misused(f"request {number}: is not there; possible: {waiting}")
    return found


def _answer(  # noqa: PLR0913 one argument an option
    site: Site, number: int, *, answer: str, reason: str, dry_run: bool, as_json: bool
) -> None:
    desk = working_desk(site)
    found = one_known(desk, number)
    if not dry_run:
        found = answer_request(desk, number, answer=answer, reason=reason)
    if as_json:
        output.as_json({**_told(desk, found), "dry_run": dry_run})
        return
    would = "would be " if dry_run else ""
    about = found.alert_id
    click.echo(output.plain(f"request {number}: {would}{answer}: {about}: {deed_said(found)}"))


def _told(desk: Desk, one: Request) -> dict[str, Any]:
    return {
        "request": one.seq,
        "alert_id": one.alert_id,
        "deed": str(one.deed),
        "asked": {name: value for name, value in one.asked.items() if name in _PLAIN},
        "says": reason_said(desk, one),
        "actor": one.actor,
        "at": one.at,
        "answer": one.answer,
        "answered_by": one.answered_by,
        "answered_at": one.answered_at,
    }


_PLAIN: Sequence[str] = ("disposition", "detector", "expires_at")

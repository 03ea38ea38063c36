"""`psdmon access`: what takes a second person, who is who, covert alerts, broken glass."""

from typing import Any, Final

import click
from rich.table import Column
from rich.text import Text

from alerts.errors import Misused, NotPermitted
from monitor.access import record
from monitor.access.desk import Desk, access_record, desk_of, person_at
from monitor.access.record import Answer, Request, Wanted
from monitor.access.roles import Permission, Person, Role
from monitor.cli import output
from monitor.cli.options import dry_run_option, json_option, pass_site
from monitor.views.entries import broken_glass
from monitor.wiring import Site

HOURS: Final = 8  # a shift


def _stated(_: click.Context, option: click.Parameter, written: str) -> str:
    """The reason without blanks around it; a blank one is refused."""
    if not written.strip():
        raise click.BadParameter('is blank; possible: say why, --reason "..."', param=option)
    return written.strip()


_reason = click.option(
    "--reason",
    required=True,
    callback=_stated,
    metavar="TEXT",
    help="Why; it goes on the chain.",
)


@click.group("access")
def command() -> None:
    """Ask for what takes a second person, and decide what others ask for.

    Identities of an alert, and roles for oneself, are opened by somebody else. Here too: which
    member of staff a user is, alerts for named people alone, and glass that was broken.

    Example: psdmon access request A-7f3k --purpose "complaint 17"; psdmon access approve 41
    """


@command.command("request")
@click.argument("alert_id", metavar="[ALERT]", default="")
@click.option("--all", "every", is_flag=True, help="Identities of every alert, as in an export.")
@click.option("--role", type=click.Choice([role.value for role in Role]), help="A role, instead.")
@click.option("--purpose", required=True, metavar="TEXT", help="Why; it goes on the chain.")
@click.option(
    "--hours",
    type=click.IntRange(1, 168),
    default=HOURS,
    show_default=True,
    help="How long it holds once it is approved.",
)
@pass_site
def request(  # noqa: PLR0913 one argument an option
    site: Site, *, alert_id: str, every: bool, role: str | None, purpose: str, hours: int
) -> None:
    """Ask for the identities of an alert, of every alert, or for a role.

    Example: psdmon access request A-7f3k --purpose "complaint 17"
    """
    if sum(map(bool, (alert_id, every, role))) != 1:
        raise click.UsageError("access request takes one of ALERT, --all, --role ROLE.")
    if not purpose.strip():
        raise NotPermitted('access request: no purpose was given; possible: --purpose "..."')
    about = ""
    if not role:
        desk = desk_of(site)
        desk.person.require(Permission.UNMASK)
        about = desk.alert(alert_id).alert_id if alert_id else ""
    wanted = Wanted.ROLE if role else Wanted.IDENTITIES
    made = site.store.record(
        record.REQUESTED,
        actor=site.actor,
        at=site.clock.now(),
        about=about,
        purpose=purpose.strip(),
        facts={"wanted": wanted, "role": role or "", "hours": hours},
    )
    click.echo(f"Request {made.seq} waits for somebody else: psdmon access approve {made.seq}")


@command.command("approve")
@click.argument("number", type=int)
@dry_run_option
@pass_site
def approve(site: Site, *, number: int, dry_run: bool) -> None:
    """Approve what somebody else asked for.

    Identities are opened by whoever may see them; a role by an administrator or the authority.

    Example: psdmon access approve 41
    """
    _decide(site, number, Answer.APPROVED, dry_run=dry_run)


@command.command("decline")
@click.argument("number", type=int)
@_reason
@dry_run_option
@pass_site
def decline(site: Site, *, number: int, reason: str, dry_run: bool) -> None:
    """Decline what somebody else asked for.

    Example: psdmon access decline 41 --reason "tokens are enough for this"
    """
    _decide(site, number, Answer.DECLINED, reason=reason, dry_run=dry_run)


@command.command("list")
@click.option("--all", "every", is_flag=True, help="Those that were decided too.")
@json_option
@pass_site
def listed(site: Site, *, every: bool, as_json: bool) -> None:
    """Show what waits for a second person, and glass that was broken.

    Example: psdmon access list
    """
    whoever = person_at(site)
    if not whoever.roles:
        whoever.require(Permission.SEE)
    told = access_record(site)
    known = _known(site, whoever)
    shown = [
        one
        for one in told.requests
        if (every or one.answer is Answer.PENDING) and _may_know(one, known)
    ]
    if as_json:
        output.as_json({"requests": [_told(one) for one in shown]})
        return
    columns = ("no", "by", "wants", Column("why", overflow="fold"), "stands")
    rows = [(o.number, o.asked_by, _wants(o), o.purpose, _stands(site, o)) for o in shown]
    with output.paged() as console:
        for line in broken_glass(told.glass):
            console.print(line)
        if rows:
            console.print(output.table(*columns, rows=rows))
        console.print(Text(f"{output.counted(len(rows), 'request')}."))


@command.command("declare")
@click.argument("os_user")
@click.option("--user-id", "user_ids", multiple=True, metavar="ID", help="The account they have.")
@click.option("--not-staff", is_flag=True, help="They are none of those whose lookups are read.")
@_reason
@pass_site
def declare(
    site: Site, *, os_user: str, user_ids: tuple[str, ...], not_staff: bool, reason: str
) -> None:
    """Say which member of staff a user is, so that what is about them stays closed to them.

    Until that is known every alert counts as one about somebody close. Nobody declares
    themselves; a later word replaces the earlier one.

    Example: psdmon access declare asmith --user-id U00123 --reason "personnel file"
    """
    person_at(site).require(Permission.ADMINISTER)
    if bool(user_ids) == not_staff:
        raise click.UsageError("access declare takes --user-id ID, or --not-staff.")
    if os_user == site.actor:
        raise NotPermitted(
            f"{os_user}: cannot declare themselves; possible: another holder of administrator"
        )
    site.store.record(
        record.DECLARED,
        actor=site.actor,
        at=site.clock.now(),
        about=os_user,
        purpose=reason,
        facts={"user_ids": list(user_ids)},
    )
    who = ", ".join(map(site.masker.staff, user_ids)) or "not of the staff"
    click.echo(output.plain(f"{os_user}: {who}."))


@command.command("cover")
@click.argument("alert_id", metavar="ALERT")
@click.option("--only", multiple=True, required=True, metavar="USER", help="Who may know of it.")
@_reason
@dry_run_option
@pass_site
def cover(site: Site, *, alert_id: str, only: tuple[str, ...], reason: str, dry_run: bool) -> None:
    """Make an alert covert: to everybody but those named it is not there.

    Example: psdmon access cover A-7f3k --only asmith --only bjones --reason "covert phase"
    """
    desk, about = _working(site, alert_id)
    if not dry_run:
        _note(desk, record.COVERED, about=about, reason=reason, only=sorted(only))
    click.echo(output.plain(f"{about}: for {', '.join(only)} alone."))
    if site.actor not in only:
        output.note(f"{site.actor} is not named, and no longer knows of it.")


@command.command("uncover")
@click.argument("alert_id", metavar="ALERT")
@_reason
@dry_run_option
@pass_site
def uncover(site: Site, *, alert_id: str, reason: str, dry_run: bool) -> None:
    """End the covert phase of an alert; one of those named does it.

    Example: psdmon access uncover A-7f3k --reason "arrested"
    """
    desk, about = _working(site, alert_id)
    if about not in access_record(site).covert:
        raise Misused(f"alert {about}: is not covert; possible: psdmon access cover {about}")
    if not dry_run:
        _note(desk, record.UNCOVERED, about=about, reason=reason)
    click.echo(f"{about}: for everybody whose role and ties allow it.")


@command.command("acknowledge")
@click.argument("number", type=int)
@_reason
@pass_site
def acknowledge(site: Site, *, number: int, reason: str) -> None:
    """Acknowledge that somebody else broke the glass; it is no longer shouted.

    Example: psdmon access acknowledge 57 --reason "spoken to, life at risk that night"
    """
    whoever = person_at(site)
    whoever.require(Permission.AUDIT)
    broken = {one.number: one for one in access_record(site).glass}
    if number not in broken:
        possible = ", ".join(map(str, broken)) or "none waits"
        raise Misused(f"broken glass {number}: does not wait; possible: {possible}")
    if broken[number].broken_by == site.actor:
        raise NotPermitted(
            f"{site.actor}: broke this glass; possible: another auditor, or the authority"
        )
    desk = Desk(site=site, person=whoever, purpose=reason)
    desk.looked(record.GLASS_ACKNOWLEDGED, broken=number)
    click.echo(f"Broken glass {number}: acknowledged.")


def _decide(site: Site, number: int, answer: Answer, *, reason: str = "", dry_run: bool) -> None:
    """Answer a request, and do what it asks for.

    Raises:
        Misused: no such request waits, as far as this person may know.
        NotPermitted: it is one's own, or no role allows it.
    """
    whoever = person_at(site)
    waiting = {
        one.number: one
        for one in access_record(site).pending()
        if _may_know(one, _known(site, whoever))
    }
    if number not in waiting:
        possible = ", ".join(map(str, waiting)) or "none waits"
        raise Misused(f"request {number}: does not wait; possible: {possible}")
    asked = waiting[number]
    _require_second(whoever, asked)
    if not dry_run:
        kind = record.APPROVED if answer is Answer.APPROVED else record.DECLINED
        desk = Desk(site=site, person=whoever, purpose=reason)
        desk.looked(kind, about=asked.about, request=number)
        if answer is Answer.APPROVED and asked.wanted is Wanted.ROLE:
            site.store.grant(asked.asked_by, asked.role, actor=site.actor, at=site.clock.now())
    would = "would be " if dry_run else ""
    click.echo(f"Request {number}: {would}{answer}; {asked.asked_by} asked for {_wants(asked)}.")


def _require_second(whoever: Person, asked: Request) -> None:
    if asked.asked_by == whoever.os_user:
        raise NotPermitted(
            f"request {asked.number}: {whoever.os_user} asked for it; possible: somebody else"
            f" types psdmon access approve {asked.number}"
        )
    if asked.wanted is Wanted.IDENTITIES:
        whoever.require(Permission.UNMASK)
    elif Role.AUTHORITY not in whoever.roles:
        whoever.require(Permission.ADMINISTER)


def _working(site: Site, alert_id: str) -> tuple[Desk, str]:
    """The desk of somebody who may work on an alert, and the alert's whole id."""
    desk = desk_of(site)
    desk.person.require(Permission.WORK)
    return desk, desk.alert(alert_id).alert_id


def _note(desk: Desk, kind: str, *, about: str, reason: str, **facts: object) -> None:
    Desk(site=desk.site, person=desk.person, purpose=reason).looked(kind, about=about, **facts)


def _known(site: Site, whoever: Person) -> frozenset[str]:
    """The alerts that somebody may know of, by id."""
    if not whoever.may(Permission.SEE):
        return frozenset()
    desk = Desk(site=site, person=whoever, purpose="")
    return frozenset(alert.alert_id for alert in desk.alerts())


def _may_know(one: Request, known: frozenset[str]) -> bool:
    return not one.about or one.about in known


def _wants(one: Request) -> str:
    if one.wanted is Wanted.ROLE:
        return f"role {one.role}"
    return f"identities of {one.about or 'every alert'}"


def _stands(site: Site, one: Request) -> str:
    if one.answer is Answer.APPROVED and one.wanted is Wanted.IDENTITIES:
        held = "in force" if one.in_force(site.clock.now()) else "run out"
        return f"approved by {one.decided_by}, {held}"
    return f"{one.answer} by {one.decided_by}" if one.decided_by else str(one.answer)


def _told(one: Request) -> dict[str, Any]:
    return {
        "number": one.number,
        "wanted": str(one.wanted),
        "alert_id": one.about,
        "role": one.role,
        "asked_by": one.asked_by,
        "asked_at": one.asked_at,
        "purpose": one.purpose,
        "hours": one.hours,
        "answer": str(one.answer),
        "decided_by": one.decided_by,
        "decided_at": one.decided_at,
    }

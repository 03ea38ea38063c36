"""`psdmon notify`: who is told that something waits, what was sent, and what could not be."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import click
from rich.table import Column
from rich.text import Text

from alerts.errors import Misused
from alerts.notices import Notice, State
from monitor.access.desk import Desk, person_at
from monitor.access.roles import Permission, Person
from monitor.cli import output
from monitor.cli.options import dry_run_option, json_option, pass_site
from monitor.wiring import Site

if TYPE_CHECKING:
    from alerts.notices import Planned
    from monitor.notify.delivering import Passed, Post

TROUBLE_EXIT: Final = 1
_SHOWN: Final = frozenset({State.QUEUED, State.DEAD, State.WITHHELD})


@click.group("notify")
def command() -> None:
    """Tell people that something waits, and see what was told.

    Channels are in config/notify.toml: a mailbox, a webhook, a collector of syslog, a file. What
    leaves is a count, a priority, at most the id of an alert, and a command to run. Nobody is told
    of an alert that psdmon would not show them.

    Example: psdmon notify send; psdmon notify list --dead
    """


@command.command("list")
@click.option("--dead", is_flag=True, help="Only what could not be delivered.")
@click.option("--all", "every", is_flag=True, help="What was sent, too.")
@click.option("--channel", default="", metavar="NAME", help="Of one channel.")
@json_option
@pass_site
def listed(site: Site, *, dead: bool, every: bool, channel: str, as_json: bool) -> None:
    """Show what waits to be told, and what could not be.

    Only notices about alerts that you may know of are listed, and those about no alert.

    Example: psdmon notify list --dead
    """
    from monitor.notify.standing import in_trouble, known_notices

    whoever, desk = _reader(site)
    states = {State.DEAD} if dead else (None if every else _SHOWN)
    found = [
        one for one in known_notices(site, desk, states=states) if channel in {"", one.channel}
    ]
    ids = sorted({one.alert_id for one in found} - {""})
    _looked(site, desk, kind="notice.listed", alert_ids=ids, alerts=len(ids))
    troubles = in_trouble(site)
    auditing = whoever.may(Permission.AUDIT)
    if as_json:
        output.as_json(
            {
                "notices": [_told(one, auditing=auditing) for one in found],
                "channels_in_trouble": [asdict(one) for one in troubles],
            }
        )
        return
    columns = (
        Column("notice", no_wrap=True),
        Column("channel", overflow="fold"),
        "kind",
        Column("alert", no_wrap=True),
        "priority",
        Column("stands", overflow="fold"),
    )
    rows = [
        (o.id, o.channel, o.kind, o.alert_id or "-", o.priority, _stands(o, auditing=auditing))
        for o in found
    ]
    with output.paged() as console:
        for one in troubles:
            console.print(Text(f"Channel {one.channel}: {one.trouble}.", style="bold yellow"))
        if rows:
            console.print(output.table(*columns, rows=rows))
        console.print(Text(f"{output.counted(len(rows), 'notice')}."))


@command.command("show")
@click.argument("notice_id", metavar="NOTICE")
@json_option
@pass_site
def show(site: Site, *, notice_id: str, as_json: bool) -> None:
    """Show one notice, and which alert it is about.

    A message to a shared mailbox or a collector carries the notice alone, since an alert's id can
    be tried by somebody who knows whom they looked up.

    Example: psdmon notify show N-7f3k9q2m4x8w
    """
    whoever, desk = _reader(site)
    found = _notice(site, desk, written=notice_id)
    _looked(site, desk, kind="notice.shown", about=found.alert_id, notice=found.id)
    auditing = whoever.may(Permission.AUDIT)
    if as_json:
        output.as_json({"notice": _told(found, auditing=auditing)})
        return
    rows = [
        ("notice", found.id),
        ("kind", str(found.kind).replace("_", " ")),
        ("alert", found.alert_id or "none"),
        ("priority", found.priority),
        ("channel", found.channel),
        ("stands", _stands(found, auditing=auditing)),
        ("next", f"psdmon alerts show {found.alert_id}" if found.alert_id else "psdmon status"),
    ]
    with output.paged() as console:
        console.print(output.facts(rows))


@command.command("retry")
@click.argument("notice_ids", metavar="[NOTICE]...", nargs=-1)
@click.option("--dead", "every", is_flag=True, help="Everything that could not be delivered.")
@click.option("--channel", default="", metavar="NAME", help="With --dead: on one channel.")
@dry_run_option
@pass_site
def retry(
    site: Site, *, notice_ids: tuple[str, ...], every: bool, channel: str, dry_run: bool
) -> None:
    """Queue again what could not be delivered, or was withheld.

    What is withheld is looked at anew: whoever may still not know of it is still not told. The
    other notices of the same message go with it.

    Example: psdmon notify retry --dead --channel psd-mailbox
    """
    whoever = person_at(site)
    if not whoever.may(Permission.WORK):
        whoever.require(Permission.ADMINISTER)
    if every == bool(notice_ids) or (channel and not every):
        raise click.UsageError("notify retry takes NOTICE, or --dead with or without --channel.")
    if every:
        chosen = site.store.outbox.notices(states={State.DEAD}, channel=channel)
        names = {one.message for one in chosen}
        said = f"Dead letters of {channel or 'every channel'}"
    else:
        names = {_retriable(site, whoever, written=one).message for one in notice_ids}
        said = ", ".join(notice_ids)
    if not dry_run:
        site.store.outbox.retry(sorted(names), actor=site.actor, at=site.clock.now())
    click.echo(f"{said}: {'would be ' if dry_run else ''}queued again; psdmon notify send.")


@command.command("test")
@click.argument("name", metavar="CHANNEL")
@dry_run_option
@json_option
@pass_site
def test(site: Site, *, name: str, dry_run: bool, as_json: bool) -> int:
    """Send a test over one channel; it says that nothing waits.

    Exit 1 when it was not taken.

    Example: psdmon notify test psd-mailbox
    """
    from monitor.notify.delivering import channel_of, trial

    whoever = person_at(site, gated=False)
    if not whoever.roles:
        whoever.require(Permission.ADMINISTER)
    post = _post(site)
    channel_of(post, name)
    trouble = "" if dry_run else trial(post, name)
    if as_json:
        output.as_json({"channel": name, "trouble": trouble, "dry_run": dry_run})
    elif dry_run:
        click.echo(f"Channel {name}: a test would be sent.")
    else:
        click.echo(f"Channel {name}: {trouble or 'the test was taken'}.")
    return TROUBLE_EXIT if trouble else 0


@command.command("send")
@click.option("--channel", default="", metavar="NAME", help="Over one channel alone.")
@dry_run_option
@json_option
@pass_site
def send(site: Site, *, channel: str, dry_run: bool, as_json: bool) -> int:
    """Plan what is to be told and deliver what is due, once; for cron.

    The daemon does the same at each wake. Running it twice tells nothing twice. Exit 1 when a
    channel could not be reached; what waits there is tried again.

    Example: psdmon scan && psdmon notify send
    """
    from monitor.notify.delivering import deliver, plan

    post = _post(site)
    if dry_run:
        _preview(site, post, channel=channel, as_json=as_json)
        return 0
    plan(post)
    passed = deliver(post, only=channel)
    # How many messages left tells of alerts that may be closed to whoever runs this.
    counts = person_at(site, gated=False).alone
    due = _next_due(site) if counts else {}
    if as_json:
        channels = [_as_told(p, counts=counts, due=due.get(p.channel)) for p in passed]
        output.as_json({"dry_run": False, "channels": channels})
    else:
        _print(passed, counts=counts, due=due)
    return TROUBLE_EXIT if any(one.trouble for one in passed) else 0


def _post(site: Site) -> "Post":
    from monitor.notify.accounts import SystemAccounts
    from monitor.notify.delivering import post_at

    return post_at(site, accounts=SystemAccounts(), environment=os.environ)


def _reader(site: Site) -> tuple[Person, Desk | None]:
    """Whoever runs this, and their desk where they may see alerts.

    Raises:
        NotPermitted: they hold no role in this home.
    """
    whoever = person_at(site)
    if whoever.may(Permission.SEE):
        return whoever, Desk(site=site, person=whoever, purpose="")
    if not whoever.may(Permission.ADMINISTER):
        whoever.require(Permission.SEE)
    return whoever, None


def _looked(site: Site, desk: Desk | None, *, kind: str, about: str = "", **facts: object) -> None:
    if desk is not None:
        desk.looked(kind, about=about, **facts)
        return
    site.store.record(kind, actor=site.actor, at=site.clock.now(), facts=facts)


def _notice(site: Site, desk: Desk | None, *, written: str) -> Notice:
    """One notice that this reader may know of.

    Raises:
        Misused: there is none of this name; one that is closed is answered like that too.
    """
    from monitor.notify.standing import known_notices

    wanted = written.casefold()
    for one in known_notices(site, desk):
        if one.id.casefold() == wanted:
            return one
    closed = [one for one in site.store.outbox.notices() if one.id.casefold() == wanted]
    if desk is not None:
        for one in closed:
            desk.looked("alert.withheld", about=one.alert_id, why="notice")
    raise Misused(f"notice {written}: is not there; possible: psdmon notify list")


def _retriable(site: Site, whoever: Person, *, written: str) -> Notice:
    desk = Desk(site=site, person=whoever, purpose="") if whoever.may(Permission.SEE) else None
    found = _notice(site, desk, written=written)
    if found.state not in {State.DEAD, State.WITHHELD}:
        raise Misused(
            f"notice {found.id}: is {found.state}; possible: one that is dead or withheld"
        )
    return found


def _told(one: Notice, *, auditing: bool) -> dict[str, Any]:
    return {
        "notice_id": one.id,
        **_planned(one),
        "state": str(one.state),
        "message_id": one.message,
        "attempts": one.attempts,
        "next_try_at": one.next_try_at,
        "trouble": one.trouble,
        "withheld": one.withheld if auditing else "",
    }


def _planned(one: "Planned | Notice") -> dict[str, Any]:
    return {
        "channel": one.channel,
        "kind": str(one.kind),
        "alert_id": one.alert_id,
        "priority": str(one.priority),
        "at_once": one.at_once,
        "due_at": one.due_at,
    }


def _stands(one: Notice, *, auditing: bool) -> str:
    """Where a notice stands, in words; why it is withheld is for whoever reads the chain."""
    if one.state is State.WITHHELD:
        return f"withheld: {one.withheld}" if auditing else "withheld"
    if one.state is State.DEAD:
        return f"dead after {output.counted(one.attempts, 'try', things='tries')}: {one.trouble}"
    if one.state is State.SENT:
        return "sent"
    if one.trouble:
        again = f"{one.next_try_at:%Y-%m-%dT%H:%MZ}" if one.next_try_at else "soon"
        return f"tried {output.counted(one.attempts, 'time')}: {one.trouble}; again {again}"
    return f"due {one.due_at:%Y-%m-%dT%H:%MZ}"


def _preview(site: Site, post: "Post", *, channel: str, as_json: bool) -> None:
    """Show what would be planned and what waits, as far as whoever asks may know."""
    from monitor.notify.delivering import channel_of, unplanned
    from monitor.notify.standing import known_notices

    if channel:
        channel_of(post, channel)
    _, desk = _reader(site)
    known = {alert.alert_id for alert in desk.alerts()} if desk else set()
    fresh = [one for one in unplanned(post) if not one.alert_id or one.alert_id in known]
    waiting: Sequence[Planned | Notice] = [
        *known_notices(site, desk, states={State.QUEUED}),
        *fresh,
    ]
    shown = [one for one in waiting if channel in {"", one.channel}]
    ids = sorted({one.alert_id for one in shown} - {""})
    _looked(site, desk, kind="notice.listed", alert_ids=ids, alerts=len(ids))
    if as_json:
        output.as_json({"dry_run": True, "notices": [_planned(one) for one in shown]})
        return
    rows = [
        (o.channel, o.kind, o.alert_id or "-", o.priority, f"{o.due_at:%Y-%m-%dT%H:%MZ}")
        for o in shown
    ]
    with output.paged() as console:
        if rows:
            console.print(output.table("channel", "kind", "alert", "priority", "due", rows=rows))
        console.print(Text(f"{output.counted(len(rows), 'notice')} would be told when due."))
        console.print(Text("Dry run: nothing was stored or sent."))


def _next_due(site: Site) -> dict[str, datetime]:
    """When the next message is due, by channel; nothing where nothing waits."""
    due: dict[str, datetime] = {}
    for one in site.store.outbox.notices(states={State.QUEUED}):
        at = max(one.due_at, one.next_try_at or one.due_at)
        due[one.channel] = min(at, due.get(one.channel, at))
    return due


def _as_told(passed: "Passed", *, counts: bool, due: datetime | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "channel": passed.channel,
        "trouble": passed.trouble,
        "dead": passed.dead,
    }
    return {**told, "sent": passed.sent, "next_due_at": due} if counts else told


def _print(passed: Sequence["Passed"], *, counts: bool, due: Mapping[str, datetime]) -> None:
    if not passed:
        output.note("No channel is set; nobody is told. See config/notify.toml.")
    for one in passed:
        sent = f"{output.counted(one.sent, 'message')} sent" if one.sent else "nothing was due"
        after = f"; next due {due[one.channel]:%Y-%m-%dT%H:%MZ}" if one.channel in due else ""
        sent = f"{sent}{after}" if counts else "looked after"
        trouble = f"{one.trouble}; psdmon notify list" if one.trouble else ""
        click.echo(f"Channel {one.channel}: {trouble or sent}.")

"""Which alerts a command is about: named by id, or chosen by a query that is shown first."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import click
from rich.console import Group
from rich.text import Text

from alerts.errors import Misused, PsdmonError
from alerts.model import Alert
from alerts.query import KEYS, Standing, asked, chosen
from monitor.access.desk import Desk
from monitor.cli import output
from monitor.views.queue import queue

Command = Callable[..., Any]
WHERE_HELP = f"Those a query chooses instead; keys: {', '.join(KEYS)}."


def chosen_argument(command: Command) -> Command:
    """Add alert ids, or --where with --yes; passed as `alert_ids`, `where` and `yes`."""
    for added in (
        click.option("--yes", is_flag=True, help="With --where: do it, not only show it."),
        click.option("--where", default="", metavar="QUERY", help=WHERE_HELP),
        click.argument("alert_ids", metavar="[ALERT...]", nargs=-1),
    ):
        command = added(command)
    return command


def where_option(command: Command) -> Command:
    """Add --where alone, passed as `where`."""
    return click.option("--where", default="", metavar="QUERY", help=WHERE_HELP)(command)


def meant(desk: Desk, alert_ids: Sequence[str], *, where: str) -> list[Alert]:
    """The alerts that a command is about.

    Raises:
        Misused: neither ids nor a query, or both.
    """
    if bool(alert_ids) == bool(where):
        raise Misused(
            "alerts: name them, or choose them; possible: A-7f3k A-9d2m,"
            ' --where "family=curiosity and age>30d"'
        )
    if not where:
        return list({one.alert_id: one for one in map(desk.alert, alert_ids)}.values())
    return fitting(desk, desk.waiting(), where=where)


def fitting(desk: Desk, alerts: Iterable[Alert], *, where: str) -> list[Alert]:
    """The alerts that a query chooses, in the order given.

    Raises:
        Misused: the query is none.
    """
    tests = asked(where)
    held, due = desk.site.store.holders(), desk.site.store.follow_ups()
    now = desk.site.clock.now()
    return [
        alert
        for alert in alerts
        if chosen(
            tests,
            Standing(
                alert=alert,
                held_by=held.get(alert.alert_id, ""),
                due_on=due[alert.alert_id].due_on if alert.alert_id in due else None,
            ),
            now=now,
        )
    ]


def split(
    alerts: Iterable[Alert], check: Callable[[Alert], object]
) -> tuple[list[Alert], dict[str, str]]:
    """The alerts that pass a check, and by id what is said against each of the others."""
    fit: list[Alert] = []
    refused: dict[str, str] = {}
    for alert in alerts:
        try:
            check(alert)
        except PsdmonError as trouble:
            refused[alert.alert_id] = str(trouble)
        else:
            fit.append(alert)
    return fit, refused


def preview(desk: Desk, fit: Sequence[Alert], *, refused: Iterable[str], what: str) -> None:
    """Show what a query chose, and what would be done; nothing is changed."""
    with output.paged() as console:
        if fit:
            shown = [desk.shown(alert) for alert in fit]
            console.print(queue(shown, now=desk.site.clock.now()))
        lines = [Text(f"{output.counted(len(fit), 'alert')} would be {what}.", style="bold")]
        lines += [Text(output.plain(f"Not: {why}")) for why in refused]
        lines += [Text("Nothing was changed; the same with --yes does it.")] if fit else []
        console.print(Group(*lines))

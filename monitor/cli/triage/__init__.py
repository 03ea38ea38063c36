"""`psdmon triage`: the queue, worked through in the terminal."""

import os
import sys
from collections.abc import Iterable, Sequence

import click

from alerts.errors import Misused
from alerts.model import Alert
from monitor.access.desk import Desk, desk_of
from monitor.access.roles import Permission
from monitor.cli import output
from monitor.cli.alerts.listing import nothing
from monitor.cli.options import pass_site, purpose_option
from monitor.wiring import Site

__all__ = ["command"]


@click.command("triage")
@click.option("--text", is_flag=True, help="Plain lines and pages, for a screen reader.")
@click.option("--unmask", is_flag=True, help="Show identities from the start; needs a purpose.")
@purpose_option
@pass_site
def command(site: Site, *, text: bool, unmask: bool, purpose: str) -> None:
    """Work through the queue in the terminal.

    The queue on the left, one alert whole on the right: who and whom, what was seen, how rare it
    is, what would explain it, the questions to answer, and your decision. Every key is at the
    foot of the screen; ? explains them. With --text, or on a terminal that cannot do more, one
    alert at a time in plain lines. Without a terminal, the alerts commands do the same.

    Example: psdmon triage
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Misused(
            "triage: needs a terminal to read keys from; possible: psdmon alerts list,"
            " psdmon alerts show ID, psdmon alerts take ID"
        )
    desk = desk_of(site, purpose=purpose, unmask=unmask)
    desk.person.require(Permission.WORK)
    waiting = desk.waiting()
    desk.looked("alert.listed", alerts=len(waiting), alert_ids=[one.alert_id for one in waiting])
    if not waiting:
        output.screen().print(nothing(desk, waiting_only=True))
        return
    told = _in_lines(desk, waiting) if text or not _can_do_more() else _on_full_screen(desk)
    for line in told:
        click.echo(output.plain(line))


def _in_lines(desk: Desk, waiting: Sequence[Alert]) -> Iterable[str]:
    from monitor.cli.triage.terminal import Terminal
    from monitor.cli.triage.walk import Walk

    with Terminal.opened() as terminal:
        walk = Walk(desk=desk, terminal=terminal, queue=waiting)
        walk.go()
    return walk.told()


def _on_full_screen(desk: Desk) -> Iterable[str]:
    from monitor.cli.triage.full.screen import Triage

    screen = Triage(desk)
    screen.run()
    if screen.trouble is not None:
        raise screen.trouble
    return screen.told()


def _can_do_more() -> bool:
    """Whether the terminal can place text anywhere, in letters beyond ASCII."""
    from monitor.views.page import speaks_unicode

    placed = os.environ.get("TERM", "dumb") not in {"dumb", "unknown", ""}
    return placed and speaks_unicode(sys.stdout.encoding)

"""`psdmon triage`: the queue, worked through in the terminal."""

import sys

import click

from alerts.errors import Misused
from monitor.access.desk import desk_of
from monitor.access.roles import Permission
from monitor.cli import output
from monitor.cli.alerts.listing import nothing
from monitor.cli.options import pass_site, purpose_option
from monitor.wiring import Site

__all__ = ["command"]


@click.command("triage")
@click.option("--unmask", is_flag=True, help="Show identities from the start; needs a purpose.")
@purpose_option
@pass_site
def command(site: Site, *, unmask: bool, purpose: str) -> None:
    """Work through the queue in the terminal.

    One alert at a time, the most pressing first: who and whom, what was seen, how rare it is,
    what would explain it, the questions to answer, and your decision. The keys are at the foot
    of the screen; ? explains them. Without a terminal, the alerts commands do the same.

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
    desk.looked("alert.listed", alerts=len(waiting))
    if not waiting:
        output.screen().print(nothing(desk, waiting_only=True))
        return
    from monitor.cli.triage.terminal import Terminal
    from monitor.cli.triage.walk import Walk

    with Terminal.opened() as terminal:
        walk = Walk(desk=desk, terminal=terminal, queue=waiting)
        walk.go()
    for line in walk.told():
        click.echo(output.plain(line))

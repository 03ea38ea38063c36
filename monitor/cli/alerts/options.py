"""What the alert commands take: which alert, which statuses, and whether identities show."""

from collections.abc import Callable
from typing import Any

import click

from alerts.model import Status
from monitor.access.desk import Desk, desk_of
from monitor.cli.options import purpose_option
from monitor.cli.output import note
from monitor.wiring import Site

Command = Callable[..., Any]


def unmask_options(command: Command) -> Command:
    """Add --unmask, --purpose and --break-glass, passed under those names."""
    flag = click.option("--unmask", is_flag=True, help="Show identities; needs a purpose.")
    glass = click.option(
        "--break-glass",
        default="",
        metavar="REASON",
        help="In an emergency, past mask and conflict; everybody is told.",
    )
    return flag(purpose_option(glass(command)))


def desk_asked(site: Site, *, purpose: str, unmask: bool, break_glass: str) -> Desk:
    """The desk that was asked for; where the glass was broken for it, standard error says so."""
    desk = desk_of(site, purpose=purpose, unmask=unmask, break_glass=break_glass)
    if desk.glass:
        note(
            f"GLASS BROKEN by {desk.person.os_user}, entry {desk.glass} of the chain: masks and"
            "\nconflicts do not hold for this look. psdmon status and psdmon audit show say so to"
            "\neverybody until somebody else has acknowledged it."
        )
    return desk


def status_option(command: Command) -> Command:
    """Add --status, to be given once or more, passed as `statuses`."""
    return click.option(
        "--status",
        "statuses",
        multiple=True,
        type=click.Choice([status.value for status in Status]),
        help="Only these; may be given more than once.",
    )(command)


def alert_argument(command: Command) -> Command:
    """Add the alert's id, passed as `alert_id`."""
    return click.argument("alert_id", metavar="ALERT")(command)


def alerts_argument(command: Command) -> Command:
    """Add one alert id or more, passed as `alert_ids`."""
    return click.argument("alert_ids", metavar="ALERT...", nargs=-1, required=True)(command)


def chosen(statuses: tuple[str, ...]) -> frozenset[Status] | None:
    """The statuses as the store knows them; None when none was named."""
    return frozenset(map(Status, statuses)) if statuses else None

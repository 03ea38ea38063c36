"""What the alert commands take: which alert, which statuses, and whether identities show."""

from collections.abc import Callable
from typing import Any

import click

from alerts.model import Status
from monitor.cli.options import purpose_option

Command = Callable[..., Any]


def unmask_options(command: Command) -> Command:
    """Add --unmask and --purpose, passed as `unmask` and `purpose`."""
    flag = click.option("--unmask", is_flag=True, help="Show identities; needs a purpose.")
    return flag(purpose_option(command))


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

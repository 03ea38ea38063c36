"""`psdmon report`: pages for a file, a board, a regulator or the person looked up."""

from collections.abc import Mapping
from importlib import import_module
from typing import Final

import click

# The first line of each report's own help; a report is loaded when it is asked for.
REPORTS: Final[Mapping[str, str]] = {
    "coverage": "Show what the feeds cover, and what they do not.",
}


class Reports(click.Group):
    """A group that loads a report when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 click's signature
        """Every report's name, in the order of the help."""
        return list(REPORTS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 click's signature
        """The report of that name; None when there is none."""
        if cmd_name not in REPORTS:
            return None
        command: click.Command = import_module(f"{__name__}.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 click's signature
        """Write the reports without loading one."""
        with formatter.section("Reports"):
            formatter.write_dl(list(REPORTS.items()), col_max=12)


@click.command("report", cls=Reports)
def command() -> None:
    """Write reports: for a file, a board, a regulator, or the person looked up.

    Every report goes on the chain.

    Example: psdmon report coverage --from 2026-03-01
    """

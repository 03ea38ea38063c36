"""`psdmon report`: pages for a file, a board, a regulator or the person looked up."""

from collections.abc import Mapping
from importlib import import_module
from typing import Final

import click

# The first line of each report's own help; a report is loaded when it is asked for.
REPORTS: Final[Mapping[str, str]] = {
    "alert": "Write the report on one alert.",
    "referral": "Write the package for a referral: report, rows, chain, manifest.",
    "subject": "Write who looked at one person, and why, with third parties masked.",
    "coverage": "Show how many accesses records explain, by role and by system.",
    "board": "Show one month for a board: alerts, outcomes, clocks, feeds.",
    "detectors": "Show drift and precision of each detector.",
    "disparity": "Show alert rates by group, from an audit copy that is not kept.",
}


class Reports(click.Group):
    """A group that loads a report when it is asked for; an alert's id stands for its report."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 click's signature
        """Every report's name, in the order of the help."""
        return list(REPORTS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 click's signature
        """The report of that name; None when there is none."""
        if cmd_name not in REPORTS:
            return None
        command: click.Command = import_module(f"{__name__}.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The report that the words ask for; a first word that names none is an alert's id."""
        known = args and (args[0] in REPORTS or args[0].startswith("-"))
        return super().resolve_command(ctx, args if known else ["alert", *args])

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 click's signature
        """Write the reports without loading one."""
        with formatter.section("Reports"):
            formatter.write_dl(list(REPORTS.items()), col_max=12)


@click.command("report", cls=Reports)
def command() -> None:
    """Write reports: for a file, a board, a regulator, or the person looked up.

    A report is one file that loads nothing: HTML, or PDF where WeasyPrint is installed. People
    appear as tokens until --unmask with a purpose. Every report goes on the chain with its hash.

    Example: psdmon report A-7f3k --out alert.html; psdmon report board --month 2026-03
    """

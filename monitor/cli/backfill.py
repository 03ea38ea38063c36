"""`psdmon backfill`: covers gaps in a span, by the code that judges every day."""

from datetime import UTC, date, datetime, timedelta

import click
from rich.text import Text

from monitor.cli import output
from monitor.cli.options import TIMES_HELP, dry_run_option, json_option, moment, pass_site
from monitor.wiring import Site


@click.command("backfill")
@click.option("--from", "start", type=moment, required=True, metavar="TIME", help=TIMES_HELP)
@click.option(
    "--to", "end", type=moment, required=True, metavar="TIME", help="Days that begin before this."
)
@click.option("--again", is_flag=True, help="Judge again what was judged already.")
@dry_run_option
@json_option
@pass_site
def command(  # noqa: PLR0913 a span, and what is done with it
    site: Site, *, start: datetime, end: datetime, again: bool, dry_run: bool, as_json: bool
) -> int:
    """Judge the days of a span that are owed.

    What was judged stands, unless --again; each day is stored by itself, so an interrupted
    backfill goes on where it stopped. Days after the span that were judged without it are judged
    again by the next scan: psdmon gaps names them.

    Example: psdmon backfill --from 2026-03-01 --to 2026-03-08 --dry-run
    """
    from monitor.cli.scan import said
    from monitor.cycle import Span, scan
    from monitor.owing import settled

    span = Span(first=_first_day(start), end=_first_day(end))
    if span.first >= span.end:
        raise click.UsageError(
            f"no day begins from --from {_typed(start)} on and before --to {_typed(end)};"
            f" possible: --from {span.first} --to {span.first + timedelta(days=1)}"
        )
    with output.progress("judging") as advance:

        def shown(day: date, done: int, total: int) -> None:
            advance(done, total, f"judged {day}")

        report = scan(
            site,
            until=settled(site),
            actor=site.actor,
            span=span,
            again=again,
            progress=shown,
            dry_run=dry_run,
        )
    if as_json:
        output.as_json(report.as_json() | {"dry_run": dry_run, "again": again})
    else:
        with output.paged() as console:
            for line in said(report):
                console.print(Text(line))
            if dry_run:
                console.print(Text("Dry run: nothing was stored."))
    if report.trouble is not None:
        raise report.trouble
    return 0


def _typed(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def _first_day(at: datetime) -> date:
    """The first day that begins at a moment or after it."""
    day = at.astimezone(UTC)
    whole = (day.hour, day.minute, day.second, day.microsecond) == (0, 0, 0, 0)
    return day.date() if whole else day.date() + timedelta(days=1)

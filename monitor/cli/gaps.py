"""`psdmon gaps`: what was never covered, and why."""

import click
from rich.table import Column
from rich.text import Text

from monitor.cli import output
from monitor.cli.options import by_good_settings, json_option, pass_site
from monitor.wiring import Site


@click.command("gaps")
@click.option(
    "--exit-code", is_flag=True, help="Exit 1 when there is a gap, history to draw on left out."
)
@json_option
@pass_site
def command(site: Site, *, exit_code: bool, as_json: bool) -> int:
    """List the days that were never covered, with the reason of each.

    Days with accesses that were never judged, days whose judging fails, days judged before late
    rows came, and days without any access between days that have some: a hole in the log is
    itself worth a question. Days that have not settled yet are not looked at.

    Example: psdmon gaps --exit-code
    """
    from monitor.gaps import Kind, days_owed, gaps
    from monitor.owing import settled

    site = by_good_settings(site)
    found = gaps(site, until=settled(site))
    if as_json:
        told = {"until": settled(site), "days_owed": len(days_owed(found))}
        output.as_json(told | {"gaps": [gap.as_json() for gap in found]})
    else:
        rows = [(gap.first, gap.end, gap.days, gap.kind, gap.reason) for gap in found]
        columns = ("from", "to", Column("days", justify="right"), "gap")
        with output.paged() as console:
            console.print(output.table(*columns, Column("reason", overflow="fold"), rows=rows))
            console.print(Text(f"\n{_said(len(days_owed(found)))}"))
    return int(exit_code and any(gap.kind is not Kind.WARM_UP for gap in found))


def _said(owed: int) -> str:
    if not owed:
        return "No day is owed."
    days = output.counted(owed, "day")
    return f"{days} owed. Next: psdmon scan, or psdmon backfill --from DAY --to DAY."

"""`psdmon report ALERT`: the report on one alert."""

from pathlib import Path

import click

from monitor.access.roles import Permission
from monitor.cli.alerts.listing import standing
from monitor.cli.alerts.options import alert_argument, desk_asked, unmask_options
from monitor.cli.options import json_option, pass_site
from monitor.cli.report.options import give, out_option
from monitor.wiring import Site


@click.command("alert")
@alert_argument
@out_option(required=True)
@unmask_options
@json_option
@pass_site
def command(  # noqa: PLR0913 one argument an option
    site: Site,
    *,
    alert_id: str,
    out: Path,
    unmask: bool,
    purpose: str,
    break_glass: str,
    as_json: bool,
) -> None:
    """Write the report on one alert.

    Limits, clocks, pictures, statistics with parameters, explanations tried, questions with
    answers as they stood, decisions, rows with file, line and hash, the chain, and a disclosure
    schedule that includes what undermines.

    Example: psdmon report alert A-7f3k --out alert.html
    """
    from monitor.reports.alert import alert_page
    from monitor.reports.file import case_file

    desk = desk_asked(site, purpose=purpose, unmask=unmask, break_glass=break_glass)
    desk.person.require(Permission.EXPORT)
    found = desk.alert(alert_id)
    desk.require_identities(found)
    page = alert_page(
        case_file(desk, found),
        pack=site.prompt_pack,
        zone=site.settings.zone,
        standing=standing(desk),
    )
    give(desk, page, out=out, about=found.alert_id, as_json=as_json)

"""`psdmon report detectors`: drift and precision."""

from pathlib import Path

import click

from alerts.errors import Misused
from alerts.lifecycle import Action, Disposition
from monitor.access.desk import Desk, desk_of
from monitor.cli.options import json_option, pass_site
from monitor.cli.report.options import give, out_option
from monitor.views.wording import when
from monitor.wiring import Site


@click.command("detectors")
@click.option(
    "--days",
    "recent_days",
    type=click.IntRange(min=1),
    default=28,
    show_default=True,
    help="How many of the last judged days are held against those before.",
)
@out_option(required=False)
@json_option
@pass_site
def command(site: Site, *, recent_days: int, out: Path | None, as_json: bool) -> None:
    """Show drift and precision of each detector.

    Precision: of the alerts in which a detector speaks, how many people upheld, and how many
    work explained. Drift: whether it speaks more or less often than before. Each with its
    interval, and with what it declined to judge.

    Example: psdmon report detectors --out detectors.html
    """
    from monitor.reports.detectors import detectors_page
    from monitor.running import running_at

    desk = desk_of(site)
    days = list(site.store.days.judged().values())
    if not days:
        raise Misused("report: no day has been judged; possible: psdmon scan")
    page = detectors_page(
        [(one.name, one.version) for one in running_at(site.home.config)],
        desk.alerts(),
        ended=endings(desk),
        days=days,
        recent_days=recent_days,
        written=when(site.clock.now(), site.settings.zone),
    )
    give(desk, page, out=out, as_json=as_json)


def endings(desk: Desk) -> dict[str, Disposition]:
    """How each closed alert ended, by id."""
    from alerts.model import Status

    ended = {}
    for alert in desk.alerts({Status.CLOSED}):
        closures = [n for n in desk.site.store.notes(alert.alert_id) if n.action is Action.CLOSE]
        if closures and closures[-1].disposition:
            ended[alert.alert_id] = closures[-1].disposition
    return ended

"""`psdmon report disparity`: alert rates by group, from an audit copy that is not kept."""

import hashlib
from datetime import datetime, timedelta
from pathlib import Path

import click

from alerts.errors import DataRefused, Misused
from monitor.access.desk import Desk, desk_of
from monitor.access.roles import Permission, purpose_given
from monitor.cli.options import TIMES_HELP, json_option, moment, pass_site, purpose_option
from monitor.cli.report.options import give, out_option
from monitor.utc_day import midnight
from monitor.views.wording import span, when
from monitor.wiring import Site


@click.command("disparity")
@click.option(
    "--groups",
    "file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV of user_id and kinds of group; read, counted, not kept.",
)
@click.option("--from", "first", type=moment, metavar="TIME", help=f"Start. {TIMES_HELP}")
@click.option("--to", "last", type=moment, metavar="TIME", help="End, not included.")
@out_option(required=False)
@purpose_option
@json_option
@pass_site
def command(  # noqa: PLR0913 one argument an option
    site: Site,
    *,
    file: Path,
    first: datetime | None,
    last: datetime | None,
    out: Path | None,
    purpose: str,
    as_json: bool,
) -> None:
    """Show alert rates by group, from an audit copy that is not kept.

    A Poisson model of alerts, with active weeks as exposure and role held alike, gives each
    group's ratio to the largest with its 95 % interval; outside 0.8 to 1.25 it is marked. Groups
    of fewer than ten people are not shown. Nothing of the file is stored; its hash goes on the
    chain with the purpose.

    Example: psdmon report disparity --groups audit-copy.csv --purpose "fairness review, Q1"
    """
    from monitor.reports.disparity import groups_read, members_of
    from monitor.reports.disparity_page import disparity_page

    stated = purpose_given(purpose, to_do="report disparity")
    desk = desk_of(site, purpose=stated)
    desk.person.require(Permission.EXPORT)
    content = file.read_bytes()
    groups = groups_read(_text(content, file), file=file.name)
    begins, ends = _span(desk, first=first, last=last)
    within = [alert for alert in desk.alerts() if begins <= alert.raised_at < ends]
    raised = [alert for alert in within if not alert.drawn_at_random]
    members = members_of(site, raised, groups=groups, first=begins, last=ends)
    kinds = list(next(iter(groups.values()), {}))
    page = disparity_page(
        members,
        kinds,
        span=span(begins, ends - timedelta(seconds=1), site.settings.zone),
        drawn=len(within) - len(raised),
        written=when(site.clock.now(), site.settings.zone),
    )
    facts = {"groups_sha256": hashlib.sha256(content).hexdigest(), "kinds": kinds}
    give(desk, page, out=out, as_json=as_json, facts=facts)


def _text(content: bytes, file: Path) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise DataRefused(f"{file.name}: is not UTF-8; possible: the same saved as UTF-8") from None


def _span(
    desk: Desk, *, first: datetime | None, last: datetime | None
) -> tuple[datetime, datetime]:
    """The span asked for; what is not given reaches as far as days were judged."""
    days = sorted(desk.site.store.days.judged())
    if not days:
        raise Misused("report: no day has been judged; possible: psdmon scan")
    begins = first or midnight(days[0])
    # What is found on a day is raised on the next, once it has settled.
    ends = last or midnight(days[-1] + timedelta(days=2))
    if begins >= ends:
        raise Misused("report: --from is not before --to; possible: an earlier --from")
    return begins, ends

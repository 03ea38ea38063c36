"""`psdmon report board`: one month for a board."""

import re
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor import feeds
from monitor.access.desk import Desk, desk_of
from monitor.cli.options import json_option, pass_site
from monitor.cli.report.options import give, out_option
from monitor.wiring import Site

if TYPE_CHECKING:
    from monitor.reports.board import Month

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@click.command("board")
@click.option("--month", required=True, metavar="YYYY-MM", help="The month, by the force's clock.")
@out_option(required=False)
@json_option
@pass_site
def command(site: Site, *, month: str, out: Path | None, as_json: bool) -> None:
    """Show one month for a board: alerts, outcomes, clocks, feeds.

    What was raised and how it ended, how long it took, whether referrals were in time, whether
    stalking, risk, orders and support were considered, what could not be judged, and how often
    identities were looked at. It names, ranks and compares nobody.

    Example: psdmon report board --month 2026-03 --out board.html
    """
    from monitor.reports.board import board_page

    if not _MONTH.fullmatch(month):
        raise click.BadParameter(f"{month!r} is not a month; possible: 2026-03")
    desk = desk_of(site)
    zone, now = site.settings.zone, site.clock.now()
    page = board_page(_month(desk, month), force=site.settings.force.name, zone=zone, written=now)
    give(desk, page, out=out, as_json=as_json)


def _month(desk: Desk, month: str) -> "Month":
    """Everything the store holds of a month, but for what this person may not know of."""
    from alerts.prompt_pack import law_overdue, law_unverified, overdue, unverified
    from monitor.reports.board import Month, entries_within, span_of

    site, store = desk.site, desk.site.store
    begins, ends = span_of(month, site.settings.zone)
    alerts, pack = desk.alerts(), site.prompt_pack
    ids = {alert.alert_id for alert in alerts}
    closed = {alert.alert_id for alert in store.alerts()} - ids
    entries = entries_within(store.chain(), begins=begins, ends=ends)
    silences = store.suppressions(at=min(ends, site.clock.now()))
    today = site.clock.now().date()
    return Month(
        begins=begins,
        ends=ends,
        alerts=alerts,
        notes=tuple(n for one in sorted(ids) for n in store.notes(one)),
        answers=tuple(a for one in sorted(ids) for a in store.prompt_answers(one)),
        facts=tuple(f for f in store.recorded_facts() if f.alert_id in ids),
        days=tuple(store.days.judged().values()),
        entries=tuple(entry for entry in entries if entry.about not in closed),
        suppressions=tuple(one for one in silences if one.alert_id not in closed),
        feeds_missing=feeds.missing_in(site.home.lake),
        law_unverified=len(unverified(pack)) + len(law_unverified(pack)),
        passed=Counter(
            one.reason
            for _, one in desk.candidates(
                first=begins.date(), last=(ends - timedelta(days=1)).date()
            )
        ),
        law_overdue=len(overdue(pack, today)) + len(law_overdue(pack, today)),
    )

"""`psdmon scan`: judges what has not been judged."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

import click
from rich.table import Column, Table
from rich.text import Text

from monitor.cli import output
from monitor.cli.options import TIMES_HELP, dry_run_option, json_option, moment, pass_site
from monitor.wiring import Site

if TYPE_CHECKING:
    from alerts.chain import Entry
    from monitor.cycle import ScanReport


@click.command("scan")
@click.option(
    "--until", type=moment, metavar="TIME", help=f"Up to here; default: now. {TIMES_HELP}"
)
@click.option("--exit-code", is_flag=True, help="Exit 1 when an alert was raised or extended.")
@dry_run_option
@json_option
@pass_site
def command(
    site: Site, *, until: datetime | None, exit_code: bool, dry_run: bool, as_json: bool
) -> int:
    """Judge every day that has not been judged.

    Use it after ingest, or where no daemon runs. Each day is stored by itself, so an interrupted
    scan goes on where it stopped; running it twice changes nothing. A day that is not over is
    judged as far as it goes, and again when it is.

    Example: psdmon scan --until 2026-03-01
    """
    before = site.store.head().seq
    report = scanned(site, until=until or site.clock.now(), dry_run=dry_run)
    report = known_of(site, report, after=before, dry_run=dry_run)
    if as_json:
        output.as_json(report.as_json() | {"dry_run": dry_run})
    else:
        _print(report, dry_run=dry_run)
    if report.trouble is not None:
        raise report.trouble
    return int(exit_code and bool(report.raised or report.extended))


def scanned(site: Site, *, until: datetime, dry_run: bool = False) -> "ScanReport":
    """Scan with a bar on a terminal; the report comes back."""
    from monitor.cycle import scan

    with output.progress("judging") as advance:

        def shown(day: date, done: int, total: int) -> None:
            advance(done, total, f"judged {day}")

        return scan(site, until=until, actor=site.actor, progress=shown, dry_run=dry_run)


def known_of(site: Site, report: "ScanReport", *, after: int, dry_run: bool) -> "ScanReport":
    """The report with counts of those alerts alone that whoever scans may know of.

    A count that is one too high tells somebody of an alert that is closed to them.
    A dry run stores nothing that could be counted, so it counts only where nobody is kept apart.
    """
    from monitor.access.desk import countable, person_at

    if person_at(site).alone:
        return report
    known = {alert.alert_id for alert in countable(site) or ()}
    kinds = [] if dry_run else [e.kind for e in _moved(site, after=after) if e.about in known]
    raised = kinds.count("alert.raised")
    return replace(report, raised=raised, extended=len(kinds) - raised, candidates=0)


def _moved(site: Site, *, after: int) -> "Iterator[Entry]":
    return site.store.chain(after=after, kinds=("alert.raised", "alert.extended", "alert.reopened"))


def _print(report: "ScanReport", *, dry_run: bool) -> None:
    with output.paged() as console:
        for line in said(report):
            console.print(Text(line))
        if report.abstentions:
            console.print(Text("\nNot judged, and why:", style="bold"))
            console.print(_abstentions(report))
        if report.feeds_missing:
            console.print(Text(f"\nFeeds not loaded: {', '.join(report.feeds_missing)}."))
        if dry_run:
            console.print(Text("Dry run: nothing was stored."))
        elif report.raised or report.extended:
            console.print(Text("\nNext: psdmon triage, or psdmon alerts list."))


def _abstentions(report: "ScanReport") -> Table:
    columns = ("detector", "days", "pairs", Column("reason", overflow="fold"), "needs")
    declined = report.abstentions
    rows = [
        (a.detector, f"{a.days:,}", f"{a.pairs:,}", a.reason, ", ".join(a.needs)) for a in declined
    ]
    return output.table(*columns, rows=rows)


def said(report: "ScanReport") -> list[str]:
    """What a scan did, in sentences."""
    if report.warming_up_until is not None:
        first = report.warming_up_until
        why = "the days before are only drawn on (settings.toml, judging.warm_up_days)"
        return [f"Nothing is judged before {first}: {why}."]
    failed = [f"{day} could not be judged: {why}" for day, why in sorted(report.failed.items())]
    if not report.judged:
        return failed or ["No day was left to judge."]
    days = output.counted(len(report.judged), "day")
    accesses = output.counted(report.accesses, "access", things="accesses")
    span = f"{days} judged, {report.judged[0]} to {report.judged[-1]}: {accesses}."
    if report.held_back:
        held = output.counted(report.held_back, "alert")
        span = f"{span} {held} held back: psdmon alerts suppressions says by what."
    if not report.raised and not report.extended:
        quiet = "No detector fired on the feeds loaded; that is not clearance of anybody."
        return [span, quiet, *failed]
    return [
        span,
        f"{output.counted(report.raised, 'alert')} raised, {report.extended:,} extended.",
        *failed,
    ]

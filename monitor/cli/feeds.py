"""`psdmon feeds`: sources that are read by themselves, and what their logs lack."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click
from rich.table import Column
from rich.text import Text

from alerts.errors import Busy, DataRefused
from monitor.cli import output
from monitor.cli.ingest import remarks
from monitor.cli.options import dry_run_option, json_option, pass_site
from monitor.wiring import Site

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from monitor.ingest import FileReport
    from monitor.sources import Feed, FeedReport, HealthFinding

_MOST_SHOWN = 10  # readings of a feed that are shown
_COUNTS = ("read", "stored", "already_known", "quarantined")


@click.group("feeds")
def command() -> None:
    """Read configured sources, and see what their logs lack.

    A feed is declared in config/feeds.toml: a folder into which files are dropped, a file that
    grows and is rotated, or a table of a database. Each reading goes on where the last one ended,
    and what was read before is never stored twice.

    Example: psdmon feeds read
    """


@command.command("list")
@json_option
@pass_site
def listed(site: Site, *, as_json: bool) -> None:
    """Show every declared feed, and how it stands.

    Example: psdmon feeds list
    """
    from monitor.sources import declared_at

    site.made()
    feeds = declared_at(site.home.config).feed
    told = [_standing(site, feed) for feed in feeds]
    if as_json:
        output.as_json({"feeds": told})
        return
    with output.paged() as console:
        if not told:
            console.print(Text("No feed is declared; possible: an entry in config/feeds.toml."))
            return
        rows = [
            (f["feed"], f["kind"], f["table"], _minute(f["last_read_at"]), _kinds(f["findings"]))
            for f in told
        ]
        wrong = Column("findings", overflow="fold")
        console.print(output.table("feed", "kind", "table", "last arrival", wrong, rows=rows))


@command.command()
@click.argument("name", metavar="NAME")
@json_option
@pass_site
def show(site: Site, *, name: str, as_json: bool) -> None:
    """Show one feed: where it is read from, and its last readings.

    Example: psdmon feeds show rms
    """
    from monitor.sources import declared_at, record_of

    site.made()
    [feed] = declared_at(site.home.config).named((name,))
    standing = _standing(site, feed)
    readings = _readings(site, feed)
    record = record_of(site.store, feed.name)
    declared = feed.model_dump(mode="json")
    if as_json:
        ended = [finding.as_json() for finding in record.ended]
        output.as_json(standing | {"declared": declared, "readings": readings, "ended": ended})
        return
    with output.paged() as console:
        console.print(output.facts((key, _plainly(value)) for key, value in declared.items()))
        for finding in record.standing:
            _print_finding(console, finding)
        if not readings:
            console.print(Text("\nNothing was read yet; possible: psdmon feeds read"))
            return
        columns = [Column(n, justify="right") for n in ("read", "stored", "known", "quarantined")]
        rows = [(_minute(r["at"]), *(f"{r[k]:,}" for k in _COUNTS)) for r in readings]
        console.print(output.table("at", *columns, rows=rows, title="\nLast readings"))


@command.command()
@click.argument("names", nargs=-1, metavar="[NAME...]")
@dry_run_option
@json_option
@pass_site
def read(site: Site, *, names: tuple[str, ...], dry_run: bool, as_json: bool) -> int:
    """Read feeds from where the last reading ended; all of them, or those named.

    Safe to repeat, and to stop at any moment: what was read already is known. The trouble of one
    feed never stops the others. Exit 3 when a feed or a file of it was refused, 75 when another
    run holds the home.

    Example: psdmon feeds read --dry-run
    """
    from monitor.sources import declared_at, read_feeds

    site.made()
    declared = declared_at(site.home.config)
    feeds = declared.named(names)
    with output.progress("reading") as advance:
        done = 0

        def shown(feed: str, report: "FileReport") -> None:
            nonlocal done
            done += report.read
            advance(done, None, feed)

        reports = read_feeds(site, feeds, declared=declared, dry_run=dry_run, progress=shown)
    if as_json:
        output.as_json({"dry_run": dry_run, "feeds": [report.as_json() for report in reports]})
    else:
        _print(reports, dry_run=dry_run)
    if any(report.refused and not report.busy for report in reports):
        return DataRefused.exit_code
    return Busy.exit_code if any(report.busy for report in reports) else 0


@command.command()
@click.option("--all", "every", is_flag=True, help="Also those that have ended.")
@json_option
@pass_site
def findings(site: Site, *, every: bool, as_json: bool) -> None:
    """Show what is wrong with feeds: what is missing, silent, shifted or changed.

    A hole in a log is itself evidence: what has ended stays on the chain, with when and why.

    Example: psdmon feeds findings --all
    """
    from monitor.sources import record_of

    site.made()
    record = record_of(site.store)
    shown = [*record.standing, *(record.ended if every else ())]
    if as_json:
        output.as_json({"findings": [finding.as_json() for finding in shown]})
        return
    with output.paged() as console:
        if not shown:
            console.print(Text("No finding stands."))
        for finding in shown:
            _print_finding(console, finding)


@command.command()
@click.argument("name", metavar="NAME")
@click.argument("kind", metavar="KIND")
@click.option("--reason", required=True, help="Why it needs nobody any more; it is kept.")
@dry_run_option
@pass_site
def settle(site: Site, *, name: str, kind: str, reason: str, dry_run: bool) -> None:
    """End a finding with a reason; what it was about is not told again.

    For what does not end by itself: a number that was never given, a layout that was agreed.

    Example: psdmon feeds settle rms missing_numbers --reason "42 was never issued"
    """
    from monitor.sources import Kind
    from monitor.sources import settle as settle_finding

    site.made()
    known = {str(one): one for one in Kind}
    if kind not in known:
        raise click.BadParameter(f"{kind!r} is no kind; possible: {', '.join(known)}")
    if dry_run:
        output.note(f"{name}: {kind} would be settled.")
        return
    found = settle_finding(
        site.store,
        name,
        kind=known[kind],
        reason=reason,
        actor=site.actor,
        at=site.clock.now(),
    )
    output.note(f"{name}: {kind} is settled: {', '.join(found.details)}")


def _print_finding(console: "Console", finding: "HealthFinding") -> None:
    until = f" until {_minute(finding.until)}" if finding.until else ""
    title = f"{finding.feed}: {finding.kind} since {_minute(finding.since)}{until}"
    console.print(Text(title, style="bold"))
    for line in finding.says:
        console.print(output.indented(line))
    ending = f"ended: {finding.ended_as}" if finding.until else f"possible: {finding.possible}"
    console.print(output.indented(ending))


def _kinds(findings_: "Sequence[Mapping[str, Any]]") -> str:
    return ", ".join(str(one["kind"]) for one in findings_) or "none"


def _print(reports: "Sequence[FeedReport]", *, dry_run: bool) -> None:
    columns = [Column(name, justify="right") for name in ("read", "stored", "known", "quarantined")]
    rows = [
        (r.feed, f"{len(r.files):,}", *(f"{r.counts[key]:,}" for key in _COUNTS)) for r in reports
    ]
    with output.paged() as console:
        if not reports:
            console.print(Text("No feed is declared; possible: an entry in config/feeds.toml."))
            return
        parts = Column("parts", justify="right")
        console.print(output.table(Column("feed", overflow="fold"), parts, *columns, rows=rows))
        for report in reports:
            for line in _remarks(report):
                console.print(Text(line))
        if dry_run:
            console.print(Text("Dry run: nothing was stored."))


def _remarks(report: "FeedReport") -> "Sequence[str]":
    told = [line for file in report.files for line in remarks(file.as_json())]
    twins = [f"{report.feed}: known already: {output.plain(one)}" for one in report.known_as]
    problem = [output.plain(report.problem)] if report.problem else []
    wrong = [
        f"{report.feed}: {finding.kind}: {output.plain(line)}"
        for finding in report.findings
        if str(finding.kind) != "cannot_be_read"
        for line in finding.says
    ]
    return [*told, *twins, *problem, *wrong]


def _standing(site: Site, feed: "Feed") -> dict[str, Any]:
    from monitor.sources import record_of
    from monitor.sources.cursors import last_reading

    last = last_reading(site.store, feed.name)
    standing = record_of(site.store, feed.name).standing
    return {
        "feed": feed.name,
        "kind": feed.kind,
        "table": feed.table,
        "last_read_at": last.moment if last else None,
        "findings": [finding.as_json() for finding in standing],
    }


def _readings(site: Site, feed: "Feed") -> list[dict[str, Any]]:
    """The last readings that found something, the newest first."""
    from monitor.sources.cursors import readings

    found = [
        {"at": entry.moment, **{key: entry.told.get(key, 0) for key in _COUNTS}}
        for entry in readings(site.store, feed.name, most=_MOST_SHOWN)
    ]
    return found[::-1]


def _plainly(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


def _minute(at: datetime | None) -> str:
    return f"{at:%Y-%m-%dT%H:%MZ}" if at else "never"

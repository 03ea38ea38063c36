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
    from collections.abc import Sequence

    from monitor.ingest import FileReport
    from monitor.sources import Feed, FeedReport

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
        rows = [(f["feed"], f["kind"], f["table"], _minute(f["last_read_at"])) for f in told]
        console.print(output.table("feed", "kind", "table", "last arrival", rows=rows))


@command.command()
@click.argument("name", metavar="NAME")
@json_option
@pass_site
def show(site: Site, *, name: str, as_json: bool) -> None:
    """Show one feed: where it is read from, and its last readings.

    Example: psdmon feeds show rms
    """
    from monitor.sources import declared_at

    site.made()
    [feed] = declared_at(site.home.config).named((name,))
    standing = _standing(site, feed)
    readings = _readings(site, feed)
    declared = feed.model_dump(mode="json")
    if as_json:
        output.as_json(standing | {"declared": declared, "readings": readings})
        return
    with output.paged() as console:
        console.print(output.facts((key, _plainly(value)) for key, value in declared.items()))
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
    return [*told, *twins, *problem]


def _standing(site: Site, feed: "Feed") -> dict[str, Any]:
    from monitor.sources.cursors import last_reading

    last = last_reading(site.store, feed.name)
    return {
        "feed": feed.name,
        "kind": feed.kind,
        "table": feed.table,
        "last_read_at": last.moment if last else None,
    }


def _readings(site: Site, feed: "Feed") -> list[dict[str, Any]]:
    """The last readings that found something, the newest first."""
    from monitor.sources.cursors import readings

    found = [
        {"at": entry.moment, **{key: entry.told.get(key, 0) for key in _COUNTS}}
        for entry in readings(site.store, feed.name)
    ]
    return found[-_MOST_SHOWN:][::-1]


def _plainly(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)


def _minute(at: datetime | None) -> str:
    return f"{at:%Y-%m-%dT%H:%MZ}" if at else "never"

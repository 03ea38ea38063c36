"""`psdmon quarantine`: rows that were refused, with place, reason and raw text."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.table import Column
from rich.text import Text

from alerts.errors import DataRefused, Misused
from monitor.cli import output
from monitor.cli.ingest import EVENTS, print_report, record_load
from monitor.cli.options import dry_run_option, json_option, pass_site, purpose_option
from monitor.feeds import REFERENCE_TABLES
from monitor.wiring import Site

if TYPE_CHECKING:
    from monitor.ingest import Refused

_SHORT = 10  # letters of an id that tell rows apart on a screen


@click.group("quarantine")
def command() -> None:
    """See the rows that were refused, and try them again.

    A row that cannot be used is kept whole with its file, line and reason, and the rest of its
    file is loaded. Put the profile, the code list or the file right, then retry.

    Example: psdmon quarantine list
    """


@command.command("list")
@click.option(
    "--table",
    type=click.Choice((EVENTS, *REFERENCE_TABLES)),
    metavar="TABLE",
    help="Only rows meant for this table.",
)
@click.option("--settled", is_flag=True, help="Also rows that were taken after all.")
@click.option(
    "--most",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    help="At most so many rows.",
)
@json_option
@pass_site
def listed(site: Site, *, table: str | None, settled: bool, most: int, as_json: bool) -> None:
    """Show which rows were refused, where and why; never what is in them.

    Example: psdmon quarantine list --table shifts
    """
    rows = _rows(site, table=table or "", settled=settled, most=most + 1)
    shown, more = rows[:most], len(rows) > most
    if as_json:
        output.as_json({"rows": [_told(row) for row in shown], "more": more})
        return
    with output.paged() as console:
        columns = (
            "id",
            "table",
            Column("place", overflow="fold"),
            Column("reason", overflow="fold"),
        )
        cells = [(r.id[:_SHORT], r.table, f"{Path(r.file).name}:{r.line}", r.reason) for r in shown]
        if cells:
            console.print(output.table(*columns, rows=cells))
        console.print(Text(_ending(len(shown), more=more)))


@command.command()
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@purpose_option
@json_option
@pass_site
def show(site: Site, *, ids: tuple[str, ...], purpose: str, as_json: bool) -> None:
    """Show refused rows whole, with their raw text.

    ID is an id of psdmon quarantine list, or the beginning of one. The raw text can hold
    identities, so it takes a purpose, which goes on the chain.

    Example: psdmon quarantine show 3f2a91c07b --purpose "wrong date order"
    """
    from monitor.access.desk import identities_granted, person_at
    from monitor.access.roles import Permission, purpose_given

    site.made()
    whoever = person_at(site)
    whoever.require(Permission.UNMASK)
    stated = purpose_given(purpose, to_do="the raw text of a refused row")
    identities_granted(site, whoever, every_alert=True)
    rows = _rows(site, ids=ids, settled=True)
    unknown = [name for name in ids if not any(row.id.startswith(name) for row in rows)]
    if unknown:
        possible = "psdmon quarantine list"
        raise Misused(f"quarantine: no row {', '.join(unknown)}; possible: {possible}")
    facts = {"rows": [row.id for row in rows]}
    now = site.clock.now()
    site.store.record("quarantine.shown", actor=site.actor, at=now, purpose=stated, facts=facts)
    if as_json:
        output.as_json({"rows": [_told(row) | {"raw": row.raw} for row in rows]})
        return
    with output.paged() as console:
        for row in rows:
            console.print(Text(f"{row.id[:_SHORT]}  {row.table}, {row.profile}", style="bold"))
            place = f"{row.file}, line {row.line}"
            facts_of_row = [("place", place), ("reason", row.reason), ("raw", row.raw)]
            console.print(output.facts([*facts_of_row, ("settled", row.settled_as or "no")]))


@command.command()
@click.argument("ids", nargs=-1, metavar="[ID...]")
@click.option("--all", "every", is_flag=True, help="Every row that waits.")
@click.option("--profile", help="Read them by this profile; default: the one that refused them.")
@dry_run_option
@json_option
@pass_site
def retry(  # noqa: PLR0913 one argument for each option a person may type
    site: Site,
    *,
    ids: tuple[str, ...],
    every: bool,
    profile: str | None,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Read refused rows again, after what was wrong has been put right.

    A row that is taken leaves the quarantine; one that is refused again stays.

    Example: psdmon quarantine retry --all --dry-run
    """
    from monitor import ingest

    if bool(ids) == every:
        raise click.UsageError("Name rows, or give --all.")
    site.made()
    chosen = ingest.profile_named(site.home.config, profile) if profile else None
    report = ingest.retry(
        site.home, ids, clock=site.clock, settings=site.settings, profile=chosen, dry_run=dry_run
    )
    if not dry_run:
        record_load(site, report, table="quarantine", profile=profile or "as it stands now")
    if as_json:
        output.as_json(report.as_json() | {"dry_run": dry_run})
    elif report.files:
        print_report(report, dry_run=dry_run)
    else:
        output.note("No row waits.")
    return DataRefused.exit_code if report.refused else 0


def _rows(site: Site, **wanted: Any) -> "list[Refused]":
    from monitor.ingest import quarantined_rows

    site.made()
    return quarantined_rows(site.home, settings=site.settings, **wanted)


def _told(row: "Refused") -> dict[str, Any]:
    return {
        "id": row.id,
        "table": row.table,
        "source": row.source,
        "profile": row.profile,
        "file": row.file,
        "line": row.line,
        "reason": row.reason,
        "refused_at": row.refused_at,
        "settled_at": row.settled_at,
        "settled_as": row.settled_as,
    }


def _ending(shown: int, *, more: bool) -> str:
    if not shown:
        return "No row waits."
    counted = output.counted(shown, "row")
    return f"\n{counted} shown; there are more: --most." if more else f"\n{counted}."

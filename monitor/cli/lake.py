"""`psdmon lake`: the files in which events and reference tables lie."""

from typing import Any

import click
from rich.table import Column
from rich.text import Text

from monitor.cli import output
from monitor.cli.options import dry_run_option, json_option, pass_site
from monitor.wiring import Site


@click.group("lake")
def command() -> None:
    """Keep the files of events and tables few.

    Each load adds a file, and each file costs a reader. A load puts the files of its own table
    together once there are too many, and so does the daemon for all of them; this does it now.

    Example: psdmon lake compact
    """


@command.command("compact")
@click.option("--all", "every_table", is_flag=True, help="Tables with few files, too.")
@dry_run_option
@json_option
@pass_site
def compact(site: Site, *, every_table: bool, dry_run: bool, as_json: bool) -> None:
    """Put small files together, and remove those nobody has needed for a week.

    No row changes, and none changes its load number: a replay of a past day as it was known then
    gives the same as before. It may be ended at any moment and given again.

    Example: psdmon lake compact --all
    """
    from monitor.ingest.compacting import compacted

    site.made()
    found = compacted(site.home, settings=site.settings, every_table=every_table, dry_run=dry_run)
    if found.replaced and not dry_run:
        recorded(site, found.replaced)
    if as_json:
        output.as_json({"files": found.files, "replaced": found.replaced, "dry_run": dry_run})
        return
    rows = [(name, f"{n:,}", f"{found.replaced.get(name, 0):,}") for name, n in found.files.items()]
    right = [Column(name, justify="right") for name in ("files", "replaced by fewer")]
    with output.paged() as console:
        console.print(output.table("table", *right, rows=rows))
        if dry_run:
            console.print(Text("Dry run: nothing was changed."))


def recorded(site: Site, replaced: dict[str, int]) -> None:
    """Write onto the chain how many files were replaced in which table."""
    facts: dict[str, Any] = {"replaced": replaced}
    site.store.record("lake.compacted", actor=site.actor, at=site.clock.now(), facts=facts)

"""`psdmon ingest`: loads access events and reference tables."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from click.shell_completion import CompletionItem
from rich.table import Column
from rich.text import Text

from alerts.errors import DataRefused
from monitor.cli import output
from monitor.cli.options import config_of, dry_run_option, json_option, pass_site
from monitor.feeds import REFERENCE_TABLES
from monitor.wiring import Site

if TYPE_CHECKING:
    from monitor.ingest import FileProgress, IngestReport
    from monitor.lake import TableShape

EVENTS: Final = "events"
CANONICAL: Final = "canonical"
_EXAMPLES: Final = """\b
Examples: psdmon ingest events access.csv.gz
          psdmon ingest events portal.csv --profile flock-portal
          psdmon ingest staff --columns"""
_COUNTS: Final = ("read", "stored", "already_known", "quarantined")


def _profiles_beginning(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[Any]:
    site = ctx.find_object(Site)
    folder = config_of(site) / "profiles" if site else Path()
    names = sorted(path.stem for path in folder.glob("*.toml"))
    return [CompletionItem(name) for name in names if name.startswith(incomplete)]


@click.command("ingest", epilog=_EXAMPLES)
@click.argument("table", type=click.Choice((EVENTS, *REFERENCE_TABLES)), metavar="TABLE")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="FILE...")
@click.option(
    "--profile",
    default=CANONICAL,
    show_default=True,
    shell_complete=_profiles_beginning,
    help="How the file is read: a name in config/profiles.",
)
@click.option("--source", help="Whose event ids these are; default: as the profile says.")
@click.option("--columns", is_flag=True, help="Show the columns of TABLE, and stop.")
@dry_run_option
@json_option
@pass_site
def command(  # noqa: PLR0913 one argument for each option a person may type
    site: Site,
    *,
    table: str,
    files: tuple[Path, ...],
    profile: str,
    source: str | None,
    columns: bool,
    dry_run: bool,
    as_json: bool,
) -> int:
    """Load access events or a reference table.

    TABLE is events, or one of staff, shifts, taskings, cases, case_subjects, subjects,
    subject_identifiers, subject_links, record_changes, declared_associations, watched_records,
    outcomes. Files are CSV, JSONL or Parquet, plain, .gz or .zst.

    The same file twice, or one that overlaps an earlier one, changes nothing. A row that cannot
    be used goes to quarantine with its place and the reason, and the rest is loaded. Exit 3 when
    a file was refused whole.
    """
    if columns:
        _show_columns(table, as_json=as_json)
        return 0
    if not files:
        raise click.UsageError("Missing argument 'FILE...'.")
    report = ingested(site, table, files=files, profile=profile, source=source, dry_run=dry_run)
    if as_json:
        output.as_json(report.as_json() | {"dry_run": dry_run})
    else:
        print_report(report, dry_run=dry_run)
    return DataRefused.exit_code if report.refused else 0


def ingested(  # noqa: PLR0913 what decides how a file is read is named, not bundled
    site: Site,
    table: str,
    *,
    files: Sequence[Path],
    profile: str = CANONICAL,
    source: str | None = None,
    dry_run: bool = False,
) -> "IngestReport":
    """Load files with a bar on a terminal, onto the chain unless it is a dry run."""
    from monitor.ingest import ingest_events, ingest_table
    from monitor.ingest.profile import profile_named

    site.made()
    chosen = profile_named(site.home.config, profile)
    with output.progress("reading") as advance:

        def shown(progress: "FileProgress") -> None:
            advance(progress.bytes_done, progress.bytes_total, progress.file.name)

        facts: dict[str, Any] = {
            "profile": chosen,
            "source": source,
            "clock": site.clock,
            "settings": site.settings,
            "progress": shown,
            "dry_run": dry_run,
        }
        if table == EVENTS:
            report = ingest_events(site.home, files, **facts)
        else:
            report = ingest_table(site.home, table, files, **facts)
    if not dry_run:
        record_load(site, report, table=table, profile=profile)
    return report


def record_load(site: Site, report: "IngestReport", *, table: str, profile: str) -> None:
    """Write the counts and the files' hashes onto the chain; nothing from inside them."""
    told: dict[str, Any] = report.as_json()
    files = [
        {"sha256": _sha256(Path(file["file"])), **{k: file.get(k, 0) for k in _COUNTS}}
        for file in told["files"]
    ]
    facts = {"table": table, "profile": profile, "files": files}
    site.store.record("ingest.finished", actor=site.actor, at=site.clock.now(), facts=facts)


def _sha256(path: Path) -> str:
    """The hash of a file's bytes; empty where they cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def print_report(report: "IngestReport", *, dry_run: bool) -> None:
    """Print what became of every row, file by file."""
    told: dict[str, Any] = report.as_json()
    columns = [Column(name, justify="right") for name in ("read", "stored", "known", "quarantined")]
    rows = [[Path(f["file"]).name, *(f"{f.get(k, 0):,}" for k in _COUNTS)] for f in told["files"]]
    if len(rows) > 1:
        rows.append(["all files", *(f"{told[k]:,}" for k in _COUNTS)])
    with output.paged() as console:
        console.print(output.table(Column("file", overflow="fold"), *columns, rows=rows))
        for remark in (line for file in told["files"] for line in remarks(file)):
            console.print(Text(remark))
        if dry_run:
            console.print(Text("Dry run: nothing was stored."))
        elif told["quarantined"]:
            console.print(Text("\nWhat was refused, and why: psdmon quarantine list"))


def remarks(file: Mapping[str, Any]) -> Iterator[str]:
    """What is worth saying of one file besides its counts, a line each."""
    name = output.plain(Path(file["file"]).name)
    if file.get("problem"):
        yield f"{name}: refused: {output.plain(file['problem'])}"
    if file.get("unknown_columns"):
        unknown = ", ".join(map(output.plain, file["unknown_columns"]))
        yield f"{name}: columns the profile does not know, kept as extra: {unknown}"
    for column, codes in file.get("unknown_codes", {}).items():
        kept = output.plain(", ".join(codes))
        yield f"{name}: {column}: codes the profile does not know, kept as they stand: {kept}"
    if file.get("unsure_times"):
        rows = output.counted(file["unsure_times"], "row")
        yield f"{name}: {rows} with a local time that happened twice or never, marked as such"


def _show_columns(table: str, *, as_json: bool) -> None:
    from monitor.lake.shape import EVENT_INPUTS, shape_of

    shape = shape_of(table)
    names = EVENT_INPUTS if table == EVENTS else shape.columns
    needed = {name for group in shape.required for name in group}
    groups = [" or ".join(group) for group in shape.required]
    if as_json:
        output.as_json({"table": table, "columns": list(names), "required": groups})
        return
    rows = [(name, "required" if name in needed else "", _kind(shape, name)) for name in names]
    with output.paged() as console:
        console.print(output.table("column", "", "holds", rows=rows))
        console.print(Text(f"\nEvery row needs {', '.join(groups)}."))


def _kind(shape: "TableShape", name: str) -> str:
    if name in shape.instants:
        return "time, ISO 8601 with an offset or Z"
    if name in shape.times:
        return "time, or a date"
    if name in shape.integers:
        return "whole number"
    return "true or false" if name in shape.booleans else "text"

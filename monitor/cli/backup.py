"""`psdmon backup`: the home in one file, made while it works, and tried without keeping it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.text import Text

from monitor.access.desk import person_at
from monitor.access.roles import Permission
from monitor.cli import output
from monitor.cli.options import FILE, against_option, json_option, lodged_key_option, pass_site
from monitor.wiring import Site

if TYPE_CHECKING:
    from monitor.keeping.archive import Manifest
    from monitor.keeping.restoring import Tried


@click.group("backup", invoke_without_command=True)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The file to write, or a folder; in a folder it is named by the moment.",
)
@click.option(
    "--without-keys", is_flag=True, help="Leave the folder of keys out; keep it somewhere else."
)
@json_option
@click.pass_context
def command(ctx: click.Context, /, **asked: Any) -> None:
    """Write the home into one file, while it works.

    Settings, models, events, reference tables, quarantine, alerts and the whole chain, each as it
    stood at one moment, with a list of every part and its hash. The file holds identities and,
    unless they are left out, the keys: encrypt it, and keep it where nobody of this home can
    reach it. What is erased from the home later is still in a backup that was made before.

    Example: psdmon backup --out /srv/backups; psdmon backup verify /srv/backups/FILE
    """
    if ctx.invoked_subcommand is None:
        _made(ctx.ensure_object(Site), **asked)


@command.command("verify")
@click.argument("file", type=FILE)
@against_option
@lodged_key_option
@json_option
@pass_site
def verify(
    site: Site, *, file: Path, against: tuple[Path, ...], key: Path | None, as_json: bool
) -> None:
    """Try a backup: every hash, the whole chain, and whether lake and store belong together.

    It is restored into a folder that is thrown away, so it takes the room of its alerts and chain.
    No home is needed.

    Example: psdmon backup verify psdmon-20260301T021000Z.tar --against lodged/2026-03-01.json
    """
    from monitor.keeping.restoring import lodged_in, tried

    lodged = lodged_in(against, key=key)
    found = tried(file, lodged=lodged, clock=site.clock, actor=site.actor)
    if as_json:
        output.as_json(document(found))
        return
    with output.paged() as console:
        console.print(output.facts(told(found.manifest)))
        console.print(Text("\nEvery part is what was written, and they belong together."))
        for line in younger(found):
            console.print(Text(line))


def document(found: "Tried") -> dict[str, Any]:
    """What a backup holds, as one JSON document."""
    return {
        **_told_of(found.manifest),
        "entries": found.entries,
        "lodged_later": [one.seq for one in found.younger],
    }


def told(manifest: "Manifest") -> list[tuple[str, str]]:
    """What a backup holds, as names and what they stand for."""
    facts = manifest.told
    rows = {name: table["rows"] for name, table in facts["lake"].items()}
    lake = ", ".join(f"{name} {count:,}" for name, count in rows.items() if count) or "nothing"
    return [
        ("made", f"{facts['made_at'][:19]}Z by {facts['made_by']}"),
        ("home", facts["home_id"]),
        ("chain", f"{facts['chain']['seq']:,} entries, hash {facts['chain']['hash'][:16]}"),
        ("store", facts["store"]["kind"]),
        ("lake", lake),
        ("keys", "in it" if facts["keys"] else "not in it: they must be kept elsewhere"),
        ("parts", f"{len(manifest.parts):,}, {manifest.size:,} bytes"),
        ("sha256", manifest.sha256),
    ]


def younger(found: "Tried") -> list[str]:
    """What cannot be said against checkpoints that were lodged after the backup was made."""
    return [
        f"A checkpoint names entry {one.seq:,}, and this backup ends at entry {found.head.seq:,}:"
        " it was lodged later, and what came between is not in it."
        for one in found.younger
    ]


def _told_of(manifest: "Manifest") -> dict[str, Any]:
    """What the list tells without the counts of the store: some would count alerts.

    Whoever keeps backups need see none, and a file that is tried is in nobody's home.
    """
    store = {"kind": manifest.told["store"]["kind"]}
    return {
        **manifest.told,
        "store": store,
        "sha256": manifest.sha256,
        "parts": len(manifest.parts),
        "bytes": manifest.size,
    }


def _made(site: Site, *, out: Path | None, without_keys: bool, as_json: bool) -> None:
    from monitor.keeping.backup import backup

    if out is None:
        raise click.UsageError("nothing says where to; possible: --out FILE, or backup verify FILE")
    site.made()
    person_at(site, gated=False).require(Permission.KEEP)
    made = backup(site, out, keys=not without_keys, actor=site.actor)
    if as_json:
        output.as_json({**_told_of(made.manifest), "out": str(made.path)})
        return
    with output.paged() as console:
        console.print(Text(f"{made.path}: written."))
        console.print(output.facts(told(made.manifest)))
        console.print(Text("It holds identities: encrypt it, out of this home's reach."))

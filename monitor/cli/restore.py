"""`psdmon restore`: a home made from a backup, whole or not at all."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.text import Text

from monitor.cli import output
from monitor.cli.backup import document, told, younger
from monitor.cli.options import FILE, against_option, json_option, lodged_key_option, pass_site
from monitor.home import Home
from monitor.wiring import Site

if TYPE_CHECKING:
    from monitor.keeping.restoring import Tried


@click.command("restore")
@click.argument("file", type=FILE)
@click.option(
    "--home",
    "root",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="The folder to make; nothing may be in it. Default: the --home before the command.",
)
@click.option(
    "--store",
    default="",
    metavar="URL",
    help="An empty PostgreSQL database, or sqlite for a file of the home; default: the kind it was"
    " copied from, where that is a file.",
)
@against_option
@lodged_key_option
@json_option
@pass_site
def command(  # noqa: PLR0913 one argument an option
    site: Site,
    *,
    file: Path,
    root: Path | None,
    store: str,
    against: tuple[Path, ...],
    key: Path | None,
    as_json: bool,
) -> None:
    """Make a home from a backup, whole or not at all.

    Every hash, every row and the whole chain are verified, and whether lake and store belong
    together, before the home has its name. Nothing is ever written over. Let only one of two
    homes with one id run. What was done after the backup was made is not in it, and a checkpoint
    that was lodged after it says so for ever: keep it, with a note of this day.

    Example: psdmon restore psdmon-20260301T021000Z.tar --home /srv/psdmon-restored
    """
    from monitor.keeping.restoring import lodged_in, restore

    home = Home(root) if root else site.home
    lodged = lodged_in(against, key=key)
    done = restore(file, home, store=store, lodged=lodged, clock=site.clock, actor=site.actor)
    if as_json:
        output.as_json({**document(done), "home": str(home.root)})
        return
    with output.paged() as console:
        console.print(Text(f"{home.root}: restored, and every part is what was written."))
        console.print(output.facts(told(done.manifest)))
        for line in (*younger(done), *_next(done, home)):
            console.print(Text(line))


def _next(done: "Tried", home: Home) -> list[str]:
    """What whoever restored must do, and nobody else can."""
    lines = [
        "Lodge a new checkpoint now: psdmon audit checkpoint.",
        "Keep those lodged after the backup was made: they name what is not in it.",
        "Load again what came since: what is known already changes nothing.",
    ]
    if not done.manifest.told["keys"]:
        lines.append(
            f"No keys were in it: put them into {home.keys} before anything else. psdmon init"
            " would make new ones, and every token would change."
        )
    return lines

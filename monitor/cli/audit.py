"""`psdmon audit`: whether the chain is whole, what it tells, and its end signed."""

import hashlib
import json
from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click
from rich.text import Text

from alerts.chain import RESTORED, Discrepancy, Entry, Head, Verification
from alerts.errors import IntegrityBroken
from monitor.access.desk import Desk, access_record, person_at
from monitor.access.roles import Permission
from monitor.access.telling import reader_of
from monitor.cli import output
from monitor.cli.options import FILE, TIMES_HELP, against_option, json_option, moment, pass_site
from monitor.keeping.belonging import TABLE_ERASED, marks_that_do_not_fit, missing_loads
from monitor.views.entries import broken_glass, entries, verified
from monitor.wiring import Site

EXPORTED: Final = "alert.exported"


@click.group("audit")
def command() -> None:
    """Verify and read the chain of everything done and read.

    Each entry is bound to the one before it by its hash: an entry that was edited, removed,
    put in or moved shows. Against an end cut off, or an older copy put in its place, stands a
    checkpoint that was lodged elsewhere. Reading the chain is an entry too.

    Example: psdmon audit verify; psdmon audit show --alert A-7f3k
    """


@command.command("verify")
@against_option
@click.option(
    "--key", type=FILE, metavar="FILE", help="The public key lodged with it; default: the home's."
)
@click.option(
    "--export",
    "exports",
    multiple=True,
    type=FILE,
    metavar="FILE",
    help="A file of alerts export: is it as it was written?",
)
@json_option
@pass_site
def verify(
    site: Site,
    *,
    against: tuple[Path, ...],
    key: Path | None,
    exports: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Check every entry, and every alert, note and role against its entry.

    Checkpoints of this home are held against it too, and so is the lake: whether every load that
    the chain names is still there. Exits 4 where anything is not what was written, and names
    each place.

    Example: psdmon audit verify --against lodged/2026-03-01.json --key lodged/checkpoint.pub
    """
    desk = _desk(site, gated=False)
    found = _verification(site, against=against, key=key, exports=exports)
    if found.intact:
        desk.looked("chain.verified", entries=found.entries, checkpoints=len(against))
    if as_json:
        output.as_json(_document(site, found))
    else:
        with output.paged() as console:
            console.print(verified(found, lodged=len(against)))
            for line in _remarks(site):
                console.print(Text(line))
    if not found.intact:
        places = output.counted(len(found.discrepancies), "place")
        raise IntegrityBroken(
            f"chain: not what was written in {places};"
            " possible: keep this home as it is, and compare it with a backup"
        )


@command.command("show")
@click.option(
    "--alert", "--about", "about", default="", metavar="ID", help="Only about this alert or day."
)
@click.option("--actor", default="", metavar="USER", help="Only what this user did or read.")
@click.option("--kind", default="", metavar="TEXT", help="Only kinds that begin so: alert.shown.")
@click.option("--from", "start", type=moment, metavar="TIME", help=f"First moment. {TIMES_HELP}")
@click.option("--to", "end", type=moment, metavar="TIME", help="First moment that is left out.")
@click.option("--last", type=click.IntRange(min=1), help="Only the last so many.")
@json_option
@pass_site
def show(  # noqa: PLR0913 one argument an option
    site: Site,
    *,
    about: str,
    actor: str,
    kind: str,
    start: datetime | None,
    end: datetime | None,
    last: int | None,
    as_json: bool,
) -> None:
    """Show entries, oldest first: who did or read what, when and why.

    With --alert, lists and exports in which the alert stood are shown too. Members of staff and
    records appear as tokens; whoever used psdmon appears by name.

    Example: psdmon audit show --alert A-7f3k; psdmon audit show --actor asmith --last 20
    """
    desk = _desk(site)
    reader = reader_of(desk.person, site.store.alerts(), masker=site.masker)
    chosen = _chosen(reader.entries(site.store.chain()), about=about, actor=actor, kind=kind)
    found = list(deque(_between(chosen, start, end), maxlen=last))
    desk.looked("chain.shown", about=about, entries=len(found), actor_asked=actor, kind_asked=kind)
    glass = access_record(site).glass
    if as_json:
        broken = [{"number": one.number, "broken_by": one.broken_by, "at": one.at} for one in glass]
        output.as_json({"entries": [_told(entry) for entry in found], "broken_glass": broken})
        return
    with output.paged() as console:
        for line in broken_glass(glass):
            console.print(line)
        if not found:
            console.print(Text("No entry of the chain fits what was asked for."))
            return
        console.print(entries(found, zone=site.settings.zone))


@command.command("checkpoint")
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write; take it to where nobody of this home can reach it.",
)
@json_option
@pass_site
def checkpoint(site: Site, *, out: Path, as_json: bool) -> None:
    """Sign the end of the chain, to be lodged elsewhere.

    Whoever can write the store can reckon every hash anew, cut off its end, or put yesterday's
    copy in its place. A checkpoint that lies where they cannot reach it shows all three. Lodge
    one a day, and the public key with the first: with another department, another force, in
    print, or on a medium that is written once.

    Example: psdmon audit checkpoint --out lodged/2026-03-01.json
    """
    made, public = _signed(_desk(site, gated=False))
    content = json.dumps(made, indent=2) + "\n"
    out.write_text(content, encoding="utf-8")
    site.home.checkpoints.mkdir(mode=0o700, exist_ok=True)
    (site.home.checkpoints / f"{made['seq']:09d}.json").write_text(content, encoding="utf-8")
    if as_json:
        output.as_json({**made, "public_key": public, "out": str(out)})
        return
    click.echo(f"{out}: the chain ends at entry {made['seq']}, hash {made['hash'][:16]}.")
    click.echo(f"Public key, to be lodged with it:\n{public}")


def _signed(desk: Desk) -> tuple[dict[str, Any], str]:
    """Sign the chain's end, its own entry included; the document and the public key come back."""
    from alerts.checkpoints import signed
    from monitor.access.signing import key_made, public_text, signing_key

    site = desk.site
    fresh = key_made(site.home.keys)
    key = signing_key(site.home.keys)
    if fresh:
        desk.looked("chain.key_made", public_key=public_text(key))
    desk.looked("chain.checkpointed", public_key=public_text(key))
    head = site.store.head()
    made = signed(key, head, home_id=site.store.home_id(), at=site.clock.now())
    return made.as_json(), public_text(key)


def _verification(
    site: Site, *, against: tuple[Path, ...], key: Path | None, exports: tuple[Path, ...]
) -> Verification:
    """The store against its chain, the chain against checkpoints, the lake and files against it."""
    own = sorted(site.home.checkpoints.glob("*.json"))
    heads: tuple[Head, ...] = ()
    wrong: tuple[Discrepancy, ...] = ()
    if against or own or key:
        from monitor.access.signing import PUBLIC_NAME, lodged, public_key

        trust = public_key(key or site.home.keys / PUBLIC_NAME)
        found = lodged((*against, *own), key=trust, home_id=site.store.home_id())
        heads, wrong = found.heads, found.discrepancies
    whole = site.store.verify(checkpoints=heads)
    more = (*wrong, *_lake(site), *_exports(site, exports))
    return replace(whole, discrepancies=(*whole.discrepancies, *more))


def _lake(site: Site) -> Iterable[Discrepancy]:
    """Loads that were judged, and are no longer in the lake."""
    judged = site.store.days.judged().values()
    missing = missing_loads(judged, site.lake.versions() if judged else {})
    if any(_broken_off(site)):
        return missing
    erased = site.store.chain(kinds=(TABLE_ERASED,))
    return (*missing, *marks_that_do_not_fit(erased, site.lake.erased))


def _exports(site: Site, files: tuple[Path, ...]) -> Iterable[Discrepancy]:
    """Files that are not, byte for byte, what some export wrote."""
    written = {e.told.get("sha256") for e in site.store.chain(kinds=(EXPORTED,))} if files else ()
    for path in files:
        if hashlib.sha256(path.read_bytes()).hexdigest() not in written:
            yield Discrepancy(place=path.name, says="no export of this home wrote it as it stands")


def _remarks(site: Site) -> list[str]:
    """What is no tampering by itself, and worth a look."""
    return [*_restored(site), *_broken_off(site), *_changed_config(site)]


def _broken_off(site: Site) -> Iterable[str]:
    last = site.store.last_entry("retention.began", "retention.finished")
    if last is not None and last.kind == "retention.began":
        yield f"Entry {last.seq}: an erasure was broken off; psdmon retention apply takes it up."


def _restored(site: Site) -> Iterable[str]:
    for entry in site.store.chain(kinds=(RESTORED,)):
        end = entry.told["chain"]["seq"]
        yield (
            f"Entry {entry.seq}: restored on {entry.at[:10]} from a backup that ends at {end};"
            " what was lodged before that day and names a later entry is not in it."
        )


def _changed_config(site: Site) -> Iterable[str]:
    judged = site.store.days.judged()
    if not judged:
        return
    last = judged[max(judged)]
    if last.settings_fingerprint != site.config_fingerprint:
        yield f"Config is not what {last.day} was judged with; whoever changed it should know."


def _desk(site: Site, *, gated: bool = True) -> Desk:
    whoever = person_at(site, gated=gated)
    whoever.require(Permission.AUDIT)
    return Desk(site=site, person=whoever, purpose="")


def _between(
    found: Iterable[Entry], start: datetime | None, end: datetime | None
) -> Iterable[Entry]:
    for entry in found:
        if (start is None or entry.moment >= start) and (end is None or entry.moment < end):
            yield entry


def _chosen(found: Iterable[Entry], *, about: str, actor: str, kind: str) -> Iterable[Entry]:
    wanted = about.casefold()
    for entry in found:
        about_fits = _is_about(entry, wanted)
        if about_fits and actor in {"", entry.actor} and entry.kind.startswith(kind):
            yield entry


def _is_about(entry: Entry, wanted: str) -> bool:
    """Whether an entry is about a thing whose id begins so, or about a list in which it stood."""
    if entry.about.casefold().startswith(wanted):
        return True
    listed = entry.told.get("alert_ids", ()) if '"alert_ids"' in entry.facts else ()
    return any(alert_id.casefold().startswith(wanted) for alert_id in listed)


def _told(entry: Entry) -> dict[str, Any]:
    return {
        "seq": entry.seq,
        "at": entry.at,
        "kind": entry.kind,
        "actor": entry.actor,
        "about": entry.about,
        "purpose": entry.purpose,
        "facts": entry.told,
        "prev_hash": entry.prev_hash,
        "hash": entry.hash,
    }


def _document(site: Site, found: Verification) -> dict[str, Any]:
    return {
        "intact": found.intact,
        "entries": found.entries,
        "head": {"seq": found.head.seq, "hash": found.head.hash},
        "discrepancies": [
            {"place": place.place, "says": place.says} for place in found.discrepancies
        ],
        "remarks": _remarks(site),
    }

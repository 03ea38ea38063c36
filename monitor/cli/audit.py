"""`psdmon audit`: whether the chain is whole, and what it says was done and read."""

import json
from collections import deque
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any

import click
from rich.text import Text

from alerts.chain import Entry, Verification
from alerts.errors import IntegrityBroken
from monitor.access.desk import Desk, person_at
from monitor.access.roles import Permission
from monitor.cli import output
from monitor.cli.options import json_option, pass_site
from monitor.views.entries import entries, verified
from monitor.wiring import Site


@click.group("audit")
def command() -> None:
    """Verify and read the chain of everything done and read.

    Each entry is bound to the one before it by its hash: an entry that was edited, removed,
    put in or moved shows. Reading the chain is an entry too.

    Example: psdmon audit verify; psdmon audit show --about A-7f3k
    """


@command.command("verify")
@json_option
@pass_site
def verify(site: Site, *, as_json: bool) -> None:
    """Check every entry, and every alert, note and role against its entry.

    Exits 4 where anything is not what was written, and names each place.

    Example: psdmon audit verify
    """
    desk = _desk(site)
    found = site.store.verify()
    if found.intact:
        desk.looked("chain.verified", entries=found.entries)
    if as_json:
        output.as_json(_document(found))
    else:
        with output.paged() as console:
            console.print(verified(found))
    if not found.intact:
        places = output.counted(len(found.discrepancies), "place")
        raise IntegrityBroken(
            f"chain: not what was written in {places};"
            " possible: keep this home as it is, and compare it with a backup"
        )


@command.command("show")
@click.option("--about", default="", metavar="ID", help="Only entries about this alert or day.")
@click.option("--actor", default="", metavar="USER", help="Only what this user did or read.")
@click.option("--kind", default="", metavar="TEXT", help="Only kinds that begin so: alert.shown.")
@click.option("--last", type=click.IntRange(min=1), help="Only the last so many.")
@json_option
@pass_site
def show(  # noqa: PLR0913 one argument an option
    site: Site, *, about: str, actor: str, kind: str, last: int | None, as_json: bool
) -> None:
    """Show entries, oldest first: who did or read what, when and why.

    Example: psdmon audit show --about A-7f3k; psdmon audit show --actor asmith --last 20
    """
    desk = _desk(site)
    chosen = _chosen(_readable(desk), about=about, actor=actor, kind=kind)
    found = list(deque(chosen, maxlen=last))
    desk.looked("chain.shown", about=about, entries=len(found), actor_asked=actor, kind_asked=kind)
    if as_json:
        output.as_json({"entries": [_told(entry) for entry in found]})
        return
    with output.paged() as console:
        if not found:
            console.print(Text("No entry of the chain fits what was asked for."))
            return
        console.print(entries(found, zone=site.settings.zone))


def _desk(site: Site) -> Desk:
    whoever = person_at(site)
    whoever.require(Permission.AUDIT)
    return Desk(site=site, person=whoever, purpose="")


def _readable(desk: Desk) -> Iterable[Entry]:
    """The entries this person may read: nothing about an alert on their own account."""
    own = {a.alert_id for a in desk.site.store.alerts() if desk.person.in_conflict(a)}
    for entry in desk.site.store.chain():
        if entry.about not in own:
            yield _without(entry, own) if own else entry


def _without(entry: Entry, own: AbstractSet[str]) -> Entry:
    """The entry without the ids of alerts that its reader is not to know of."""
    if not any(alert_id in entry.facts for alert_id in own):
        return entry
    return replace(entry, facts=json.dumps(_left_out(entry.told, own)))


def _left_out(told: object, own: AbstractSet[str]) -> object:
    if isinstance(told, dict):
        return {name: _left_out(value, own) for name, value in told.items()}
    if isinstance(told, list):
        return [_left_out(value, own) for value in told if value not in own]
    return told


def _chosen(found: Iterable[Entry], *, about: str, actor: str, kind: str) -> Iterable[Entry]:
    wanted = about.casefold()
    for entry in found:
        about_fits = entry.about.casefold().startswith(wanted)
        if about_fits and actor in {"", entry.actor} and entry.kind.startswith(kind):
            yield entry


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


def _document(found: Verification) -> dict[str, Any]:
    return {
        "intact": found.intact,
        "entries": found.entries,
        "head": {"seq": found.head.seq, "hash": found.head.hash},
        "discrepancies": [
            {"place": place.place, "says": place.says} for place in found.discrepancies
        ],
    }

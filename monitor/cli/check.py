"""`psdmon check`: every problem of a home at once, each with its place."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Final, Literal

import click
from rich.table import Column
from rich.text import Text

from alerts.errors import Misused, PsdmonError
from monitor.cli import output
from monitor.cli.options import json_option, pass_site
from monitor.wiring import Site

ROOM_BYTES: Final = 1 << 30  # one compaction of a large month of events fits in 1 GiB
_RELEASED: Final = datetime(2026, 11, 1, tzinfo=UTC)  # no honest clock stands before this
_OTHERS: Final = 0o077
_PUBLIC: Final = ".pub"  # a public key is there to be read

State = Literal["good", "note", "problem"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One thing that was looked at."""

    what: str
    state: State
    says: str


@click.command("check")
@json_option
@pass_site
def command(site: Site, *, as_json: bool) -> int:
    """Check settings, stores, clock, disk and keys, all at once.

    Run it after each change of config, and before the service starts: as ExecStartPre it keeps a
    broken home from starting. Nothing is changed. Exit 2 when there is a problem; a note is
    worth reading and stops nothing.

    Example: psdmon check
    """
    found = list(checked(site))
    problems = [item for item in found if item.state == "problem"]
    if as_json:
        checks = [{"what": c.what, "state": c.state, "says": c.says} for c in found]
        output.as_json({"good": not problems, "checks": checks})
    else:
        _print(found, len(problems))
    return Misused.exit_code if problems else 0


def checked(site: Site) -> Iterator[Checked]:
    """Everything there is to look at in a home, one after another; no problem hides another."""
    try:
        site.made()
    except Misused as trouble:
        yield Checked(what="home", state="problem", says=str(trouble))
        return
    told: set[str] = set()
    for what, look in _LOOKS.items():
        try:
            yield from look(site)
        except PsdmonError as trouble:
            yield _refused(what, str(trouble), told=told)
        except Exception as trouble:  # noqa: BLE001 whatever it is, the other checks still run
            says = f"cannot be looked at ({type(trouble).__name__}: {trouble})"
            yield Checked(what=what, state="problem", says=says)


def _refused(what: str, says: str, *, told: set[str]) -> Checked:
    """A problem; a note where the same was told before, and only keeps this from being seen."""
    if says in told:
        return Checked(what=what, state="note", says="not looked at until that is put right")
    told.add(says)
    return Checked(what=what, state="problem", says=says)


def _root(site: Site) -> Iterator[Checked]:
    root = site.home.root
    if root.stat().st_mode & _OTHERS:
        says = f"{root} is open to others; possible: chmod 700 {root}"
        yield Checked(what="home", state="problem", says=says)
        return
    yield Checked(what="home", state="good", says=f"{root}, for its owner alone")


def _settings(site: Site) -> Iterator[Checked]:
    settings = site.settings
    yield Checked(what="settings", state="good", says=str(site.home.config / "settings.toml"))
    if settings.force.name == "unnamed force":
        says = "settings.toml: force.name is still 'unnamed force'; possible: the force's name"
        yield Checked(what="settings", state="note", says=says)
    cores = os.cpu_count() or 1
    if settings.engine.threads > cores:
        says = (
            f"settings.toml: engine.threads is {settings.engine.threads}; this machine has {cores}"
        )
        yield Checked(what="settings", state="note", says=says)


def _detectors(site: Site) -> Iterator[Checked]:
    from monitor.running import running_at, strands

    running = strands(running_at(site.home.config))
    yield Checked(what="detectors", state="good", says=f"{len(running)} run")


def _prompts(site: Site) -> Iterator[Checked]:
    from alerts.prompt_pack import missing, overdue, unverified
    from monitor.prompts import jurisdictions, pack_at

    folder, today = site.home.config / "prompts", site.clock.now().date()
    troubles = []
    for name in jurisdictions(folder):
        try:
            pack_at(folder, name)
        except Misused as trouble:
            troubles.append(str(trouble))
    yield from (Checked(what="prompts", state="problem", says=s) for s in dict.fromkeys(troubles))
    if troubles:
        return
    pack = site.prompt_pack
    says = f"{len(pack.prompts)} in {pack.jurisdiction}"
    yield Checked(what="prompts", state="good", says=says)
    waiting, late = unverified(pack), overdue(pack, today)
    if waiting or late or missing(pack):
        says = f"{len(waiting)} unverified, {len(late)} overdue; possible: psdmon prompts verify"
        yield Checked(what="prompts", state="note", says=says)


def _profiles(site: Site) -> Iterator[Checked]:
    from monitor.ingest.profile import profiles_at

    says = ", ".join(profiles_at(site.home.config)) or "none"
    state: State = "good" if says != "none" else "problem"
    yield Checked(what="profiles", state=state, says=says)


def _sources(site: Site) -> Iterator[Checked]:
    from monitor.sources import declared_at, record_of, unreachable

    feeds = declared_at(site.home.config).feed
    says = ", ".join(feed.name for feed in feeds) or "no feed is declared in config/feeds.toml"
    yield Checked(what="sources", state="good", says=says)
    if site.store.ready():
        for finding in record_of(site.store).standing:
            says = f"{finding.feed}: {finding.kind}: {'; '.join(finding.says)}"
            yield Checked(what="sources", state="note", says=says)
    for feed in feeds:
        if trouble := unreachable(feed):
            yield Checked(what="sources", state="note", says=trouble)


def _store(site: Site) -> Iterator[Checked]:
    if not site.store.ready():
        says = f"its schema is {site.store.schema_version()}; possible: psdmon init brings it up"
        yield Checked(what="store", state="problem", says=says)
        return
    kind = site.store_url.split(":", maxsplit=1)[0]
    says = f"{kind}, schema {site.store.schema_version()}"
    yield Checked(what="store", state="good", says=says)


def _lake(site: Site) -> Iterator[Checked]:
    from monitor.lake import TABLES

    span = site.lake.event_span()
    if span is None:
        says = "no access events yet; possible: psdmon ingest events FILE"
        yield Checked(what="lake", state="note", says=says)
        return
    yield Checked(
        what="lake", state="good", says=f"events from {_minute(span.first)} to {_minute(span.last)}"
    )
    absent = [table for table in TABLES if table not in site.lake.feeds()]
    if absent:
        says = f"not loaded: {', '.join(absent)}; each alert names what could not be tested"
        yield Checked(what="feeds", state="note", says=says)


def _disk(site: Site) -> Iterator[Checked]:
    free = shutil.disk_usage(site.home.root).free
    says = f"{free / 1e9:.1f} GB free at {site.home.root}"
    enough = free >= ROOM_BYTES
    more = "" if enough else f"; possible: make room for {ROOM_BYTES / 1e9:.1f} GB"
    yield Checked(what="disk", state="good" if enough else "problem", says=says + more)
    if not os.access(site.home.root, os.W_OK):
        says = f"{site.home.root} cannot be written by {site.actor}"
        yield Checked(what="disk", state="problem", says=says)


def _clock(site: Site) -> Iterator[Checked]:
    now = site.clock.now()
    if now < _RELEASED:
        says = f"it says {now:%Y-%m-%d}, which is before this release; possible: set the clock"
        yield Checked(what="clock", state="problem", says=says)
        return
    last = site.store.last_entry()
    if last is not None and last.moment > now:
        says = f"it says {_minute(now)}, but the chain already holds {_minute(last.moment)}"
        yield Checked(what="clock", state="problem", says=f"{says}; possible: set the clock")
        return
    yield Checked(what="clock", state="good", says=_minute(now))


def _zone(site: Site) -> Iterator[Checked]:
    zone = site.settings.zone
    hour = site.clock.now().astimezone(zone)
    says = f"{zone.key}, now {hour:%H:%M}; zone data {version('tzdata')}"
    yield Checked(what="zone", state="good", says=says)


def _keys(site: Site) -> Iterator[Checked]:
    folder = site.home.keys
    if not folder.is_dir():
        says = f"{folder} is not there; possible: psdmon init, or the home's backup"
        yield Checked(what="keys", state="problem", says=says)
        return
    secret = (path for path in sorted(folder.iterdir()) if path.suffix != _PUBLIC)
    loose = [path for path in (folder, *secret) if path.stat().st_mode & _OTHERS]
    for path in loose:
        says = f"{path} is open to others; possible: chmod go= {path}"
        yield Checked(what="keys", state="problem", says=says)
    if not loose:
        _ = site.masker  # a key that cannot be used says so itself
        yield Checked(what="keys", state="good", says=f"{folder}, for {site.actor} alone")


def _notify(site: Site) -> Iterator[Checked]:
    from monitor.notify.accounts import SystemAccounts
    from monitor.notify.fitness import remarks

    for remark in remarks(site, accounts=SystemAccounts(), environment=os.environ):
        state: State = "problem" if remark.problem else ("note" if remark.note else "good")
        yield Checked(what="notify", state=state, says=remark.says)


_LOOKS: Final[dict[str, Callable[[Site], Iterator[Checked]]]] = {
    "home": _root,
    "settings": _settings,
    "detectors": _detectors,
    "prompts": _prompts,
    "profiles": _profiles,
    "sources": _sources,
    "store": _store,
    "lake": _lake,
    "disk": _disk,
    "clock": _clock,
    "zone": _zone,
    "keys": _keys,
    "notify": _notify,
}


def _minute(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def _print(found: list[Checked], problems: int) -> None:
    styles = {"good": "green", "note": "yellow", "problem": "bold red"}
    rows = [(c.what, Text(c.state, style=styles[c.state]), c.says) for c in found]
    ending = f"{output.counted(problems, 'problem')}." if problems else "No problem was found."
    with output.paged() as console:
        console.print(output.table("what", "state", Column("says", overflow="fold"), rows=rows))
        console.print(Text(f"\n{ending}"))

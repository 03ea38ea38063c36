"""`psdmon init`: makes a home, or completes one."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import click
from rich.text import Text

from monitor.cli import output
from monitor.cli.options import dry_run_option, json_option, pass_site
from monitor.wiring import Site

if TYPE_CHECKING:
    from alerts.store import Store

HOME_ID: Final = "home.id"
_OWNER_ONLY = 0o700
_KEPT_SUFFIX = ".before"  # what --force replaced


@click.command("init")
@click.option("--force", is_flag=True, help="Put back shipped config; yours is kept as *.before.")
@dry_run_option
@json_option
@pass_site
def command(site: Site, *, force: bool, dry_run: bool, as_json: bool) -> None:
    """Make a home: settings, stores and keys.

    Use it once for each force. Existing files are never overwritten: run again, it makes what is
    missing and leaves the rest alone. Whoever runs it holds every role in this home until roles
    are assigned.

    Example: psdmon --home /srv/psdmon init
    """
    copies = list(_copies(site, force=force))
    wanting = _wanting(site)
    made = [*(f"config/{name}" for _, name in copies), *wanting]
    if not dry_run:
        _make(site, copies=copies, made=made)
    if as_json:
        home = str(site.home.root)
        output.as_json({"home": home, "made": made, "dry_run": dry_run, "owner": site.actor})
        return
    _say(site, made, dry_run=dry_run)


def make_home(site: Site) -> list[str]:
    """Make what is missing of a home; the names of what was made come back."""
    copies = list(_copies(site, force=False))
    made = [*(f"config/{name}" for _, name in copies), *_wanting(site)]
    _make(site, copies=copies, made=made)
    return made


def _copies(site: Site, *, force: bool) -> Iterator[tuple[Path, str]]:
    """Shipped files that the home lacks, or has otherwise where that is to be put right."""
    from monitor.settings import shipped_config

    shipped = shipped_config()
    for path in sorted(p for p in shipped.rglob("*") if p.is_file()):
        name = path.relative_to(shipped).as_posix()
        mine = site.home.config / name
        if not mine.exists() or (force and mine.read_bytes() != path.read_bytes()):
            yield path, name


def _wanting(site: Site) -> list[str]:
    from monitor.access.masking import KEY_NAME

    wanted = [
        (HOME_ID, site.home.root / HOME_ID),
        (f"keys/{KEY_NAME}", site.home.keys / KEY_NAME),
    ]
    if not (site.home.config.is_dir() and site.settings.store.url):
        wanted.append(("psdmon.db", site.home.database))
    return [name for name, path in wanted if not path.exists()]


def _make(site: Site, *, copies: list[tuple[Path, str]], made: list[str]) -> None:
    from alerts.store import Store
    from monitor.access.masking import write_key

    site.home.root.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
    if not (site.home.root / HOME_ID).exists():
        site.home.root.chmod(_OWNER_ONLY)  # the folder may have been there, open to others
    for path, name in copies:
        _copy(path, site.home.config / name)
    write_key(site.home.keys)
    store = Store.at(site.store_url)
    try:
        _begin(site, store, made=made)
    finally:
        store.close()


def _begin(site: Site, store: "Store", *, made: list[str]) -> None:
    """Bring the store to this release, begin its chain, and give the roles; all safe to repeat."""
    from monitor.access.roles import Role

    now = site.clock.now()
    store.migrate()
    store.begin(_home_id(site), actor=site.actor, at=now)
    if not store.role_holders():
        for role in Role:
            store.grant(site.actor, str(role), actor=site.actor, at=now)
    if made:
        facts = {
            "made": made,
            "config_fingerprint": site.config_fingerprint,
            "code_version": site.code_version,
        }
        store.record("home.made", actor=site.actor, at=now, facts=facts)


def _home_id(site: Site) -> str:
    """The id that binds home and store to each other; made once."""
    path = site.home.root / HOME_ID
    if not path.is_file():
        path.write_text(f"{uuid4()}\n", encoding="ascii")
    return path.read_text(encoding="ascii").strip()


def _copy(path: Path, mine: Path) -> None:
    mine.parent.mkdir(mode=_OWNER_ONLY, parents=True, exist_ok=True)
    if mine.exists():
        shutil.copyfile(mine, mine.with_name(mine.name + _KEPT_SUFFIX))
    shutil.copyfile(path, mine)


def _say(site: Site, made: list[str], *, dry_run: bool) -> None:
    with output.paged() as console:
        if not made:
            console.print(Text(f"{site.home.root} is a home already, and nothing is missing."))
            return
        would = "would be made" if dry_run else "made"
        console.print(Text(f"{site.home.root}: {output.counted(len(made), 'file')} {would}."))
        console.print(output.facts(_made_rows(made)))
        if not dry_run:
            console.print(Text(f"\n{site.actor} holds every role here until roles are assigned."))
            next_ = "edit config/settings.toml, then psdmon check, then psdmon ingest"
            console.print(Text(f"Next: {next_}."))


def _made_rows(made: list[str]) -> list[tuple[str, str]]:
    config = sum(name.startswith("config/") for name in made)
    rows = [("config", f"{output.counted(config, 'file')}, yours to edit")] if config else []
    return rows + [(name, "") for name in made if not name.startswith("config/")]

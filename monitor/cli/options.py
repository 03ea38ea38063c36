"""What several commands take: times, ages, --json, --dry-run, --purpose, and the home itself."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from alerts.errors import Misused
from monitor.cli.output import note
from monitor.wiring import Site, open_site

pass_site = click.make_pass_decorator(Site)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

TIMES_HELP = "Times are ISO 8601 with an offset or Z; a date alone is its first moment in UTC."
_AGE = re.compile(r"(\d+)([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_DATE_LETTERS = len("2026-03-01")

Command = Callable[..., Any]


def moment(written: str | datetime) -> datetime:
    """A time as typed, in UTC; a date alone is 00:00 UTC, a time without offset is refused."""
    if isinstance(written, datetime):
        return written
    try:
        read = datetime.fromisoformat(written)
    except ValueError:
        raise click.BadParameter(
            f"{written!r} is not an ISO 8601 time; possible: 2026-03-01T09:30:00Z, 2026-03-01"
        ) from None
    if read.tzinfo is not None:
        return read.astimezone(UTC)
    if len(written) > _DATE_LETTERS:
        raise click.BadParameter(
            f"{written!r} has no offset, so it could be one of several moments;"
            f" possible: {written}Z (UTC), {written}+01:00 (British Summer Time)"
        )
    return read.replace(tzinfo=UTC)


def age(written: str | timedelta) -> timedelta:
    """A length of time as typed: 90m, 26h, 7d."""
    if isinstance(written, timedelta):
        return written
    found = _AGE.fullmatch(written)
    if not found:
        raise click.BadParameter(f"{written!r} is not a length of time; possible: 90m, 26h, 7d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def by_good_settings(site: Site) -> Site:
    """The site; where its settings are broken, by the copy that the daemon serves from.

    What is wrong is said on standard error.

    Raises:
        Misused: what is wrong, where there is no copy that was ever checked.
    """
    try:
        _ = site.settings
    except Misused as trouble:
        checked = site.home.running / "config"
        if not checked.is_dir():
            raise
        note(f"psdmon: {trouble}")
        note("What follows is by the settings that were good when the daemon last read them.")
        good = open_site(site.home.root, clock=site.clock, config=checked)
        click.get_current_context().call_on_close(good.close)
        return good
    return site


def json_option(command: Command) -> Command:
    """Add --json, passed as `as_json`."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Print JSON alone on standard output."
    )(command)


def dry_run_option(command: Command) -> Command:
    """Add --dry-run, passed as `dry_run`."""
    return click.option(
        "--dry-run", is_flag=True, help="Say what would be done, and change nothing."
    )(command)


def against_option(command: Command) -> Command:
    """Add --against, passed as `against`: files, perhaps none."""
    return click.option(
        "--against",
        multiple=True,
        type=FILE,
        metavar="FILE",
        help="A checkpoint lodged elsewhere; may be given more than once.",
    )(command)


def lodged_key_option(command: Command) -> Command:
    """Add --key, passed as `key`; nothing when it is not given."""
    return click.option(
        "--key", type=FILE, metavar="FILE", help="The public key that was lodged with it."
    )(command)


def purpose_option(command: Command) -> Command:
    """Add --purpose, passed as `purpose`; empty when neither option nor variable is set."""
    return click.option(
        "--purpose",
        envvar="PSDMON_PURPOSE",
        default="",
        show_envvar=True,
        metavar="TEXT",
        help="Why you look at identities; it goes on the chain.",
    )(command)


def config_of(site: Site) -> Path:
    """The home's config; where there is no home, the one psdmon ships, and it is said."""
    if site.home.config.is_dir():
        return site.home.config
    from monitor.settings import shipped_config

    note(f"{site.home.root} is not a home yet; this is what psdmon ships")
    return shipped_config()

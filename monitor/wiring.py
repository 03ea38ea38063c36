"""One home with everything that hangs on it, each part opened when it is first asked for."""

import grp
import hashlib
import os
import pwd
from collections.abc import Iterator
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from alerts.errors import Misused
from monitor.clock import Clock
from monitor.home import Home

if TYPE_CHECKING:  # what a command does not use, it does not load
    from alerts.prompt_pack import PromptPack
    from alerts.store import Store
    from monitor.access.masking import Masker
    from monitor.access.ties import Ties
    from monitor.lake import Lake
    from monitor.settings import Settings

_PACKAGES = ("alerts", "detectors", "monitor")


class Site:
    """A home, its clock and its parts; importing this module loads none of them."""

    def __init__(self, root: Path, *, clock: Clock, config: Path | None = None) -> None:
        """Name the home, and its config where that is a copy; nothing is read until asked for."""
        self.home = Home(root, accepted=config)
        self.clock = clock
        self.glass_broken = False  # whether somebody went past mask and conflict in this run

    @cached_property
    def settings(self) -> "Settings":
        """The force's settings.

        Raises:
            Misused: every problem at once, or that there is no home here.
        """
        from monitor.settings import settings_at

        self.made()
        return settings_at(self.home.config)

    @cached_property
    def config_fingerprint(self) -> str:
        """SHA-256 over the files of config: `sha256:...`."""
        from monitor.settings import fingerprint

        self.made()
        return fingerprint(self.home.config)

    @cached_property
    def lake(self) -> "Lake":
        """Events and reference tables."""
        from monitor.lake import Lake

        self.made()
        return Lake(root=self.home.lake)

    @cached_property
    def store_url(self) -> str:
        """Where alerts, runs and chain are: the URL of the settings, or the SQLite file here."""
        return self.settings.store.url or f"sqlite:///{self.home.database.resolve()}"

    @cached_property
    def store(self) -> "Store":
        """Alerts, runs, chain and roles."""
        from alerts.store import Store

        embedded = not self.settings.store.url
        if embedded and not self.home.database.is_file():
            raise Misused(
                f"store: {self.home.database} is not there; possible: psdmon init makes what is"
                " missing, or put the file back from a backup"
            )
        return Store.at(self.store_url)

    @cached_property
    def prompt_pack(self) -> "PromptPack":
        """The law pack of the home."""
        from monitor.prompts import pack_at

        self.made()
        return pack_at(self.home.config / "prompts", self.settings.force.jurisdiction)

    @cached_property
    def masker(self) -> "Masker":
        """Tokens that stand for people, by the key of this home."""
        from monitor.access.masking import masker_at

        self.made()
        return masker_at(self.home.keys)

    @cached_property
    def draw_key(self) -> bytes:
        """The key of the audit draw: of this home, and of use for nothing else."""
        import hmac

        return hmac.digest(self.masker.key, b"audit draw", "sha256")

    @cached_property
    def actor(self) -> str:
        """The operating-system user who runs this, from the account and never the environment."""
        number = os.getuid()
        try:
            return pwd.getpwuid(number).pw_name
        except KeyError:
            return f"uid-{number}"

    @cached_property
    def principals(self) -> frozenset[str]:
        """Every name by which the actor may hold a role: user, groups, roles at PostgreSQL."""
        from monitor.access.roles import DATABASE, GROUP

        groups = {f"{GROUP}{name}" for name in map(_group_name, {os.getgid(), *os.getgroups()})}
        database = {f"{DATABASE}{name}" for name in self.store.database_roles()}
        return frozenset({self.actor} | groups | database)

    @cached_property
    def ties(self) -> "Ties":
        """Who stands close to whom among the staff that were loaded."""
        from monitor.access.ties import TABLES, Ties, read

        if not any((self.home.lake / name / "_delta_log").is_dir() for name in TABLES):
            return Ties()
        connection = self.lake.snapshot(*TABLES).connect(engine=self.settings.engine)
        try:
            return read(connection)
        finally:
            connection.close()

    @cached_property
    def run_owner(self) -> str:
        """Who claims days in this process: the actor, the machine and the process number."""
        return f"{self.actor}@{os.uname().nodename}/{os.getpid()}"

    @cached_property
    def code_version(self) -> str:
        """The release and a digest of the code as it is on disk: `0.1.0+3f2a91c07be5`."""
        return f"{_release()}+{_digest()}"

    def close(self) -> None:
        """Close what was opened; the site can be used again."""
        if "store" in vars(self):
            self.store.close()

    def made(self) -> None:
        """Refuse a folder that is not a home.

        Raises:
            Misused: saying what makes one.
        """
        if not self.home.config.is_dir():
            raise Misused(
                f"home: {self.home.root} is not a home; possible: psdmon --home"
                f" {self.home.root} init, or name another with --home or PSDMON_HOME"
            )


def open_site(root: Path, *, clock: Clock, config: Path | None = None) -> Site:
    """The home at a folder, with nothing opened yet; its config may be a copy elsewhere."""
    return Site(root, clock=clock, config=config)


def _group_name(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)


def _release() -> str:
    try:
        return version("psdmon")
    except PackageNotFoundError:
        return "uninstalled"


def _digest() -> str:
    """The first 12 hexadecimal figures of the SHA-256 over all source files, by name."""
    top = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256()
    for path in _sources(top):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(top).as_posix()}\0{content}\n".encode())
    return digest.hexdigest()[:12]


def _sources(top: Path) -> Iterator[Path]:
    for package in _PACKAGES:
        yield from sorted((top / package).rglob("*.py"))

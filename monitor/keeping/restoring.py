"""A home made again from a backup, whole or not at all; and a backup tried without keeping it.

1 list      every part held against its hash
2 unpack    beside the place of the home, under a name that no command opens
3 lake      each table opens at the version that was copied, with as many rows, from files that
            are on the list
4 store     filled in one transaction, every row held against the chain, the chain against what
            was lodged, and the lake against what was judged
5 name      the folder becomes the home
"""

import json
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import structlog

from alerts.chain import Head, Verification
from alerts.checkpoints import Checkpoint, trusted
from alerts.errors import IntegrityBroken, Misused
from monitor.access.signing import public_key, read_checkpoint
from monitor.clock import Clock
from monitor.home import Home
from monitor.keeping.archive import Manifest, on_disk, unpacked, verified
from monitor.keeping.backup import LAKE, STORE
from monitor.keeping.belonging import missing_loads
from monitor.lake import Lake
from monitor.settings import settings_at

log = structlog.get_logger()

EMBEDDED: Final = "sqlite"
_HOME_ID: Final = "home.id"
_UNFINISHED: Final = ".restoring"
_URL: Final = re.compile(r"""(?m)^(url\s*=\s*)(?:"[^"\n]*"|'[^'\n]*')""")
_PART: Final = re.compile(r"(?m)^\[")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lodged:
    """Checkpoints that lie elsewhere, with the key to read them by; none where none was named."""

    checkpoints: tuple[Checkpoint, ...] = ()
    key: Path | None = None

    def heads(self, home_id: str) -> tuple[Head, ...]:
        """What they name, each signed and of this home.

        Raises:
            IntegrityBroken: one was not.
            Misused: no key was named.
        """
        if not self.checkpoints:
            return ()
        if self.key is None:
            raise Misused(
                "checkpoint: it is read by the public key that was lodged with it;"
                " possible: --key checkpoint.pub"
            )
        key = public_key(self.key)
        return tuple(trusted(key, one, home_id=home_id) for one in self.checkpoints)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What a backup holds, and where it ends against what was lodged."""

    manifest: Manifest
    entries: int
    head: Head
    younger: tuple[Head, ...]  # lodged after the backup was made; it cannot answer to them


def lodged_in(files: Iterable[Path], *, key: Path | None) -> Lodged:
    """The checkpoints in some files."""
    return Lodged(checkpoints=tuple(map(read_checkpoint, files)), key=key)


def tried(path: Path, *, lodged: Lodged, clock: Clock, actor: str) -> Tried:
    """What a backup holds, every hash and the whole chain verified; nothing is kept.

    Raises:
        IntegrityBroken: it is not what was written.
        DataRefused: it is no backup, or was broken off.
    """
    manifest = verified(path)
    with tempfile.TemporaryDirectory(prefix="psdmon-backup-") as name:
        folder = Path(name)
        unpacked(path, manifest, into=folder, only=f"{STORE}/")
        unpacked(path, manifest, into=folder, only=_HOME_ID)
        for table in manifest.told["lake"]:
            unpacked(path, manifest, into=folder, only=f"{LAKE}/{table}/_delta_log/")
        url = f"sqlite:///{folder / 'tried.db'}"
        facts = {"tried": True}
        return _filled(folder, manifest, url=url, lodged=lodged, clock=clock, by=(actor, facts))


def restore(  # noqa: PLR0913 a restore has this many facts, all named
    path: Path, home: Home, *, store: str, lodged: Lodged, clock: Clock, actor: str
) -> Tried:
    """A home made from a backup.

    Args:
        path: of the backup.
        home: where to; nothing may be there.
        store: `sqlite`, the URL of an empty database, or empty for the kind it was copied from.
        lodged: checkpoints the chain must hold, as far as it reaches.
        clock: says when.
        actor: who does it.

    Raises:
        Misused: something is there already, or the place of the store must be named.
        IntegrityBroken: the backup is not what was written; nothing is left of the home.
        DataRefused: it is no backup, or was broken off.
    """
    _refuse_filled(home)
    began = clock.now()
    manifest = verified(path)
    unfinished = home.root.with_name(f"{home.root.name}{_UNFINISHED}")
    shutil.rmtree(unfinished, ignore_errors=True)  # of a restore that was killed
    unfinished.mkdir(mode=0o700, parents=True)
    try:
        done = _restored(
            path,
            unfinished,
            manifest=manifest,
            store=store,
            lodged=lodged,
            clock=clock,
            actor=actor,
        )
        if home.root.is_dir():
            home.root.rmdir()  # empty, as was seen
        unfinished.rename(home.root)
        on_disk(home.root.parent.absolute())
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    seconds = (clock.now() - began).total_seconds()
    log.info("home.restored", parts=len(manifest.parts), seconds=round(seconds, 3))
    return done


def _restored(  # noqa: PLR0913 as above
    path: Path,
    folder: Path,
    *,
    manifest: Manifest,
    store: str,
    lodged: Lodged,
    clock: Clock,
    actor: str,
) -> Tried:
    unpacked(path, manifest, into=folder)
    url = _placed(folder, store)
    facts = {
        "sha256": manifest.sha256,
        "made_at": manifest.told["made_at"],
        "chain": manifest.told["chain"],
        "store": "postgresql" if url else EMBEDDED,
        "keys": manifest.told["keys"],
    }
    done = _filled(
        folder,
        manifest,
        url=url or f"sqlite:///{Home(folder).database.resolve()}",
        lodged=lodged,
        clock=clock,
        by=(actor, facts),
    )
    shutil.rmtree(folder / STORE)
    return done


def _filled(  # noqa: PLR0913 what is filled from what, and held against what, all named
    folder: Path,
    manifest: Manifest,
    *,
    url: str,
    lodged: Lodged,
    clock: Clock,
    by: tuple[str, Mapping[str, object]],
) -> Tried:
    """A store filled from the unpacked rows, and all that was unpacked held together."""
    from alerts.store import Store
    from alerts.store.copying import Filling

    told = manifest.told
    heads = lodged.heads(told["home_id"])
    end = Head(**told["chain"])
    _refuse_strangers(folder, told["home_id"])
    versions = _lake_as_told(folder, manifest)
    rows = _Rows(folder=folder / STORE)
    _refuse_other_end(rows, end=end, counts=told["store"]["rows"])
    actor, facts = by
    store = Store.at(url)
    try:
        found: Verification = store.fill(
            Filling(
                schema=told["schema"],
                tables=frozenset(told["store"]["rows"]),
                rows=rows,
                actor=actor,
                at=clock.now(),
                facts=facts,
                checkpoints=tuple(one for one in heads if one.seq <= end.seq),
                home_id=told["home_id"],
                holds=lambda judged: missing_loads(judged, versions),
            )
        )
    finally:
        store.close()
    younger = tuple(one for one in heads if one.seq > end.seq)
    return Tried(manifest=manifest, entries=found.entries, head=found.head, younger=younger)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """The rows of each table, read from the lines that were unpacked."""

    folder: Path

    def __call__(self, table: str) -> Iterator[Mapping[str, Any]]:
        """The rows of one table, in the order of its key."""
        with (self.folder / f"{table}.jsonl").open(encoding="ascii") as lines:
            for line in lines:
                yield json.loads(line)


def _refuse_other_end(rows: _Rows, *, end: Head, counts: Mapping[str, int]) -> None:
    """Nothing where the copy has the rows and the end of the chain that its list tells."""
    last = Head(seq=0, hash="")
    for table, count in counts.items():
        found = 0
        for row in rows(table):
            found += 1
            if table == "chain":
                last = Head(seq=row["seq"], hash=row["hash"])
        if found != count:
            raise IntegrityBroken(
                f"backup: it holds {found} rows of {table}, and {count} were copied;"
                " possible: another backup"
            )
    if last != end:
        raise IntegrityBroken(
            "backup: its chain does not end where its list says; possible: another backup"
        )


def _refuse_strangers(folder: Path, home_id: str) -> None:
    """Nothing where the folder and the store are of one home."""
    path = folder / _HOME_ID
    written = path.read_text(encoding="ascii").strip() if path.is_file() else ""
    if written not in {"", home_id}:
        raise IntegrityBroken(
            f"backup: its folder is of home {written}, and its store of {home_id};"
            " possible: another backup"
        )


def _lake_as_told(folder: Path, manifest: Manifest) -> dict[str, int]:
    """The versions of the lake, each table as it was copied."""
    listed = {part.name for part in manifest.parts}
    found = Lake(folder / LAKE).whole()
    told = manifest.told["lake"]
    if found.keys() != told.keys():
        raise IntegrityBroken("backup: its lake has other tables than its list; possible: another")
    for name, whole in found.items():
        missing = [file for file in whole.data if f"{LAKE}/{name}/{file}" not in listed]
        if missing or {"version": whole.version, "rows": whole.rows} != told[name]:
            raise IntegrityBroken(
                f"backup: table {name} of its lake is not as it was copied;"
                " possible: another backup"
            )
    return {name: whole.version for name, whole in found.items()}


def _refuse_filled(home: Home) -> None:
    if home.root.exists() and (not home.root.is_dir() or any(home.root.iterdir())):
        raise Misused(
            f"home: {home.root} is not empty, and a backup never overwrites;"
            " possible: another --home"
        )


def _placed(folder: Path, store: str) -> str:
    """The URL of the store, written into the settings of the folder; empty: a file of the home.

    Raises:
        Misused: it was on a server before, and nobody said where it is to be now.
    """
    path = folder / "config" / "settings.toml"
    written = settings_at(path.parent).store.url
    if written and not store:
        raise Misused(
            "store: it was copied from a server, and that is not written over;"
            " possible: --store URL of an empty database, or --store sqlite"
        )
    url = "" if store in {"", EMBEDDED} else store
    if url != written:
        path.write_text(_with_url(path.read_text(encoding="utf-8"), url), encoding="utf-8")
    return url


def _with_url(settings: str, url: str) -> str:
    """The text of settings with another URL under [store], all else as it was."""
    quoted = json.dumps(url)
    head, part, rest = settings.partition("[store]\n")
    if not part:
        return f"{settings.rstrip()}\n\n[store]\nurl = {quoted}\n"
    following = _PART.search(rest)
    end = following.start() if following else len(rest)
    table, count = _URL.subn(lambda found: f"{found[1]}{quoted}", rest[:end], count=1)
    return head + part + (table if count else f"url = {quoted}\n{table}") + rest[end:]

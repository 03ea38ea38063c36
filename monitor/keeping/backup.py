"""A home written into one file while it works.

1 lock      no other copy and no erasure meanwhile; everybody else goes on
2 store     every table at one moment, verified against its chain as it is read
3 lake      each table at its newest version, so never older than what the store judged
4 the rest  config, models, checkpoints, keys unless they are to be left out
5 chain     the entry that tells of it, with the hash that stands for the whole file
6 name      only now: what was broken off has no name, and no list of its parts
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import structlog
from filelock import FileLock, Timeout

from alerts.chain import stamp
from alerts.errors import Busy, IntegrityBroken
from monitor.home import Home
from monitor.keeping.archive import FORMAT, UNFINISHED, Manifest, Writer, writing
from monitor.lake.erased import NAME as ERASED_MARK
from monitor.wiring import Site

if TYPE_CHECKING:
    from alerts.store.copying import Copy

log = structlog.get_logger()

MADE: Final = "backup.made"
STORE: Final = "store"
LAKE: Final = "lake"
# Names at the top of a home that are of this machine and this moment alone.
_LEFT_OUT: Final = (".lock", UNFINISHED, ".sock", ".pid")
_TROUBLE: Final = "trouble-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A backup that was written, and what it holds."""

    path: Path
    manifest: Manifest


def backup(site: Site, out: Path, *, keys: bool, actor: str) -> Made:
    """The home written into a file, or into a folder under a name that says when.

    Raises:
        Busy: another copy or an erasure is at work, or the lake was changed beneath the copy.
        IntegrityBroken: the store is not what its chain tells; nothing is left of the backup.
        Misused: the file is there already.
    """
    site.made()
    at = site.clock.now()
    path = out / f"psdmon-{at:%Y%m%dT%H%M%SZ}.tar" if out.is_dir() else out
    with kept_still(site.home), writing(path, mtime=int(at.timestamp())) as writer:
        told = _written(site, writer, keys=keys, at=at)
        manifest = writer.manifest({**told, "made_by": actor})
        facts = {**_told_of(manifest), "keys": keys, "chain": told["chain"]}
        site.store.record(MADE, actor=actor, at=site.clock.now(), facts=facts)
        writer.close(manifest.told)
    seconds = (site.clock.now() - at).total_seconds()
    log.info(
        "backup.made",
        parts=len(manifest.parts),
        bytes=manifest.size,
        seconds=round(seconds, 3),
    )
    return Made(path=path, manifest=manifest)


@contextmanager
def kept_still(home: Home) -> Iterator[None]:
    """Nobody else copies the home, or erases anything of it, meanwhile.

    Raises:
        Busy: somebody does.
    """
    try:
        with FileLock(home.keeping_lock, timeout=0):
            yield
    except Timeout:
        raise Busy(
            f"home: {home.keeping_lock} is held by another backup or erasure;"
            " possible: try again later"
        ) from None


def _written(site: Site, writer: Writer, *, keys: bool, at: datetime) -> dict[str, Any]:
    """Put everything in; what the list tells of it as a whole comes back."""
    with site.store.copying() as copy:
        store = _store(copy, writer)
        head = copy.head
        home_id, schema = copy.home_id, copy.schema
    try:
        lake = _lake(site, writer)
        _rest(site.home, writer, keys=keys, until=head.seq)
    except FileNotFoundError as trouble:
        raise Busy(
            f"backup: {trouble.filename} went while it was to be copied; possible: try again"
        ) from trouble
    return {
        "format": FORMAT,
        "home_id": home_id,
        "made_at": stamp(at),
        "code_version": site.code_version,
        "schema": schema,
        "store": {"kind": "postgresql" if site.settings.store.url else "sqlite", "rows": store},
        "chain": asdict(head),
        "lake": lake,
        "keys": keys,
    }


def _store(copy: "Copy", writer: Writer) -> dict[str, int]:
    """Put the rows of every table in; how many there are of each."""
    found = copy.verified()
    if not found.intact:
        places = len(found.discrepancies)
        raise IntegrityBroken(
            f"backup: the store is not what was written in {places} places, and was not copied;"
            " possible: psdmon audit verify names them; keep this home as it is, and the last"
            " backup beside it"
        )
    return {
        table: writer.add_lines(f"{STORE}/{table}.jsonl", copy.lines(table))
        for table in copy.tables
    }


def _lake(site: Site, writer: Writer) -> dict[str, Mapping[str, int]]:
    """Put in every table of the lake as it stands; version and rows of each."""
    found = site.lake.whole()
    mark = site.home.lake / ERASED_MARK
    if mark.is_file():
        writer.add(f"{LAKE}/{ERASED_MARK}", mark)
    for name, whole in found.items():
        for file in (*whole.data, *whole.log):
            writer.add(f"{LAKE}/{name}/{file}", site.home.lake / name / file)
    return {name: {"version": one.version, "rows": one.rows} for name, one in found.items()}


def _rest(home: Home, writer: Writer, *, keys: bool, until: int) -> None:
    """Put in whatever else is of the home; checkpoints no younger than the store."""
    for path in sorted(home.root.rglob("*")):
        name = path.relative_to(home.root).as_posix()
        if not path.is_file() or path.is_symlink() or _left_out(home, path, keys=keys):
            continue
        content = path.read_bytes()
        if path.parent == home.checkpoints and _seq(content) > until:
            continue
        writer.add_bytes(name, content)


def _left_out(home: Home, path: Path, *, keys: bool) -> bool:
    """Whether a file is of this machine, of the store or the lake, or a key not wanted."""
    top = path.relative_to(home.root).parts[0]
    if top == home.lake.name or top.startswith((home.database.name, _TROUBLE)):
        return True
    if top == home.keys.name and not keys:
        return True
    return path.name.endswith(_LEFT_OUT)


def _seq(checkpoint: bytes) -> int:
    try:
        return int(json.loads(checkpoint)["seq"])
    except (ValueError, TypeError, KeyError):
        return 0


def _told_of(manifest: Manifest) -> dict[str, object]:
    return {"sha256": manifest.sha256, "parts": len(manifest.parts), "bytes": manifest.size}

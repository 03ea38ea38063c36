"""One file that holds a home, and the list of what it holds, with the hash of each part.

    tar    every part, as it was read
    └── manifest.json, the last part: format, where and when it was made, and of each other part its
        name, length in bytes and SHA-256

An archive that was broken off has no list, and one whose name ends in `.part` was never finished:
neither passes.
"""

import hashlib
import json
import os
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

from alerts.errors import DataRefused, IntegrityBroken, Misused

FORMAT: Final = "psdmon backup 1"
MANIFEST: Final = "manifest.json"
UNFINISHED: Final = ".part"
_OWNER_ONLY: Final = 0o600
_CHUNK: Final = 1 << 20  # bytes read at once
_MOST_MANIFEST: Final = 1 << 28  # bytes; a list of a million parts is less


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One file of a home, as the list has it."""

    name: str  # below the home, with slashes
    size: int  # bytes
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The list of an archive: what is told of it as a whole, and its parts."""

    told: Mapping[str, Any]
    parts: tuple[Part, ...]
    sha256: str  # of the list itself, which stands for the whole archive

    @property
    def size(self) -> int:
        """Bytes of all parts together."""
        return sum(part.size for part in self.parts)


@dataclass(slots=True)  # parts come one after another
class Writer:
    """An archive on the way; nothing has its name until it is whole."""

    tar: tarfile.TarFile
    folder: Path
    mtime: int
    parts: list[Part] = field(default_factory=list)

    def add(self, name: str, path: Path, *, size: int | None = None) -> None:
        """Put a file in as it is read; where it has grown since, so much of it."""
        with path.open("rb") as file:
            length = os.fstat(file.fileno()).st_size if size is None else size
            self._put(name, file, size=length)

    def add_bytes(self, name: str, content: bytes) -> None:
        """Put a content in under a name."""
        self._put(name, BytesIO(content), size=len(content))

    def add_lines(self, name: str, lines: Iterable[bytes]) -> int:
        """Put lines in under a name; how many there were."""
        count = 0
        with tempfile.TemporaryFile(dir=self.folder) as spool:
            for line in lines:
                spool.write(line)
                count += 1
            size = spool.tell()
            spool.seek(0)
            self._put(name, spool, size=size)
        return count

    def manifest(self, told: Mapping[str, Any]) -> Manifest:
        """The list of what was put in so far."""
        return Manifest(
            told=told,
            parts=tuple(self.parts),
            sha256=hashlib.sha256(self._written(told)).hexdigest(),
        )

    def close(self, told: Mapping[str, Any]) -> None:
        """Put the list in, which makes the archive whole."""
        content = self._written(told)
        self.tar.addfile(self._member(MANIFEST, size=len(content)), BytesIO(content))

    def _put(self, name: str, file: IO[bytes], *, size: int) -> None:
        read = _Hashed(file)
        self.tar.addfile(self._member(name, size=size), read)
        self.parts.append(Part(name=name, size=size, sha256=read.digest.hexdigest()))

    def _member(self, name: str, *, size: int) -> tarfile.TarInfo:
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = size, _OWNER_ONLY, self.mtime
        return member

    def _written(self, told: Mapping[str, Any]) -> bytes:
        files = [{"name": p.name, "bytes": p.size, "sha256": p.sha256} for p in self.parts]
        return (json.dumps({**told, "files": files}, indent=1) + "\n").encode()


@contextmanager
def writing(path: Path, *, mtime: int) -> Iterator[Writer]:
    """An archive to put parts in; it has its name only when all went well.

    Raises:
        Misused: something has that name, or there is no such folder.
    """
    if path.exists():
        raise Misused(f"backup: {path} is there already; possible: another name")
    if not path.parent.is_dir():
        raise Misused(f"backup: {path.parent} is not there; possible: a folder that is")
    handle, name = tempfile.mkstemp(
        prefix=f"{path.name}.", suffix=UNFINISHED, dir=path.parent.absolute()
    )
    unfinished = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
                yield Writer(tar=tar, folder=path.parent.absolute(), mtime=mtime)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
        on_disk(path.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def on_disk(folder: Path) -> None:
    """Wait until the names in a folder outlive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def manifest_of(path: Path) -> Manifest:
    """The list of an archive; its parts are not read.

    Raises:
        Misused: there is no such file.
        DataRefused: it is no archive of psdmon, or was never finished.
    """
    with _opened(path) as tar:
        return _manifest(tar, path)


def verified(path: Path) -> Manifest:
    """The list of an archive every part of which is what the list says, and no other is in it.

    Raises:
        Misused: there is no such file.
        DataRefused: it is no archive of psdmon, or was never finished.
        IntegrityBroken: names what is not as it was written.
    """
    with _opened(path) as tar:
        manifest = _manifest(tar, path)
        for part, file in _parts(tar, manifest, path=path):
            _held(part, _hash(file), path=path)
    return manifest


def unpacked(path: Path, manifest: Manifest, *, into: Path, only: str = "") -> None:
    """Write the parts into a folder, each held against the list as it is written.

    Args:
        path: of the archive.
        manifest: its list, as it was verified.
        into: the folder they are written below.
        only: beginning of the names of the parts that are wanted.
    """
    with _opened(path) as tar:
        for part, file in _parts(tar, manifest, path=path):
            if part.name.startswith(only):
                _held(part, _written_out(file, into / part.name), path=path)


def _manifest(tar: tarfile.TarFile, path: Path) -> Manifest:
    try:
        last = tar.getmembers()[-1]
        if last.name != MANIFEST or not last.isfile() or last.size > _MOST_MANIFEST:
            raise DataRefused(_no_archive(path))
        content = _content(tar, last)
        told = json.loads(content)
        files = told.pop("files")
        parts = tuple(
            Part(name=_safe(one["name"]), size=int(one["bytes"]), sha256=str(one["sha256"]))
            for one in files
        )
    except (LookupError, TypeError, ValueError, AttributeError, tarfile.TarError, EOFError):
        raise DataRefused(_no_archive(path)) from None
    if told.get("format") != FORMAT:
        raise DataRefused(f"backup {path.name}: is of a format that this psdmon does not know")
    return Manifest(told=told, parts=parts, sha256=hashlib.sha256(content).hexdigest())


def _parts(
    tar: tarfile.TarFile, manifest: Manifest, *, path: Path
) -> Iterator[tuple[Part, IO[bytes]]]:
    """Each part of the list with its content, in the order of the archive."""
    members = tar.getmembers()[:-1]
    if [member.name for member in members] != [part.name for part in manifest.parts]:
        raise IntegrityBroken(f"backup {path.name}: it does not hold the parts that its list names")
    for member, part in zip(members, manifest.parts, strict=True):
        file = tar.extractfile(member) if member.isfile() else None
        if file is None or member.size != part.size:
            raise IntegrityBroken(_changed(path, part))
        yield part, file


def _held(part: Part, sha256: str, *, path: Path) -> None:
    if sha256 != part.sha256:
        raise IntegrityBroken(_changed(path, part))


def _changed(path: Path, part: Part) -> str:
    return (
        f"backup {path.name}: {part.name} in it is not what was written; possible: another backup"
    )


def _no_archive(path: Path) -> str:
    return (
        f"backup {path.name}: is no backup of psdmon, or was broken off;"
        " possible: a file that psdmon backup finished"
    )


def _safe(name: str) -> str:
    """The name, if it stays below the folder that it is unpacked in."""
    pure = PurePosixPath(name)
    if pure.is_absolute() or not pure.parts or ".." in pure.parts or "\\" in name:
        raise ValueError(name)
    return name


@contextmanager
def _opened(path: Path) -> Iterator[tarfile.TarFile]:
    if not path.is_file():
        raise Misused(f"backup: {path} is not there; possible: a file that psdmon backup wrote")
    if path.name.endswith(UNFINISHED):
        raise DataRefused(_no_archive(path))
    try:
        with tarfile.open(path, "r:") as tar:
            yield tar
    except (tarfile.TarError, EOFError):
        raise DataRefused(_no_archive(path)) from None


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member)
    return file.read() if file else b""


def _hash(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def _written_out(file: IO[bytes], path: Path) -> str:
    """Write a file where only its owner reads it, onto the disk; its hash comes back."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = hashlib.sha256()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    with os.fdopen(handle, "wb") as out:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest()


class _Hashed:
    """A file that is hashed as it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        chunk = self.file.read(size)
        self.digest.update(chunk)
        return chunk

"""Where the references of a home are kept: the latest, each a file that is whole or not there."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

_KEPT: Final = 6  # references of a home: of a month and more, for days that are judged again


class References(Protocol):
    """Where references are kept, each a file under its key."""

    def found(self, key: str) -> Path | None:
        """The file under a key, whole; nothing where there is none, or a damaged one."""

    def room(self, key: str) -> Path | None:
        """Where a new one may be written; nothing where none is to be kept."""

    def put(self, key: str, path: Path) -> Path | None:
        """Keep what was written there, and return where it is from now on, if it could be kept."""


@dataclass(frozen=True, slots=True)
class NoReferences:
    """Nothing is kept: each is worked out where it is asked for."""

    def found(self, key: str) -> Path | None:  # noqa: ARG002 as the protocol has it
        """Nothing."""
        return None

    def room(self, key: str) -> Path | None:  # noqa: ARG002 as the protocol has it
        """Nowhere."""
        return None

    def put(self, key: str, path: Path) -> Path | None:  # noqa: ARG002 as the protocol has it
        """Nothing."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderOfReferences:
    """References in one folder, the latest alone; beside each the SHA-256 of its file."""

    folder: Path
    read_only: bool = False  # what is there is read, and nothing is written

    def found(self, key: str) -> Path | None:
        """The file under a key, if it is what was written."""
        path = self._path(key)
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            whole = path.with_suffix(".sha256").read_text(encoding="ascii").strip() == digest
        except (OSError, UnicodeDecodeError):
            return None
        return path if whole else None

    def room(self, key: str) -> Path | None:
        """A file of this process in the folder, still to be made."""
        if self.read_only:
            return None
        try:
            self.folder.mkdir(mode=0o700, exist_ok=True)
            path = self.folder / f"{key}.{os.getpid()}.part"
            path.unlink(missing_ok=True)
        except OSError:
            return None
        return path

    def put(self, key: str, path: Path) -> Path | None:
        """Name the file by its key, write its SHA-256 beside it, and take older ones away."""
        kept = self._path(key)
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            kept.with_suffix(".sha256").unlink(missing_ok=True)
            path.replace(kept)
            kept.with_suffix(".sha256").write_text(digest + "\n", encoding="ascii")
            self._take_away_old(kept)
        except OSError:
            return None
        return kept

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}.duckdb"

    def _take_away_old(self, kept: Path) -> None:
        for path in self.folder.glob("*.part*"):  # of a process that was ended
            path.unlink(missing_ok=True)
        others = [path for path in self.folder.glob("*.duckdb") if path != kept]
        others.sort(key=lambda path: path.stat().st_mtime_ns, reverse=True)
        for path in others[_KEPT - 1 :]:
            path.unlink(missing_ok=True)
            path.with_suffix(".sha256").unlink(missing_ok=True)

"""What became of the rows of each file, and how far a file has been read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class FileProgress:
    """How far one file has been read.

    Attributes:
        file: the file.
        bytes_done: bytes of it that were read, as they lie on the disk.
        bytes_total: its size in bytes.
        rows: rows read so far.
    """

    file: Path
    bytes_done: int
    bytes_total: int
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """What became of one file's rows: read = stored + already known + quarantined.

    Attributes:
        file: the file as it was named.
        read: rows in it, blank lines and the header not counted.
        stored: rows that were new.
        already_known: rows that said nothing new.
        quarantined: rows that could not be used.
        problem: why the file, or the rest of it, was refused; empty when it was not.
        unknown_columns: columns the profile does not know, kept as extra.
        unknown_codes: per column, codes the profile does not explain, kept as they stand.
        unsure_times: rows whose local time happened twice or never.
        newly_quarantined: of the quarantined, those that were not in quarantine before.
    """

    file: str
    read: int = 0
    stored: int = 0
    already_known: int = 0
    quarantined: int = 0
    problem: str = ""
    unknown_columns: tuple[str, ...] = ()
    unknown_codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unsure_times: int = 0
    newly_quarantined: int = 0

    def as_json(self) -> dict[str, object]:
        """The report of one file in the form of the contract."""
        counts: dict[str, object] = {
            "file": self.file,
            "read": self.read,
            "stored": self.stored,
            "already_known": self.already_known,
            "quarantined": self.quarantined,
        }
        more: dict[str, object] = {
            "problem": self.problem,
            "unknown_columns": list(self.unknown_columns),
            "unknown_codes": {column: list(codes) for column, codes in self.unknown_codes.items()},
            "unsure_times": self.unsure_times,
        }
        return counts | {name: value for name, value in more.items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestReport:
    """What became of all files."""

    files: tuple[FileReport, ...]

    @property
    def refused(self) -> bool:
        """Whether a file, or the rest of one, was refused."""
        return any(file.problem for file in self.files)

    @property
    def read(self) -> int:
        """Rows in all files."""
        return sum(file.read for file in self.files)

    @property
    def stored(self) -> int:
        """Rows that were new."""
        return sum(file.stored for file in self.files)

    @property
    def already_known(self) -> int:
        """Rows that said nothing new."""
        return sum(file.already_known for file in self.files)

    @property
    def quarantined(self) -> int:
        """Rows that could not be used."""
        return sum(file.quarantined for file in self.files)

    def as_json(self) -> dict[str, object]:
        """The report in the form of the contract, section 1."""
        return {
            "format": 1,
            "files": [file.as_json() for file in self.files],
            "read": self.read,
            "stored": self.stored,
            "already_known": self.already_known,
            "quarantined": self.quarantined,
        }

"""The list that comes with dropped files: which there are, in which order, with which hash.

CSV     sequence,file,sha256,bytes      a header, then a line for each file; `sequence` and `bytes`
        41,log-41.csv,9f2c...,20480     may be left out
JSON    {"format": 1, "files": [{"sequence": 41, "file": "log-41.csv", "sha256": "9f2c..."}]}
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_MOST_BYTES: Final = 64 << 20  # of a list; a million files fit
_NEEDED: Final = ("file", "sha256")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One file as a list has it."""

    file: str
    sha256: str
    sequence: int | None
    bytes: int | None
    place: str  # of the list: manifest.csv line 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """A line that cannot be used."""

    place: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """All lists of a folder together."""

    files: Mapping[str, Listed] = field(default_factory=dict)
    wrong: tuple[Wrong, ...] = ()

    @property
    def highest(self) -> int | None:
        """The highest number that is listed."""
        numbers = [one.sequence for one in self.files.values() if one.sequence is not None]
        return max(numbers, default=None)


def lists_in(paths: Iterable[Path]) -> Lists:
    """What the lists say; a line that cannot be used costs only itself, and is told."""
    files: dict[str, Listed] = {}
    numbered: dict[int, Listed] = {}
    wrong: list[Wrong] = []
    for path in paths:
        for found in _lines(path):
            problem = (
                found if isinstance(found, Wrong) else _clash(found, files=files, numbered=numbered)
            )
            if problem is not None:
                wrong.append(problem)
            elif isinstance(found, Listed):
                files[found.file] = found
                if found.sequence is not None:
                    numbered[found.sequence] = found
    return Lists(files=files, wrong=tuple(wrong))


def _clash(found: Listed, *, files: dict[str, Listed], numbered: dict[int, Listed]) -> Wrong | None:
    """What keeps a line from standing beside those before it; the same line again is no clash."""
    same = files.get(found.file)
    if same is not None and same.sha256 != found.sha256:
        says = f"{found.file} is listed at {same.place} with another hash"
        return Wrong(place=found.place, says=says)
    other = None if found.sequence is None else numbered.get(found.sequence)
    if other is not None and other.file != found.file:
        says = f"number {found.sequence} is that of {other.file} at {other.place}"
        return Wrong(place=found.place, says=says)
    return None


def _lines(path: Path) -> Iterator[Listed | Wrong]:
    try:
        data = path.read_bytes() if path.stat().st_size <= _MOST_BYTES else None
    except OSError as trouble:
        yield Wrong(place=path.name, says=f"cannot be read: {trouble.strerror}")
        return
    if data is None:
        yield Wrong(place=path.name, says=f"is longer than {_MOST_BYTES} bytes")
        return
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        yield Wrong(place=path.name, says="is not UTF-8")
        return
    yield from (_of_json if path.suffix.casefold() == ".json" else _of_csv)(path.name, text)


def _of_json(name: str, text: str) -> Iterator[Listed | Wrong]:
    try:
        found = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        yield Wrong(place=name, says="is not JSON, or not yet whole")
        return
    files = found.get("files") if isinstance(found, dict) else None
    if not isinstance(files, list):
        yield Wrong(place=name, says='has no list of files; possible: {"format": 1, "files": []}')
        return
    for number, told in enumerate(files, start=1):
        yield _listed(told if isinstance(told, dict) else {}, place=f"{name} file {number}")


def _of_csv(name: str, text: str) -> Iterator[Listed | Wrong]:
    # A last line without its end may still be written.
    whole = text[: max(text.rfind("\n"), text.rfind("\r")) + 1]
    reader = csv.DictReader(whole.splitlines())
    try:
        names = [column.strip().casefold() for column in reader.fieldnames or ()]
    except csv.Error as trouble:
        yield Wrong(place=f"{name} line 1", says=str(trouble))
        return
    missing = [column for column in _NEEDED if column not in names]
    if missing:
        if whole:
            says = f"columns are missing: {', '.join(missing)}; found: {', '.join(names)[:200]}"
            yield Wrong(place=f"{name} line 1", says=says)
        return
    reader.fieldnames = names
    try:
        for row in reader:
            yield _listed(row, place=f"{name} line {reader.line_num}")
    except csv.Error as trouble:
        yield Wrong(place=f"{name} line {reader.line_num}", says=str(trouble))


def _listed(told: Mapping[str, Any], *, place: str) -> Listed | Wrong:
    file = str(told.get("file") or "").strip()
    sha256 = str(told.get("sha256") or "").strip().casefold()
    if not file or "/" in file or "\0" in file:
        return Wrong(place=place, says="names no file of the folder")
    if not _SHA256.fullmatch(sha256):
        return Wrong(place=place, says=f"{file}: its sha256 is not 64 hexadecimal digits")
    try:
        sequence, size = (_whole(told.get(name)) for name in ("sequence", "bytes"))
    except ValueError:
        return Wrong(place=place, says=f"{file}: sequence or bytes is no whole number")
    return Listed(file=file, sha256=sha256, sequence=sequence, bytes=size, place=place)


def _whole(told: object) -> int | None:
    text = "" if told is None else str(told).strip()
    if not text:
        return None
    number = int(text)
    if not 0 <= number < 1 << 62:
        raise ValueError(text)
    return number

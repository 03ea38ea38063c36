"""A drop folder: whole files, taken once they are complete, and known again by their hash."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

import numpy as np

from alerts.chain import moment, stamp
from alerts.errors import DataRefused
from monitor.ingest import FileReport
from monitor.sources.declared import FolderFeed
from monitor.sources.manifest import Listed, Lists, lists_in
from monitor.sources.numbers import Numbers, with_seen
from monitor.sources.taking import Kind, Noticed, Step, Taking, told_of

DONE: Final = "done"
_UNFINISHED: Final = (".part", ".tmp", ".partial", ".filepart", ".crdownload", "~")
_MOST_GONE: Final = 1000  # files no longer in the folder that are still known by hash
_WHOLE_EVERY: Final = 100  # entries, then one that tells the whole state again
_SHORT: Final = 12  # digits of a hash that tell files apart for a person


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A file that was looked at.

    Attributes:
        sha256: of its bytes.
        size: in bytes.
        modified_ns: its time, in nanoseconds since 1970.
        changed_ns: when anything about it last changed, by the clock of this machine; nobody sets
            it, so that a file written over with its old time is not taken for the same.
        number: of the manifest, where it has one.
        problem: why it, or the rest of it, was refused; empty when it was not.
        profile: hash of the profile that read it.
    """

    sha256: str
    size: int
    modified_ns: int
    changed_ns: int
    number: int | None = None
    problem: str = ""
    profile: str = ""


@dataclass(slots=True, kw_only=True)  # moves on with each step
class FolderState:
    """What the readings so far know of the folder.

    Attributes:
        files: by name.
        numbers: of the manifests, None where they have none.
        awaited: listed files without a number that are not here, and since when.
        whole_at: the entry that last told all of it; 0 before the first.
        deltas: entries after that one.
    """

    files: dict[str, Known] = field(default_factory=dict)
    numbers: Numbers | None = None
    awaited: dict[str, datetime] = field(default_factory=dict)
    whole_at: int = 0
    deltas: int = 0


def state_of(entries: Iterable[tuple[int, Mapping[str, Any]]]) -> FolderState:
    """The state that cursors add up to, each given with the number of its entry."""
    state = FolderState()
    for seq, cursor in entries:
        if cursor["whole"]:
            state = FolderState(whole_at=seq, deltas=-1)
        state.files |= {name: Known(**known) for name, known in cursor["files"].items()}
        numbers = cursor["numbers"]
        state.numbers = Numbers.from_json(numbers) if numbers else None
        state.awaited = {name: moment(at) for name, at in cursor["awaited"].items()}
        state.deltas += 1
    return state


@dataclass(slots=True, kw_only=True)  # its state moves on with each step
class Folder:
    """Reads one drop folder from where the last reading ended."""

    taking: Taking
    feed: FolderFeed
    state: FolderState
    lists: Lists = field(default_factory=Lists)
    seen: list[Noticed] = field(default_factory=list)
    names_of: dict[str, str] = field(default_factory=dict)  # a name for each hash that was read

    def steps(self) -> Iterator[Step]:
        """Each file that is complete and not yet known; one file's trouble never stops the rest.

        Raises:
            DataRefused: the folder is not there, or may not be read.
        """
        present = self._present()
        self.lists = lists_in(self.feed.path / n for n in sorted(present) if self._is_manifest(n))
        self.names_of = {k.sha256: n for n, k in self.state.files.items() if not k.problem}
        for wrong in self.lists.wrong:
            self._refuse(wrong.place, f"{wrong.place}: {wrong.says}")
        for path in self._in_order(present):
            try:
                yield from self._one(path, present[path.name])
            except OSError as trouble:
                self._refuse(path.name, f"{path}: cannot be read: {trouble.strerror}")
        yield from self._what_is_missing(present)

    def noticed(self) -> tuple[Noticed, ...]:
        """What is wrong with the folder as it stands after a reading."""
        return (*self.seen, *self._missing())

    # the folder

    def _present(self) -> dict[str, os.stat_result]:
        try:
            with os.scandir(self.feed.path) as found:
                files = [entry for entry in found if entry.is_file(follow_symlinks=False)]
                return {e.name: e.stat(follow_symlinks=False) for e in files if _nameable(e.name)}
        except OSError as trouble:
            raise DataRefused(
                f"feed {self.feed.name}: {self.feed.path}: cannot be read: {trouble.strerror};"
                " possible: the folder into which files are dropped"
            ) from trouble

    def _is_manifest(self, name: str) -> bool:
        return bool(self.feed.manifest) and fnmatchcase(name, self.feed.manifest) and _whole(name)

    def _wanted(self, name: str) -> bool:
        if not _whole(name) or self._is_manifest(name):
            return False
        if name in self.lists.files:
            return True
        return not self.feed.listed_only and any(fnmatchcase(name, n) for n in self.feed.names)

    def _in_order(self, present: Mapping[str, os.stat_result]) -> list[Path]:
        """By number where there is one, then by age: a later row of a table supersedes."""

        def order(name: str) -> tuple[float, int, str]:
            listed = self.lists.files.get(name)
            number = listed.sequence if listed else None
            counted = float("inf") if number is None else number
            return counted, present[name].st_mtime_ns, name

        return [self.feed.path / n for n in sorted(filter(self._wanted, present), key=order)]

    # one file

    def _one(self, path: Path, found: os.stat_result) -> Iterator[Step]:
        known = self.state.files.get(path.name)
        listed = self.lists.files.get(path.name)
        if known and self._unchanged(known, found, listed=listed):
            if known.problem:
                self._refuse(path.name, known.problem)
            elif self.feed.when_read == "move":
                self._move(path, known)
            return
        if listed is None and not self._settled(path, found):
            return
        sha256 = _sha256(path)
        if not _as_it_was(path, found):
            return
        if listed is not None and sha256 != listed.sha256:
            self._refuse_unlike(path, found, listed=listed, sha256=sha256)
            return
        now = Known(
            sha256=sha256,
            size=found.st_size,
            modified_ns=found.st_mtime_ns,
            changed_ns=found.st_ctime_ns,
            number=listed.sequence if listed else None,
            profile=self.taking.profile_hash,
        )
        same = known is not None and known.sha256 == sha256 and not known.problem
        if same or sha256 in self.names_of:
            yield self._remembered(path, now, twin=path.name if same else self.names_of[sha256])
        else:
            yield from self._read(path, now, before=known, found=found)

    def _unchanged(self, known: Known, found: os.stat_result, *, listed: Listed | None) -> bool:
        """Whether the file is as it was read, by the same profile and with the same number."""
        same = (known.size, known.changed_ns) == (found.st_size, found.st_ctime_ns)
        fresh = not known.problem or known.profile == self.taking.profile_hash
        number = listed.sequence if listed else known.number
        as_listed = listed is None or listed.sha256 == known.sha256
        return same and fresh and number == known.number and as_listed

    def _settled(self, path: Path, found: os.stat_result) -> bool:
        """Whether the file has not changed for so long that nobody still writes it."""
        now = self.taking.clock.now()
        modified = _moment(found.st_mtime_ns)
        if modified > now + timedelta(minutes=self.taking.health.ahead_minutes):
            says = (
                f"{path.name} bears the time {_minute(modified)}, which is still to come; it is"
                " taken when that has passed"
            )
            self._note(Kind.CLOCK_SKEW, path.name, says=says, since=now)
        return now - modified >= timedelta(seconds=self.feed.settle_seconds)

    def _refuse_unlike(
        self, path: Path, found: os.stat_result, *, listed: Listed, sha256: str
    ) -> None:
        """A file that is not what its list says: refused, unless it is still being written."""
        shorter = listed.bytes is not None and found.st_size < listed.bytes
        age = self.taking.clock.now() - _moment(found.st_mtime_ns)
        if age < timedelta(seconds=self.feed.settle_seconds):
            return
        size = f" and {listed.bytes} bytes, it has {found.st_size}" if shorter else ""
        says = (
            f"{listed.place}: {path.name} is listed with sha256 {listed.sha256[:_SHORT]}{size};"
            f" the file has sha256 {sha256[:_SHORT]}"
        )
        self._refuse(path.name, says)

    def _remembered(self, path: Path, now: Known, *, twin: str) -> Step:
        """The same bytes under another name, or with another time: known, and not read again."""
        facts = {"file": path.name, "sha256": now.sha256}
        if twin != path.name:
            facts["known_as"] = twin
        return self._step(path, now, report=None, facts=facts)

    def _read(
        self, path: Path, now: Known, *, before: Known | None, found: os.stat_result
    ) -> Iterator[Step]:
        observed = self.taking.observing(arrived_at=_moment(found.st_mtime_ns))
        report = self.taking.file(path, observed)
        if not _as_it_was(path, found):
            return  # it was written while it was read; what was stored is known the next time
        after = replace(now, problem=told_of(report.problem))
        if report.problem:
            self._refuse(path.name, after.problem)
        changed = self._changed(path, before=before, now=now)
        facts: dict[str, object] = {"sha256": now.sha256, "file": path.name}
        if before is not None:
            facts["before"] = before.sha256
        step = self._step(path, after, report=report, facts=facts)
        yield replace(step, observed=observed, noticed=changed)

    def _changed(self, path: Path, *, before: Known | None, now: Known) -> tuple[Noticed, ...]:
        """What is told of a file that was read before with other bytes; growing is no change."""
        if before is None or before.problem or before.sha256 == now.sha256:
            return ()
        if before.size < now.size and _sha256(path, size=before.size) == before.sha256:
            return ()
        says = (
            f"{path.name} was read with sha256 {before.sha256[:_SHORT]} and now has"
            f" {now.sha256[:_SHORT]}; it was read again"
        )
        detail = f"{path.name} {now.sha256[:_SHORT]}"
        at = self.taking.clock.now()
        return (Noticed(kind=Kind.FILE_CHANGED, detail=detail, says=says, since=at),)

    def _step(
        self,
        path: Path,
        known: Known,
        *,
        report: FileReport | None,
        facts: Mapping[str, object],
    ) -> Step:
        if not known.problem:
            self.names_of.setdefault(known.sha256, path.name)
        values = [] if known.number is None or known.problem else [known.number]
        cursor = self._cursor(
            {path.name: known}, numbers=self._numbers(values), awaited=self.state.awaited
        )

        def then(seq: int) -> None:
            self._written(seq, cursor)
            if self.feed.when_read == "move" and not known.problem:
                self._move(path, known)

        return Step(cursor=cursor, report=report, facts=facts, then=then)

    def _move(self, path: Path, known: Known) -> None:
        """Put a file that was read into the folder `done`; nothing there is written over."""
        if self.taking.dry_run:
            return
        folder = path.parent / DONE
        folder.mkdir(exist_ok=True)
        target = folder / path.name
        if target.exists():
            target = folder / f"{path.name}.{known.sha256[:_SHORT]}"
        path.rename(target)

    # numbers, and what is listed and not here

    def _numbers(self, seen: Sequence[int]) -> Numbers | None:
        if self.state.numbers is None and not seen:
            return None
        values = np.array(seen, dtype=np.int64)
        now = self.taking.clock.now()
        return with_seen(self.state.numbers, values, at=now, known_to=self.lists.highest)

    def _what_is_missing(self, present: Mapping[str, object]) -> Iterator[Step]:
        """An entry of its own where something listed has newly failed to come, or has come."""
        now = self.taking.clock.now()
        before = self.state.awaited
        awaited = {
            name: before.get(name, now)
            for name, listed in self.lists.files.items()
            if listed.sequence is None and name not in present and name not in self.state.files
        }
        numbers = self._numbers([])
        if numbers != self.state.numbers or awaited != before:
            cursor = self._cursor({}, numbers=numbers, awaited=awaited)
            yield Step(cursor=cursor, then=lambda seq: self._written(seq, cursor))

    def _missing(self) -> Iterator[Noticed]:
        grace = timedelta(minutes=self.taking.health.grace_minutes)
        before = self.taking.clock.now() - grace
        for hole in self.state.numbers.missing_before(before) if self.state.numbers else ():
            yield Noticed(
                kind=Kind.MISSING_NUMBERS,
                detail=hole.says,
                says=f"number {hole.says} of the deliveries has not come",
                since=hole.seen_at,
            )
        for name, since in self.state.awaited.items():
            if since <= before:
                says = f"{name} is listed and has not come"
                yield Noticed(kind=Kind.MISSING_NUMBERS, detail=name, says=says, since=since)

    # the cursor

    def _cursor(
        self,
        files: Mapping[str, Known],
        *,
        numbers: Numbers | None,
        awaited: dict[str, datetime],
    ) -> dict[str, object]:
        """What the entry keeps: what is new, and at times the whole; the state moves on."""
        state = self.state
        state.files |= files
        state.numbers, state.awaited = numbers, awaited
        whole = state.whole_at == 0 or state.deltas + 1 >= _WHOLE_EVERY
        if whole:
            state.files = self._still_of_use(state.files)
        told = state.files if whole else files
        return {
            "whole": whole,
            "whole_at": 0 if whole else state.whole_at,
            "files": {name: asdict(known) for name, known in told.items()},
            "numbers": numbers.as_json() if numbers else None,
            "awaited": {name: stamp(at) for name, at in awaited.items()},
        }

    def _written(self, seq: int, cursor: Mapping[str, object]) -> None:
        """Note which entry told the whole state last."""
        if cursor["whole"]:
            self.state.whole_at, self.state.deltas = seq, 0
        else:
            self.state.deltas += 1

    def _still_of_use(self, files: Mapping[str, Known]) -> dict[str, Known]:
        """The files that are here or listed, and the last of the others."""
        here = {name for name in files if (self.feed.path / name).exists()}
        kept = here | (self.lists.files.keys() & files.keys())
        gone = sorted((n for n in files if n not in kept), key=lambda n: files[n].modified_ns)
        kept |= set(gone[-_MOST_GONE:])
        return {name: known for name, known in files.items() if name in kept}

    # what is wrong

    def _refuse(self, name: str, says: str) -> None:
        self._note(Kind.FILE_REFUSED, name, says=says, since=self.taking.clock.now())

    def _note(self, kind: Kind, detail: str, *, says: str, since: datetime) -> None:
        self.seen.append(Noticed(kind=kind, detail=detail, says=says, since=since))


def _whole(name: str) -> bool:
    """Whether a name is not one that stands for a file still being written."""
    return not name.startswith(".") and not name.casefold().endswith(_UNFINISHED)


def _nameable(name: str) -> bool:
    """Whether a name is text, so that it can be told."""
    return not any("\ud800" <= letter <= "\udfff" for letter in name)


def _as_it_was(path: Path, found: os.stat_result) -> bool:
    """Whether the file is still the one that was found."""
    now = path.stat()
    is_now = (now.st_ino, now.st_size, now.st_ctime_ns)
    return is_now == (found.st_ino, found.st_size, found.st_ctime_ns)


def _sha256(path: Path, *, size: int | None = None) -> str:
    """The hash of a file, or of its first bytes."""
    with path.open("rb") as file:
        if size is None:
            return hashlib.file_digest(file, "sha256").hexdigest()
        digest = hashlib.sha256()
        left = size
        while left and (piece := file.read(min(left, 1 << 20))):
            digest.update(piece)
            left -= len(piece)
        return digest.hexdigest()


def _moment(nanoseconds: int) -> datetime:
    return datetime.fromtimestamp(nanoseconds / 1e9, tz=UTC)


def _minute(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"

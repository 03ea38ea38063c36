"""The chain: everything done or read, each entry bound to the one before it.

    entry 1 (chain.began) <──prev_hash── entry 2 <──prev_hash── ... <──prev_hash── head

    hash = SHA-256 of: FORMAT, seq, at, kind, actor, about, purpose, facts, prev_hash
           each as a netstring, `length in bytes:the bytes in UTF-8,`, one after another

What somebody typed (`purpose`) stands beside what is hashed, which is only its seal: the SHA-256 of
a random salt and the words. So the words and their salt can be erased when their time is over, and
every hash still fits; a later entry says which were erased, when and by whom.

Whoever can write the database can also reckon every hash anew.
Against that stands a head that was lodged elsewhere: a checkpoint.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Final

from alerts.errors import Misused

FORMAT: Final = "psdmon chain 1"
SEAL: Final = "words sha256 "  # how the seal of some words begins
BEGAN: Final = "chain.began"
GONE: Final = "(erased)"  # what stands in place of words that were erased
RESTORED: Final = "home.restored"  # from a backup, which its facts name
NOTHING: Final = "0" * 64  # what entry 1 follows


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that was done or read, exactly as it was hashed; `moment` and `told` read it."""

    seq: int  # 1, 2, 3 and so on
    at: str  # UTC to the microsecond: 2026-03-01T02:10:00.000000Z
    kind: str  # area.happened: alert.action, alert.shown, scan.finished
    actor: str  # operating-system user, or who ran the judging
    about: str  # an alert id, a day, or empty
    purpose: str  # why an identity was looked at, in the words of whoever did
    facts: str  # canonical JSON
    prev_hash: str  # of the entry before, 64 hexadecimal digits
    hash: str  # of this entry, 64 hexadecimal digits
    sealed: str = ""  # the seal of the purpose, which is hashed in its place; empty without one
    salt: str = ""  # of the seal; gone with the words

    @property
    def moment(self) -> datetime:
        """When it happened, aware, in UTC."""
        return moment(self.at)

    @property
    def told(self) -> dict[str, Any]:
        """The facts, read from their JSON."""
        read: dict[str, Any] = json.loads(self.facts)
        return read


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The last entry of a chain at some moment: kept beside it, or lodged elsewhere."""

    seq: int
    hash: str


START: Final = Head(seq=0, hash=NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Discrepancy:
    """One place where a record is not what was written."""

    place: str  # "entry 17", "alert A-17"
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What was looked through, how far it reaches, and all that does not fit."""

    entries: int
    head: Head
    discrepancies: tuple[Discrepancy, ...]

    @property
    def intact(self) -> bool:
        """Whether everything is as it was written."""
        return not self.discrepancies


def following(  # noqa: PLR0913 an entry has this many facts, all named
    head: Head,
    kind: str,
    *,
    actor: str,
    at: datetime,
    about: str = "",
    purpose: str = "",
    facts: Mapping[str, object] | None = None,
    salt: str = "",
) -> Entry:
    """The entry that comes after a head.

    Args:
        head: the entry before.
        kind: what happened.
        actor: who did it.
        at: when.
        about: an alert id, a day, or empty.
        purpose: what somebody typed.
        facts: what else there is to tell.
        salt: random, to seal what was typed; without one it is hashed as it stands.

    Raises:
        Misused: the words pass themselves off for a seal, or no database can hold them.
    """
    if purpose.startswith(SEAL):
        raise Misused(f"chain: what is typed may not begin with {SEAL!r}; possible: other words")
    entry = Entry(
        seq=head.seq + 1,
        at=stamp(at),
        kind=storable(kind, "kind"),
        actor=storable(actor, "actor"),
        about=storable(about, "about"),
        purpose=storable(purpose, "purpose"),
        facts=canonical(facts or {}),
        prev_hash=head.hash,
        hash="",
        sealed=seal_of(purpose, salt=salt) if purpose and salt else "",
        salt=salt if purpose else "",
    )
    return replace(entry, hash=hash_of(entry))


def genesis(home_id: str, *, actor: str, at: datetime) -> Entry:
    """Entry 1, which names the home, so that no chain passes for that of another."""
    return following(START, BEGAN, actor=actor, at=at, facts={"home": home_id})


def hash_of(entry: Entry) -> str:
    """The SHA-256 that the entry's contents call for, 64 hexadecimal digits."""
    contents = (
        FORMAT,
        str(entry.seq),
        entry.at,
        entry.kind,
        entry.actor,
        entry.about,
        entry.sealed or entry.purpose,
        entry.facts,
        entry.prev_hash,
    )
    return hashlib.sha256(b"".join(_netstring(part) for part in contents)).hexdigest()


def seal_of(words: str, *, salt: str) -> str:
    """The seal of some words: what can be told of them once they are erased."""
    return SEAL + sha256(f"{salt}\0{words}")


def emptied(entry: Entry) -> Entry:
    """The entry without what somebody typed; its seal and its hash stay."""
    return replace(entry, purpose=GONE, salt="")


def verify(
    entries: Iterable[Entry],
    *,
    head: Head | None = None,
    checkpoints: Iterable[Head] = (),
    erased: AbstractSet[int] = frozenset(),
) -> Verification:
    """Every edit, deletion, insertion and reordering; and every truncation that a head shows.

    Args:
        entries: in the order of the store.
        head: where the chain must end.
        checkpoints: entries that must be there as they were; the chain may have grown since.
        erased: the numbers of entries whose words were erased, as later entries say.
    """
    lodged = sorted(checkpoints, key=lambda checkpoint: checkpoint.seq)
    wanted = {checkpoint.seq for checkpoint in lodged}
    seen: dict[int, str] = {}
    found: list[Discrepancy] = []
    last, count = START, 0
    for entry in entries:
        found += _misfits(entry, last, erased=entry.seq in erased)
        last, count = Head(seq=entry.seq, hash=entry.hash), count + 1
        if entry.seq in wanted:
            seen[entry.seq] = entry.hash
    if head is not None and head != last:
        found.append(_wrong_end(last, head))
    found += [_not_as_lodged(point, last) for point in lodged if seen.get(point.seq) != point.hash]
    return Verification(entries=count, head=last, discrepancies=tuple(found))


def canonical(facts: object) -> str:
    """The one JSON text of some facts: sorted keys, no blanks, ASCII, finite numbers."""
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_plain)


def sha256(text: str) -> str:
    """The SHA-256 of a text in UTF-8, 64 hexadecimal digits."""
    return hashlib.sha256(_bytes(text)).hexdigest()


def storable(text: str, field: str) -> str:
    """The text, if every database can hold it.

    Raises:
        Misused: it holds a NUL or half a character.
    """
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise Misused(f"chain: {field} holds a NUL or half a character; possible: plain text")
    return text


def stamp(at: datetime) -> str:
    """A moment as text of one width, so that it sorts as it is written.

    Raises:
        ValueError: the moment is naive.
    """
    if at.utcoffset() is None:
        raise ValueError(f"moment: {at.isoformat()} has no offset; possible: an aware time")
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def moment(text: str) -> datetime:
    """The moment a stamp stands for, aware, in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def _as_sealed(entry: Entry, *, erased: bool) -> bool:
    """Whether the words of an entry are those that were sealed, or were erased on record."""
    if not entry.sealed:
        return not entry.salt and not entry.purpose.startswith(SEAL)
    if erased:
        return (entry.purpose, entry.salt) == (GONE, "")
    return entry.sealed == seal_of(entry.purpose, salt=entry.salt)


def _misfits(entry: Entry, last: Head, *, erased: bool) -> Iterator[Discrepancy]:
    """What is wrong with one entry, by itself and after the one before it."""
    place = f"entry {entry.seq}"
    if hash_of(entry) != entry.hash:
        yield Discrepancy(place=place, says="its contents are not those that were hashed")
    if not _as_sealed(entry, erased=erased):
        yield Discrepancy(place=place, says="its words are not those that were sealed")
    if entry.prev_hash != last.hash:
        yield Discrepancy(place=place, says=f"it does not follow entry {last.seq} as that stands")
    if entry.seq > last.seq + 1:
        yield Discrepancy(place=place, says=f"entries {last.seq + 1} to {entry.seq - 1} are gone")
    if entry.seq <= last.seq:
        yield Discrepancy(place=place, says=f"it stands after entry {last.seq}")
    if (entry.seq == 1) != (entry.kind == BEGAN):
        yield Discrepancy(place=place, says=f"{BEGAN} is entry 1 and no other")


def _wrong_end(last: Head, head: Head) -> Discrepancy:
    if last.seq < head.seq:
        says = f"the chain ended at entry {head.seq}; entries {last.seq + 1} to {head.seq} are gone"
    elif last.seq > head.seq:
        says = f"the chain ended at entry {head.seq}; what follows was put there past the store"
    else:
        says = "it is not the entry that the head of the chain names"
    return Discrepancy(place=f"entry {last.seq}", says=says)


def _not_as_lodged(checkpoint: Head, last: Head) -> Discrepancy:
    if checkpoint.seq > last.seq:
        says = f"a checkpoint names it, and the chain ends at entry {last.seq}"
    else:
        says = "it is not the entry that a checkpoint names"
    return Discrepancy(place=f"entry {checkpoint.seq}", says=says)


def _netstring(text: str) -> bytes:
    content = _bytes(text)
    return b"%d:%b," % (len(content), content)


def _bytes(text: str) -> bytes:
    """UTF-8; bytes that are not, read from a damaged row, stand for themselves."""
    return str(text).encode("utf-8", "surrogateescape")


def _plain(value: object) -> object:
    """What JSON has no word for, in words it has."""
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(f"facts: {type(value).__name__} has no place in JSON")

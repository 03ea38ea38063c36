"""Rows held against the chain: whatever was edited, put in or taken out past the store is named.

Tables of the moment (`alerts.schema.operational`) are not held against it: the lease of the daemon.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from alerts import chain
from alerts.chain import Discrepancy, Entry, Head, Verification
from alerts.contract import from_contract
from alerts.errors import DataRefused, IntegrityBroken
from alerts.notices import State
from alerts.schema import (
    SEALED,
    alert,
    alert_subject,
    alert_user,
    alert_version,
    chain_head,
)
from alerts.store import ledger, notifying, passing
from alerts.store.entries import entries_after, head_of, seal
from alerts.store.erasing import emptied
from alerts.store.queue import ALERT_ERASED

_OURS = ("alert.", "role.", "day.", "notice.")  # kinds whose entries may speak of rows


_OPEN = (State.QUEUED, "", "")  # a message that no entry tells of yet


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What the chain says must be in the tables."""

    rows: dict[tuple[str, int], str] = field(default_factory=dict)  # (table, entry) -> SHA-256
    versions: dict[int, tuple[str, str]] = field(default_factory=dict)  # entry -> alert, SHA-256
    newest: dict[str, int] = field(default_factory=dict)  # alert -> entry of its newest version
    holders: dict[str, str] = field(default_factory=dict)  # alert -> who works on it
    days: dict[str, Mapping[str, Any]] = field(default_factory=dict)  # day -> its ledger row
    plannings: dict[int, str] = field(default_factory=dict)  # entry -> SHA-256 of its notices
    # message -> where it stands, why, and the SHA-256 of the ids of its notices
    messages: dict[str, tuple[State, str, str]] = field(default_factory=dict)
    passed: dict[str, tuple[int, str]] = field(default_factory=dict)  # day -> entry, SHA-256


def verify_chain(connection: Connection, checkpoints: Iterable[Head] = ()) -> Verification:
    """Whether the chain is whole: each entry, its order, and its end."""
    try:
        head = head_of(connection)
    except IntegrityBroken:
        found = chain.verify(
            entries_after(connection, 0), checkpoints=checkpoints, erased=emptied(connection)
        )
        return _with(found, [Discrepancy(place="head of the chain", says="it is gone")])
    found = chain.verify(
        entries_after(connection, 0),
        head=head,
        checkpoints=checkpoints,
        erased=emptied(connection),
    )
    return _with(found, _wrong_home(connection))


def verify(connection: Connection, checkpoints: Iterable[Head] = ()) -> Verification:
    """Both, seen at one moment: the chain, and what it tells of the rows."""
    whole = verify_chain(connection, checkpoints)
    return _with(whole, verify_rows(connection).discrepancies)


def verify_rows(connection: Connection) -> Verification:
    """Whether alerts, casework, roles and ledger are what the chain tells of them."""
    told, count, head = _Told(), 0, chain.START
    unheard: list[Discrepancy] = []
    for entry in entries_after(connection, 0):
        count, head = count + 1, Head(seq=entry.seq, hash=entry.hash)
        unheard += _listen(told, entry)
    found = (
        *unheard,
        *_alerts(connection, told),
        *_versions(connection, told),
        *_sealed(connection, told),
        *_days(connection, told),
        *_notices(connection, told),
        *_passed(connection, told),
    )
    return Verification(entries=count, head=head, discrepancies=found)


def _listen(told: _Told, entry: Entry) -> Iterator[Discrepancy]:
    """Takes down what an entry says of rows; what it says too badly to be read is a discrepancy."""
    try:
        _take_down(told, entry)
    except (AttributeError, KeyError, TypeError, ValueError):
        says = "what it tells of rows cannot be read"
        yield Discrepancy(place=f"entry {entry.seq}", says=says)


def _take_down(told: _Told, entry: Entry) -> None:
    if not entry.kind.startswith(_OURS):
        return
    facts = entry.told
    if entry.kind == ALERT_ERASED:
        _forget(told, entry, facts)
        return
    if "row" in facts:
        told.rows[(facts["row"]["table"], entry.seq)] = facts["row"]["sha256"]
    if "alert_sha256" in facts:
        _listen_to_alert(told, entry, facts)
    if entry.kind in ledger.KINDS:
        told.days[entry.about] = ledger.after(told.days.get(entry.about), entry)
    if entry.kind == notifying.PLANNED:
        told.plannings[entry.seq] = facts["rows"]
    if entry.kind in notifying.OUTCOMES:
        told.messages[facts["message"]] = notifying.told_of(entry)
    if entry.kind in {ledger.JUDGED, passing.ERASED}:
        sha256 = passing.told_of(entry)
        if sha256 is not None:
            told.passed[entry.about] = (entry.seq, sha256)


def _forget(told: _Told, entry: Entry, facts: Mapping[str, Any]) -> None:
    """Takes down that an alert was erased: each row that was told of, and no other."""
    for table, seq, sha256 in facts["rows"]:
        if table == alert_version.name:
            if told.versions.get(seq) == (entry.about, sha256):
                del told.versions[seq]
        elif told.rows.get((table, seq)) == sha256:
            del told.rows[(table, seq)]
    told.newest.pop(entry.about, None)
    told.holders.pop(entry.about, None)


def _listen_to_alert(told: _Told, entry: Entry, facts: Mapping[str, Any]) -> None:
    told.holders[entry.about] = facts["held_by"]
    standing = told.versions.get(told.newest.get(entry.about, 0))
    if standing != (entry.about, facts["alert_sha256"]):
        told.versions[entry.seq] = (entry.about, facts["alert_sha256"])
        told.newest[entry.about] = entry.seq


def _alerts(connection: Connection, told: _Told) -> Iterator[Discrepancy]:
    """Alerts against the chain, and against the version they point at."""
    users = _names(connection, alert_user)
    subjects = _names(connection, alert_subject)
    lines = select(alert, alert_version.c.line).join_from(
        alert, alert_version, alert.c.seq == alert_version.c.seq, isouter=True
    )
    there = {row.alert_id: row for row in connection.execute(lines)}
    for alert_id in sorted(
        told.newest.keys() | there.keys() | users.keys() | subjects.keys(), key=str
    ):
        place = f"alert {alert_id}"
        if alert_id not in there:
            yield Discrepancy(place=place, says="it is gone")
        elif alert_id not in told.newest:
            yield Discrepancy(place=place, says="no entry tells of it")
        else:
            yield from _alert(there[alert_id], told, place=place)
            named = (users.get(alert_id, set()), subjects.get(alert_id, set()))
            yield from _found_by(there[alert_id], named, place=place)


def _alert(row: Any, told: _Told, *, place: str) -> Iterator[Discrepancy]:
    if row.seq != told.newest[row.alert_id]:
        yield Discrepancy(place=place, says="it points at a version that is not its newest")
    if row.held_by != told.holders[row.alert_id]:
        yield Discrepancy(place=place, says="who works on it is not who the chain names")


def _found_by(row: Any, named: tuple[set[str], set[str]], *, place: str) -> Iterator[Discrepancy]:
    """Columns and names by which an alert is found, against the version it points at."""
    try:
        read = from_contract(json.loads(row.line))
    except (DataRefused, ValueError, TypeError):
        yield Discrepancy(place=place, says="its version cannot be read")
        return
    if row.status != read.status:
        yield Discrepancy(place=place, says="its status is not that of its version")
    if named != (set(read.user_ids), set(read.subject_ids)):
        yield Discrepancy(place=place, says="it is found by other people than its version names")


def _names(connection: Connection, table: Any) -> dict[str, set[str]]:
    named: dict[str, set[str]] = {}
    for alert_id, name in connection.execute(select(*table.c)):
        named.setdefault(alert_id, set()).add(name)
    return named


def _versions(connection: Connection, told: _Told) -> Iterator[Discrepancy]:
    there = {
        row.seq: (row.alert_id, chain.sha256(row.line))
        for row in connection.execute(select(alert_version))
    }
    for seq in sorted(told.versions.keys() | there.keys()):
        alert_id = told.versions.get(seq, there.get(seq, ("", "")))[0]
        place = f"alert {alert_id}, version of entry {seq}"
        yield from _compared(told.versions.get(seq), there.get(seq), place=place)


def _sealed(connection: Connection, told: _Told) -> Iterator[Discrepancy]:
    there = {
        (table.name, row["seq"]): _seal(row)
        for table in SEALED
        for row in map(dict, connection.execute(select(table)).mappings())
    }
    for name, seq in sorted(told.rows.keys() | there.keys()):
        key = (name, seq)
        place = f"{name.replace('_', ' ')} of entry {seq}"
        yield from _compared(told.rows.get(key), there.get(key), place=place)


def _seal(row: Mapping[str, Any]) -> str:
    """The SHA-256 of a row; empty where a value is of a kind that was never written."""
    try:
        return seal(row)
    except TypeError:
        return ""


def _days(connection: Connection, told: _Told) -> Iterator[Discrepancy]:
    there = {row["day"]: row for row in ledger.rows(connection)}
    for day in sorted(told.days.keys() | there.keys(), key=str):
        yield from _compared(told.days.get(day), there.get(day), place=f"day {day}")


def _notices(connection: Connection, told: _Told) -> Iterator[Discrepancy]:
    """Notices as planned, and what became of the messages they went into."""
    planned: dict[int, list[notifying.Row]] = {}
    messages: dict[str, list[notifying.Row]] = {}
    for row in notifying.rows_of(connection):
        planned.setdefault(row["seq"], []).append(row)
        ended = row["state"] != State.QUEUED or row["withheld"]
        if ended or told.messages.get(row["message"], _OPEN)[0] is not State.QUEUED:
            messages.setdefault(row["message"], []).append(row)
    for seq in sorted(told.plannings.keys() | planned.keys()):
        there = notifying.digest(planned.get(seq, []))
        yield from _compared(told.plannings.get(seq), there, place=f"notices of entry {seq}")
    final = {name for name, stands in told.messages.items() if stands[0] is not State.QUEUED}
    for name in sorted(final | messages.keys(), key=str):
        place = f"message {name}"
        yield from _compared(told.messages.get(name), _stands(messages.get(name)), place=place)


def _stands(rows: list[notifying.Row] | None) -> object:
    """Where the notices of a message stand, all of them alike; nothing where there is none."""
    if not rows:
        return None
    stands = {(row["state"], row["withheld"]) for row in rows}
    if len(stands) > 1:
        return stands
    return (*stands.pop(), notifying.digest_of_ids(rows))


def _passed(connection: Connection, told: _Told) -> Iterator[Discrepancy]:
    there = {
        row["day"]: (row["seq"], chain.sha256(row["line"])) for row in passing.rows(connection)
    }
    for day in sorted(told.passed.keys() | there.keys(), key=str):
        place = f"candidates of day {day}"
        yield from _compared(told.passed.get(day), there.get(day), place=place)


def _compared(told: object, there: object, *, place: str) -> Iterator[Discrepancy]:
    """What is wrong where the chain tells one thing and the table holds another."""
    if told == there:
        return
    if there is None:
        yield Discrepancy(place=place, says="it is gone")
    elif told is None:
        yield Discrepancy(place=place, says="no entry tells of it")
    else:
        yield Discrepancy(place=place, says="it is not what was written")


def _wrong_home(connection: Connection) -> Iterator[Discrepancy]:
    """The home that the head names, against the one that entry 1 names."""
    home = connection.execute(select(chain_head.c.home_id)).scalar_one()
    first = next(entries_after(connection, 0), None)
    try:
        named = first.told.get("home") if first else ""
    except (ValueError, AttributeError):
        named = None
    if named != home:
        yield Discrepancy(place="entry 1", says="the head of the chain names another home")


def _with(found: Verification, more: Iterable[Discrepancy]) -> Verification:
    return Verification(
        entries=found.entries, head=found.head, discrepancies=(*found.discrepancies, *more)
    )

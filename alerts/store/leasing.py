"""The lease of the one daemon: taken, renewed, given back; who takes over, and when.

It is a row of the moment, renewed too often for the chain. The chain tells of each taking, with
whom it was taken over from, and of each giving back.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, select

from alerts.chain import canonical, moment, stamp
from alerts.records import Lease
from alerts.schema import daemon_lease
from alerts.store import ledger
from alerts.store.entries import append

TAKEN: Final = "daemon.started"
GIVEN_BACK: Final = "daemon.stopped"

Gone = Callable[[Mapping[str, str]], bool]  # whether a process is known to be no more


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """A daemon that asks for the lease."""

    holder: str  # actor, machine and process number
    process: Mapping[str, str]  # what tells that process from every other
    actor: str


def held(connection: Connection) -> Lease | None:
    """The lease as it stands, run out or not; nothing where nobody serves."""
    row = connection.execute(select(daemon_lease)).mappings().one_or_none()
    if row is None:
        return None
    return Lease(
        holder=row["holder"],
        process=json.loads(row["process"]),
        since=moment(row["since"]),
        renewed_at=moment(row["renewed_at"]),
        until=moment(row["until"]),
    )


def take(
    connection: Connection, applicant: Applicant, *, at: datetime, lease: timedelta, gone: Gone
) -> Lease:
    """The lease as it stands once somebody has asked for it: theirs, or that of whom it is.

    It is taken over when it has run out, or at once when its process is known to be no more.
    """
    before = held(connection)
    if (
        before is not None
        and before.process != applicant.process
        and runs(before, at=at, length=lease)
        and not gone(before.process)
    ):
        return before
    row = {
        "holder": applicant.holder,
        "process": canonical(dict(applicant.process)),
        "since": stamp(at),
        "renewed_at": stamp(at),
        "until": stamp(at + lease),
    }
    connection.execute(daemon_lease.delete())
    connection.execute(daemon_lease.insert().values(id=1, **row))
    taken_over_from = before.holder if before is not None else ""
    facts = {"holder": applicant.holder, "taken_over_from": taken_over_from}
    append(connection, TAKEN, actor=applicant.actor, at=at, facts=facts)
    return Lease(
        holder=applicant.holder,
        process=applicant.process,
        since=at,
        renewed_at=at,
        until=at + lease,
    )


def renew(
    connection: Connection, applicant: Applicant, *, at: datetime, lease: timedelta
) -> Lease | None:
    """The lease once its holder has renewed it; another's, or none, where it was lost."""
    this = daemon_lease.c.process == canonical(dict(applicant.process))
    values = {"renewed_at": stamp(at), "until": stamp(at + lease)}
    connection.execute(daemon_lease.update().where(this).values(values))
    return held(connection)


def give_back(connection: Connection, applicant: Applicant, *, at: datetime) -> None:
    """Ends a lease; nothing when it is no longer this holder's."""
    before = held(connection)
    if before is None or before.process != applicant.process:
        return
    connection.execute(daemon_lease.delete())
    append(connection, GIVEN_BACK, actor=applicant.actor, at=at, facts={"holder": before.holder})


def runs(lease: Lease, *, at: datetime, length: timedelta) -> bool:
    """Whether a lease holds at a moment."""
    return ledger.runs(stamp(lease.until), at=at, lease=length)

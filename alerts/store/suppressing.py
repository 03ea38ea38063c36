"""Pairs that one detector raises nothing about for a time, by somebody, for a reason."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from alerts.chain import moment, stamp
from alerts.errors import Misused
from alerts.model import Alert
from alerts.records import Suppression
from alerts.schema import suppression, suppression_lift
from alerts.store.entries import append_sealed
from alerts.store.queue import kept


def suppress(  # noqa: PLR0913 a suppression has this many facts, all mandatory and named
    connection: Connection,
    alert_id: str,
    *,
    detector: str,
    reason: str,
    expires_at: datetime,
    actor: str,
    at: datetime,
    also: Mapping[str, object] | None = None,
) -> tuple[Suppression, ...]:
    """Suppresses each pair about which a detector speaks in an alert, and returns what it wrote.

    Args:
        connection: inside `writing`.
        alert_id: that gives rise to it.
        detector: that is to be silent.
        reason: why.
        expires_at: when it ends by itself.
        actor: who asked for it.
        at: when.
        also: what the entry tells besides: who agreed to it, or why one person was enough.

    Raises:
        Misused: no reason, an end that is past, or a detector that does not speak there.
    """
    refuse_suppression(
        kept(connection, alert_id).alert,
        detector=detector,
        reason=reason,
        expires_at=expires_at,
        at=at,
    )
    pairs = _pairs(kept(connection, alert_id).alert, detector)
    return tuple(
        _put(
            connection,
            {
                "alert_id": alert_id,
                "user_id": user_id,
                "focus_subject_id": focus_id,
                "detector": detector,
                "reason": reason.strip(),
                "actor": actor,
                "at": stamp(at),
                "expires_at": stamp(expires_at),
            },
            at=at,
            also=also or {},
        )
        for user_id, focus_id in pairs
    )


def refuse_suppression(
    alert: Alert, *, detector: str, reason: str, expires_at: datetime, at: datetime
) -> None:
    """Nothing where a suppression says all it must.

    Raises:
        Misused: no reason, an end that is past, or a detector that does not speak there.
    """
    _pairs(alert, detector)
    if not reason.strip():
        raise Misused(
            f"alert {alert.alert_id}: cannot suppress without a reason;"
            " possible: the same with a reason"
        )
    if expires_at <= at:
        raise Misused(
            f"alert {alert.alert_id}: cannot suppress until {stamp(expires_at)}, which is past;"
            f" possible: a time after {stamp(at)}"
        )


def lift(connection: Connection, seq: int, *, reason: str, actor: str, at: datetime) -> None:
    """Ends a suppression before its time.

    Raises:
        Misused: there is none of this number, it has ended, or no reason is given.
    """
    held = {one.seq: one for one in suppressions(connection, at=at)}
    if seq not in held:
        possible = ", ".join(map(str, held)) or "none is in force"
        raise Misused(f"suppression {seq}: is not in force; possible: {possible}")
    if not reason.strip():
        raise Misused(
            f"suppression {seq}: cannot lift without a reason; possible: the same with a reason"
        )
    append_sealed(
        connection,
        "alert.suppression_lifted",
        table=suppression_lift,
        row={
            "suppression_seq": seq,
            "reason": reason.strip(),
            "actor": actor,
            "at": stamp(at),
        },
        actor=actor,
        at=at,
        about=held[seq].alert_id,
        facts={"suppression": seq},
    )


def suppressions(connection: Connection, *, at: datetime | None) -> tuple[Suppression, ...]:
    """Those in force at a moment and not lifted, or all that ever were, oldest first."""
    rows = connection.execute(select(suppression).order_by(suppression.c.seq)).mappings()
    ever = tuple(_read(row) for row in rows)
    if at is None:
        return ever
    lifts = connection.execute(select(suppression_lift.c.suppression_seq, suppression_lift.c.at))
    lifted = {row.suppression_seq: moment(row.at) for row in lifts}
    return tuple(
        one
        for one in ever
        if one.in_force(at) and not (one.seq in lifted and lifted[one.seq] <= at)
    )


def _pairs(alert: Alert, detector: str) -> Sequence[tuple[str, str]]:
    spoken = {finding.detector for finding in alert.findings}
    if detector not in spoken:
        raise Misused(
            f"alert {alert.alert_id}: {detector or 'no detector'} does not speak in it;"
            f" possible: {', '.join(sorted(spoken))}"
        )
    return tuple(
        dict.fromkeys(
            (finding.user_id, finding.focus_id)
            for finding in alert.findings
            if finding.detector == detector
        )
    )


def _put(
    connection: Connection, row: dict[str, str], *, at: datetime, also: Mapping[str, object]
) -> Suppression:
    entry = append_sealed(
        connection,
        "alert.suppressed",
        table=suppression,
        row=row,
        actor=row["actor"],
        at=at,
        about=row["alert_id"],
        facts={**also, "detector": row["detector"], "expires_at": row["expires_at"]},
    )
    return _read({**row, "seq": entry.seq})


def _read(row: Any) -> Suppression:
    return Suppression(**{**row, "at": moment(row["at"]), "expires_at": moment(row["expires_at"])})

"""Facts beyond the log, put on record by people, and the questions they call for."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from alerts.chain import moment, stamp
from alerts.errors import Misused
from alerts.model import PromptShown
from alerts.prompting import grown_plan
from alerts.recording import refuse_unfounded, standing_of
from alerts.records import RecordedFact
from alerts.schema import recorded_fact
from alerts.store.entries import append_sealed
from alerts.store.queue import facts_of, keep, kept


def record_fact(  # noqa: PLR0913 a fact has this many parts, all named
    connection: Connection,
    alert_id: str,
    *,
    name: str,
    value: str,
    reason: str,
    actor: str,
    at: datetime,
    prompts: Sequence[PromptShown],
) -> RecordedFact:
    """Writes a fact, and the alert with the questions it calls for, and returns the fact.

    Raises:
        Misused: no such alert, no reason, or a fact that may not stand yet.
    """
    before = kept(connection, alert_id)
    if not reason.strip():
        raise Misused(
            f"alert {alert_id}: cannot record {name} without a reason;"
            " possible: the same with a reason"
        )
    standing = standing_of((one.name, one.value) for one in recorded_facts(connection, alert_id))
    refuse_unfounded(name, value, standing=standing)
    after = replace(before.alert, prompts=grown_plan(before.alert.prompts, prompts))
    row: dict[str, Any] = {
        "alert_id": alert_id,
        "name": name,
        "value": value,
        "reason": reason.strip(),
        "actor": actor,
        "at": stamp(at),
    }
    entry = append_sealed(
        connection,
        "alert.fact_recorded",
        table=recorded_fact,
        row=row,
        actor=actor,
        at=at,
        about=alert_id,
        facts={"fact": name, **facts_of(after, held_by=before.held_by)},
    )
    if after != before.alert:
        keep(connection, after, entry=entry, held_by=before.held_by)
    return RecordedFact(**{**row, "seq": entry.seq, "at": moment(row["at"])})


def recorded_facts(connection: Connection, alert_id: str = "") -> tuple[RecordedFact, ...]:
    """Every fact recorded about an alert, or about any where none is named, oldest first."""
    wanted = select(recorded_fact).order_by(recorded_fact.c.seq)
    if alert_id:
        wanted = wanted.where(recorded_fact.c.alert_id == alert_id)
    rows = connection.execute(wanted).mappings()
    return tuple(RecordedFact(**{**row, "at": moment(row["at"])}) for row in rows)

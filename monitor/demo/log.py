"""The access log of a force in the contract's columns, so many rows at once."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitor.demo.columns import chosen
from monitor.demo.drawing import Flags, Ints, scrambled
from monitor.demo.force import Force
from monitor.demo.names import Names, event_ids, joined, names_of, number, word
from monitor.demo.rows import ATTRIBUTES, TERMS, Rows, is_machine
from monitor.demo.vocabulary import NONE, REASONS, Action, Field, Kind, System, words
from monitor.lake.shape import EVENT_INPUTS

_BATCH = 200_000  # rows written at once: bounds what writing holds in memory
_REASON_CODES = 7  # distinct reason codes of the national system


def event_batches(force: Force) -> Iterator[pa.Table]:
    """The access log in order of time, so many rows at once."""
    names, machine = names_of(force), is_machine(force.world)
    for first in range(0, len(force.rows.at), _BATCH):
        places = np.arange(first, min(first + _BATCH, len(force.rows.at)))
        yield _events(force, names, machine, chosen(force.rows, places), places)


def _events(force: Force, names: Names, machine: Flags, rows: Rows, places: Ints) -> pa.Table:
    people = force.world.people
    known = np.maximum(rows.subject, 0)
    case = word(names.cases, rows.reference)
    reason = word(pa.array(REASONS), rows.reason)
    spelled = pc.binary_join_element_wise(reason, case, " ")
    subject = word(names.subjects, rows.subject)
    subject = pc.if_else(
        pa.array(rows.local_id == 1), pc.binary_join_element_wise("N", subject, ""), subject
    )
    nobody = rows.action == Action.LOGIN
    kind = np.where(rows.subject == NONE, NONE, people.kind[known])
    columns = {
        "event_id": pa.array(event_ids(places)),
        "occurred_at": force.world.zone.written(rows.at),
        "user_id": word(names.users, rows.user),
        "requester_id": word(names.users, rows.requester),
        "system": word(pa.array(words(System)), rows.system),
        "action": word(pa.array(words(Action)), rows.action),
        "subject_id": pc.if_else(pa.array(rows.masked == 1), "***", subject),
        "subject_type": word(pa.array(words(Kind)), kind),
        "reason": pc.if_else(pa.array(rows.spelled == 1), spelled, reason),
        "reason_code": word(_codes(), np.where(rows.system == System.PNC, rows.reason, NONE)),
        "case_ref": case,
        "search_terms": word(pa.array(TERMS + ATTRIBUTES), rows.terms),
        "result_count": number(rows.results),
        "fields_viewed": word(pa.array(words(Field)), rows.opened),
        "export_rows": number(rows.exported),
        "terminal_id": _terminals(force, rows),
        "location": word(names.areas, force.world.area_of(rows.user.astype(np.int64), rows.at)),
        "session_id": joined("S", scrambled(rows.session.astype(np.int64), salt=5)),
        "channel": word(pa.array(("desktop", "mobile")), _is_mobile(force, rows)),
        "outcome": word(pa.array(("ok", "denied")), rows.action == Action.DENIED),
        "restricted": pa.array(people.restricted[known] & (rows.subject != NONE) & ~nobody),
        "break_glass": pa.array(rows.broke_glass == 1),
        "is_machine": pa.array(machine[rows.user]),
    }
    return pa.table({name: columns[name] for name in EVENT_INPUTS})


def _codes() -> pa.Array:
    return pa.array([f"{place % _REASON_CODES + 1:02d}" for place in range(len(REASONS))])


def _is_mobile(force: Force, rows: Rows) -> Flags:
    mobile: Flags = rows.terminal >= force.habits.desks + force.world.staff.size
    return mobile


def _terminals(force: Force, rows: Rows) -> pa.Array:
    digits = scrambled(rows.terminal.astype(np.int64), salt=6)
    return pc.if_else(pa.array(_is_mobile(force, rows)), joined("MD", digits), joined("WS", digits))

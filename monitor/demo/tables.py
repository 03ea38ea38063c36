"""A force as the tables of the contract: numbers become words, ids and local times."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from monitor.demo.changes import FIELDS
from monitor.demo.columns import chosen
from monitor.demo.drawing import Flags, Ints, scrambled
from monitor.demo.force import Force
from monitor.demo.rows import ATTRIBUTES, TERMS, Rows, is_machine
from monitor.demo.vocabulary import (
    NONE,
    REASONS,
    SURNAMES,
    Action,
    CaseType,
    Duty,
    Field,
    Job,
    Kind,
    Marker,
    Part,
    Relation,
    System,
    words,
)
from monitor.demo.zone import DAY
from monitor.lake.shape import EVENT_INPUTS, TABLES

_BATCH = 200_000  # rows written at once: bounds what writing holds in memory
_ROLES_OF_CODES = 7  # distinct reason codes of the national system
_FAR = 5_000  # days before the span from which a post or a link is given without a beginning

Numbers = (
    npt.NDArray[np.int64] | npt.NDArray[np.int32] | npt.NDArray[np.int16] | npt.NDArray[np.int8]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The ids of a force, in the order of their numbers."""

    users: pa.Array
    subjects: pa.Array
    cases: pa.Array
    areas: pa.Array


def names_of(force: Force) -> Names:
    """Every id of a force."""
    return Names(
        users=pa.array(force.world.staff.ids()),
        subjects=pa.array(force.world.people.ids()),
        cases=pa.array(force.book.references()),
        areas=pa.array([f"A{area:02d}" for area in range(force.plan.areas)]),
    )


def event_ids(places: Ints) -> list[str]:
    """The ids of rows by their place in time."""
    return [f"E{place + 1:08d}" for place in places.tolist()]


def event_batches(force: Force) -> Iterator[pa.Table]:
    """The access log in order of time, so many rows at once."""
    names, machine = names_of(force), is_machine(force.world)
    for first in range(0, len(force.rows.at), _BATCH):
        places = np.arange(first, min(first + _BATCH, len(force.rows.at)))
        yield _events(force, names, machine, chosen(force.rows, places), places)


def table_of(force: Force, name: str) -> pa.Table:
    """One reference table, sorted by its natural key, each key once."""
    columns = _TABLES[name](force, names_of(force))
    return _each_key_once(
        pa.table({c: columns.get(c, _empty(columns)) for c in TABLES[name].columns}),
        TABLES[name].key,
    )


def _events(force: Force, names: Names, machine: Flags, rows: Rows, places: Ints) -> pa.Table:
    people = force.world.people
    known = np.maximum(rows.subject, 0)
    case = _word(names.cases, rows.reference)
    reason = _word(pa.array(REASONS), rows.reason)
    spelled = pc.binary_join_element_wise(reason, case, " ")
    subject = _word(names.subjects, rows.subject)
    subject = pc.if_else(
        pa.array(rows.local_id == 1), pc.binary_join_element_wise("N", subject, ""), subject
    )
    nobody = rows.action == Action.LOGIN
    kind = np.where(rows.subject == NONE, NONE, people.kind[known])
    columns = {
        "event_id": pa.array(event_ids(places)),
        "occurred_at": force.world.zone.written(rows.at),
        "user_id": _word(names.users, rows.user),
        "requester_id": _word(names.users, rows.requester),
        "system": _word(pa.array(words(System)), rows.system),
        "action": _word(pa.array(words(Action)), rows.action),
        "subject_id": pc.if_else(pa.array(rows.masked == 1), "***", subject),
        "subject_type": _word(pa.array(words(Kind)), kind),
        "reason": pc.if_else(pa.array(rows.spelled == 1), spelled, reason),
        "reason_code": _word(_codes(), np.where(rows.system == System.PNC, rows.reason, NONE)),
        "case_ref": case,
        "search_terms": _word(pa.array(TERMS + ATTRIBUTES), rows.terms),
        "result_count": _number(rows.results),
        "fields_viewed": _word(pa.array(words(Field)), rows.opened),
        "export_rows": _number(rows.exported),
        "terminal_id": _terminals(force, rows),
        "location": _word(names.areas, force.world.area_of(rows.user.astype(np.int64), rows.at)),
        "session_id": _joined("S", scrambled(rows.session.astype(np.int64), salt=5)),
        "channel": _word(pa.array(("desktop", "mobile")), _is_mobile(force, rows)),
        "outcome": _word(pa.array(("ok", "denied")), rows.action == Action.DENIED),
        "restricted": pa.array(people.restricted[known] & (rows.subject != NONE) & ~nobody),
        "break_glass": pa.array(rows.broke_glass == 1),
        "is_machine": pa.array(machine[rows.user]),
    }
    return pa.table({name: columns[name] for name in EVENT_INPUTS})


def _codes() -> pa.Array:
    return pa.array([f"{place % _ROLES_OF_CODES + 1:02d}" for place in range(len(REASONS))])


def _is_mobile(force: Force, rows: Rows) -> Flags:
    mobile: Flags = rows.terminal >= force.habits.desks + force.world.staff.size
    return mobile


def _terminals(force: Force, rows: Rows) -> pa.Array:
    number = scrambled(rows.terminal.astype(np.int64), salt=6)
    return pc.if_else(
        pa.array(_is_mobile(force, rows)), _joined("MD", number), _joined("WS", number)
    )


def _staff(force: Force, names: Names) -> Mapping[str, pa.Array]:
    spells, staff, people = force.world.staff.spells, force.world.staff, force.world.people
    person = staff.person[spells.user]
    last = np.where(
        spells.last_day > force.plan.days, NONE, force.plan.begins + spells.last_day * DAY
    )
    return {
        "user_id": _word(names.users, spells.user),
        "role": _word(_roles(), spells.role),
        "team": _word(pa.array(staff.team_names), spells.team),
        "area": _word(names.areas, spells.area),
        "supervisor_id": _word(names.users, spells.supervisor),
        "surname": _word(pa.array(SURNAMES), people.surname[person]),
        "address_subject_id": _word(names.subjects, people.home[person]),
        "person_subject_id": _word(names.subjects, person),
        "valid_from": force.world.zone.written(force.plan.begins + spells.first_day * DAY),
        "valid_to": force.world.zone.written(last),
    }


def _roles() -> pa.Array:
    from monitor.demo.posts import Role

    return pa.array(words(Role))


def _shifts(force: Force, names: Names) -> Mapping[str, pa.Array]:
    roster, zone = force.world.roster, force.world.zone
    return {
        "user_id": _word(names.users, roster.told_user),
        "starts_at": zone.written(roster.told_start),
        "ends_at": zone.written(roster.told_end),
        "kind": _word(pa.array(words(Duty)), roster.told_kind),
    }


def _taskings(force: Force, names: Names) -> Mapping[str, pa.Array]:
    given, zone = force.book.taskings, force.world.zone
    return {
        "user_id": _word(names.users, given.user),
        "team": _word(pa.array(force.world.staff.team_names), given.team),
        "case_ref": _word(names.cases, given.case),
        "starts_at": zone.written(given.start),
        "ends_at": zone.written(given.end),
        "role": _word(pa.array(words(Job)), given.job),
    }


def _cases(force: Force, names: Names) -> Mapping[str, pa.Array]:
    cases, zone = force.book.cases, force.world.zone
    return {
        "case_ref": names.cases,
        "type": _word(pa.array(words(CaseType)), cases.type),
        "area": _word(names.areas, cases.area),
        "opened_at": zone.written(cases.opened),
        "closed_at": zone.written(np.where(cases.closed < force.plan.ends, cases.closed, NONE)),
    }


def _case_subjects(force: Force, names: Names) -> Mapping[str, pa.Array]:
    parts = force.book.parts
    return {
        "case_ref": _word(names.cases, parts.case),
        "subject_id": _word(names.subjects, parts.subject),
        "role": _word(pa.array(words(Part)), parts.part),
    }


def _subjects(force: Force, names: Names) -> Mapping[str, pa.Array]:
    people = force.world.people
    person = people.kind == Kind.PERSON
    sex = np.where(person, people.female.astype(np.int64), NONE)
    marks = [
        ";".join(w for m, w in enumerate(words(Marker)) if bits >> m & 1) or None
        for bits in range(1 << len(Marker))
    ]
    return {
        "subject_id": names.subjects,
        "subject_type": _word(pa.array(words(Kind)), people.kind),
        "area": _word(names.areas, people.area),
        "sex": _word(pa.array(("M", "F")), sex),
        "age": _number(people.age),
        "surname": _word(pa.array(SURNAMES), people.surname),
        "markers": _word(pa.array(marks, pa.string()), people.markers),
    }


def _subject_identifiers(force: Force, names: Names) -> Mapping[str, pa.Array]:
    alias = np.flatnonzero(force.habits.alias)
    merged = [one for one in force.identifiers if one.other != NONE]
    subject = np.concatenate([np.repeat(alias, 2), [one.subject for one in merged]]).astype(
        np.int64
    )
    systems = np.concatenate(
        [np.tile([System.PND, System.INTEL], len(alias)), np.full(len(merged), System.RMS)]
    )
    local = pc.binary_join_element_wise("N", _word(names.subjects, np.repeat(alias, 2)), "")
    other = _word(names.subjects, np.array([one.other for one in merged], dtype=np.int64))
    return {
        "subject_id": _word(names.subjects, subject),
        "system": _word(pa.array(words(System)), systems.astype(np.int64)),
        "local_id": pa.concat_arrays([local, other]),
        "valid_from": force.world.zone.written(
            np.full(len(subject), force.plan.begins - _FAR * DAY)
        ),
    }


def _subject_links(force: Force, names: Names) -> Mapping[str, pa.Array]:
    links, zone = force.world.people.links, force.world.zone
    return {
        "subject_id": _word(names.subjects, links.subject),
        "linked_subject_id": _word(names.subjects, links.linked),
        "relation": _word(pa.array(words(Relation)), links.relation),
        "valid_from": zone.written(links.since),
        "valid_to": zone.written(links.until),
    }


def _record_changes(force: Force, names: Names) -> Mapping[str, pa.Array]:
    changes = force.changes
    return {
        "subject_id": _word(names.subjects, changes.subject),
        "field": _word(pa.array(FIELDS), changes.field),
        "changed_at": force.world.zone.written(changes.at),
    }


def _declared(force: Force, names: Names) -> Mapping[str, pa.Array]:
    rows = force.declared
    return {
        "user_id": _word(names.users, _column([row.user for row in rows])),
        "subject_id": _word(names.subjects, _column([row.subject for row in rows])),
        "kind": pa.array([row.kind for row in rows], pa.string()),
        "valid_from": force.world.zone.written(_column([row.since for row in rows])),
    }


def _watched(force: Force, names: Names) -> Mapping[str, pa.Array]:
    rows = force.watched
    return {
        "subject_id": _word(names.subjects, _column([row.subject for row in rows])),
        "kind": pa.array([row.kind for row in rows], pa.string()),
        "valid_from": force.world.zone.written(_column([row.since for row in rows])),
    }


def _outcomes(force: Force, names: Names) -> Mapping[str, pa.Array]:
    rows = force.outcomes
    return {
        "user_id": _word(names.users, _column([row.user for row in rows])),
        "decision": pa.array([row.decision for row in rows], pa.string()),
        "decided_at": force.world.zone.written(_column([row.at for row in rows])),
    }


_TABLES = {
    "staff": _staff,
    "shifts": _shifts,
    "taskings": _taskings,
    "cases": _cases,
    "case_subjects": _case_subjects,
    "subjects": _subjects,
    "subject_identifiers": _subject_identifiers,
    "subject_links": _subject_links,
    "record_changes": _record_changes,
    "declared_associations": _declared,
    "watched_records": _watched,
    "outcomes": _outcomes,
}


def _column(values: Sequence[int]) -> Ints:
    return np.array(values, dtype=np.int64)


def _word(vocabulary: pa.Array, numbers: Numbers | Flags) -> pa.Array:
    """The word of each number; null where it is negative."""
    places = pa.array(numbers.astype(np.int64), mask=numbers.astype(np.int64) < 0)
    return vocabulary.take(places)


def _number(values: Numbers) -> pa.Array:
    """Whole numbers; null where negative."""
    return pa.array(values.astype(np.int64), mask=values < 0)


def _joined(head: str, numbers: Ints) -> pa.Array:
    """A letter or two and seven digits."""
    digits = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width=7, padding="0")
    return pc.binary_join_element_wise(head, digits, "")


def _empty(columns: Mapping[str, pa.Array]) -> pa.Array:
    return pa.nulls(len(next(iter(columns.values()))), pa.string())


def _each_key_once(table: pa.Table, key: Sequence[str]) -> pa.Table:
    """The table sorted by its key; of rows with one key, the first."""
    table = table.sort_by([(name, "ascending") for name in key])
    if table.num_rows < 2:
        return table
    same = None
    for name in key:
        column = pc.fill_null(table.column(name).combine_chunks(), "")
        equal = pc.equal(column[1:], column[:-1])
        same = equal if same is None else pc.and_(same, equal)
    return table.filter(pa.concat_arrays([pa.array([True]), pc.invert(same)]))

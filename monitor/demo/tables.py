"""A force as the tables of the contract: numbers become words, ids and local times."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitor.demo.changes import FIELDS
from monitor.demo.drawing import Ints
from monitor.demo.force import Force
from monitor.demo.names import Names, names_of, number, word
from monitor.demo.posts import Role
from monitor.demo.vocabulary import (
    NONE,
    SURNAMES,
    CaseType,
    Duty,
    Job,
    Kind,
    Marker,
    Part,
    Relation,
    System,
    words,
)
from monitor.demo.zone import DAY
from monitor.lake.shape import TABLES

_FAR = 5_000  # days before the span from which a post or a link is given without a beginning


def table_of(force: Force, name: str) -> pa.Table:
    """One reference table, sorted by its natural key, each key once."""
    columns = _TABLES[name](force, names_of(force))
    return _each_key_once(
        pa.table({c: columns.get(c, _empty(columns)) for c in TABLES[name].columns}),
        TABLES[name].key,
    )


def _staff(force: Force, names: Names) -> Mapping[str, pa.Array]:
    spells, staff, people = force.world.staff.spells, force.world.staff, force.world.people
    person = staff.person[spells.user]
    zone = force.world.zone
    midnight = force.plan.begins + DAY * np.stack([spells.first_day, spells.last_day])
    first, last = zone.utc(midnight)
    return {
        "user_id": word(names.users, spells.user),
        "role": word(_roles(), spells.role),
        "team": word(pa.array(staff.team_names), spells.team),
        "area": word(names.areas, spells.area),
        "supervisor_id": word(names.users, spells.supervisor),
        "surname": word(pa.array(SURNAMES), people.surname[person]),
        "address_subject_id": word(names.subjects, people.home[person]),
        "person_subject_id": word(names.subjects, person),
        "valid_from": zone.written(first),
        "valid_to": zone.written(np.where(spells.last_day > force.plan.days, NONE, last)),
    }


def _roles() -> pa.Array:
    return pa.array(words(Role))


def _shifts(force: Force, names: Names) -> Mapping[str, pa.Array]:
    roster, zone = force.world.roster, force.world.zone
    return {
        "user_id": word(names.users, roster.told_user),
        "starts_at": zone.written(roster.told_start),
        "ends_at": zone.written(roster.told_end),
        "kind": word(pa.array(words(Duty)), roster.told_kind),
    }


def _taskings(force: Force, names: Names) -> Mapping[str, pa.Array]:
    given, zone = force.book.taskings, force.world.zone
    return {
        "user_id": word(names.users, given.user),
        "team": word(pa.array(force.world.staff.team_names), given.team),
        "case_ref": word(names.cases, given.case),
        "starts_at": zone.written(given.start),
        "ends_at": zone.written(given.end),
        "role": word(pa.array(words(Job)), given.job),
    }


def _cases(force: Force, names: Names) -> Mapping[str, pa.Array]:
    cases, zone = force.book.cases, force.world.zone
    return {
        "case_ref": names.cases,
        "type": word(pa.array(words(CaseType)), cases.type),
        "area": word(names.areas, cases.area),
        "opened_at": zone.written(cases.opened),
        "closed_at": zone.written(np.where(cases.closed < force.plan.ends, cases.closed, NONE)),
    }


def _case_subjects(force: Force, names: Names) -> Mapping[str, pa.Array]:
    parts = force.book.parts
    return {
        "case_ref": word(names.cases, parts.case),
        "subject_id": word(names.subjects, parts.subject),
        "role": word(pa.array(words(Part)), parts.part),
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
        "subject_type": word(pa.array(words(Kind)), people.kind),
        "area": word(names.areas, people.area),
        "sex": word(pa.array(("M", "F")), sex),
        "age": number(people.age),
        "surname": word(pa.array(SURNAMES), people.surname),
        "markers": word(pa.array(marks, pa.string()), people.markers),
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
    local = pc.binary_join_element_wise("N", word(names.subjects, np.repeat(alias, 2)), "")
    other = word(names.subjects, np.array([one.other for one in merged], dtype=np.int64))
    return {
        "subject_id": word(names.subjects, subject),
        "system": word(pa.array(words(System)), systems.astype(np.int64)),
        "local_id": pa.concat_arrays([local, other]),
        "valid_from": force.world.zone.written(
            np.full(len(subject), force.plan.begins - _FAR * DAY)
        ),
    }


def _subject_links(force: Force, names: Names) -> Mapping[str, pa.Array]:
    links, zone = force.world.people.links, force.world.zone
    return {
        "subject_id": word(names.subjects, links.subject),
        "linked_subject_id": word(names.subjects, links.linked),
        "relation": word(pa.array(words(Relation)), links.relation),
        "valid_from": zone.written(links.since),
        "valid_to": zone.written(links.until),
    }


def _record_changes(force: Force, names: Names) -> Mapping[str, pa.Array]:
    changes = force.changes
    return {
        "subject_id": word(names.subjects, changes.subject),
        "field": word(pa.array(FIELDS), changes.field),
        "changed_at": force.world.zone.written(changes.at),
    }


def _declared(force: Force, names: Names) -> Mapping[str, pa.Array]:
    rows = force.declared
    return {
        "user_id": word(names.users, _column([row.user for row in rows])),
        "subject_id": word(names.subjects, _column([row.subject for row in rows])),
        "kind": pa.array([row.kind for row in rows], pa.string()),
        "valid_from": force.world.zone.written(_column([row.since for row in rows])),
    }


def _watched(force: Force, names: Names) -> Mapping[str, pa.Array]:
    rows = force.watched
    return {
        "subject_id": word(names.subjects, _column([row.subject for row in rows])),
        "kind": pa.array([row.kind for row in rows], pa.string()),
        "valid_from": force.world.zone.written(_column([row.since for row in rows])),
    }


def _outcomes(force: Force, names: Names) -> Mapping[str, pa.Array]:
    rows = force.outcomes
    return {
        "user_id": word(names.users, _column([row.user for row in rows])),
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

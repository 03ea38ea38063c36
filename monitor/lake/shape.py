"""The columns of every table of the lake: what the contract names, and what the lake adds.

contract columns    as in the contract, absent ones NULL
time_mark, extra    what was unsure about a time; columns no profile knew, as JSON
file, line, *_sha256, loaded_at, loaded_seq    where a row came from, and when
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import pyarrow as pa

ACTIONS = ("search", "view", "print", "export", "edit", "create", "denied", "login", "logout")
OTHER_ACTION = "other"
_SUBJECT_TYPES = (
    *("person", "address", "vehicle", "phone", "incident", "media", "staff", "unknown"),
)
_SHIFT_KINDS = ("duty", "overtime", "leave", "sick", "training", "court", "suspended")
_WATCHED_KINDS = ("high_profile", "staff", "protected")

MOMENT = pa.timestamp("us")  # naive, UTC
_HASHES = ("raw_sha256", "content_sha256")
_MARKS = ("time_mark", "extra")
_PLACE = ("file", "line")
_LOADING = ("loaded_at", "loaded_seq")


@dataclass(frozen=True, slots=True, kw_only=True)
class TableShape:
    """One table: its columns, and what makes a row usable and the same row again.

    Attributes:
        name: the table's name in the contract.
        columns: the contract's columns, in its order.
        required: sets of columns of which a row needs at least one each.
        key: columns that say which thing a row is about; a later row of the same key supersedes.
        instants: columns that hold a time with an offset.
        validity: columns that may also hold a plain date, midnight in the force's zone.
        integers: columns that hold whole numbers.
        booleans: columns that hold yes or no.
        spans: pairs of time columns of which the second may not come before the first.
        identities: columns that say who or what; a masked value there says nothing.
        lists: the codes the contract names for a column; others are kept, and reported.
    """

    name: str
    columns: tuple[str, ...]
    required: tuple[tuple[str, ...], ...]
    key: tuple[str, ...]
    instants: tuple[str, ...] = ()
    validity: tuple[str, ...] = ()
    integers: tuple[str, ...] = ()
    booleans: tuple[str, ...] = ()
    spans: tuple[tuple[str, str], ...] = ()
    identities: tuple[str, ...] = ()
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def times(self) -> tuple[str, ...]:
        """Every column that holds a time."""
        return self.instants + self.validity

    def type_of(self, column: str) -> pa.DataType:
        """The Arrow type of one column, the contract's or the lake's own."""
        if column in self.times or column in {"loaded_at", "settled_at"}:
            return MOMENT
        if column in self.integers or column in {"line", "loaded_seq"}:
            return pa.int64()
        if column == "raw_bytes":
            return pa.binary()
        return pa.bool_() if column in self.booleans else pa.string()


def _table(name: str, columns: str, **facts: object) -> TableShape:
    names = tuple(columns.split())
    identities = tuple(c for c in names if c in {"user_id", "subject_id", "linked_subject_id"})
    validity = tuple(c for c in names if c in {"valid_from", "valid_to"})
    spans = (
        (("valid_from", "valid_to"),) if len(validity) == len(("valid_from", "valid_to")) else ()
    )
    given = {"validity": validity, "spans": spans, "identities": identities, **facts}
    return TableShape(name=name, columns=names, **given)  # type: ignore[arg-type]  # checked by use


EVENTS = TableShape(
    name="events",
    columns=(
        *("source", "event_id", "occurred_at", "time_mark", "user_id", "requester_id", "system"),
        *("action", "action_raw", "subject_id", "subject_state", "subject_type", "reason"),
        *("reason_code", "case_ref", "search_terms", "result_count", "fields_viewed"),
        *("export_rows", "terminal_id", "location", "session_id", "channel", "outcome"),
        *("restricted", "break_glass", "is_machine", "extra"),
    ),
    required=(("occurred_at",), ("user_id",), ("system",), ("action",)),
    key=("source", "event_id"),
    instants=("occurred_at",),
    integers=("result_count", "export_rows"),
    booleans=("restricted", "break_glass", "is_machine"),
    identities=("user_id",),
    lists={"action": (*ACTIONS, OTHER_ACTION), "subject_type": _SUBJECT_TYPES},
)

# Columns of an event that its source may give; the rest are worked out here.
EVENT_INPUTS = tuple(
    column
    for column in EVENTS.columns
    if column not in {"source", "time_mark", "action_raw", "subject_state", "extra"}
)

EVENT_COLUMNS = (*EVENTS.columns, *_PLACE, *_HASHES, *_LOADING, "month")

QUARANTINE = TableShape(
    name="quarantine",
    columns=(
        *("id", "table", "source", "profile", "file", "line", "reason", "raw", "raw_bytes"),
        *("header", "layout", "settled_at", "settled_as"),
    ),
    required=(),
    key=("id",),
)

_STAFF = "user_id role team area supervisor_id surname address_subject_id person_subject_id"
_VALID = "valid_from valid_to"

TABLES: Mapping[str, TableShape] = MappingProxyType(
    {
        shape.name: shape
        for shape in (
            _table(
                "staff",
                f"{_STAFF} {_VALID}",
                required=(("user_id",),),
                key=("user_id", "valid_from"),
            ),
            _table(
                "shifts",
                "user_id starts_at ends_at kind",
                required=(("user_id",), ("starts_at",), ("ends_at",)),
                key=("user_id", "starts_at", "kind"),
                instants=("starts_at", "ends_at"),
                spans=(("starts_at", "ends_at"),),
                lists={"kind": _SHIFT_KINDS},
            ),
            _table(
                "taskings",
                "user_id team case_ref starts_at ends_at role",
                required=(("user_id", "team"), ("case_ref",)),
                key=("user_id", "team", "case_ref", "starts_at"),
                instants=("starts_at", "ends_at"),
                spans=(("starts_at", "ends_at"),),
            ),
            _table(
                "cases",
                "case_ref type area opened_at closed_at",
                required=(("case_ref",),),
                key=("case_ref",),
                instants=("opened_at", "closed_at"),
                spans=(("opened_at", "closed_at"),),
            ),
            _table(
                "case_subjects",
                "case_ref subject_id role",
                required=(("case_ref",), ("subject_id",)),
                key=("case_ref", "subject_id", "role"),
            ),
            _table(
                "subjects",
                "subject_id subject_type area sex age surname markers",
                required=(("subject_id",),),
                key=("subject_id",),
                integers=("age",),
                lists={"subject_type": _SUBJECT_TYPES},
            ),
            _table(
                "subject_identifiers",
                f"subject_id system local_id {_VALID}",
                required=(("subject_id",), ("system",), ("local_id",)),
                key=("system", "local_id", "valid_from"),
            ),
            _table(
                "subject_links",
                f"subject_id linked_subject_id relation {_VALID}",
                required=(("subject_id",), ("linked_subject_id",)),
                key=("subject_id", "linked_subject_id", "relation", "valid_from"),
            ),
            _table(
                "record_changes",
                "subject_id field changed_at",
                required=(("subject_id",), ("changed_at",)),
                key=("subject_id", "field", "changed_at"),
                instants=("changed_at",),
            ),
            _table(
                "declared_associations",
                f"user_id subject_id kind {_VALID}",
                required=(("user_id",), ("subject_id",)),
                key=("user_id", "subject_id", "kind", "valid_from"),
            ),
            _table(
                "watched_records",
                f"subject_id case_ref kind {_VALID}",
                required=(("subject_id", "case_ref"),),
                key=("subject_id", "case_ref", "kind", "valid_from"),
                lists={"kind": _WATCHED_KINDS},
            ),
            _table(
                "outcomes",
                "user_id decision decided_at",
                required=(("user_id",),),
                key=("user_id", "decision", "decided_at"),
                instants=("decided_at",),
            ),
        )
    }
)


def shape_of(table: str) -> TableShape:
    """The shape of a table by its name, `events` and `quarantine` included."""
    return {"events": EVENTS, "quarantine": QUARANTINE, **TABLES}[table]


def stored_columns(table: str) -> tuple[str, ...]:
    """Every column a row of this table has in the lake, in order."""
    if table == "events":
        return EVENT_COLUMNS
    if table == "quarantine":
        return (*QUARANTINE.columns, *_LOADING)
    return (*TABLES[table].columns, *_MARKS, *_PLACE, *_HASHES, "key_sha256", *_LOADING)


def stored_schema(table: str) -> pa.Schema:
    """The Arrow schema a table has in the lake; every file is written with all of it."""
    shape = shape_of(table)
    return pa.schema([pa.field(column, shape.type_of(column)) for column in stored_columns(table)])

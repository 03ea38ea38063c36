"""What one frame laid that a later one goes on from, so that an old visit is laid once a week.

Every table named here has a twin, `before_<table>`: what was laid before, or nothing. A frame lays
what is new beside it, and `<table>` is both.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import duckdb

from detectors.model import Limits

_ROW = """requester_no bigint, case_ref varchar, occurred_at timestamp, day date, system varchar,
          action varchar, reason varchar, reason_code varchar, search_terms varchar,
          fields_viewed varchar, export_rows bigint, terminal_id varchar, location varchar,
          session_id varchar, restricted boolean, break_glass boolean, visit_ordinal bigint"""
_PAIR = "user_no bigint, subject_no bigint"
_BEGAN = "v.started_at < $until"
_OF_BEGUN = f"(from visit_plain v where {_BEGAN}) using (visit_no)"

# The columns of each table, and the rows of it that are kept for a later frame.
_TABLES: Final = {
    "user_code": ("user_no bigint, user_id varchar, tenth bigint", "from user_code"),
    "subject_code": ("subject_no bigint, subject_id varchar", "from subject_code"),
    "subject_alias": (
        "subject_no bigint, subject_id varchar, named_id varchar",
        "from subject_alias",
    ),
    "role_code": ("role_no bigint, role varchar", "from role_code"),
    "area_code": ("area_no bigint, area varchar", "from area_code"),
    "link": ("subject_no bigint, linked_no bigint", "from link"),
    "subject_fact": (
        "subject_no bigint, kind varchar, area varchar, surname varchar, markers varchar[]",
        "from subject_fact",
    ),
    "access_kind": ("subject_no bigint, subject_type varchar, times bigint", "from access_kind"),
    "visit_row": (
        f"{_PAIR}, {_ROW}",
        f"""select r.* from visit_row r semi join (from visit_plain v where {_BEGAN}) v
            using (user_no, subject_no, visit_ordinal)""",
    ),
    "visit_plain": (
        f"visit_no bigint, {_PAIR}, visit_ordinal bigint, started_at timestamp, day date",
        f"from visit_plain v where {_BEGAN}",
    ),
    "visit_asked": (
        f"visit_no bigint, {_PAIR}, started_at timestamp, day date",
        f"from visit_asked v where {_BEGAN}",
    ),
    "spell": (
        "user_no bigint, occurred_at timestamp, began_at timestamp",
        "from spell where occurred_at < $until",
    ),
    "visit_duty": (
        "visit_no bigint, on_duty boolean, duty_day date",
        f"select d.* from visit_duty d semi join {_OF_BEGUN}",
    ),
    "visit_off": (
        "visit_no bigint, off_by_roster boolean, off_by_breaks boolean",
        f"select o.* from visit_off o semi join {_OF_BEGUN}",
    ),
    "torn_day": ("user_no bigint, day date", "from torn_day where day < $until::date"),
    "explained": (
        "visit_no bigint, kind varchar, level integer, place integer",
        f"select e.* from explained e semi join {_OF_BEGUN}",
    ),
    "visit": (
        f"""visit_no bigint, {_PAIR}, visit_ordinal bigint, started_at timestamp, day date,
            on_duty boolean, duty_day date, level integer, kind varchar, opens_duty_day boolean,
            opens_open_day boolean, opens_unexplained_day boolean""",
        f"from visit v where {_BEGAN}",
    ),
    "look": (
        f"{_PAIR}, day date, slot bigint, unexplained boolean",
        "from look where day < $until::date",
    ),
    "pair_day": (
        f"""{_PAIR}, day date, open boolean, visits bigint, unexplained_visits bigint,
            duty_days bigint, open_days bigint, unexplained_days bigint, level integer""",
        "from pair_day where day < $until::date",
    ),
    "responsible": ("role varchar, type varchar, week date", "from responsible"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Groundwork:
    """Where an earlier frame of the same records left what it laid."""

    schema: str  # that holds its tables, as SQL names it
    until: datetime  # midnight UTC; visits that began before are taken over as they were laid
    known_to: datetime  # midnight UTC; accesses before were in that frame


def lay_before(connection: duckdb.DuckDBPyConnection, groundwork: Groundwork | None) -> None:
    """Lays `before_<table>` for every table that one frame takes over from another."""
    _forget(connection)
    for table, (columns, _) in _TABLES.items():
        if groundwork is None:
            connection.execute(f"create or replace temp table before_{table} ({columns})")
        else:
            connection.execute(
                f"create temp view before_{table} as from {groundwork.schema}.{table}"
            )


def lay_together(connection: duckdb.DuckDBPyConnection, *tables: str, copied: bool = False) -> None:
    """Lays each table as what was laid before and what is new, which is `new_<table>` from now on.

    Args:
        connection: with the new rows laid under the table's name.
        tables: by name.
        copied: whether the rows are put together, and not only seen together: for what is small
            and joined to everything.
    """
    for table in tables:
        if not connection.execute(f"select 1 from before_{table} limit 1").fetchall():
            connection.execute(f"create temp view new_{table} as from {table}")
            continue
        connection.execute(f"""
            alter table temp.{table} rename to new_{table};
            create temp {"table" if copied else "view"} {table} as
            from before_{table} union all by name from new_{table};
        """)


def keep(connection: duckdb.DuckDBPyConnection, *, schema: str, until: datetime) -> None:
    """Writes the tables of the frame that is laid into a schema, for a later frame to go on from.

    Args:
        connection: with a frame laid that takes over from none.
        schema: empty, as SQL names it.
        until: visits that began before are kept, UTC.
    """
    for table, (_, rows) in _TABLES.items():
        values = {"until": naive(until)} if "$until" in rows else None
        connection.execute(f"create table {schema}.{table} as {rows}", values)


def settled(known_to: datetime, limits: Limits) -> datetime:
    """Midnight up to which no record of after a moment can explain a visit.

    Args:
        known_to: midnight UTC.
        limits: how far apart a visit and a record that explains it may lie.
    """
    furthest = max(
        limits.before, limits.after, limits.colleague, limits.dispatch, limits.supervision,
        limits.own_report, limits.court,
    )  # fmt: skip
    return known_to - timedelta(days=furthest.days + 2)


def naive(moment: datetime) -> datetime:
    """The moment as the analysis holds it: UTC without an offset."""
    return moment.replace(tzinfo=None)


def _forget(connection: duckdb.DuckDBPyConnection) -> None:
    """Drops what an earlier frame laid under names that are about to be something else."""
    laid = [f"{stage}{table}" for table in _TABLES for stage in ("new_", "before_", "")]
    for kind in ("view", "table"):
        found = connection.execute(
            f"select {kind}_name from duckdb_{kind}s() where temporary and {kind}_name in "
            "(select unnest($names::varchar[]))",
            {"names": laid},
        ).fetchall()
        for (name,) in found:
            connection.execute(f"drop {kind} temp.{name}")

"""The records as they were known at a moment: what happened later is not there."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

import duckdb

from detectors.framing.groundwork import naive

_NEVER: Final = "timestamp '9000-01-01'"  # as an end that is still to come


def _held(*, until: str = "") -> str:
    """SQL of the rows of a span that had begun, an end still to come left open."""
    rows = (
        f"select * replace (case when {until} < {{at}} then {until} end as {until})"
        if until
        else ""
    )
    return f"{rows} from {{whole}} where coalesce(valid_from < {{at}}, true)"


# Without a row here a table is seen whole: what it says has no date of its own, or changes whom a
# row is of, whenever it was said.
_KNOWN: Final = {
    "events": "from {whole} where occurred_at < {at}",
    "staff": _held(until="valid_to"),
    "shifts": "from {whole} where coalesce(starts_at < {at}, true)",
    "cases": """select * replace (case when closed_at < {at} then closed_at end as closed_at)
                from {whole} where coalesce(opened_at < {at}, true)""",
    # An end still to come is no end, but of a tasking that outlives its case.
    "taskings": f"""
        with told as (
            select case_ref, min(opened_at) as opened_at,
                   coalesce(bool_or(closed_at < {{at}}), false) as closed
            from {{cases}} where case_ref is not null group by case_ref
        )
        select t.* replace (
                   case when t.ends_at < {{at}} then t.ends_at
                        when t.ends_at is not null and k.closed then {_NEVER} end as ends_at)
        from {{whole}} t left join told k using (case_ref)
        where coalesce(coalesce(t.starts_at, k.opened_at) < {{at}}, true)
    """,
    "case_subjects": """
        from {whole} anti join (from {cases} where opened_at >= {at}) using (case_ref)
    """,
    "record_changes": "from {whole} where coalesce(changed_at < {at}, true)",
    "declared_associations": _held(until="valid_to"),
    "watched_records": _held(until="valid_to"),
    "outcomes": "from {whole} where coalesce(decided_at < {at}, true)",
}


@contextmanager
def known_at(connection: duckdb.DuckDBPyConnection, moment: datetime) -> Iterator[None]:
    """For as long as it lasts the connection's views show what was known at a moment, UTC.

    A span that was going on has no end yet. A tasking or case of later, and what is said of it, is
    not there; when a row was loaded does not matter.
    """
    database = connection.execute("select current_database()").fetchall()[0][0]
    own = {
        str(name)
        for (name,) in connection.execute(
            "select view_name from duckdb_views() where temporary"
        ).fetchall()
    }
    at = f"timestamp '{naive(moment).isoformat(sep=' ')}'"
    for table in own & _KNOWN.keys():
        connection.execute(f"alter view temp.{table} rename to whole_{table}")
    whole = {
        table: f"temp.whole_{table}" if table in own else f'"{database}".main.{table}'
        for table in _KNOWN
    }
    for table, sql in _KNOWN.items():
        rows = sql.format(whole=whole[table], cases=whole["cases"], at=at)
        connection.execute(f"create temp view {table} as {rows}")
    try:
        yield
    finally:
        for table in _KNOWN:
            connection.execute(f"drop view temp.{table}")
        for table in own & _KNOWN.keys():
            connection.execute(f"alter view temp.whole_{table} rename to {table}")

"""Every template asked about every visit at once."""

from collections.abc import Mapping

import duckdb

from detectors.explanations.templates import DECIDED, TEMPLATES, Template
from detectors.model import Limits


def lay_explanations(
    connection: duckdb.DuckDBPyConnection, limits: Limits, feeds: frozenset[str]
) -> None:
    """Lays `explained`: a row for each kind of record that explains a visit, however weakly.

    The place is the template's in the order of strength; of two explanations of one level the
    earlier is named.
    """
    connection.execute("""
        create or replace temp table explained
        (visit_no bigint, kind varchar, level integer, place integer)
    """)
    for place, template in enumerate((*TEMPLATES, DECIDED)):
        if template.needs <= feeds:
            _laid(connection, template, limits=limits, place=place)


def bound(limits: Limits, sql: str) -> Mapping[str, object]:
    """The time limits that a template's query names."""
    known = {
        "before": limits.before,
        "after": limits.after,
        "colleague": limits.colleague,
        "supervision": limits.supervision,
        "court": limits.court,
    }
    return {name: value for name, value in known.items() if f"${name}" in sql}


def _laid(
    connection: duckdb.DuckDBPyConnection, template: Template, *, limits: Limits, place: int
) -> None:
    connection.execute(
        f"""insert into explained
            select distinct visit_no, '{template.kind}', {template.level}, {place}
            from ({template.sql})""",
        bound(limits, template.sql),
    )

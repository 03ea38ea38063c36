"""What records explain of the visits that some rows of the log belong to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb

from detectors.framing import framed
from detectors.model import Window
from monitor.home_records import records_of, rules_of
from monitor.wiring import Site

_OF_ROWS = """
    with chosen as (
        select distinct u.user_no, s.subject_no from (select unnest($rows) as event_id) w
        join event_named e using (event_id)
        join user_code u on u.user_id = e.user_id
        join subject_alias s on s.subject_id = e.named_id
    )
    select coalesce(v.kind, ''), count(*) from visit v
    join chosen using (user_no, subject_no) group by all order by 2 desc, 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedVisits:
    """How many visits one kind of explanation covers; an empty kind: no record explains them."""

    kind: str
    visits: int


def explained_visits(
    site: Site, groups: Sequence[Sequence[str]], *, start: datetime, end: datetime
) -> tuple[tuple[ExplainedVisits, ...], ...]:
    """For each group of rows, by event id, what explains the visits of its people to its records.

    Args:
        site: whose lake is read.
        groups: event ids.
        start: first moment looked at.
        end: first moment that is left out.
    """
    found = records_of(site, engine=site.settings.engine, whole=True)
    if found is None:
        return tuple(() for _ in groups)
    records, _ = found
    window = Window(start=start.astimezone(UTC), end=end.astimezone(UTC))
    try:
        framed(records.connection, window, limits=rules_of(site).limits, feeds=records.feeds)
        return tuple(_of_rows(records.connection, group) for group in groups)
    finally:
        records.connection.close()


def _of_rows(
    connection: duckdb.DuckDBPyConnection, rows: Sequence[str]
) -> tuple[ExplainedVisits, ...]:
    found = connection.execute(_OF_ROWS, {"rows": list(rows)}).fetchall()
    return tuple(ExplainedVisits(kind=kind, visits=int(visits)) for kind, visits in found)

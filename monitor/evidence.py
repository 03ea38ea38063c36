"""The rows and visits behind one alert, framed by the code that judged it."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from alerts.model import Alert
from detectors.model import Limits, Window
from monitor.knowledge import lay_allowances
from monitor.limits import limits_of
from monitor.views.facts import Evidence, EvidenceRow, Link, Visit

if TYPE_CHECKING:  # the lake is opened when evidence is asked for
    import duckdb

    from monitor.wiring import Site

_TICK: Final = timedelta(microseconds=1)


def evidence_of(site: "Site", alert: Alert) -> Evidence | str:
    """The evidence of an alert as the lake holds it now, or why there is none."""
    snapshot = site.lake.snapshot()
    if "events" not in snapshot.tables:
        return "The lake of this home holds no access: the rows are not at hand."
    feeds = frozenset(name for name, files in snapshot.tables.items() if files.rows)
    connection = snapshot.connect(engine=site.settings.engine)
    try:
        _lay_own_accesses(connection, alert)
        lay_allowances(connection, site.store.allowances())
        return _evidence(connection, alert, limits=limits_of(site.settings), feeds=feeds)
    finally:
        connection.close()


def _evidence(
    connection: "duckdb.DuckDBPyConnection", alert: Alert, *, limits: Limits, feeds: frozenset[str]
) -> Evidence:
    visits = _visits(connection, alert, limits=limits, feeds=feeds)
    rows = _rows(connection, alert)
    return Evidence(
        rows=tuple(_with_duty(rows, visits)),
        visits=visits,
        links=_links(connection, alert.focus_subject_id),
        missing=len(set(alert.event_ids) - {row.event_id for row in rows}),
    )


def _lay_own_accesses(connection: "duckdb.DuckDBPyConnection", alert: Alert) -> None:
    """Lays views that hide everybody else's accesses: a frame of one person is quickly made."""
    connection.execute("create or replace temp table alert_user (user_id varchar)")
    connection.executemany("insert into alert_user values (?)", [[u] for u in alert.user_ids])
    connection.execute("""
        create or replace temp view events as
        select * from memory.main.events where user_id in (select user_id from temp.alert_user)
    """)


def _visits(
    connection: "duckdb.DuckDBPyConnection", alert: Alert, *, limits: Limits, feeds: frozenset[str]
) -> tuple[Visit, ...]:
    from detectors.framing import framed

    window = Window(start=alert.first_event_at, end=alert.last_event_at + _TICK)
    framed(connection, window, limits=limits, feeds=feeds)
    found = _fetched(
        connection,
        """
        select u.user_id, s.subject_id, v.started_at, v.duty_day as day, v.on_duty,
               coalesce(v.kind, '') as explained_by
        from visit v join user_code u using (user_no) join subject_code s using (subject_no)
        where s.subject_id in (select unnest($subjects::varchar[]))
          and u.user_id in (select user_id from temp.alert_user)
          and v.started_at between $first and $last
        order by v.started_at, s.subject_id
        """,
        {"subjects": list(alert.subject_ids), **_between(alert)},
    )
    return tuple(Visit(**{**row, "started_at": _aware(row["started_at"])}) for row in found)


def _rows(connection: "duckdb.DuckDBPyConnection", alert: Alert) -> tuple[EvidenceRow, ...]:
    found = _fetched(
        connection,
        """
        select e.event_id, e.occurred_at, e.user_id, s.named_id as subject_id,
               e.system, e.action, coalesce(e.requester_id, '') as requester_id,
               coalesce(e.subject_type, '') as subject_type, coalesce(e.reason, '') as reason,
               coalesce(e.reason_code, '') as reason_code, coalesce(e.case_ref, '') as case_ref,
               coalesce(e.search_terms, '') as search_terms,
               coalesce(e.terminal_id, '') as terminal_id, coalesce(e.file, '') as file,
               coalesce(e.line, 0) as line, coalesce(e.raw_sha256, '') as raw_sha256
        from event_named e join subject_alias s on s.subject_id = e.named_id
        where e.event_id in (select unnest($ids::varchar[]))
          and e.occurred_at between $first and $last and e.month between $from_month and $to_month
        order by e.occurred_at, e.source, e.event_id
        """,
        {"ids": list(alert.event_ids), **_between(alert), **_months(alert)},
    )
    return tuple(EvidenceRow(**{**row, "occurred_at": _aware(row["occurred_at"])}) for row in found)


def _links(connection: "duckdb.DuckDBPyConnection", focus: str) -> Mapping[str, Link]:
    """Records tied to the focus, by id, whichever way round the tie was written down."""
    found = _fetched(
        connection,
        """
        with tied as (
            select linked_subject_id as subject_id, relation from subject_links
            where subject_id = $focus
            union all
            select subject_id, relation from subject_links where linked_subject_id = $focus
        )
        select subject_id, coalesce(min(relation), '') as relation,
               coalesce(min(s.subject_type), '') as subject_type
        from tied left join subjects s using (subject_id)
        where subject_id <> $focus group by subject_id
        """,
        {"focus": focus},
    )
    return {row["subject_id"]: Link(**row) for row in found}


def _with_duty(rows: Iterable[EvidenceRow], visits: Sequence[Visit]) -> Iterable[EvidenceRow]:
    """Each row with the duty state of the visit it belongs to: the last one begun before it."""

    def pair(visit: Visit) -> tuple[str, str]:
        return visit.user_id, visit.subject_id

    by_pair = {key: list(those) for key, those in groupby(sorted(visits, key=pair), key=pair)}
    for row in rows:
        theirs = by_pair.get((row.user_id, row.subject_id), [])
        place = bisect_right(theirs, row.occurred_at, key=lambda visit: visit.started_at)
        yield replace(row, on_duty=theirs[place - 1].on_duty) if place else row


def _fetched(
    connection: "duckdb.DuckDBPyConnection", sql: str, values: Mapping[str, object]
) -> list[dict[str, Any]]:
    cursor = connection.execute(sql, values)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _between(alert: Alert) -> dict[str, datetime]:
    return {"first": _naive(alert.first_event_at), "last": _naive(alert.last_event_at)}


def _months(alert: Alert) -> dict[str, str]:
    return {
        "from_month": f"{_naive(alert.first_event_at):%Y-%m}",
        "to_month": f"{_naive(alert.last_event_at):%Y-%m}",
    }


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)

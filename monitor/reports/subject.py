"""Who looked at one person, and why: for that person's own request, third parties masked.

A member of staff is a third party here, and appears as a token with a role.
What somebody typed is not repeated, because it may name others; only that it was typed.
Whether an alert exists is never said: that is a decision of its own, and not a fact of the log.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from alerts.errors import Misused
from detectors.explanations import TEMPLATES
from detectors.model import Window
from monitor.feeds import missing_in
from monitor.limits import limits_of
from monitor.reports.page import Page, Section, Table, cells
from monitor.views.wording import count, plain_name, when

if TYPE_CHECKING:
    import duckdb

    from monitor.wiring import Site

_LOOKED_FOR: Final = {template.kind: template.looks_for for template in TEMPLATES}
_NOT_FOUND: Final = "no record found explains it"
_TICK: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectVisit:
    """One visit to the person's record."""

    started_at: datetime
    user_id: str
    role: str  # at that time; empty where not known
    rows: int
    systems: tuple[str, ...]
    actions: tuple[str, ...]
    reason_typed: bool
    kind: str  # of the strongest explanation; empty where none was found


def visits_to(site: "Site", subject_id: str) -> tuple[SubjectVisit, ...]:
    """Every visit to a person's record that the lake holds, oldest first.

    Raises:
        Misused: no access names the person.
    """
    from detectors.framing import framed

    snapshot = site.lake.snapshot()
    feeds = frozenset(name for name, files in snapshot.tables.items() if files.rows)
    connection = snapshot.connect(engine=site.settings.engine)
    try:
        _lay_own_rows(connection, subject_id)
        span = connection.execute(
            "select min(occurred_at), max(occurred_at) from events"
        ).fetchone()
        if span is None or span[0] is None:
            gone = _erased(site)
            said = f"; {gone}" if site.lake.erased else ""
            raise Misused(
                f"subject: no access of this lake names this id{said}; possible: the id in another"
                " system, or its owner asked"
            )
        window = Window(start=_aware(span[0]), end=_aware(span[1]) + _TICK)
        framed(connection, window, limits=limits_of(site.settings), feeds=feeds)
        return tuple(_visit(row) for row in _rows(connection))
    finally:
        connection.close()


def subject_page(
    subject_id: str,
    visits: Sequence[SubjectVisit],
    *,
    site: "Site",
    unmasked: bool,
    written_at: datetime,
) -> Page:
    """The person's own report; members of staff are tokens in it whoever reads it.

    Args:
        subject_id: of the person who asks.
        visits: oldest first.
        site: for zone, masker and feeds.
        unmasked: whether the person's own id is written out.
        written_at: now.
    """
    masker, zone = site.masker.for_files(), site.settings.zone
    shown = subject_id if unmasked else masker.record(subject_id)
    missing = ", ".join(map(plain_name, missing_in(site.home.lake))) or "none"
    staff = len({visit.user_id for visit in visits})
    rows = (
        cells(
            when(visit.started_at, zone),
            masker.staff(visit.user_id),
            plain_name(visit.role) or "not known",
            ", ".join(visit.systems),
            ", ".join(visit.actions),
            why(visit.kind),
            "a reason was typed" if visit.reason_typed else "no reason was typed",
        )
        for visit in visits
    )
    return Page(
        kind="subject",
        title=f"Who looked at the record {shown}",
        lead=f"Logs held: {count(len(visits), 'visit')} by {count(staff, 'member')} of staff.",
        about=(
            ("Person", shown),
            ("From", when(visits[0].started_at, zone)),
            ("To", when(visits[-1].started_at, zone)),
            ("Written", when(written_at, zone)),
            ("Feeds missing", missing),
            ("Erased", _erased(site)),
        ),
        sections=(
            _summary(visits),
            Section(
                heading="Every visit",
                wide=True,
                says=(
                    (
                        "A visit is what one member of staff did with the record without a gap of"
                        f" {site.settings.visits.gap_minutes} minutes. Members of staff appear as"
                        " tokens: the same token is the same person."
                    ),
                ),
                tables=(
                    Table(
                        caption="Visits, oldest first",
                        head=("When", "By", "Role", "Systems", "What", "Why", "Reason"),
                        rows=tuple(rows),
                    ),
                ),
            ),
            _what_it_is(),
        ),
    )


def _erased(site: "Site") -> str:
    """What the log cannot tell any more, because its time was over."""
    erased = site.lake.erased
    if erased is None:
        return "nothing"
    return f"{erased.says()}; of what was before, little or nothing is left"


def why(kind: str) -> str:
    """The reason that records give for a visit, in words."""
    if not kind:
        return _NOT_FOUND
    return f"explained by {_LOOKED_FOR.get(kind, plain_name(kind))}"


def _summary(visits: Sequence[SubjectVisit]) -> Section:
    by_kind = Counter(visit.kind for visit in visits)
    by_role = Counter(plain_name(visit.role) or "not known" for visit in visits)
    return Section(
        heading="In short",
        tables=(
            Table(
                caption="Visits by the reason that records give",
                head=("Why", "Visits"),
                rows=tuple(cells(why(kind), number) for kind, number in by_kind.most_common()),
            ),
            Table(
                caption="Visits by role",
                head=("Role", "Visits"),
                rows=tuple(cells(role, number) for role, number in by_role.most_common()),
            ),
        ),
    )


def _what_it_is() -> Section:
    return Section(
        heading="What this is, and what it is not",
        points=(
            "It lists accesses in the logs that were loaded; a system without a log leaves none.",
            "A task given by word of mouth leaves no record: a visit without one may have had one.",
            "Other people in the records, and members of staff, are not named.",
            "Exemptions and restrictions are for whoever releases it to decide and record.",
        ),
    )


def _lay_own_rows(connection: "duckdb.DuckDBPyConnection", subject_id: str) -> None:
    """Lays a view of the accesses to one person alone, by whichever of the person's ids."""
    connection.execute("create or replace temp table own_id (subject_id varchar)")
    connection.execute("insert into own_id values (?)", [subject_id])
    connection.execute("""
        insert into own_id
        select distinct local_id from subject_identifiers
        where subject_id in (select subject_id from own_id);
        create or replace temp view events as
        select * from memory.main.events
        where subject_id in (select subject_id from temp.own_id)
    """)


def _rows(connection: "duckdb.DuckDBPyConnection") -> list[tuple[Any, ...]]:
    """Each visit with its rows summed up; a local id of somebody else's is left out."""
    return connection.execute("""
        with theirs as (
            select v.*, coalesce(p.role, '') as role,
                   row_number() over (partition by v.visit_no order by p.valid_from desc) as newest
            from visit v
            join subject_code s using (subject_no)
            join temp.own_id o on o.subject_id = s.subject_id
            left join post p on p.user_no = v.user_no
                            and v.started_at >= p.valid_from and v.started_at < p.valid_to
        )
        select any_value(t.started_at), any_value(u.user_id), any_value(t.role), count(*),
               list_sort(list_distinct(list(r.system))), list_sort(list_distinct(list(r.action))),
               bool_or(coalesce(r.reason, r.reason_code, '') <> ''),
               coalesce(any_value(t.kind), '')
        from theirs t join user_code u using (user_no)
        join visit_row r using (user_no, subject_no, visit_ordinal)
        where t.newest = 1
        group by t.visit_no order by 1, 2
    """).fetchall()


def _visit(row: tuple[Any, ...]) -> SubjectVisit:
    return SubjectVisit(
        started_at=_aware(row[0]),
        user_id=row[1],
        role=row[2],
        rows=row[3],
        systems=tuple(row[4]),
        actions=tuple(row[5]),
        reason_typed=row[6],
        kind=row[7],
    )


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)

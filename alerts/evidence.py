"""What lies behind a case: the rows, the visits, and what was looked for to explain them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from alerts.model import ExplanationTested
from detectors.explanations import DECIDED, TEMPLATES, Template, decision_of, path_of
from detectors.model import Frame, Limits

_EXPLAINED_DAYS = 92  # how far back explanations are told: every frame reaches at least that far


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One member of staff's visits to a set of records, in one episode."""

    first_event_at: datetime
    last_event_at: datetime
    event_ids: tuple[str, ...]  # oldest first
    visits: int
    visit_days: int  # local days on which a visit began
    visits_on_focus: int
    busiest_day: date  # local, the first of the busiest
    busiest_day_rows: int
    taken_away: int  # prints and exports among the rows
    explanations: tuple[ExplanationTested, ...]


def lay_evidence_rows(frame: Frame, user_ids: Sequence[str], *, limits: Limits) -> None:
    """Lays `evidence_row`: every row of the given users, with its id and whether it opens a visit.

    The whole history is read, so that an episode is told from its first row however long it lasts.
    """
    frame.connection.execute(
        """
        create or replace temp table evidence_row as
        with theirs as (
            select u.user_no, s.subject_no, e.event_id, e.source, e.occurred_at, e.action
            from event_named e
            join user_code u using (user_id) join subject_alias s on s.subject_id = e.named_id
            where e.user_id in (select unnest($users::varchar[]))
        )
        select *, timezone($zone, timezone('UTC', occurred_at))::date as local_day,
               coalesce(occurred_at - lag(occurred_at) over pair >= $gap, true) as opens_visit
        from theirs
        window pair as (partition by user_no, subject_no order by occurred_at, source, event_id)
        """,
        {"users": list(user_ids), "zone": limits.zone, "gap": limits.gap},
    )


def evidence(  # noqa: PLR0913 whose rows, on whom, until when, and by which limits
    frame: Frame,
    *,
    user_no: int,
    subject_nos: Sequence[int],
    until: datetime,
    quiet: timedelta,
    limits: Limits,
    since: datetime | None = None,
) -> Evidence | None:
    """The episode that was still going at a moment, or nothing if nobody looked.

    Args:
        frame: with `evidence_row` laid.
        user_no: of the member of staff.
        subject_nos: the focus first, then the records around it.
        until: rows before this count.
        quiet: without a row, that ends an episode.
        limits: that the frame was laid with.
        since: rows before this do not count, however long the episode.
    """
    began = _episode_start(frame, user_no, subject_nos=subject_nos, until=until, quiet=quiet)
    if began is None:
        return None
    began = max(began, _naive(since)) if since else began
    values = {"user": user_no, "subjects": list(subject_nos), "start": began, "end": _naive(until)}
    rows = frame.connection.execute(
        f"""select event_id, occurred_at, action, subject_no, local_day, opens_visit
            from evidence_row where {_THEIRS} order by occurred_at, source, event_id""",
        values,
    ).fetchall()
    if not rows:
        return None
    opening = [row for row in rows if row[5]]
    by_day = Counter(row[4] for row in rows)
    busiest = min(by_day, key=lambda day: (-by_day[day], day))
    return Evidence(
        first_event_at=_aware(rows[0][1]),
        last_event_at=_aware(rows[-1][1]),
        event_ids=tuple(dict.fromkeys(str(row[0]) for row in rows)),
        visits=len(opening),
        visit_days=len({row[4] for row in opening}),
        visits_on_focus=sum(row[3] == subject_nos[0] for row in opening),
        busiest_day=busiest,
        busiest_day_rows=by_day[busiest],
        taken_away=sum(row[2] in {"print", "export"} for row in rows),
        explanations=_tested(
            frame, {**values, "start": max(began, _of_late(until))}, limits=limits
        ),
    )


_THEIRS = """user_no = $user and subject_no in (select unnest($subjects::bigint[]))
             and occurred_at >= $start and occurred_at < $end"""
_THEIR_VISITS = _THEIRS.replace("occurred_at", "started_at")


def _episode_start(
    frame: Frame, user_no: int, *, subject_nos: Sequence[int], until: datetime, quiet: timedelta
) -> datetime | None:
    """The first row after the last quiet spell, UTC without offset."""
    rows = frame.connection.execute(
        """
        with theirs as (
            select occurred_at,
                   occurred_at - lag(occurred_at) over (order by occurred_at) > $quiet as begins
            from evidence_row
            where user_no = $user and subject_no in (select unnest($subjects::bigint[]))
              and occurred_at < $end
        )
        select coalesce(max(occurred_at) filter (begins), min(occurred_at)) from theirs
        """,
        {"quiet": quiet, "user": user_no, "subjects": list(subject_nos), "end": _naive(until)},
    ).fetchall()
    began: datetime | None = rows[0][0]
    return began


def _of_late(until: datetime) -> datetime:
    return _naive(until) - timedelta(days=_EXPLAINED_DAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """The visits that one template explains."""

    visit_nos: Sequence[int]
    of: int  # visits in all
    focus_no: int


def _tested(
    frame: Frame, late: Mapping[str, Any], *, limits: Limits
) -> tuple[ExplanationTested, ...]:
    """Every template's verdict on the visits of late; a missing feed is said aloud."""
    visits = frame.connection.execute(
        f"select count(*) from visit where {_THEIR_VISITS}", late
    ).fetchall()[0][0]
    found: dict[str, list[int]] = {}
    for kind, number in frame.connection.execute(
        f"""select distinct e.kind, visit_no from visit join explained e using (visit_no)
            where {_THEIR_VISITS} order by all""",
        late,
    ).fetchall():
        found.setdefault(kind, []).append(int(number))
    return tuple(
        _verdict(
            frame,
            item,
            found=_Found(
                visit_nos=found.get(item.kind, []), of=int(visits), focus_no=late["subjects"][0]
            ),
            limits=limits,
        )
        for item in (*TEMPLATES, *([DECIDED] if DECIDED.kind in found else []))
    )


def _verdict(
    frame: Frame, template: Template, *, found: _Found, limits: Limits
) -> ExplanationTested:
    missing = sorted(template.needs - frame.feeds)
    if missing:
        return ExplanationTested(
            kind=template.kind,
            verdict="could not be tested",
            says=f"looked for {template.looks_for}: {', '.join(missing)} not loaded",
        )
    explained = len(found.visit_nos)
    return ExplanationTested(
        kind=template.kind,
        verdict=_word(template, explained, visits=found.of),
        says=f"looked for {template.looks_for}: found for {explained} of {found.of} visits "
        f"in {_EXPLAINED_DAYS} days{_way(frame, template, found=found, limits=limits)}",
    )


def _way(frame: Frame, template: Template, *, found: _Found, limits: Limits) -> str:
    """The path that explains the most of the visits, in words; empty where there is none."""
    if not found.visit_nos:
        return ""
    path = (
        decision_of(frame.connection, visit_nos=found.visit_nos)
        if template is DECIDED
        else path_of(
            frame.connection, template, limits, visit_nos=found.visit_nos, focus_no=found.focus_no
        )
    )
    if path is None:
        return ""
    by = "by" if path.visits == len(found.visit_nos) else f"{path.visits} of them by"
    return f", {by} {path.words}"


def _word(template: Template, explained: int, *, visits: int) -> str:
    if explained == 0:
        return "does not explain"
    if explained >= visits and template.level == 2:
        return "explains"
    return "partly explains"


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)

"""The alert that a case makes or adds to, and alerts that more lookups add to."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from alerts.cases import Case
from alerts.model import Alert, Status
from alerts.raising import Circumstances, Grounds, extended, matching, raised, reopened
from detectors.model import Frame
from monitor.judgement.grounds import grounds_of
from monitor.judgement.since_closing import Anew, Apart, counted_anew
from monitor.judgement.sitting import Sitting
from monitor.settled import settled_by
from monitor.utc_day import midnight


def raised_or_grown(
    sitting: Sitting, case: Case, *, grounds: Grounds, apart: Apart
) -> Alert | None:
    """The alert this case makes, or nothing where a closed alert already answers it."""
    circumstances = sitting.circumstances
    before = matching(
        sitting.bench.desk.values(), grounds.user_id, grounds.subject_ids, alone=case.alone
    )
    if before is None:
        return raised(grounds, circumstances)
    earlier = settled_by(before, sitting.bench.closings)
    anew = counted_anew(sitting, case, earlier=earlier, apart=apart) if earlier else None
    if before.status is Status.CLOSED:
        return _again(before, grounds, circumstances=circumstances, anew=anew)
    if earlier is not None:
        if anew is None:
            return before
        sitting, case, grounds = anew.sitting, anew.case, anew.grounds
    quiet = grounds.evidence.first_event_at - before.last_event_at
    if quiet > sitting.episode:
        return raised(grounds, circumstances, repeat=True)
    whole = grounds_of(sitting, _widened(sitting.frame, case, before), earlier=earlier)
    return extended(before, whole or grounds, circumstances)


def grown(sitting: Sitting, *, done: Mapping[str, Alert]) -> dict[str, Alert]:
    """Alerts whose member of staff looked at the same records again that day, by id."""
    frame, circumstances, desk = sitting.frame, sitting.circumstances, sitting.bench.desk
    users, subjects = _names(frame, "user"), _names(frame, "subject")
    looked = _looked_on(frame, circumstances.day, until=sitting.until)
    changed: dict[str, Alert] = {}
    for alert in list(desk.values()):
        if alert.alert_id in done or alert.status is Status.CLOSED or not alert.focus_subject_id:
            continue
        user_no = users.get(alert.user_ids[0])
        numbers = [subjects[name] for name in alert.subject_ids if name in subjects]
        if user_no is None or not any((user_no, number) in looked for number in numbers):
            continue
        earlier = settled_by(alert, sitting.bench.closings)
        case = Case(
            user_no=user_no,
            focus_no=numbers[0],
            subject_nos=tuple(numbers),
            place=-1,
            interval=0.0,
            since=earlier.closed_at if earlier else None,
        )
        grounds = grounds_of(sitting, case, earlier=earlier)
        quiet = circumstances.at - alert.last_event_at
        if grounds is None or quiet > sitting.episode + timedelta(days=1):
            continue
        longer = extended(alert, grounds, circumstances)
        if longer != alert:
            desk[alert.alert_id] = changed[alert.alert_id] = longer
    return changed


def _again(
    closed: Alert, grounds: Grounds, *, circumstances: Circumstances, anew: Anew | None
) -> Alert | None:
    """What becomes of evidence that a closed alert is there for; nothing where that answers it.

    What clears the floor since the closing is an alert of its own, which names the closed one; else
    the closed one is open again where the evidence as a whole is ten times rarer than it was.
    """
    if anew is None:
        return reopened(closed, grounds, circumstances)
    fresh = raised(anew.grounds, circumstances, repeat=True)
    if fresh.alert_id != closed.alert_id:
        return fresh
    # Raised and closed on the day that is judged: its id is taken.
    return replace(extended(closed, grounds, circumstances), status=Status.OPEN)


def _widened(frame: Frame, case: Case, alert: Alert) -> Case:
    """The case with every record of an alert that it adds to, around that alert's own focus."""
    subjects = _names(frame, "subject")
    before = [subjects[name] for name in alert.subject_ids if name in subjects]
    numbers = tuple(dict.fromkeys((*before, *case.subject_nos)))
    if case.alone:
        since = min(case.since, alert.first_event_at) if case.since else None
        return replace(case, subject_nos=numbers, since=since)
    return replace(case, focus_no=numbers[0], subject_nos=numbers)


def _names(frame: Frame, what: str) -> dict[str, int]:
    rows = frame.connection.execute(
        f"""select distinct c.{what}_id, c.{what}_no
            from {what}_code c semi join evidence_row using ({what}_no)"""
    ).fetchall()
    return {str(name): int(number) for name, number in rows}


def _looked_on(frame: Frame, day: date, *, until: datetime) -> frozenset[tuple[int, int]]:
    """Users and records of interest on a day, those included that a record has come to explain."""
    rows = frame.connection.execute(
        """select distinct user_no, subject_no from evidence_row
           where occurred_at >= $start and occurred_at < $end""",
        {"start": midnight(day).replace(tzinfo=None), "end": until.replace(tzinfo=None)},
    ).fetchall()
    return frozenset((int(user_no), int(subject_no)) for user_no, subject_no in rows)

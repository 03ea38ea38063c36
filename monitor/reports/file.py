"""Everything about one alert that a report needs, read once, masked or not as the desk allows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from alerts.chain import Entry, Head, sha256
from alerts.clocks import Clock
from alerts.disclosure import Item, Other, Silence, Surroundings, schedule
from alerts.lifecycle import Action
from alerts.model import Alert
from alerts.records import PromptAnswer, Version
from monitor.access.masking import Scrubber
from monitor.evidence import evidence_of
from monitor.legal import OffenceStanding, clocks_of, offences_beside
from monitor.views.casework import Casework
from monitor.views.facts import Evidence
from monitor.views.wording import day, plain_name

if TYPE_CHECKING:
    from monitor.access.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """One alert whole, as one desk may read it at one moment."""

    alert: Alert
    evidence: Evidence | str
    work: Casework
    answers: tuple[PromptAnswer, ...]  # with the question as it stood when it was answered
    clocks: tuple[Clock, ...]
    offences: tuple[OffenceStanding, ...]
    items: tuple[Item, ...]
    versions: tuple[Version, ...]
    entries: tuple[Entry, ...]  # of the chain, about this alert
    head: Head
    written_at: datetime


def case_file(desk: "Desk", alert: Alert) -> CaseFile:
    """The file of an alert.

    Args:
        desk: of whoever reads it.
        alert: with real ids; what comes back is masked unless the desk is not.
    """
    site, now = desk.site, desk.site.clock.now()
    real = evidence_of(site, alert)
    shown, evidence, work = (
        desk.shown(alert),
        desk.shown_evidence(real, alert),
        desk.casework(alert),
    )
    answers = tuple(site.store.prompt_answers(alert.alert_id))
    entries = tuple(
        _shown(entry, desk, alert=alert) for entry in site.store.chain(about=alert.alert_id)
    )
    versions = site.store.versions(alert.alert_id)
    around = _surroundings(
        desk, alert, evidence=evidence, work=work, entries=entries, versions=versions
    )
    standing = work.standing
    return CaseFile(
        alert=shown,
        evidence=evidence,
        work=work,
        answers=answers,
        clocks=clocks_of(
            site.prompt_pack, alert, standing=standing, now=now, zone=site.settings.zone
        ),
        offences=offences_beside(site.prompt_pack, alert, standing=standing),
        items=schedule(shown, around),
        versions=versions,
        entries=entries,
        head=site.store.head(),
        written_at=now,
    )


def answer_as_it_stood(file: CaseFile, prompt_id: str) -> PromptAnswer | None:
    """The latest answer to a question, with its wording on the day it was answered."""
    return next((one for one in reversed(file.answers) if one.prompt_id == prompt_id), None)


def line_sha256(version: Version) -> str:
    """The SHA-256 of a version's line, as the chain keeps it."""
    return sha256(version.line)


def _shown(entry: Entry, desk: "Desk", *, alert: Alert) -> Entry:
    """The entry, with tokens for ids that somebody typed into its purpose.

    Its hash is of the words as they were typed: the chain itself is verified in its home.
    """
    if desk.shows(alert) or not entry.purpose:
        return entry
    return replace(entry, purpose=Scrubber.of(alert, desk.site.masker).clean(entry.purpose))


def _surroundings(  # noqa: PLR0913 what a schedule rests on, all named
    desk: "Desk",
    alert: Alert,
    *,
    evidence: Evidence | str,
    work: Casework,
    entries: Sequence[Entry],
    versions: Sequence[Version],
) -> Surroundings:
    visits = () if isinstance(evidence, str) else evidence.visits
    rows = () if isinstance(evidence, str) else evidence.rows
    known = [visit for visit in visits if visit.on_duty is not None]
    return Surroundings(
        visits=len(visits),
        visits_explained=sum(bool(visit.explained_by) for visit in visits),
        visits_with_roster=len(known),
        visits_on_duty=sum(bool(visit.on_duty) for visit in known),
        rows_with_case=sum(bool(row.case_ref) for row in rows),
        rows_with_reason=sum(bool(row.reason or row.reason_code) for row in rows),
        rows_missing=len(alert.event_ids) if isinstance(evidence, str) else evidence.missing,
        other_staff=_other_staff(desk, alert),
        silences=tuple(_silences(desk, alert, entries=entries)),
        others=tuple(_others(desk, alert, work=work)),
        suppressions=(*_suppressions(desk, alert), *_allowances(desk, alert)),
        against=tuple(_against(work)),
        versions=len(versions),
        written_at=desk.site.clock.now(),
    )


def _other_staff(desk: "Desk", alert: Alert) -> int:
    """How many other members of staff looked at the focus between the first row and the last."""
    snapshot = desk.site.lake.snapshot()
    if "events" not in snapshot.tables or not alert.focus_subject_id:
        return 0
    connection = snapshot.connect(engine=desk.site.settings.engine)
    try:
        row = connection.execute(
            """select count(distinct user_id) from events
               where subject_id = $focus and occurred_at between $first and $last
                 and user_id not in (select unnest($users::varchar[]))""",
            {
                "focus": alert.focus_subject_id,
                "first": alert.first_event_at.astimezone(UTC).replace(tzinfo=None),
                "last": alert.last_event_at.astimezone(UTC).replace(tzinfo=None),
                "users": list(alert.user_ids),
            },
        ).fetchone()
    finally:
        connection.close()
    return int(row[0]) if row else 0


def _silences(desk: "Desk", alert: Alert, *, entries: Sequence[Entry]) -> Iterator[Silence]:
    """Detectors that abstained on the days that made this alert, and those that found nothing."""
    from monitor.running import running_at

    spoken = {finding.detector for finding in alert.findings}
    days = {entry.told.get("day", "") for entry in entries if "day" in entry.told}
    judged = desk.site.store.days.judged()
    abstained: dict[str, str] = {}
    for on, facts in judged.items():
        if on.isoformat() in days:
            for one in facts.abstentions:
                reason = f"declined to judge {one['pairs']} pairs of that day: {one['reason']}"
                abstained.setdefault(str(one["detector"]), reason)
    for entry in running_at(desk.site.home.config):
        if entry.name not in spoken:
            why = abstained.get(entry.name, "ran, and is not among the findings")
            yield Silence(detector=entry.name, why=why)


def _others(desk: "Desk", alert: Alert, *, work: Casework) -> Iterator[Other]:
    """Other alerts on the same member of staff, and on the same person looked up."""
    for one in work.others:
        same = "same member of staff"
        yield Other(
            alert_id=one.alert_id, tie=same, status=str(one.status), ended=_ended(desk, one)
        )
    seen = {alert.alert_id, *(one.alert_id for one in work.others)}
    focus = [alert.focus_subject_id] if alert.focus_subject_id else []
    for one in desk.site.store.alerts_of_subjects(focus):
        if one.alert_id not in seen and desk.knows(one):
            tie = "same record looked up, another member of staff"
            yield Other(
                alert_id=one.alert_id, tie=tie, status=str(one.status), ended=_ended(desk, one)
            )


def _ended(desk: "Desk", alert: Alert) -> str:
    """How an alert was closed last; empty where it was not."""
    closed = [n for n in desk.site.store.notes(alert.alert_id) if n.action is Action.CLOSE]
    return f"closed as {plain_name(str(closed[-1].disposition))}" if closed else ""


def _suppressions(desk: "Desk", alert: Alert) -> Iterator[str]:
    records = {*alert.subject_ids, alert.focus_subject_id}
    for one in desk.site.store.suppressions():
        if one.user_id in alert.user_ids and one.focus_subject_id in records:
            yield (
                f"{plain_name(one.detector)} kept silent from {day(one.at)} until"
                f" {day(one.expires_at)} by {one.actor}"
            )


def _allowances(desk: "Desk", alert: Alert) -> Iterator[str]:
    for one in desk.site.store.allowances():
        if one.user_id in alert.user_ids and one.focus_subject_id in alert.subject_ids:
            yield (
                f"lookups of this person decided legitimate from {day(one.at)} until"
                f" {day(one.until)} by {one.actor}"
            )


def _against(work: Casework) -> Iterator[str]:
    """Recorded facts and answers that point away from the alert."""
    for one in work.recorded:
        if one.value in {"no", "does_not_apply", "cannot_tell"} or one.name == "criteria_not_met":
            yield f"{plain_name(one.name)}: {plain_name(one.value)}, {one.actor}: {one.reason}"
    for answer in work.answers:
        if answer.answer == "not needed":
            yield f"{answer.prompt_id} not needed, {answer.actor}: {answer.reason}"
    for note in work.notes:
        if note.explanation:
            yield f"work that explains it, {note.actor}: {note.explanation}"

"""The report on one alert: from what was seen to what must be disclosed, in a reader's order."""

from collections.abc import Iterator
from typing import Final
from zoneinfo import ZoneInfo

from alerts.clocks import Clock
from alerts.model import Alert, PromptShown
from alerts.prompt_pack import PromptPack
from alerts.recording import RISK_PLAN
from monitor.reports.file import CaseFile, answer_as_it_stood, line_sha256
from monitor.reports.page import Page, Picture, Section, Table, cells, plain
from monitor.views.casework import STAGES, disposition_name
from monitor.views.circle import looked_at
from monitor.views.facts import EvidenceRow, days_of, hours_of
from monitor.views.law import fact_name, says, value
from monitor.views.svg import bars_of, calendar_svg, circle_svg, waterfall_svg
from monitor.views.wording import (
    chance,
    count,
    plain_name,
    quantity,
    rarity,
    span,
    user_years,
    when,
)

_DUTY: Final = {True: "on duty", False: "off duty", None: "not known"}
_REFERRAL: Final = {True: "may", False: "not by itself", None: "not held in this pack"}
# The national definition in brief, and the two decisions on referral; unverified.
_ASSESSED: Final = (
    (
        "apsp",
        "Abuse of position for a sexual purpose",
        (
            "Was a police position, on or off duty, used to pursue a sexual or improper emotional"
            " relationship with a member of the public? Consent is no answer. The log shows none"
            " of it."
        ),
    ),
    (
        "criteria_met_at",
        "Criteria of referral appear met",
        (
            "Serious corruption, abuse of position, a relevant offence, on facts beyond the log:"
            " when did it become clear, to whom, on what?"
        ),
    ),
    (
        "criteria_not_met",
        "Criteria of referral not met",
        "Why not, and was a voluntary referral considered?",
    ),
)
_NO_CHAIN: Final = "No entry of the chain is about this alert."


def alert_page(file: CaseFile, *, pack: PromptPack, zone: ZoneInfo, standing: str) -> Page:
    """The whole report.

    Args:
        file: of the alert, masked or not.
        pack: the law pack, for its elements, limits and services.
        zone: the force's own.
        standing: who wrote it, and whether identities show.
    """
    alert = file.alert
    return Page(
        kind="alert",
        title=f"Alert {alert.alert_id}: {plain_name(alert.family)}",
        lead=rarity(alert),
        about=tuple(_about(file, zone=zone, standing=standing)),
        sections=(
            _clocks(file, zone),
            _pictures(file, zone),
            _measured(alert),
            _explained(file),
            _questions(file, zone),
            _offences(file, zone),
            _elements(pack),
            _risk_plan(file, zone),
            _decisions(file, zone),
            _evidence(file, zone),
            _disclosure(file),
            _chain(file),
            _limits(alert, pack),
        ),
    )


def _about(file: CaseFile, *, zone: ZoneInfo, standing: str) -> Iterator[tuple[str, str]]:
    alert = file.alert
    role = alert.recurrence_interval.role
    others = len(set(alert.subject_ids) - {alert.focus_subject_id})
    focus = alert.focus_subject_id or f"{count(len(alert.subject_ids), 'record')}, no single focus"
    yield "Member of staff", ", ".join(alert.user_ids) + (f" ({plain_name(role)})" if role else "")
    yield "Person looked up", focus + (f", and {count(others, 'linked record')}" if others else "")
    yield "Seen", f"{span(alert.first_event_at, alert.last_event_at, zone)}"
    yield "Rows of the log", f"{len(alert.event_ids):,}"
    held = f", held by {file.work.held_by}" if file.work.held_by else ""
    yield "Standing", f"{alert.status}{held}; priority {alert.priority}"
    yield "Raised", f"{when(alert.raised_at, zone)}; last grew {when(alert.updated_at, zone)}"
    yield "Written", f"{when(file.written_at, zone)}; {standing}"
    data = ", ".join(f"{name} {number}" for name, number in sorted(alert.data_version.items()))
    yield (
        "Made by",
        f"code {alert.code_version}; settings {alert.settings_fingerprint}; data {data}",
    )


def _clocks(file: CaseFile, zone: ZoneInfo) -> Section:
    rows = (
        cells(
            clock.rule.title,
            clock.state,
            says(clock, zone),
            _reference(clock.rule.reference, verified=clock.rule.verified),
        )
        for clock in file.clocks
    )
    return Section(
        heading="Clocks",
        warns=plain([_warning(clock, zone) for clock in file.clocks if clock.warns]),
        says=("Counted from facts that people recorded, never from the log alone.",),
        tables=(
            Table(
                caption="Time limits",
                head=("Clock", "State", "In words", "Reference"),
                rows=tuple(rows),
                none="the law pack holds no time limit for this alert: ask the force's solicitor.",
            ),
        ),
    )


def _warning(clock: Clock, zone: ZoneInfo) -> str:
    return f"{clock.rule.title}: {says(clock, zone)}."


def _pictures(file: CaseFile, zone: ZoneInfo) -> Section:
    weighed = Picture(
        svg=waterfall_svg(bars_of(file.alert)),
        caption="What each finding weighs. Findings are averaged, not added: see Measured.",
    )
    if isinstance(file.evidence, str):
        return Section(heading="When and around whom", says=(file.evidence,), pictures=(weighed,))
    visits, focus = file.evidence.visits, file.alert.focus_subject_id
    hours = hours_of(visits, zone)
    by_hour = Table(
        caption=f"Visits by hour begun, {zone.key} time",
        head=("From", *(f"{hour:02d}" for hour in range(24))),
        rows=(cells("Visits", *(number or "." for number in hours)),),
    )
    return Section(
        heading="When and around whom",
        pictures=(
            Picture(svg=calendar_svg(days_of(visits)), caption="Visits by day."),
            Picture(
                svg=circle_svg(focus, looked_at(file.evidence, focus=focus)),
                caption="Records looked up. A circle that is not found is not proof of none.",
            ),
            weighed,
        ),
        tables=(by_hour, _records(file)),
    )


def _records(file: CaseFile) -> Table:
    """The circle again in words, for whoever does not see it."""
    assert not isinstance(file.evidence, str)  # noqa: S101 asked where it was read
    found = looked_at(file.evidence, focus=file.alert.focus_subject_id)
    return Table(
        caption="Records looked up",
        head=("Record", "What it is to the focus", "Visits", "Days"),
        rows=tuple(cells(one.subject_id, one.tie or "-", one.visits, one.days) for one in found),
    )


def _measured(alert: Alert) -> Section:
    rows = (
        cells(
            f"{plain_name(finding.detector)} v{finding.version}",
            finding.says or finding.unit,
            f"{quantity(finding.observed)} {finding.unit}",
            quantity(finding.expected),
            chance(finding.pvalue),
            quantity(finding.evidence_value),
            "; ".join(f"{name} {number:.4g}" for name, number in finding.parameters) or "-",
        )
        for finding in alert.findings
    )
    interval = alert.recurrence_interval
    lines = [
        (
            f"Recurrence interval: {user_years(interval)} user-years among"
            f" {plain_name(interval.role) or 'all'} staff. Score, by which the queue is ordered:"
            f" {alert.score:.4f}."
        ),
        (
            "A recurrence interval says how rarely chance alone brings a pattern this strong."
            " It is a measure of rarity, and says nothing of why."
        ),
        "Provisional: the history is shorter than the method asks for."
        if alert.provisional
        else "",
        "The data can say no more than that it is rarer." if interval.limit_of_data else "",
    ]
    return Section(
        heading="Measured",
        says=plain(lines),
        tables=(
            Table(
                caption="Findings with their parameters",
                head=(
                    *("Detector", "In words", "Observed", "Expected", "By chance"),
                    *("Evidence value", "Parameters of the null"),
                ),
                rows=tuple(rows),
            ),
        ),
    )


def _explained(file: CaseFile) -> Section:
    alert = file.alert
    rows = (cells(plain_name(t.kind), t.verdict, t.says) for t in alert.explanations_tested)
    missing = ", ".join(map(plain_name, alert.feeds_missing)) or "none"
    return Section(
        heading="What would explain it",
        says=(
            f"Feeds missing, so that what they hold could not be tested: {missing}.",
            "A task given by word of mouth leaves no record.",
        ),
        tables=(
            Table(
                caption="Explanations looked for",
                head=("Explanation", "Verdict", "What was looked for and found"),
                rows=tuple(rows),
                none="no explanation was tested.",
            ),
        ),
    )


def _questions(file: CaseFile, zone: ZoneInfo) -> Section:
    tables = tuple(
        Table(
            caption=f"Questions {named}",
            head=("Question", "As it stood", "Reference", "Answer", "By whom, when, why"),
            rows=tuple(
                _question(file, prompt, zone=zone)
                for prompt in file.alert.prompts
                if prompt.stage == stage
            ),
        )
        for stage, named in STAGES.items()
    )
    return Section(
        heading="Questions of law and practice, and their answers",
        says=("Each question is shown as it stood when it was asked or answered.",),
        tables=tables,
    )


def _question(file: CaseFile, prompt: PromptShown, *, zone: ZoneInfo) -> tuple[str, ...]:
    answer = answer_as_it_stood(file, prompt.id)
    if answer is None:
        name = f"{prompt.id} v{prompt.version}"
        reference = _reference(prompt.reference, verified=prompt.verified)
        return cells(name, prompt.says, reference, "not answered", "-")
    shown = file.work.answer_to(prompt.id)
    reason = shown.reason if shown else ""
    return cells(
        f"{answer.prompt_id} v{answer.version}",
        answer.says,
        answer.reference,
        answer.answer,
        f"{answer.actor}, {when(answer.at, zone)}" + (f": {reason}" if reason else ""),
    )


def _offences(file: CaseFile, zone: ZoneInfo) -> Section:
    rows = (
        cells(
            f"{one.offence.id}: {one.offence.title}",
            one.offence.asks,
            one.offence.log_may_support,
            _waits(one.waits_for) or _recorded(file, one.offence.id, zone=zone),
            _REFERRAL[one.offence.brings_referral],
            _reference(one.offence.reference, verified=one.offence.verified),
        )
        for one in file.offences
    )
    return Section(
        heading="Offences to consider, and what was recorded",
        says=(
            (
                "Which offence is in view may change the duty to refer: record why one and not"
                " another. Whether an offence fits is for the prosecutor."
            ),
        ),
        tables=(
            Table(
                caption="Offences in force on the days of the accesses",
                head=(
                    *("Offence", "What it asks", "What the log may support", "Recorded"),
                    *("Brings referral by itself", "Reference"),
                ),
                rows=tuple(rows),
                none="the law pack names none for this kind of alert.",
            ),
            Table(
                caption="Assessments",
                head=("Assessment", "What it asks", "Recorded"),
                rows=tuple(
                    cells(name, asks, _recorded(file, fact, zone=zone))
                    for fact, name, asks in _ASSESSED
                ),
            ),
        ),
    )


def _elements(pack: PromptPack) -> Section:
    rows = (
        cells(e.element, e.log_may_support, e.log_cannot_show, e.seek) for e in pack.limits.elements
    )
    return Section(
        heading="Element by element: how far the log reaches",
        says=("What would have to be shown for stalking; unverified.",),
        tables=(
            Table(
                caption="Elements",
                head=("Element", "The log may support", "It cannot show", "Where to seek it"),
                rows=tuple(rows),
            ),
        ),
    )


def _risk_plan(file: CaseFile, zone: ZoneInfo) -> Section:
    standing = file.work.standing
    by_name = {one.name: one for one in file.work.recorded}
    rows = []
    for item in RISK_PLAN:
        done = standing.get(item.name, "")
        who = by_name.get(item.name)
        by = f"{who.actor}, {when(who.at, zone)}: {who.reason}" if who and done else "-"
        rows.append(cells(item.means, value(done, zone) if done else "not recorded", by))
    return Section(
        heading="Risk plan",
        warns=plain([_review_is_past(file, standing, zone=zone)]),
        says=(
            (
                "A risk tool is answered by the person looked up, never from the log; the log bears"
                " only on persistence and on lookups of family, friends or colleagues."
            ),
            "A grade or a count of ticks is not a plan.",
        ),
        tables=(
            Table(caption="Checklist", head=("Step", "Recorded", "By whom"), rows=tuple(rows)),
        ),
    )


def _review_is_past(file: CaseFile, standing: dict[str, str], *, zone: ZoneInfo) -> str:
    due = standing.get("risk_plan_review", "")
    if due and due < file.written_at.astimezone(zone).date().isoformat():
        return f"The risk plan was to be reviewed by {value(due, zone)}."
    return ""


def _decisions(file: CaseFile, zone: ZoneInfo) -> Section:
    notes = (
        cells(
            when(note.at, zone),
            note.actor,
            plain_name(note.action) + (f" to {note.to}" if note.to else ""),
            disposition_name(note.disposition) if note.disposition else "-",
            "; ".join(part for part in (note.explanation, note.says) if part) or "-",
        )
        for note in file.work.notes
    )
    facts = (
        cells(when(f.at, zone), f.actor, fact_name(f.name), value(f.value, zone), f.reason)
        for f in file.work.recorded
    )
    return Section(
        heading="Decisions",
        tables=(
            Table(
                caption="Actions",
                head=("When", "Who", "What", "Disposition", "Why"),
                rows=tuple(notes),
                none="nobody has acted on it yet.",
            ),
            Table(
                caption="Facts recorded beyond the log",
                head=("When", "Who", "Fact", "Value", "Why"),
                rows=tuple(facts),
                none="none is on record.",
            ),
        ),
    )


def _evidence(file: CaseFile, zone: ZoneInfo) -> Section:
    if isinstance(file.evidence, str):
        return Section(heading="Rows of the log", says=(file.evidence,))
    found = file.evidence
    lost = f"{count(found.missing, 'row')} named by the alert are not held any more."
    return Section(
        heading="Rows of the log",
        wide=True,
        warns=plain([lost if found.missing else ""]),
        says=(
            (
                "Each row with its file, its line and the SHA-256 of the line as it was read."
                " Ask the owner of the data for the original; this is a copy."
            ),
        ),
        tables=(
            Table(
                caption=f"{count(len(found.rows), 'row')}, times in {zone.key}",
                head=EVIDENCE_HEAD,
                rows=tuple(_row(row, zone) for row in found.rows),
                narrow=(8, 10),
            ),
        ),
    )


EVIDENCE_HEAD: Final = (
    *("When", "Duty", "System", "Action", "Record", "Asked by", "Case", "Reason"),
    *("File", "Line", "SHA-256 of the line"),
)


def _row(row: EvidenceRow, zone: ZoneInfo) -> tuple[str, ...]:
    reason = " ".join(dict.fromkeys(filter(None, (row.reason_code, row.reason))))
    return cells(
        f"{row.occurred_at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
        _DUTY[row.on_duty],
        row.system,
        row.action,
        row.subject_id or "(none)",
        row.requester_id or "-",
        row.case_ref or "-",
        reason or "-",
        row.file or "-",
        row.line or "-",
        row.raw_sha256 or "-",
    )


def _disclosure(file: CaseFile) -> Section:
    rows = (
        cells(number, item.what, item.says, item.bears)
        for number, item in enumerate(file.items, start=1)
    )
    return Section(
        heading="Disclosure schedule",
        says=(
            (
                "What undermines is listed beside what supports. Which way an item points, and"
                " whether it is sensitive, is for the disclosure officer."
            ),
        ),
        tables=(
            Table(caption="Items", head=("No", "Item", "What it is", "Bears"), rows=tuple(rows)),
        ),
    )


def _chain(file: CaseFile) -> Section:
    entries = (cells(e.seq, e.at, e.actor, e.kind, e.purpose or "-", e.hash) for e in file.entries)
    versions = (cells(version.seq, line_sha256(version)) for version in file.versions)
    return Section(
        heading="Extract of the chain",
        wide=True,
        says=(
            (
                f"The chain stood at entry {file.head.seq}, hash {file.head.hash}, when this was"
                " written. Each entry's hash covers the one before it: psdmon audit verify."
            ),
        ),
        tables=(
            Table(
                caption="Entries about this alert",
                head=("Entry", "At (UTC)", "Who", "What", "Purpose", "SHA-256"),
                rows=tuple(entries),
                none=_NO_CHAIN,
                narrow=(1, 5),
            ),
            Table(
                caption="Versions of the alert, kept whole",
                head=("Entry", "SHA-256 of the version"),
                rows=tuple(versions),
                narrow=(1,),
            ),
        ),
    )


def _limits(alert: Alert, pack: PromptPack) -> Section:
    rows = (
        cells(one.name, one.phone, "yes" if one.verified else "not verified")
        for one in pack.support
    )
    return Section(
        heading="What a log shows, and what it cannot",
        points=pack.limits.lines,
        says=(
            f"This alert is of the family {plain_name(alert.family)}; law of {pack.jurisdiction}.",
        ),
        tables=(
            Table(
                caption="Services to offer",
                head=("Service", "Telephone", "Verified"),
                rows=tuple(rows),
                none="the law pack names none: name those of the area.",
            ),
        ),
    )


def _reference(reference: str, *, verified: bool) -> str:
    unsaid = not verified and "unverified" not in reference
    return f"{reference} (unverified)" if unsaid else reference


def _recorded(file: CaseFile, name: str, *, zone: ZoneInfo) -> str:
    """What was recorded under a name, by whom and why; that nothing was, where that is so."""
    if name not in file.work.standing:
        return "not recorded"
    latest = next(one for one in reversed(file.work.recorded) if one.name == name)
    return f"{value(latest.value, zone)}, {latest.actor}: {latest.reason}"


def _waits(needs: tuple[str, ...]) -> str:
    """What must be on record before an offence is asked about; empty where nothing must."""
    named = [plain_name(need) for need in needs if not need.startswith("P")]
    return f"not to be considered unless recorded: {', '.join(named)}" if named else ""

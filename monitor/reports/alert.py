"""The report on one alert: from what was seen to what must be disclosed, in a reader's order."""

from collections.abc import Iterator
from typing import Final
from zoneinfo import ZoneInfo

from alerts.clocks import Clock
from alerts.model import Alert
from alerts.prompt_pack import PromptPack
from monitor.reports import accounting_parts, legal_parts
from monitor.reports.file import CaseFile
from monitor.reports.page import Page, Picture, Section, Table, cells, plain
from monitor.views.circle import looked_at
from monitor.views.facts import days_of, hours_of
from monitor.views.law import says
from monitor.views.svg import bars_of, calendar_svg, circle_svg, waterfall_svg
from monitor.views.waterfall import hinges
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
            legal_parts.questions(file, zone),
            legal_parts.offences(file, zone),
            legal_parts.elements(pack),
            legal_parts.risk_plan(file, zone),
            accounting_parts.decisions(file, zone),
            accounting_parts.evidence(file, zone),
            accounting_parts.disclosure(file),
            accounting_parts.chain_extract(file),
            accounting_parts.limits(alert, pack),
        ),
    )


def _about(file: CaseFile, *, zone: ZoneInfo, standing: str) -> Iterator[tuple[str, str]]:
    alert = file.alert
    role = alert.recurrence_interval.role
    yield "Member of staff", ", ".join(alert.user_ids) + (f" ({plain_name(role)})" if role else "")
    yield _looked_up(alert)
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
            legal_parts.reference_of(clock.rule.reference, verified=clock.rule.verified),
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


_AVERAGED: Final = "What each finding weighs. Findings are averaged, not added: see Measured."
_ADDED: Final = (
    "What each strand adds to the score that drills taught, from a pair of which nothing is known;"
    " the steps sum to the score."
)


def _pictures(file: CaseFile, zone: ZoneInfo) -> Section:
    weighed = Picture(
        svg=waterfall_svg(bars_of(file.alert)),
        caption=_ADDED if file.alert.contributions else _AVERAGED,
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
        heading="When and around whom" if focus else "When and whom",
        pictures=(
            Picture(svg=calendar_svg(days_of(visits)), caption="Visits by day."),
            Picture(
                svg=circle_svg(focus, looked_at(file.evidence, focus=focus)),
                caption="Records looked up. A circle that is not found is not proof of none."
                if focus
                else "Records looked up, the most visited first; none of them is the focus.",
            ),
            weighed,
        ),
        tables=(by_hour, _records(file)),
    )


def _looked_up(alert: Alert) -> tuple[str, str]:
    """Whom the alert is around; of a member of staff alone, how many were looked up."""
    if not alert.focus_subject_id:
        more = (
            f", and at least {alert.subjects_beyond:,} not listed" if alert.subjects_beyond else ""
        )
        return (
            "People looked up",
            f"{count(len(alert.subject_ids), 'record')}{more}, none the focus",
        )
    others = len(set(alert.subject_ids) - {alert.focus_subject_id})
    more = f", and {count(others, 'other record')}" if others else ""
    return "Person looked up", f"{alert.focus_subject_id}{more}"


def _records(file: CaseFile) -> Table:
    """The circle again in words, for whoever does not see it."""
    assert not isinstance(file.evidence, str)  # noqa: S101 asked where it was read
    focus = file.alert.focus_subject_id
    found = looked_at(file.evidence, focus=focus)
    return Table(
        caption="Records looked up",
        head=("Record", "What it is to the focus" if focus else "What it is", "Visits", "Days"),
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
        hinges(alert),
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

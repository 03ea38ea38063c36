"""One alert whole: who and whom, what was seen, how rare it is, what was tested, what to ask."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from alerts.candidates import DRAWN
from alerts.model import Alert, ExplanationTested, Family, PromptShown
from detectors.model.finding import Finding
from monitor.views.casework import Casework, asked, done
from monitor.views.circle import circle, looked_at
from monitor.views.facts import Evidence, Visit, days_of, hours_of
from monitor.views.page import rule, section
from monitor.views.queue import PRIORITY_STYLE
from monitor.views.strip import calendar, clock
from monitor.views.waterfall import contributions_of, hinges, waterfall
from monitor.views.wording import (
    SENTENCE,
    chance,
    count,
    plain_name,
    printable,
    quantity,
    rarity,
    span,
    when,
    words,
)

_LOOKED_UP_NAME: Final = {True: "Record looked up", False: "Person looked up"}


def whole(  # noqa: PLR0913 what a page is made of, all named
    alert: Alert,
    *,
    zone: ZoneInfo,
    work: Casework,
    questions: Sequence[PromptShown],
    evidence: Evidence | str,
    law: Sequence[RenderableType] = (),
) -> RenderableType:
    """Everything about one alert, in the order a reader asks.

    Args:
        alert: with ids or with tokens; what is given is what is shown.
        zone: the force's own.
        work: notes, answers, earlier alerts.
        questions: those to be shown in full now; the others are named.
        evidence: the rows for the pictures, or why there are none.
        law: the clocks and what was recorded, which come before the questions.
    """
    return Group(
        head(alert, zone=zone, held_by=work.held_by),
        measured(alert.findings),
        *([strength(alert)] if contributions_of(alert) else _hinges(alert)),
        explained(alert),
        *law,
        asked(alert, questions=questions, work=work),
        seen(alert, evidence, zone=zone),
        *done(alert, work=work, zone=zone),
        provenance(alert, zone=zone),
        limits_line(),
    )


def head(alert: Alert, *, zone: ZoneInfo, held_by: str = "", brief: bool = False) -> RenderableType:
    """Id, priority, status, pattern; who and whom; unless brief, the sentence of rarity."""
    title = Table.grid(expand=True)
    title.add_column(overflow="fold")
    title.add_column(justify="right", no_wrap=True)
    left = Text.assemble((printable(alert.alert_id), "bold"), f"  {plain_name(alert.family)}")
    priority = f" {alert.priority} "
    standing = f" {alert.status}" + (f" by {printable(held_by)}" if held_by else "")
    title.add_row(left, Text.assemble((priority, PRIORITY_STYLE[alert.priority]), standing))
    told = [] if brief else [Text(), words(rarity(alert)), *_provisional(alert)]
    drawn = [Text(DRAWN, style="bold")] if brief and alert.drawn_at_random else []
    return Group(title, rule(), _who(alert, zone), *drawn, *told)


def measured(findings: Iterable[Finding]) -> RenderableType:
    """Each finding: by which detector, observed, expected, chance, and its sentence below."""
    shown: list[RenderableType] = []
    for finding in findings:
        name = f"{plain_name(finding.detector)} v{finding.version}"
        figures = f"{quantity(finding.observed):>9}  {quantity(finding.expected):>8}"
        shown.append(words(f"{name:<28} {figures}  {chance(finding.pvalue):>17}"))
        shown.append(Padding(words(finding.says or finding.unit), (0, 0, 0, 2)))
    if not shown:
        return section("Measured", Text("No finding is kept with this alert."))
    named = f"{'found by':<28} {'observed':>9}  {'expected':>8}  {'by chance':>17}"
    return section("Measured", Text(named, style="dim"), *shown)


def strength(alert: Alert) -> RenderableType:
    """How strong the evidence is: each strand, what it adds, and what counted against."""
    return section("How strong, and from what", waterfall(alert), *_hinges(alert))


def _hinges(alert: Alert) -> list[RenderableType]:
    return [words(told)] if (told := hinges(alert)) else []


def explained(alert: Alert) -> RenderableType:
    """What would explain it lawfully, and what the records say; what could not be tested."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for tested in alert.explanations_tested:
        table.add_row(_verdict(tested), words(tested.says))
    missing = ", ".join(map(plain_name, alert.feeds_missing))
    loaded = (
        f"Not loaded, so not tested: {missing}." if missing else "No feed it needs was missing."
    )
    none = [] if alert.explanations_tested else [Text("No explanation was tested.")]
    return section("What would explain it", *none, table, words(loaded))


def seen(alert: Alert, evidence: Evidence | str, *, zone: ZoneInfo) -> RenderableType:
    """The calendar, the hours and the circle, or why they cannot be drawn."""
    if isinstance(evidence, str):
        return section("When and around whom", words(evidence))
    visits = evidence.visits
    parts: list[RenderableType] = [
        section("Visits by day", calendar(days_of(visits)), Text(_explained_visits(visits))),
        section(f"Visits by hour, {zone.key} time", clock(hours_of(visits, zone))),
        section(
            "Records looked up",
            circle(alert.focus_subject_id, looked_at(evidence, focus=alert.focus_subject_id)),
        ),
    ]
    if evidence.missing:
        rows = count(evidence.missing, "row")
        parts.append(Padding(Text(f"{rows} of this alert not found in the lake."), (0, 0, 0, 2)))
    return Group(*parts)


def provenance(alert: Alert, *, zone: ZoneInfo) -> RenderableType:
    """When it was raised and by which code, settings and data."""
    data = ", ".join(f"{name} {version}" for name, version in sorted(alert.data_version.items()))
    return section(
        "Made by",
        words(f"raised {when(alert.raised_at, zone)}, grew {when(alert.updated_at, zone)}"),
        words(
            f"code {alert.code_version}, settings {alert.settings_fingerprint[:19]}, data {data}"
        ),
    )


def limits_line() -> RenderableType:
    """The sentence that ends every whole view and every export."""
    return Group(Text(), rule(), Text(SENTENCE, style="italic"))


def _who(alert: Alert, zone: ZoneInfo) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    role = alert.recurrence_interval.role
    staff = ", ".join(alert.user_ids)
    table.add_row("Member of staff", words(f"{staff}  ({role})" if role else staff))
    name = _LOOKED_UP_NAME[alert.family is Family.CURIOSITY]
    name = name if alert.focus_subject_id else "People looked up"
    table.add_row(name, words(_looked_up(alert)))
    rows = count(len(alert.event_ids), "row")
    listed = " about those listed" if alert.subjects_beyond else ""
    seen_between = span(alert.first_event_at, alert.last_event_at, zone)
    table.add_row("Seen", Text(f"{seen_between}, {rows} of the log{listed}"))
    return table


def _looked_up(alert: Alert) -> str:
    if not alert.focus_subject_id:
        listed = count(len(alert.subject_ids), "person", "people")
        more = (
            f", and at least {alert.subjects_beyond:,} not listed" if alert.subjects_beyond else ""
        )
        return f"{listed}{more}, no single focus"
    others = len(set(alert.subject_ids) - {alert.focus_subject_id})
    return alert.focus_subject_id + (f"  and {count(others, 'other record')}" if others else "")


def _provisional(alert: Alert) -> list[Text]:
    if not alert.provisional:
        return []
    return [Text("Provisional: the history is shorter than the method asks for.", style="bold")]


def _verdict(tested: ExplanationTested) -> Text:
    """What was tested and how it came out, one above the other."""
    found = tested.verdict in {"explains", "partly explains"}
    kind = words(plain_name(tested.kind), style="bold")
    return Text("\n").join([kind, words(tested.verdict, style="bold" if found else "")])


def _explained_visits(visits: Sequence[Visit]) -> str:
    """How many visits some record explains, and which kind of record."""
    kinds = Counter(visit.explained_by for visit in visits if visit.explained_by)
    said = ", ".join(f"{plain_name(kind)} {number}" for kind, number in kinds.most_common())
    total = f"{sum(kinds.values())} of {len(visits):,}"
    return f"Visits that some record may explain: {total}" + (f" ({said})." if said else ".")

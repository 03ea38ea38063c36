"""One alert whole: who and whom, what was seen, how rare it is, what was tested, what to ask."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from alerts.model import Alert, ExplanationTested, Family, PromptShown, Status
from detectors.model.finding import Finding
from monitor.views.circle import circle, looked_at
from monitor.views.facts import Evidence, days_of, hours_of
from monitor.views.page import rule, section
from monitor.views.queue import PRIORITY_STYLE
from monitor.views.strip import calendar, clock
from monitor.views.wording import (
    LIMITS,
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
STAGE_WORDS: Final[Mapping[str, str]] = {
    "first": "at first look",
    "review": "at review",
    "closure": "before closing",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteShown:
    """What somebody wrote or did, and when."""

    at: datetime
    actor: str
    says: str
    action: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerShown:
    """How a question was answered."""

    prompt_id: str
    answer: str  # done, not needed, later
    reason: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Casework:
    """What people have done with an alert so far."""

    notes: tuple[NoteShown, ...] = ()
    answers: tuple[AnswerShown, ...] = ()
    earlier: tuple[Alert, ...] = ()  # other alerts on the same member of staff
    possible: tuple[str, ...] = ()  # actions, by name

    def answer_to(self, prompt_id: str) -> AnswerShown | None:
        """The latest answer to a question."""
        return next((one for one in reversed(self.answers) if one.prompt_id == prompt_id), None)


def whole(
    alert: Alert,
    *,
    zone: ZoneInfo,
    work: Casework,
    questions: Sequence[PromptShown],
    evidence: Evidence | str,
) -> RenderableType:
    """Everything about one alert, in the order a reader asks.

    Args:
        alert: with ids or with tokens; what is given is what is shown.
        zone: the force's own.
        work: notes, answers, earlier alerts.
        questions: those to be shown in full now; the others are named.
        evidence: the rows for the pictures, or why there are none.
    """
    return Group(
        head(alert, zone=zone),
        measured(alert.findings),
        explained(alert),
        asked(alert, questions=questions, work=work),
        seen(alert, evidence, zone=zone),
        *casework(alert, work=work, zone=zone),
        provenance(alert, zone=zone),
        limits_line(),
    )


def head(alert: Alert, *, zone: ZoneInfo) -> RenderableType:
    """Id, priority, status, pattern; who and whom; the sentence of rarity."""
    title = Table.grid(expand=True)
    title.add_column(overflow="fold")
    title.add_column(justify="right", no_wrap=True)
    left = Text.assemble((printable(alert.alert_id), "bold"), f"  {plain_name(alert.family)}")
    priority = f" {alert.priority} "
    right = Text.assemble((priority, PRIORITY_STYLE[alert.priority]), f" {alert.status}")
    title.add_row(left, right)
    return Group(
        title, rule(), _who(alert, zone), Text(), words(rarity(alert)), *_provisional(alert)
    )


def measured(findings: Iterable[Finding]) -> RenderableType:
    """Each finding: by which detector, observed, expected, chance, and its sentence."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="")
    table.add_column("found by", overflow="fold")
    table.add_column("observed", justify="right", no_wrap=True)
    table.add_column("expected", justify="right", no_wrap=True)
    table.add_column("by chance", justify="right", no_wrap=True)
    table.add_column("counted in", overflow="fold")
    said = []
    for finding in findings:
        table.add_row(
            words(f"{plain_name(finding.detector)} v{finding.version}"),
            Text(quantity(finding.observed)),
            Text(quantity(finding.expected)),
            Text(chance(finding.pvalue)),
            words(finding.unit),
        )
        said.append(_bullet(finding.says))
    if not said:
        return section("Measured", Text("No finding is kept with this alert."))
    return section("Measured", table, Group(*said))


def explained(alert: Alert) -> RenderableType:
    """What would explain it lawfully, and what the records say; what could not be tested."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(overflow="fold", min_width=14)
    table.add_column(overflow="fold", min_width=17)
    table.add_column(overflow="fold")
    for tested in alert.explanations_tested:
        table.add_row(words(plain_name(tested.kind)), _verdict(tested), words(tested.says))
    missing = ", ".join(map(plain_name, alert.feeds_missing))
    loaded = (
        f"Not loaded, so not tested: {missing}." if missing else "No feed it needs was missing."
    )
    none = [] if alert.explanations_tested else [Text("No explanation was tested.")]
    return section("What would explain it", *none, table, words(loaded))


def asked(alert: Alert, *, questions: Sequence[PromptShown], work: Casework) -> RenderableType:
    """The questions to answer now, in full, and the names of those that come later."""
    now = {prompt.id for prompt in questions}
    full = [question(prompt, work.answer_to(prompt.id)) for prompt in questions]
    other = [line for stage in STAGE_WORDS if (line := _named(alert, stage, now, work))]
    if not full and not other:
        return section("Questions", Text("No question is attached to this alert."))
    stages = " and ".join(
        words_ for stage, words_ in STAGE_WORDS.items() if any(p.stage == stage for p in questions)
    )
    return section(f"Questions {stages}".rstrip(), *full, *other)


def question(prompt: PromptShown, answer: AnswerShown | None) -> RenderableType:
    """One question with its reference, its standing and its answer."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row(Text(prompt.id, style="bold"), words(prompt.says))
    reference = prompt.reference
    if not prompt.verified and "unverified" not in reference:
        reference += " (unverified)"
    table.add_row("", words(reference, style="dim"))
    if answer:
        table.add_row("", words(_answered(answer), style="bold"))
    return table


def seen(alert: Alert, evidence: Evidence | str, *, zone: ZoneInfo) -> RenderableType:
    """The calendar, the hours and the circle, or why they cannot be drawn."""
    if isinstance(evidence, str):
        return section("When and around whom", words(evidence))
    visits = evidence.visits
    parts: list[RenderableType] = [
        section("Visits by day", calendar(days_of(visits))),
        section("Visits by hour", clock(hours_of(visits, zone))),
        section(
            "Records looked up",
            circle(alert.focus_subject_id, looked_at(evidence, focus=alert.focus_subject_id)),
        ),
    ]
    if evidence.missing:
        rows = count(evidence.missing, "row")
        parts.append(Padding(Text(f"{rows} of this alert not found in the lake."), (0, 0, 0, 2)))
    return Group(*parts)


def casework(alert: Alert, *, work: Casework, zone: ZoneInfo) -> list[RenderableType]:
    """Notes and actions so far, and other alerts on the same member of staff."""
    shown: list[RenderableType] = []
    if work.notes:
        lines = (
            words(f"{when(one.at, zone)}  {one.actor}: {f'{one.action} {one.says}'.strip()}")
            for one in work.notes
        )
        shown.append(section("Done so far", *lines))
    if work.earlier:
        others = (
            words(
                f"{one.alert_id}  {plain_name(one.family)}, {one.status}, "
                f"{span(one.first_event_at, one.last_event_at, zone)}"
                + (", same person looked up" if _same_focus(one, alert) else "")
            )
            for one in work.earlier
        )
        shown.append(section("Other alerts on this member of staff", *others))
    return shown


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


def limits() -> RenderableType:
    """What a log cannot show, in full."""
    return section("What a log cannot show", *(_bullet(limit) for limit in LIMITS))


def stage_of(status: Status) -> str:
    """The stage of the questions that belong to a status."""
    if status is Status.OPEN:
        return "first"
    return "closure" if status is Status.CLOSED else "review"


def _who(alert: Alert, zone: ZoneInfo) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    role = alert.recurrence_interval.role
    staff = ", ".join(alert.user_ids)
    table.add_row("Member of staff", words(f"{staff}  ({role})" if role else staff))
    table.add_row(_LOOKED_UP_NAME[alert.family is Family.CURIOSITY], words(_looked_up(alert)))
    rows = count(len(alert.event_ids), "row")
    seen_between = span(alert.first_event_at, alert.last_event_at, zone)
    table.add_row("Seen", Text(f"{seen_between}, {rows} of the log"))
    return table


def _looked_up(alert: Alert) -> str:
    if not alert.focus_subject_id:
        return f"{count(len(alert.subject_ids), 'person', 'people')}, no single focus"
    others = len(set(alert.subject_ids) - {alert.focus_subject_id})
    return alert.focus_subject_id + (f"  and {count(others, 'linked record')}" if others else "")


def _provisional(alert: Alert) -> list[Text]:
    if not alert.provisional:
        return []
    return [Text("Provisional: the history is shorter than the method asks for.", style="bold")]


def _verdict(tested: ExplanationTested) -> Text:
    weight = "bold" if tested.verdict in {"explains", "partly explains"} else ""
    return words(tested.verdict, style=weight)


def _named(alert: Alert, stage: str, shown: Iterable[str], work: Casework) -> RenderableType | None:
    """Questions of a stage that are not shown in full, with a mark for those answered."""
    rest = [prompt for prompt in alert.prompts if prompt.stage == stage and prompt.id not in shown]
    if not rest:
        return None
    names = []
    for prompt in rest:
        answer = work.answer_to(prompt.id)
        names.append(f"{prompt.id} ({answer.answer})" if answer else prompt.id)
    return words(f"More {STAGE_WORDS[stage]}: {', '.join(names)}")


def _answered(answer: AnswerShown) -> str:
    because = f": {answer.reason}" if answer.reason else ""
    return f"{answer.answer}, {answer.actor}, {answer.at:%-d %b %Y}{because}"


def _same_focus(one: Alert, other: Alert) -> bool:
    return bool(one.focus_subject_id) and one.focus_subject_id == other.focus_subject_id


def _bullet(text: str) -> RenderableType:
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("-", words(text))
    return table

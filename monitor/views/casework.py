"""What people have done with an alert, and the questions put to them."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from alerts.candidates import DRAWN_ASKS
from alerts.model import Alert, PromptShown, Status
from alerts.prompting import shown_now
from alerts.recording import standing_of
from monitor.views.page import section
from monitor.views.wording import day, plain_name, span, when, words

_MANY: Final = 12  # alerts on one person that are named; a record that many opened has more
STAGES: Final[Mapping[str, str]] = {
    "first": "at first look",
    "review": "at review",
    "closure": "before closing",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteShown:
    """One action, and what was said with it."""

    at: datetime
    actor: str
    action: str
    says: str = ""
    disposition: str = ""
    explanation: str = ""
    to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerShown:
    """How a question was answered."""

    prompt_id: str
    answer: str  # done, not needed, later
    reason: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FactShown:
    """A fact beyond the log that somebody put on record."""

    name: str
    value: str
    reason: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpShown:
    """The day to look at an alert again."""

    due_on: date
    reason: str
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Casework:
    """What people have done with an alert so far."""

    held_by: str = ""
    notes: tuple[NoteShown, ...] = ()
    answers: tuple[AnswerShown, ...] = ()
    others: tuple[Alert, ...] = ()  # other alerts on the same member of staff
    recorded: tuple[FactShown, ...] = ()  # facts beyond the log, oldest first
    others_on_person: tuple[Alert, ...] = ()  # alerts on other staff, same person looked up
    follow_up: FollowUpShown | None = None
    merged_into: str = ""  # the alert it belongs to; empty where it stands by itself
    merged_here: tuple[str, ...] = ()  # alerts that belong to this one
    pending: tuple[str, ...] = ()  # what waits for a second person, one sentence each
    silences: tuple[str, ...] = ()  # suppressions in force about it, one sentence each
    grown: tuple[str, ...] = ()  # when it was raised, grew and was opened again, by judging

    @property
    def standing(self) -> dict[str, str]:
        """The recorded facts that stand, name to value."""
        return standing_of((one.name, one.value) for one in self.recorded)

    def answer_to(self, prompt_id: str) -> AnswerShown | None:
        """The latest answer to a question."""
        return next((one for one in reversed(self.answers) if one.prompt_id == prompt_id), None)

    def questions(self, alert: Alert, stage: str) -> tuple[PromptShown, ...]:
        """The questions to ask next at a stage, at most five."""
        latest = {answer.prompt_id: answer.answer for answer in self.answers}
        return shown_now(
            alert.prompts,
            stage,
            answered={name for name, answer in latest.items() if answer != "later"},
            put_off={name for name, answer in latest.items() if answer == "later"},
        )


def stage_of(status: Status) -> str:
    """The stage of the questions that belong to a status."""
    if status is Status.OPEN:
        return "first"
    return "closure" if status is Status.CLOSED else "review"


def asked(alert: Alert, *, questions: Sequence[PromptShown], work: Casework) -> RenderableType:
    """The questions to answer now, in full, and the names of the others with their answers."""
    if not alert.prompts:
        return section("Questions", Text("No question is attached to this alert."))
    drawn = [words(DRAWN_ASKS)] if alert.drawn_at_random else []
    full = [question(prompt, work.answer_to(prompt.id)) for prompt in questions]
    now = {prompt.id for prompt in questions}
    other = [line for stage in STAGES if (line := _named(alert, stage, now=now, work=work))]
    stages = " and ".join(
        said for stage, said in STAGES.items() if any(p.stage == stage for p in questions)
    )
    return section(f"Questions {stages}".rstrip(), *drawn, *full, *other)


def question(prompt: PromptShown, answer: AnswerShown | None) -> RenderableType:
    """One question with its reference, its standing and its answer."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row(Text(prompt.id, style="bold"), words(prompt.says))
    unsaid = not prompt.verified and "unverified" not in prompt.reference
    table.add_row("", words(prompt.reference + (" (unverified)" if unsaid else ""), style="dim"))
    if answer:
        table.add_row("", words(_answered(answer), style="bold"))
    return table


def done(alert: Alert, *, work: Casework, zone: ZoneInfo) -> list[RenderableType]:
    """What waits, actions so far, and other alerts on either of the two people."""
    shown: list[RenderableType] = []
    if waits := _waits(work):
        shown.append(section("Waits", *map(words, waits)))
    if work.notes or work.grown:
        lines = (*map(words, work.grown), *(_line(one, zone) for one in work.notes))
        shown.append(section("Done so far", *lines))
    if work.others:
        title = "Other alerts on this member of staff"
        shown.append(section(title, *(_other(one, alert, zone) for one in work.others)))
    if work.others_on_person:
        title = "Alerts on other staff about this person looked up"
        found = work.others_on_person
        more = [words(f"and {len(found) - _MANY} more")] if len(found) > _MANY else []
        named = [_other(one, alert, zone) for one in found[:_MANY]]
        shown.append(section(title, *named, *more))
    return shown


def _waits(work: Casework) -> list[str]:
    """What is still to come of an alert, and what holds it back."""
    found = [f"second person: {one}" for one in work.pending]
    if work.follow_up:
        due = work.follow_up
        because = f": {due.reason}" if due.reason else ""
        found.append(f"to be looked at again on {day(due.due_on)} ({due.actor}){because}")
    if work.merged_into:
        found.append(f"belongs to {work.merged_into} and is worked on there")
    if work.merged_here:
        found.append(f"these belong to it: {', '.join(work.merged_here)}")
    return [*found, *work.silences]


def disposition_name(disposition: str) -> str:
    """A disposition in words, with the hyphen it is written with."""
    return plain_name(disposition).replace("data protection", "data-protection")


def _line(one: NoteShown, zone: ZoneInfo) -> Text:
    said = [plain_name(one.action)]
    if one.to:
        said.append(f"to {one.to}")
    if one.disposition:
        said.append(f"as {disposition_name(one.disposition)}")
    because = "; ".join(part for part in (one.explanation, one.says) if part)
    return words(
        f"{when(one.at, zone)}  {one.actor}: {' '.join(said)}" + (f": {because}" if because else "")
    )


def _other(one: Alert, alert: Alert, zone: ZoneInfo) -> Text:
    same = one.focus_subject_id and one.focus_subject_id == alert.focus_subject_id
    seen = span(one.first_event_at, one.last_event_at, zone)
    told = f"{one.alert_id}  {plain_name(one.family)}, {one.status}, {seen}"
    return words(told + (", same person looked up" if same else ""))


def _named(
    alert: Alert, stage: str, *, now: AbstractSet[str], work: Casework
) -> RenderableType | None:
    """Questions of a stage that are not shown in full, each with its answer."""
    names = []
    for prompt in alert.prompts:
        if prompt.stage == stage and prompt.id not in now:
            answer = work.answer_to(prompt.id)
            names.append(f"{prompt.id} ({answer.answer})" if answer else prompt.id)
    return words(f"{_also(stage)}: {', '.join(names)}") if names else None


def _also(stage: str) -> str:
    return f"Also {STAGES[stage]}"


def _answered(answer: AnswerShown) -> str:
    because = f": {answer.reason}" if answer.reason else ""
    return f"{answer.answer}, {answer.actor}, {day(answer.at)}{because}"

"""What somebody does to the alert in front: each deed asks what it must, and tells the outcome."""

from collections.abc import Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text

from alerts.lifecycle import Action, Disposition, Step
from alerts.model import Alert, PromptShown, Status
from monitor.access.desk import Desk
from monitor.cli.alerts.acting import referral, take_step
from monitor.cli.triage.terminal import Screen
from monitor.views.casework import STAGES, disposition_name, question, stage_of
from monitor.views.page import lines_of
from monitor.views.wording import count, words

GIVEN_UP: Final = "Given up; nothing was changed."
_ANSWER_KEYS: Final = {"d": "done", "n": "not needed", "l": "later"}
_DISPOSITIONS: Final = tuple(Disposition)


def take(desk: Desk, _: Screen, alert: Alert) -> str:
    """Take the alert."""
    return _stepped(desk, alert, Step(action=Action.TAKE))


def note(desk: Desk, screen: Screen, alert: Alert) -> str:
    """Add a note."""
    text = screen.typed("Note (it is never changed; Ctrl-C gives up):")
    if not text:
        return GIVEN_UP
    take_step(desk, alert, Step(action=Action.NOTE, reason=text), dry_run=False)
    return f"{alert.alert_id}: note added."


def answer_questions(desk: Desk, screen: Screen, alert: Alert) -> str:
    """Put the questions of the present stage, one after another."""
    return _asked(desk, screen, alert, stage=stage_of(alert.status))


def refer(desk: Desk, screen: Screen, alert: Alert) -> str:
    """Refer the alert: to whom, and why."""
    ready = _taken(desk, screen, alert)
    if ready is None:
        return GIVEN_UP
    to = screen.typed("Refer to whom (appropriate authority, another force, ...)?")
    reason = screen.typed("Why? It is kept with the alert:") if to else None
    if not to or not reason:
        return GIVEN_UP
    if not _yes(screen, f"Refer {alert.alert_id} to {to}?", "", reason):
        return GIVEN_UP
    return _stepped(desk, ready, Step(action=Action.REFER, reason=referral(to, reason)))


def close(desk: Desk, screen: Screen, alert: Alert) -> str:
    """Close the alert: the questions before closing, how it ended, and why."""
    ready = _taken(desk, screen, alert)
    if ready is None:
        return GIVEN_UP
    _asked(desk, screen, ready, stage="closure")
    disposition = _disposition(screen)
    if disposition is None:
        return GIVEN_UP
    explanation: str | None = ""
    if disposition is Disposition.EXPLAINED_BY_WORK:
        explanation = screen.typed("Which work explains it, and which record says so?")
    reason = screen.typed("Why? It is kept with the alert:") if explanation is not None else None
    if not reason or explanation is None:
        return GIVEN_UP
    name = disposition_name(disposition)
    said = [f"Close {alert.alert_id} as {name}?", "", *filter(None, (explanation, reason))]
    if not _yes(screen, *said, *_still_open(desk, ready)):
        return GIVEN_UP
    step = Step(
        action=Action.CLOSE, disposition=disposition, reason=reason, explanation=explanation
    )
    return _stepped(desk, ready, step)


def _asked(desk: Desk, screen: Screen, alert: Alert, *, stage: str) -> str:
    """Questions of a stage put until none is left or somebody stops; how many were answered."""
    put: set[str] = set()
    answered = 0
    while True:
        left = [p for p in desk.casework(alert).questions(alert, stage) if p.id not in put]
        if not left:
            break
        outcome = _put(desk, screen, alert, left, stage=stage)
        if outcome == "stop":
            break
        answered += outcome == "answered"
        put.add(left[0].id)
    if not put and not answered:
        return f"No question is left {STAGES[stage]}."
    return f"{alert.alert_id}: {count(answered, 'question')} answered."


def _put(
    desk: Desk, screen: Screen, alert: Alert, left: Sequence[PromptShown], *, stage: str
) -> str:
    """One question on the screen, and its answer: "answered", "skipped" or "stop"."""
    prompt = left[0]
    work = desk.casework(alert)
    title = Text(f"{alert.alert_id}  question {STAGES[stage]}; {len(left)} to go", style="bold")
    shown = Group(title, Text(), question(prompt, work.answer_to(prompt.id)))
    key = _choice(screen, shown, "d done   n not needed   l later   SPACE skip   x stop", "dnl x")
    if key == "x":
        return "stop"
    if key == " ":
        return "skipped"
    wanted = {"d": "What was done (Enter for nothing)?", "n": "Why is it not needed?", "l": ""}[key]
    reason = screen.typed(wanted) if wanted else ""
    if reason is None or (key == "n" and not reason):
        return "skipped"
    desk.site.store.answer_prompt(
        alert.alert_id,
        prompt.id,
        answer=_ANSWER_KEYS[key],
        reason=reason,
        actor=desk.person.os_user,
        at=desk.site.clock.now(),
    )
    return "answered"


def _taken(desk: Desk, screen: Screen, alert: Alert) -> Alert | None:
    """The alert, taken first where it is open; None where that was not wanted."""
    if alert.status is not Status.OPEN:
        return alert
    if not _yes(screen, f"{alert.alert_id} is not taken yet. Take it first?"):
        return None
    return take_step(desk, alert, Step(action=Action.TAKE), dry_run=False).alert


def _disposition(screen: Screen) -> Disposition | None:
    named = [
        Text(f"  {number}  {disposition_name(one)}")
        for number, one in enumerate(_DISPOSITIONS, start=1)
    ]
    shown = Group(Text("How did it end?", style="bold"), Text(), *named)
    numbers = "".join(str(number + 1) for number in range(len(_DISPOSITIONS)))
    key = _choice(screen, shown, f"1 to {len(_DISPOSITIONS)}   x give up", f"{numbers}x")
    return None if key == "x" else _DISPOSITIONS[int(key) - 1]


def _still_open(desk: Desk, alert: Alert) -> Sequence[str]:
    """What is said of questions that nobody has answered when an alert is closed."""
    work = desk.casework(alert)
    left = [
        prompt.id
        for prompt in alert.prompts
        if prompt.stage == "closure" and not work.answer_to(prompt.id)
    ]
    return ("", f"Not answered of the questions before closing: {', '.join(left)}") if left else ()


def _yes(screen: Screen, asked: str, *more: str) -> bool:
    shown = Group(words(asked, style="bold"), *map(words, more))
    return _choice(screen, shown, "y yes   n no", "ynx") == "y"


def _choice(screen: Screen, shown: RenderableType, keys: str, allowed: str) -> str:
    """One of the allowed keys, with something on the screen to decide about; x on Ctrl-C."""
    asked = Group(shown, Text(), Text(keys, style="bold"))
    while True:
        screen.show(lines_of(asked, screen.console), ())
        try:
            key = screen.key().lower()
        except KeyboardInterrupt:
            return "x"
        if key in allowed and len(key) == 1:
            return key


def _stepped(desk: Desk, alert: Alert, step: Step) -> str:
    """The step taken, in words."""
    moved = take_step(desk, alert, step, dry_run=False).alert
    ended = f" as {disposition_name(step.disposition)}" if step.disposition else ""
    return f"{moved.alert_id}: {moved.status}{ended}."

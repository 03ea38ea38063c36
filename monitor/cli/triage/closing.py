"""Closing an alert: the questions before closing, how it ended, and why; and questions at all."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, Literal

from rich.console import Group
from rich.text import Text

from alerts.lifecycle import Action, Disposition, Step
from alerts.model import Alert, PromptShown
from monitor.access.desk import Desk
from monitor.cli.alerts.steps import said, take_step, waits_with
from monitor.cli.triage.asking import GIVEN_UP, NO, Sitting, day_meant, numbered, yes
from monitor.cli.triage.taking import taken
from monitor.utc_day import midnight
from monitor.views.casework import STAGES, disposition_name, question, stage_of
from monitor.views.wording import count, day

_ANSWER_KEYS: Final = {"d": "done", "n": "not needed", "l": "later", "s": "skip"}


def answer_questions(at: Sitting, alert: Alert) -> str:
    """Put the questions of the present stage, one after another."""
    desk = at.desk
    stage = stage_of(alert.status)

    def left() -> Sequence[PromptShown]:
        return desk.casework(alert).questions(alert, stage)

    return _asked(at, alert, left=left, when=STAGES[stage])


def close(at: Sitting, alert: Alert) -> str:
    """Close the alert: how it ended, the questions that waits for, and why."""
    desk, asker = at.desk, at.asker
    ready = taken(at, alert)
    if ready is None:
        return GIVEN_UP
    names = {str(one): disposition_name(one) for one in Disposition}
    chosen = numbered(asker, "How did it end?", choices=names)
    if not chosen:
        return GIVEN_UP
    disposition = Disposition(chosen)
    if not _questions_settled(at, ready, disposition=disposition):
        left = _open(desk, ready, disposition=disposition)
        names_left = ", ".join(prompt.id for prompt in left)
        return f"{ready.alert_id}: not closed; still to be answered before closing: {names_left}."
    step = _step(at, ready, disposition=disposition)
    if step is None or not _sure(at, ready, step=step):
        return GIVEN_UP
    outcome = take_step(desk, ready, step, dry_run=False)
    return f"{said(outcome, step, dry_run=False, desk=desk)}."


def _questions_settled(at: Sitting, alert: Alert, *, disposition: Disposition) -> bool:
    """Whether no question stands before a closure any more, having put those that did."""

    def left() -> Sequence[PromptShown]:
        return _open(at.desk, alert, disposition=disposition)

    if left():
        _asked(at, alert, left=left, when=STAGES["closure"])
    return not left()


def _step(at: Sitting, alert: Alert, *, disposition: Disposition) -> Step | None:
    """The closure with everything it says; nothing where that was given up."""
    asker = at.asker
    by_work = disposition is Disposition.EXPLAINED_BY_WORK
    asked = "Which work explains it, and which record says so?"
    explanation = (asker.typed(asked) or "") if by_work else ""
    if by_work and not explanation:
        return None
    goes_on = _goes_on(at) if by_work and alert.focus_subject_id else ""
    if goes_on is None:
        return None
    reason = asker.typed("Why? It is kept with the alert:")
    if not reason:
        return None
    return Step(
        action=Action.CLOSE,
        disposition=disposition,
        reason=reason,
        explanation=explanation,
        legitimate_until=goes_on or None,
    )


def _goes_on(at: Sitting) -> datetime | Literal[""] | None:
    """Until when the work goes on; empty where it does not, nothing where that was given up."""
    most = at.desk.site.settings.casework.legitimate_most_days
    text = at.asker.typed(
        "Does that work go on? Until which day do later lookups of these two count as explained by"
        f" it (2026-12-01; +30 for days from now, at most +{most}; Enter: it is over)?"
    )
    if not text:
        return None if text is None else ""
    last = day_meant(text, today=at.desk.site.clock.now().date())
    return midnight(last)


def _sure(at: Sitting, alert: Alert, *, step: Step) -> bool:
    name = disposition_name(step.disposition or "")
    second = waits_with(at.desk, alert, step=step)
    until = step.legitimate_until
    goes_on = f"Later lookups count as explained until {day(until)}." if until else ""
    after = ("", "It will wait for a second person.") if second else ()
    more = [*filter(None, (step.explanation, step.reason, goes_on)), *after]
    return yes(at.asker, f"Close {alert.alert_id} as {name}?", "", *more)


def _open(desk: Desk, alert: Alert, *, disposition: Disposition) -> Sequence[PromptShown]:
    return desk.site.store.open_questions(alert.alert_id, disposition=disposition)


def _asked(
    at: Sitting, alert: Alert, *, left: Callable[[], Sequence[PromptShown]], when: str
) -> str:
    """Questions put until none is left or somebody stops; how many were answered."""
    put: set[str] = set()
    answered = 0
    while waiting := [prompt for prompt in left() if prompt.id not in put]:
        outcome = _put(at, alert, left=waiting, when=when)
        if outcome == "stop":
            break
        answered += outcome == "answered"
        put.add(waiting[0].id)
    if not put and not answered and not left():
        return f"No question is left {when}."
    return f"{alert.alert_id}: {count(answered, 'question')} answered."


def _put(at: Sitting, alert: Alert, *, left: Sequence[PromptShown], when: str) -> str:
    """One question on the screen, and its answer: "answered", "skipped" or "stop"."""
    desk, asker = at.desk, at.asker
    prompt = left[0]
    work = desk.casework(alert)
    title = Text(f"{alert.alert_id}  question {when}; {len(left)} to go", style="bold")
    shown = Group(title, Text(), question(prompt, work.answer_to(prompt.id)))
    key = asker.choice(shown, _ANSWER_KEYS)
    if key == NO:
        return "stop"
    if key == "s":
        return "skipped"
    wanted = {"d": "What was done (Enter for nothing)?", "n": "Why is it not needed?", "l": ""}[key]
    reason = asker.typed(wanted) if wanted else ""
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

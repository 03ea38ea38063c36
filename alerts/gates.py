"""What must be answered before an alert is closed, and which deeds need a second person."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

from alerts.chain import stamp
from alerts.errors import Misused
from alerts.lifecycle import Disposition
from alerts.model import Alert, Priority, PromptShown


class Deed(StrEnum):
    """What one person asks for and another confirms."""

    CLOSE = "close"
    SUPPRESS = "suppress"


# Referral clock, limit of time, recording: none may be open where a crime is suspected.
OF_CRIME: Final = ("P23", "P24", "P25")
ANSWERS: Final = ("done", "not needed", "later")
_SETTLES: Final = frozenset({"done", "not needed"})
_PRESSING: Final = frozenset({Priority.URGENT, Priority.HIGH})


def needs_second(deed: Deed, priority: Priority) -> bool:
    """Whether a deed needs a second person: a closure only where the alert presses."""
    return deed is not Deed.CLOSE or priority in _PRESSING


def unanswered(
    alert: Alert, answers: Mapping[str, str], *, disposition: Disposition | None
) -> tuple[PromptShown, ...]:
    """The questions that stand between an alert and its closure, in the order of asking.

    Args:
        alert: with the questions it carries.
        answers: the latest answer to each question, by id; "later" settles nothing.
        disposition: how it is to end; a suspected crime adds the questions that belong to one.
    """
    suspected = disposition is Disposition.SUSPECTED_CRIME
    carried = {prompt.id: prompt for prompt in alert.prompts}
    return tuple(
        prompt
        for prompt in carried.values()
        if prompt.stage == "closure" or (suspected and prompt.id in OF_CRIME)
        if answers.get(prompt.id) not in _SETTLES
    )


def refuse_unanswered(alert: Alert, open_questions: Sequence[PromptShown]) -> None:
    """Nothing where every question that a closure waits for is settled.

    Raises:
        Misused: names the questions, and what settles one.
    """
    if open_questions:
        names = ", ".join(prompt.id for prompt in open_questions)
        raise Misused(
            f"alert {alert.alert_id}: cannot close before {names} {_verb(open_questions)} answered;"
            f" possible: psdmon alerts answer {alert.alert_id} {names.replace(', ', ',')} done, or"
            " not-needed with a reason"
        )


def refuse_allowance(alert: Alert, until: datetime | None, *, at: datetime) -> None:
    """Nothing where a closure may say until when later lookups are legitimate, or says nothing.

    Raises:
        Misused: the alert is around nobody, or the end is past.
    """
    if until is None:
        return
    if not alert.focus_subject_id:
        raise Misused(
            f"alert {alert.alert_id}: lookups cannot be legitimate until a day, for it is on a"
            " member of staff alone and around nobody; possible: the same without, or suppress"
        )
    if until <= at:
        raise Misused(
            f"alert {alert.alert_id}: lookups cannot be legitimate until {stamp(until)}, which is"
            f" past; possible: a time after {stamp(at)}"
        )


def latest(answers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The answer that counts for each question, from pairs of id and answer, oldest first."""
    return dict(answers)


def prompt_answered(alert: Alert, prompt_id: str, *, answer: str, reason: str) -> PromptShown:
    """The question that an answer is to, as the alert carries it, in its newest wording.

    Raises:
        Misused: the alert does not carry it, or the answer is none of those possible.
    """
    place = f"alert {alert.alert_id}"
    wordings = [prompt for prompt in alert.prompts if prompt.id == prompt_id]
    if not wordings:
        carried = ", ".join(dict.fromkeys(prompt.id for prompt in alert.prompts)) or "none"
        raise Misused(f"{place}: it does not carry prompt {prompt_id}; possible: {carried}")
    place = f"{place}, prompt {prompt_id}"
    if answer not in ANSWERS:
        raise Misused(f"{place}: {answer!r} is no answer; possible: {', '.join(ANSWERS)}")
    if answer == "not needed" and not reason.strip():
        raise Misused(
            f"{place}: not needed without a reason; possible: the same with a reason, done, later"
        )
    return max(wordings, key=lambda prompt: prompt.version)


def _verb(prompts: Sequence[PromptShown]) -> str:
    return "is" if len(prompts) == 1 else "are"

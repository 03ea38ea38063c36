"""What stands between an alert and its closure."""

import pytest

from alerts.errors import Misused
from alerts.gates import Deed, needs_second, refuse_unanswered, unanswered
from alerts.lifecycle import Disposition
from alerts.model import Priority
from tests.factories import a_prompt, an_alert

ALERT = an_alert(
    prompts=(
        a_prompt(),
        a_prompt(id="P23", stage="review"),
        a_prompt(id="P25", stage="closure"),
        a_prompt(id="P32", stage="closure"),
    )
)


def left(disposition: Disposition | None, **answers: str) -> list[str]:
    return [prompt.id for prompt in unanswered(ALERT, answers, disposition=disposition)]


def test_a_closure_waits_for_the_questions_before_closing_and_no_others() -> None:
    assert left(Disposition.CANNOT_TELL) == ["P25", "P32"]
    assert left(Disposition.CANNOT_TELL, P25="not needed", P32="done") == []


def test_later_is_no_answer_to_close_on() -> None:
    assert left(None, P25="done", P32="later") == ["P32"]


def test_a_suspected_crime_waits_for_the_questions_of_a_crime_too() -> None:
    assert left(Disposition.SUSPECTED_CRIME, P25="done", P32="done") == ["P23"]


def test_the_refusal_names_the_questions_and_what_would_answer_them() -> None:
    open_questions = unanswered(ALERT, {}, disposition=None)
    with pytest.raises(Misused) as refusal:
        refuse_unanswered(ALERT, open_questions)

    assert str(refusal.value) == (
        "alert A-7F3K9Q2M: cannot close before P25, P32 are answered; possible: psdmon alerts"
        " answer A-7F3K9Q2M P25,P32 done, or not-needed with a reason"
    )


@pytest.mark.parametrize("priority", Priority)
def test_a_closure_needs_a_second_person_where_the_alert_presses(priority: Priority) -> None:
    assert needs_second(Deed.CLOSE, priority) is (priority is not Priority.NORMAL)
    assert needs_second(Deed.SUPPRESS, priority)

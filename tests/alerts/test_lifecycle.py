"""The life of an alert: every step from every standing, taken or refused with what is possible."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts import lifecycle
from alerts.errors import Misused
from alerts.lifecycle import MOVES, Action, Disposition, Step, after, holder, possible, stepped
from alerts.model import Status

# Where each action leads, by where the alert stands; a dot where it is refused.
TABLE = """
            open      taken     awaiting  referred  closed
take        taken     .         taken     taken     .
assign      taken     taken     awaiting  referred  .
await       .         awaiting  .         awaiting  .
refer       .         referred  referred  .         .
close       .         closed    closed    closed    .
reopen      .         .         .         .         open
note        open      taken     awaiting  referred  closed
"""
WHOLE = {
    Action.TAKE: Step(action=Action.TAKE),
    Action.ASSIGN: Step(action=Action.ASSIGN, to="reviewer2"),
    Action.AWAIT: Step(action=Action.AWAIT, reason="asked the roster office"),
    Action.REFER: Step(action=Action.REFER, reason="to the appropriate authority"),
    Action.CLOSE: Step(
        action=Action.CLOSE, reason="nothing more to ask", disposition=Disposition.CANNOT_TELL
    ),
    Action.REOPEN: Step(action=Action.REOPEN, reason="a complaint came in"),
    Action.NOTE: Step(action=Action.NOTE, reason="read the earlier alert"),
}


def table() -> dict[tuple[Status, Action], str]:
    """The table as written: status and action, and where it leads."""
    lines = [line.split() for line in TABLE.strip().splitlines()]
    return {
        (Status(status), Action(line[0])): leads
        for line in lines[1:]
        for status, leads in zip(lines[0], line[1:], strict=True)
    }


@pytest.mark.parametrize(("status", "action"), tuple(product(Status, Action)))
def test_each_step_leads_where_the_table_says_or_is_refused(status: Status, action: Action) -> None:
    leads = table()[status, action]

    if leads == ".":
        with pytest.raises(Misused) as refusal:
            stepped(status, WHOLE[action], alert_id="A-17")
        assert str(refusal.value) == (
            f"alert A-17: cannot {action} while {status}; possible: {', '.join(possible(status))}"
        )
    else:
        assert stepped(status, WHOLE[action], alert_id="A-17") == leads


def test_a_refused_action_says_what_is_possible() -> None:
    with pytest.raises(
        Misused, match=r"^alert A-17: cannot close while open; possible: take, assign, note$"
    ):
        after(Status.OPEN, Action.CLOSE, alert_id="A-17")


def test_every_standing_and_every_action_is_in_the_drawing() -> None:
    drawing = lifecycle.__doc__ or ""

    assert [word for word in (*Status, *Action) if word not in drawing] == []


def test_from_every_standing_every_other_can_be_reached() -> None:
    reached = {status: {status} for status in Status}
    for _ in Status:
        for status in Status:
            reached[status] |= {
                further for near in reached[status] for further in MOVES[near].values()
            }

    assert all(reached[status] == set(Status) for status in Status)


@pytest.mark.parametrize(
    ("step", "refusal"),
    [
        (
            Step(action=Action.CLOSE, reason="done"),
            (
                "cannot close without a disposition; possible: explained_by_work, practice_issue,"
                " data_protection_matter, conduct_matter, suspected_crime, cannot_tell"
            ),
        ),
        (
            Step(action=Action.CLOSE, disposition=Disposition.CONDUCT_MATTER),
            "cannot close without a reason; possible: the same with a reason",
        ),
        (
            Step(action=Action.CLOSE, reason=" \t", disposition=Disposition.CONDUCT_MATTER),
            "cannot close without a reason; possible: the same with a reason",
        ),
        (
            Step(action=Action.CLOSE, reason="ok", disposition=Disposition.EXPLAINED_BY_WORK),
            (
                "cannot close as explained_by_work without the explanation; possible: the same with"
                " the work that explains it, or another disposition"
            ),
        ),
        (
            Step(
                action=Action.CLOSE,
                reason="ok",
                disposition=Disposition.CANNOT_TELL,
                explanation="family liaison",
            ),
            "cannot close with an explanation by work; possible: close as explained_by_work",
        ),
        (
            Step(action=Action.AWAIT),
            "cannot await without a reason; possible: the same with a reason",
        ),
        (
            Step(action=Action.REFER),
            "cannot refer without a reason; possible: the same with a reason",
        ),
        (
            Step(action=Action.NOTE),
            "cannot note without a reason; possible: the same with a reason",
        ),
        (
            Step(action=Action.ASSIGN),
            "cannot assign to nobody; possible: the same with the user who takes over",
        ),
        (
            Step(action=Action.NOTE, reason="n", disposition=Disposition.CANNOT_TELL),
            "cannot note with a disposition; possible: close, or the same without one",
        ),
        (
            Step(action=Action.NOTE, reason="n", to="reviewer2"),
            "cannot note to somebody; possible: assign",
        ),
    ],
)
def test_a_step_that_leaves_something_unsaid_says_what_would_do(step: Step, refusal: str) -> None:
    with pytest.raises(Misused) as refused:
        stepped(Status.TAKEN, step, alert_id="A-17")

    assert str(refused.value) == f"alert A-17: {refusal}"


def test_a_closed_alert_is_not_reopened_without_a_reason() -> None:
    with pytest.raises(Misused, match=r"^alert A-17: cannot reopen without a reason"):
        stepped(Status.CLOSED, Step(action=Action.REOPEN), alert_id="A-17")


def test_a_closure_explained_by_work_says_by_which() -> None:
    step = Step(
        action=Action.CLOSE,
        reason="the roster came",
        disposition=Disposition.EXPLAINED_BY_WORK,
        explanation="family liaison officer of the case",
    )

    assert stepped(Status.AWAITING, step, alert_id="A-17") is Status.CLOSED


@pytest.mark.parametrize(
    ("action", "held_by"),
    [
        (Action.TAKE, "me"),
        (Action.ASSIGN, "reviewer2"),
        (Action.AWAIT, "somebody"),
        (Action.REFER, "somebody"),
        (Action.CLOSE, "somebody"),
        (Action.NOTE, "somebody"),
        (Action.REOPEN, ""),
    ],
)
def test_only_taking_handing_over_and_reopening_change_who_holds_it(
    action: Action, held_by: str
) -> None:
    assert holder("somebody", WHOLE[action], actor="me") == held_by


@given(st.sampled_from(Status), st.lists(st.sampled_from(Action)))
def test_whatever_people_try_an_alert_stands_somewhere_and_something_is_possible(
    status: Status, tried: list[Action]
) -> None:
    for action in tried:
        if action in possible(status):
            status = after(status, action, alert_id="A-17")

    assert possible(status)

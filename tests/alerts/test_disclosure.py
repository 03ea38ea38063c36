"""The disclosure schedule: what undermines stands beside what supports."""

from alerts.disclosure import Bears, Other, Silence, Surroundings, schedule
from tests.factories import a_moment, an_alert, an_explanation, an_interval

AROUND = Surroundings(
    visits=41,
    visits_explained=2,
    visits_with_roster=40,
    visits_on_duty=36,
    rows_with_case=2,
    rows_with_reason=90,
    rows_missing=1,
    other_staff=3,
    silences=(Silence(detector="burst", why="ran, and is not among the findings"),),
    others=(
        Other(
            alert_id="A-2", tie="same member of staff", status="closed",
            ended="closed as explained by work",
        ),
    ),
    suppressions=("circle kept silent",),
    against=("PHA-4A: does not apply",),
    versions=2,
    written_at=a_moment(),
)  # fmt: skip


def whats(bears: Bears, **facts: object) -> list[str]:
    """What stands in the schedule under one heading."""
    return [item.what for item in schedule(an_alert(**facts), AROUND) if item.bears is bears]


def test_what_undermines_is_listed_whole() -> None:
    found = whats(
        Bears.UNDERMINES,
        provisional=True,
        recurrence_interval=an_interval(limit_of_data=True),
    )

    assert found == [
        "explanation case reference: partly explains",
        "explanation roster: could not be tested",
        "visits with an explanation",
        "visits on duty",
        "case references and reasons as typed",
        "others who looked",
        "rows not held",
        "detector burst",
        "feed missing: shifts",
        "alert A-2",
        "suppressed",
        "recorded or answered",
        "provisional",
        "limit of the data",
        "earlier versions of this alert",
        "what a log cannot show",
    ]


def test_what_supports_comes_first_and_how_it_was_made_last() -> None:
    order = [item.bears for item in schedule(an_alert(), AROUND)]

    assert order == sorted(order, key=list(Bears).index)
    assert whats(Bears.SUPPORTS) == [
        "rows of the log",
        "finding repeat subject v1",
        "finding circle v1",
        "explanation looked for: tasking",
    ]
    assert whats(Bears.NEITHER) == ["code", "settings", "data", "schedule written"]


def test_an_explanation_found_whole_is_never_left_out() -> None:
    explained = (an_explanation("tasking", "explains", "every visit"),)

    assert "explanation tasking: explains" in whats(Bears.UNDERMINES, explanations_tested=explained)

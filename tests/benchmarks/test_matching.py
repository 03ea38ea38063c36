"""What counts as found, and what as false, when methods are held against the truth."""

from datetime import UTC, datetime

import numpy as np
import pytest

from tests.benchmarks.forces import Case
from tests.benchmarks.matching import (
    Found,
    Item,
    Rows,
    Share,
    by_tally,
    days_to_alert,
    recall,
    walked,
)
from tests.benchmarks.trials import REPORTED_SEEDS, TAUGHT_SEEDS, TUNED_SEEDS, programme

FIRST_DAY = 20_000  # 2024-10-04


def a_case(case_id: str = "M1", *, user: str = "U1", subjects: tuple[str, ...] = ("P1",)) -> Case:
    """A case that begins on the first day."""
    return Case(
        case_id=case_id,
        typology="drip",
        strength="low",
        user_ids=frozenset([user]),
        subject_ids=frozenset(subjects),
        first_visit_at=datetime(2024, 10, 4, 9, tzinfo=UTC),
        last_visit_at=datetime(2024, 11, 4, 9, tzinfo=UTC),
        event_ids=(),
    )


def an_item(
    user: str = "U1", subject: str = "P1", *, day: int = FIRST_DAY, score: float = 1.0
) -> Item:
    """One thing put before a person."""
    return Item(user_id=user, subject_ids=(subject,), day=day, score=score)


def false_ones(count: int, *, score: float) -> list[Item]:
    """So many alerts on innocent work, of one member of staff each."""
    return [an_item(f"U-INNOCENT{n}", score=score) for n in range(count)]


def test_a_case_is_found_by_its_user_and_any_of_its_people() -> None:
    found = walked([an_item(subject="P2")], (a_case(subjects=("P1", "P2")),), allowed=0)

    assert (set(found.hits), found.false_alerts) == ({"M1"}, 0)


@pytest.mark.parametrize(
    "item",
    [an_item("U2"), an_item(subject="P9"), an_item(day=FIRST_DAY - 1)],
    ids=["another user", "another person", "before the first visit"],
)
def test_an_alert_that_is_not_about_the_case_is_false(item: Item) -> None:
    found = by_tally([item], (a_case(),))

    assert (set(found.hits), found.false_alerts) == (set(), 1)


def test_an_alert_without_a_focus_is_about_a_case_by_the_people_it_lists() -> None:
    trawl = Item(user_id="U1", subject_ids=("P7", "P8", "P1"), day=FIRST_DAY, score=1.0)

    assert set(by_tally([trawl], (a_case(),)).hits) == {"M1"}


def test_false_alerts_on_one_member_of_staff_count_once_in_sixty_days() -> None:
    told = [an_item("U2", day=FIRST_DAY + day) for day in (0, 59, 60)]

    assert by_tally(told, (a_case(),)).false_alerts == 2


def test_the_walk_ends_before_the_false_alert_that_is_one_too_many() -> None:
    told = [*false_ones(3, score=2.0), an_item(score=1.0)]

    assert walked(told, (a_case(),), allowed=2).hits == {}
    assert set(walked(told, (a_case(),), allowed=3).hits) == {"M1"}


def test_the_days_to_an_alert_run_from_the_first_visit_to_the_first_alert() -> None:
    told = [an_item(day=FIRST_DAY + 9, score=3.0), an_item(day=FIRST_DAY + 4, score=2.0)]

    assert days_to_alert([walked(told, (a_case(),), allowed=0)]) == [4]


def test_recall_counts_cases_of_the_wanted_typologies_in_every_force() -> None:
    one = Found(cases=(a_case(), a_case("M2")), hits={"M1": FIRST_DAY}, false_alerts=0, threshold=1)

    assert recall([one, one]) == Share(hits=2, cases=4)
    assert recall([one], typologies=frozenset({"sells_data"})) == Share(hits=0, cases=0)


def test_the_interval_of_a_share_is_wilsons() -> None:
    low, high = Share(hits=8, cases=10).interval

    # By hand: (0.8 + 1.96^2/20 +- 1.96 sqrt(0.016 + 1.96^2/400)) / (1 + 1.96^2/10).
    assert (low, high) == pytest.approx((0.490, 0.943), abs=0.001)


def test_the_strongest_rows_become_items_and_silence_none() -> None:
    rows = Rows(
        user_ids=np.array(["U1", "U2"], dtype=object),
        subject_ids=np.array(["P1"], dtype=object),
        user_no=np.array([0, 1, 0]),
        subject_no=np.array([0, 0, 0]),
        day=np.array([1, 2, 3]),
    )

    told = rows.items(np.array([0.5, 2.0, np.nan]))

    assert [(item.user_id, item.day, item.score) for item in told] == [
        ("U2", 2, 2.0),
        ("U1", 1, 0.5),
    ]


def test_no_seed_that_is_reported_was_tuned_or_taught_on() -> None:
    assert not set(REPORTED_SEEDS) & (set(TUNED_SEEDS) | set(TAUGHT_SEEDS))


def test_every_typology_is_reported_twenty_times() -> None:
    told = [case.typology for trial in programme(quick=False).reported for case in trial.cases]

    assert {told.count(name) for name in told} == {20}
    assert len(set(told)) == 20


def test_every_typology_is_reported_at_every_strength() -> None:
    told = {
        (case.typology, case.strength)
        for trial in programme(quick=False).reported
        for case in trial.cases
    }

    assert len(told) == 60

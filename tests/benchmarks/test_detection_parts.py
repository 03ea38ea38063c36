"""What the parts of the benchmark of detection keep, and what their table says of it."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from alerts.features import Feature
from alerts.features import Features as Seen
from alerts.teaching import Lesson
from monitor.teaching import Lessons
from tests.benchmarks.asked import Asked
from tests.benchmarks.detection import table as table_of
from tests.benchmarks.detection.as_raised import facts
from tests.benchmarks.detection.parts import PARTS, measured, wanted
from tests.benchmarks.detection.table import Made, keep, kept, newest, present
from tests.benchmarks.detection.taught_score import shapes_of, without
from tests.benchmarks.detection.walks import rate_words
from tests.benchmarks.figures import Figure
from tests.benchmarks.forces import Bed, Case
from tests.benchmarks.judging import Raised, Sitting
from tests.benchmarks.matching import Item, number_of
from tests.benchmarks.trials import REPORTED_SEEDS, TUNED_SEEDS, Trial, programme

FIRST = number_of(datetime(2024, 10, 4, tzinfo=UTC).date())


def made(*, part: str = "recall", seeds: tuple[int, ...] = (401,), code: str = "", **facts: object):  # noqa: ANN201 a factory
    """A part as it was made once."""
    told = Made(
        part=part, sizes=((300, 10),), seeds=seeds, code=code or present(),
        figures=(Figure(says=f"{part} on {seeds}", value="0.50", unit="of cases"),),
    )  # fmt: skip
    return replace(told, **facts)


def the_table(out: Path) -> list[str]:
    """What the table of a run says, row by row."""
    found = table_of.table(
        Asked(out=out, quick=True), {"recall": "recall", "clean": "clean forces"}
    )
    return [f"{one.says}: {one.value} {one.unit}".strip() for one in found]


def test_the_table_says_what_was_made_and_what_was_not(tmp_path: Path) -> None:
    keep(made(), Asked(out=tmp_path, quick=True))

    assert the_table(tmp_path) == ["recall on (401,): 0.50 of cases", "clean forces: not measured"]


def test_a_row_that_other_code_made_says_so(tmp_path: Path) -> None:
    path = keep(made(), Asked(out=tmp_path, quick=True))
    told = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**told, "code": "0123456789ab", "commit": "abc1234"}))

    assert the_table(tmp_path)[0] == (
        "recall on (401,); made by other code than today's: commit abc1234, digest 0123456789ab: "
        "0.50 of cases"
    )


def test_a_part_that_was_made_again_takes_the_place_of_what_other_code_made() -> None:
    old, new = made(code="0123456789ab", order=2), made(order=1)

    assert newest([old, new]) == [new]


def test_of_two_makings_by_other_code_the_later_is_shown() -> None:
    first, last = made(code="0123456789ab", order=1), made(code="ba9876543210", order=2)

    assert newest([last, first]) == [last]


def test_fewer_seeds_are_left_out_beside_more_by_the_same_code_or_todays() -> None:
    other = "0123456789ab"
    one, both, old = made(seeds=(401,)), made(seeds=(401, 402)), made(seeds=(402,), code=other)

    assert newest([one, both, old]) == [both]


def test_fewer_seeds_by_todays_code_stand_beside_more_by_other_code() -> None:
    one, old = made(seeds=(401,)), made(seeds=(401, 402), code="0123456789ab")

    assert newest([one, old]) == [one, old]


def test_what_earlier_commits_measured_is_of_parts_that_there_are(tmp_path: Path) -> None:
    earlier = kept(Asked(out=tmp_path))

    assert {one.part for one in earlier} == {"ceiling", "opponents", "recall", "taught"}
    assert all("first shown in commit" in figure.says for one in earlier for figure in one.shown())


def test_a_run_that_names_parts_makes_those_alone(tmp_path: Path) -> None:
    assert wanted(Asked(out=tmp_path, parts=("clean", "groups"))) == ("clean", "groups")
    assert set(wanted(Asked(out=tmp_path))) == set(PARTS)


def test_tuning_is_refused_on_seeds_that_are_reported(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"tuning: on no seed that is reported; possible: \(301"):
        measured("tuning", Asked(out=tmp_path, seeds=REPORTED_SEEDS[:1]))


def test_the_real_log_is_not_measured_where_nobody_has_it(tmp_path: Path) -> None:
    assert measured("tickets", Asked(out=tmp_path, quick=True)) == ()
    assert kept(Asked(out=tmp_path, quick=True)) == []


def test_seeds_and_sizes_are_as_asked_in_every_part() -> None:
    plan = programme(quick=False, staff=300, weeks=10, seeds=(401, 403))

    for trials in (plan.reported, plan.alone, plan.clean, plan.unreferenced):
        assert [(one.seed, one.staff, one.weeks) for one in trials] == [
            (401, 300, 10),
            (403, 300, 10),
        ]


def test_tuning_is_of_its_own_seeds_and_size_unless_asked() -> None:
    assert [(one.seed, one.staff, one.weeks) for one in programme(quick=False).tuned] == [
        (seed, 1_000, 20) for seed in TUNED_SEEDS
    ]


def test_a_pattern_left_out_takes_the_rows_of_its_drills_and_no_others() -> None:
    own = a_lesson(drill=[-1, -1])
    lessons = Lessons(
        own=own, rounds=(a_lesson(drill=[0, 1, 1, 2]),), shapes=(("drip", "burst", "growing"),)
    )

    left = without(lessons, shapes_of("T02"))

    assert left.shapes == (("drip", "growing"),)
    assert left.rounds[0].drill.tolist() == [0, 1]
    assert left.rounds[0].features.matrix[:, 0].tolist() == [0.0, 3.0]
    assert left.own is own


def a_lesson(*, drill: list[int]) -> Lesson:
    """Rows that are numbered in their one column."""
    column = Feature(name="burst", strand="burst", incriminates=True)
    return Lesson(
        features=Seen(columns=(column,), matrix=np.arange(len(drill), dtype=float)[:, None]),
        tenth=np.zeros(len(drill), dtype=np.int64),
        drill=np.array(drill, dtype=np.int64),
    )


def test_the_facts_of_a_sitting_count_hits_by_kind_and_innocent_staff_by_week() -> None:
    told = facts(a_sitting())

    assert told["hits"]["drip"] == [1, 1]
    assert told["days_to_alert"] == {"bursts": [], "slow": [3]}
    assert told["innocent_staff_by_week"] == [1, 0, 1]
    assert told["alerts"] == {
        "around one person, a model judging": 2,
        "on a member of staff alone": 1,
    }


def a_sitting() -> Sitting:
    """Three weeks, in which one case is found and two innocent members of staff are alerted."""
    trial = Trial(seed=401, staff=300, weeks=7)
    end = number_of(datetime.fromtimestamp(trial.plan.ends, UTC).date())
    first = end - 21
    case = Case(
        case_id="M1", typology="drip", strength="low", user_ids=frozenset(["U1"]),
        subject_ids=frozenset(["P1"]), event_ids=(),
        first_visit_at=datetime.fromtimestamp((first + 1) * 86_400, UTC),
        last_visit_at=datetime.fromtimestamp((first + 9) * 86_400, UTC),
    )  # fmt: skip
    bed = Bed(
        trial=trial, folder=Path("nowhere"), cases=(case,), lookalikes=0, events=0,
        seconds_to_make=0.0,
    )  # fmt: skip
    raised = (
        an_alert("U1", "P1", day=first + 4),
        an_alert("U2", "P2", day=first),
        an_alert("U3", "P3", day=first + 20, alone=True),
    )
    items = tuple(
        Item(user_id=one.user_id, subject_ids=one.subject_ids, day=one.day, score=1.0)
        for one in raised
    )
    return Sitting(bed=bed, items=items, raised=raised, days=21, seconds=1.0)


def an_alert(user: str, subject: str, *, day: int, alone: bool = False) -> Raised:
    """An alert on the day it was first raised."""
    return Raised(
        alert_id=f"A-{user}", user_id=user, subject_ids=(subject,), day=day, alone=alone,
        taught=not alone, hinges_on=(),
    )  # fmt: skip


def test_the_interval_of_a_count_is_the_exact_one() -> None:
    # Garwood, 1936: of 7 the limits are 2.81 and 14.42.
    assert rate_words(7, 16_000) == "0.44 (0.18 to 0.90)"

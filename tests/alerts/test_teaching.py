"""What drills teach: a score that is a sum of strands, monotone in each, the same every time."""

import json

import numpy as np
import pytest

from alerts.features import Feature, Features
from alerts.teaching import Lesson, Taught, from_text, taught

COLUMNS = (
    Feature(name="days", strand="days", incriminates=True),
    Feature(name="share", strand="share", incriminates=True),
    Feature(name="share.viewers", strand="share", incriminates=False),
    Feature(name="explained", strand="explained", incriminates=False),
)
ORDINARY, DRILLED = 6000, 300


def rows(matrix: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> Features:
    """Features of some rows."""
    return Features(columns=COLUMNS, matrix=matrix)


def lessons(seed: int = 1) -> list[Lesson]:
    """Ordinary rows, where either strand is strong now and then; drills, where both are."""
    chance = np.random.default_rng(seed)
    ordinary = chance.exponential(1.0, (ORDINARY, 4))
    drilled = np.column_stack(
        [
            chance.exponential(1.0, DRILLED) + 1.5,
            chance.exponential(1.0, DRILLED) + 1.5,
            chance.exponential(1.0, (DRILLED, 2)),
        ]
    )
    return [
        Lesson(
            features=rows(ordinary),
            tenth=np.arange(ORDINARY) % 10,
            drill=np.full(ORDINARY, -1),
        ),
        Lesson(
            features=rows(drilled), tenth=np.arange(DRILLED) % 10, drill=np.arange(DRILLED) // 3
        ),
    ]


@pytest.fixture(scope="module")
def model() -> Taught:
    """What they teach."""
    found = taught(lessons(), shapes={"anything": 100}, seed=7)
    assert found is not None
    return found


def test_two_strands_together_say_more_than_each_alone(model: Taught) -> None:
    seen = rows(np.array([[0.5, 0.5, 1.0, 0.0], [4.0, 0.5, 1.0, 0.0], [4.0, 4.0, 1.0, 0.0]]))
    score = model.score(seen, np.zeros(3, dtype=np.int64))

    assert score[0] < score[1] < score[2]
    assert score[2] - score[1] > 1.0


@pytest.mark.parametrize("strand", [0, 1])
@pytest.mark.parametrize("tenth", [0, 7])
def test_more_evidence_never_lowers_the_score(model: Taught, strand: int, tenth: int) -> None:
    chance = np.random.default_rng(3)
    matrix = np.repeat(chance.exponential(1.0, (50, 4)), 30, axis=0)
    matrix[:, strand] = np.tile(np.linspace(0.0, 6.0, 30), 50)
    score = model.score(rows(matrix), np.full(1500, tenth)).reshape(50, 30)

    assert (np.diff(score, axis=1) >= -1e-9).all()


def test_what_each_strand_adds_sums_to_the_score(model: Taught) -> None:
    seen = rows(np.random.default_rng(4).exponential(2.0, (40, 4)))
    fold = np.arange(40) % 2
    apart = model.contributions(seen, fold)

    assert apart.strands == ("days", "share", "explained")
    assert apart.added.sum(axis=1) + apart.start == pytest.approx(model.score(seen, fold), abs=1e-9)


def test_a_strand_that_is_silent_is_borne(model: Taught) -> None:
    silent = rows(np.array([[4.0, 4.0, 1.0, 0.0]])).without("share")

    assert np.isnan(silent.matrix[0]).tolist() == [False, True, True, False]
    assert np.isfinite(model.score(silent, np.zeros(1, dtype=np.int64))).all()


def test_a_strand_that_taught_nothing_adds_nothing(model: Taught) -> None:
    new = Feature(name="closure", strand="closure", incriminates=True)
    matrix = np.array([[4.0, 4.0, 1.0, 9.0, 0.0]])
    seen = Features(columns=(*COLUMNS[:3], new, COLUMNS[3]), matrix=matrix)
    fold = np.zeros(1, dtype=np.int64)

    assert model.score(seen, fold) == model.score(rows(np.delete(matrix, 3, axis=1)), fold)
    assert model.contributions(seen, fold).strands == ("days", "share", "explained")


def test_a_strand_that_taught_and_is_silent_now_is_borne(model: Taught) -> None:
    seen = Features(columns=(COLUMNS[0], COLUMNS[3]), matrix=np.array([[4.0, 0.0]]))

    assert np.isnan(seen.as_taught(COLUMNS).matrix[0]).tolist() == [False, True, True, False]
    assert np.isfinite(model.score(seen, np.zeros(1, dtype=np.int64))).all()


def test_the_same_lessons_teach_the_same_to_the_last_byte(model: Taught) -> None:
    again = taught(lessons(), shapes={"anything": 100}, seed=7)

    assert again is not None
    assert again.as_text() == model.as_text()
    assert again.sha256 == model.sha256


def test_a_record_read_back_judges_as_it_did(model: Taught) -> None:
    read = from_text(model.as_text())
    seen = rows(np.random.default_rng(5).exponential(2.0, (40, 4)))

    assert read.sha256 == model.sha256
    assert read.drills == {"anything": 100}
    assert (read.score(seen, np.arange(40) % 2) == model.score(seen, np.arange(40) % 2)).all()


def test_the_strongest_score_of_each_drill_is_kept(model: Taught) -> None:
    _, drilled = lessons()

    assert len(model.drilled) == np.unique(drilled.drill).size
    assert list(model.drilled) == sorted(model.drilled)
    assert max(model.drilled) == pytest.approx(
        model.score(drilled.features, drilled.tenth).max(), abs=1e-4
    )


def test_a_record_that_kept_no_scores_of_drills_is_read(model: Taught) -> None:
    document = {**json.loads(model.as_text()), "format": 1}
    del document["drilled"]

    read = from_text(json.dumps(document))

    assert read.drilled == ()
    assert read.models == model.models


def test_nobody_is_judged_by_what_their_own_part_taught() -> None:
    own, drilled = lessons()
    of_one_part = Lesson(features=drilled.features, tenth=np.full(DRILLED, 5), drill=drilled.drill)

    # The part that was drilled would be judged by the others' lessons, and there are none.
    assert taught([own, of_one_part], shapes={}, seed=7) is None


def test_too_few_drills_teach_nothing() -> None:
    own, drilled = lessons()
    few = Lesson(
        features=rows(drilled.features.matrix[:30]),
        tenth=drilled.tenth[:30],
        drill=drilled.drill[:30],
    )

    assert taught([own, few], shapes={}, seed=7) is None

"""What a model finds that was taught on the true cases of other seeds: nobody could do better.

No force has such cases; the figure says how much there is to be found in the counts at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import lightgbm
import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.features import Features, Labels, Matrix

Floats = NDArray[np.float64]

_INNOCENT_ROWS = 60_000  # of each force; more teach nothing new and take longer
_MODELS = 3  # averaged: one model of few cases leans on chance
_ROUNDS = 300
_PARAMETERS = {
    "objective": "binary",
    "learning_rate": 0.04,
    "num_leaves": 24,
    "max_bin": 63,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "num_threads": 1,  # more wait for one another on a busy machine
    "verbose": -1,
    "deterministic": True,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One force a model is taught on."""

    features: Features
    labels: Labels


@dataclass(frozen=True, slots=True, kw_only=True)
class Taught:
    """Models taught on true cases, averaged."""

    names: tuple[str, ...]
    models: tuple[lightgbm.Booster, ...]

    def scores(self, features: Features) -> Floats:
        """Log-odds of misuse, shape (rows,).

        Raises:
            ValueError: the features are not those it was taught on.
        """
        if features.names != self.names:
            raise ValueError("features: not those that were taught; possible: the same set")
        each = [model.predict(features.matrix, raw_score=True) for model in self.models]
        return np.mean([np.asarray(one) for one in each], axis=0)


def taught(
    lessons: Sequence[Lesson], *, without: Sequence[str] = (), models: int = _MODELS
) -> Taught:
    """A model of the cases of several forces.

    Args:
        lessons: the forces.
        without: typologies whose rows are left out, as if nobody had foreseen them.
        models: how many are averaged.
    """
    parts = [_rows(lesson, without=without) for lesson in lessons]
    matrix = np.vstack([part.matrix for part in parts])
    true = np.concatenate([part.true for part in parts])
    weight = np.concatenate([part.weight for part in parts])
    names = lessons[0].features.names
    made = tuple(_model(matrix, true, weight, seed=seed, names=names) for seed in range(models))
    return Taught(names=names, models=made)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    matrix: Matrix
    true: NDArray[np.bool_]
    weight: Floats


def _rows(lesson: Lesson, *, without: Sequence[str]) -> _Rows:
    """All rows of misuse and a sample of innocent ones; every case weighs the same."""
    found, true = lesson.labels, lesson.labels.true
    innocent = np.flatnonzero(~true)
    share = min(1.0, _INNOCENT_ROWS / max(innocent.size, 1))
    chance = np.random.default_rng(innocent.size)
    innocent = innocent[chance.random(innocent.size) < share]
    misuse = np.flatnonzero(true & ~found.of(without)) if without else np.flatnonzero(true)
    rows_of_case = np.bincount(found.case[misuse], minlength=len(found.typologies))
    typical = np.median(rows_of_case[rows_of_case > 0]) if misuse.size else 1.0
    rows = np.concatenate([misuse, innocent])
    return _Rows(
        matrix=lesson.features.matrix[rows],
        true=true[rows],
        weight=np.concatenate(
            [typical / rows_of_case[found.case[misuse]], np.full(innocent.size, 1 / share)]
        ),
    )


def _model(
    matrix: Matrix,
    true: NDArray[np.bool_],
    weight: Floats,
    *,
    seed: int,
    names: tuple[str, ...],
) -> lightgbm.Booster:
    table = lightgbm.Dataset(
        matrix,
        label=true.astype(np.float64),
        weight=weight,
        feature_name=list(names),
        categorical_feature=[name for name in ("role", "kind") if name in names],
    )
    return lightgbm.train({**_PARAMETERS, "seed": seed}, table, num_boost_round=_ROUNDS)

"""Fusion taught by drills in the force's own history; nobody is judged by their own rows.

The members of staff are in five parts. The model of each learns to tell drilled rows of the other
four from the ordinary ones of those four: the rows that look most like a drill are few, and half of
a force has too few of them to teach how innocent work looks there (decision 0023). A score is a sum
of contributions, one for each strand, and a constant.
Source: METHODS of the project, section 7; Ke et al., LightGBM, NeurIPS, 2017; Lundberg et al., From
local explanations to global understanding with explainable AI for trees, Nature Machine
Intelligence, 2020 (contributions that sum to the score).
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from alerts.features import Feature, Features

if TYPE_CHECKING:  # what only judges by evidence does not load the teacher
    import lightgbm

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

FORMAT: Final = 2  # 1 kept no scores of drills
_PARTS: Final = 5  # of the members of staff; divides 10
_FEWEST_DRILLED: Final = 40  # drilled rows for one model, below which nothing can be taught
_MOST_ORDINARY: Final = 250_000  # ordinary rows that are shown to one model
_DRILLED_WEIGHT: Final = 0.05  # of all drilled rows together, relative to the ordinary ones
_TREES: Final = 200
_DECIMALS: Final = 4  # of a score that is kept
_HOW: Final = {
    "objective": "binary",
    "learning_rate": 0.06,
    "num_leaves": 24,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "max_bin": 63,
    "verbosity": -1,
    "num_threads": 1,  # the same sums in the same order on every machine
    "deterministic": True,
    "force_row_wise": True,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """Rows to learn from."""

    features: Features
    tenth: Codes  # 0 to 9 by user, shape (rows,)
    drill: Codes  # number of the drill, -1 for an ordinary row, shape (rows,)


@dataclass(frozen=True, kw_only=True)  # not slotted: the models are read once, when they are asked
class Taught:
    """What the drills taught: one model for each part, as text, and what it was taught by."""

    columns: tuple[Feature, ...]
    models: tuple[str, ...]  # by part of the rows it judges: the tenth modulo their number
    drills: Mapping[str, int]  # how many of each shape
    # The strongest score of each drill, by the model of other people's rows; none in format 1.
    drilled: tuple[float, ...] = ()

    @cached_property
    def _boosters(self) -> "tuple[lightgbm.Booster, ...]":
        import lightgbm

        return tuple(lightgbm.Booster(model_str=model) for model in self.models)

    def score(self, seen: Features, tenth: Codes) -> Floats:
        """The log-odds of a drill, shape (rows,), each row by a model of other people's rows."""
        told, seen = np.zeros(tenth.size), seen.as_taught(self.columns)
        for part, booster in enumerate(self._boosters):
            mine = tenth % len(self.models) == part
            if mine.any():
                told[mine] = np.asarray(booster.predict(seen.matrix[mine], raw_score=True))
        return told

    def contributions(self, seen: Features, tenth: Codes) -> "Contributions":
        """What each strand adds to the score of each row, and the constant they start from."""
        seen = seen.as_taught(self.columns)
        told = np.zeros((tenth.size, len(self.columns) + 1))
        for part, booster in enumerate(self._boosters):
            mine = tenth % len(self.models) == part
            if mine.any():
                told[mine] = np.asarray(booster.predict(seen.matrix[mine], pred_contrib=True))
        strands = tuple(dict.fromkeys(column.strand for column in self.columns))
        of_strand = np.array([strands.index(column.strand) for column in self.columns])
        summed = np.zeros((tenth.size, len(strands)))
        np.add.at(summed.T, of_strand, told[:, :-1].T)
        return Contributions(strands=strands, added=summed, start=told[:, -1])

    def as_text(self) -> str:
        """The record that is kept: canonical JSON."""
        document = {
            "format": FORMAT,
            "columns": [[c.name, c.strand, c.incriminates] for c in self.columns],
            "models": list(self.models),
            "drills": dict(sorted(self.drills.items())),
            "drilled": list(self.drilled),
        }
        return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 of the record, 64 hexadecimal digits."""
        return hashlib.sha256(self.as_text().encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contributions:
    """A score taken apart: the start and what each strand adds sum to it."""

    strands: tuple[str, ...]
    added: Floats  # natural logarithm of odds, shape (rows, strands)
    start: Floats  # of a row of which nothing is known, shape (rows,)


def from_text(text: str) -> Taught:
    """The record read back."""
    document: Mapping[str, Any] = json.loads(text)
    return Taught(
        columns=tuple(
            Feature(name=name, strand=strand, incriminates=incriminates)
            for name, strand, incriminates in document["columns"]
        ),
        models=tuple(document["models"]),
        drills=document["drills"],
        drilled=tuple(document.get("drilled", ())),
    )


def taught(lessons: Sequence[Lesson], *, shapes: Mapping[str, int], seed: int) -> Taught | None:
    """What the lessons teach; nothing where there are too few drills to learn from.

    Args:
        lessons: the force's own rows, and those of each round of drills.
        shapes: how many drills of each shape there were.
        seed: of the teacher's chance.
    """
    columns = lessons[0].features.columns
    matrix = np.concatenate([lesson.features.matrix for lesson in lessons])
    part = np.concatenate([lesson.tenth for lesson in lessons]) % _PARTS
    drill = _numbered(lessons)
    models = []
    for own in range(_PARTS):
        theirs = part != own
        if (drill[theirs] >= 0).sum() < _FEWEST_DRILLED:
            return None
        models.append(_model(matrix[theirs], drill[theirs], columns, seed=seed))
    told = Taught(columns=columns, models=tuple(models), drills=shapes)
    return replace(told, drilled=_strongest(told, lessons))


def _strongest(told: Taught, lessons: Sequence[Lesson]) -> tuple[float, ...]:
    """The strongest score of each drill, ascending; nobody's by a model of their own rows."""
    strongest = []
    for lesson in lessons:
        rows = np.flatnonzero(lesson.drill >= 0)
        if rows.size:
            seen = Features(columns=told.columns, matrix=lesson.features.matrix[rows])
            _, drill = np.unique(lesson.drill[rows], return_inverse=True)
            best = np.full(int(drill.max()) + 1, -np.inf)
            np.maximum.at(best, drill, told.score(seen, lesson.tenth[rows]))
            strongest += best.round(_DECIMALS).tolist()
    return tuple(sorted(strongest))


def _numbered(lessons: Sequence[Lesson]) -> Codes:
    """The drills of all lessons, each with a number of its own."""
    numbered, used = [], 0
    for lesson in lessons:
        numbered.append(np.where(lesson.drill >= 0, lesson.drill + used, -1))
        used += int(lesson.drill.max(initial=-1)) + 1
    return np.concatenate(numbered)


def _model(matrix: Floats, drill: Codes, columns: Sequence[Feature], *, seed: int) -> str:
    import lightgbm

    drilled, ordinary = np.flatnonzero(drill >= 0), np.flatnonzero(drill < 0)
    if ordinary.size > _MOST_ORDINARY:
        chance = np.random.default_rng(seed)
        ordinary = np.sort(chance.choice(ordinary, _MOST_ORDINARY, replace=False))
    # A drill of many rows is not many drills: its weight grows with the root of their number.
    weight = 1.0 / np.sqrt(np.bincount(drill[drilled])[drill[drilled]])
    weight *= _DRILLED_WEIGHT * ordinary.size / weight.sum()
    rows = np.concatenate([ordinary, drilled])
    known = lightgbm.Dataset(
        matrix[rows],
        label=(drill[rows] >= 0).astype(np.float64),
        weight=np.concatenate([np.ones(ordinary.size), weight]),
    )
    how = {
        **_HOW,
        "seed": seed,
        "monotone_constraints": [int(column.incriminates) for column in columns],
    }
    return str(lightgbm.train(how, known, _TREES).model_to_string())

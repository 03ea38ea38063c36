"""The score that drills taught, alone: taught once, on the days that it judges.

Nobody is scored by a model of their own rows. It is no figure of the monitor whole, which teaches
every four weeks on the days before and shares its budget out.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alerts.drills import SHAPES
from alerts.features import Features as Seen
from alerts.teaching import Lesson, Taught
from monitor.teaching import Lessons, lessons_of
from tests.benchmarks.detection.sources import KEPT_OF_ROWS, Sources, say
from tests.benchmarks.features import Features
from tests.benchmarks.forces import Bed
from tests.benchmarks.judging import shipped_rules, warm_up
from tests.benchmarks.kept import as_json, from_json, part
from tests.benchmarks.matching import Item, number_of

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)  # not slotted: the lessons are laid once, when asked for
class Scored:
    """One force, scored by what its own days teach."""

    sources: Sources
    bed: Bed

    def items(self, *, pattern: str = "") -> tuple[Item, ...] | None:
        """The strongest rows; nothing where the days teach nothing.

        Args:
            pattern: whose shapes of drills are left out of the lessons, after they were laid; none
                where it is empty.
        """
        name = "-".join(filter(None, ("taught", self.bed.trial.name, pattern and f"no-{pattern}")))
        told = part(self.sources.out, name, lambda: self._scored(pattern))
        return from_json(told["items"]) if told["taught"] else None

    @cached_property
    def lessons(self) -> Lessons | None:
        """The lessons of the judged days, all shapes in them."""
        say(f"laying the drills of {self.bed.trial.name}")
        records, rules = self.bed.records(), shipped_rules()
        days = self.bed.days(warm_up=warm_up(rules))
        span = range(number_of(days[0]), number_of(days[-1]) + 1)
        found = lessons_of(records, rules, reference=span)
        records.connection.close()
        return found

    def model(self, *, pattern: str = "") -> Taught | None:
        """What the lessons teach, without the drills of a pattern where one is named."""
        if self.lessons is None:
            return None
        left = self.lessons if not pattern else without(self.lessons, shapes_of(pattern))
        return left.teach(seed=shipped_rules().settings.teaching.seed)

    def _scored(self, pattern: str) -> dict[str, Any]:
        say(f"teaching {self.bed.trial.name} {pattern and f'without {pattern}'}".rstrip())
        model = self.model(pattern=pattern)
        if model is None:
            return {"taught": False, "items": []}
        seen = self.sources.features(self.bed)
        items = seen.rows.items(scores(model, seen))[:KEPT_OF_ROWS]
        return {"taught": True, "items": as_json(items), "drills": dict(model.drills)}


def shapes_of(pattern: str) -> frozenset[str]:
    """The shapes of drills that stand for a pattern of DOMAIN 1.2; some patterns have none."""
    return frozenset(name for name, (of, _) in SHAPES.items() if of == pattern)


def without(lessons: Lessons, shapes: Collection[str]) -> Lessons:
    """The same lessons, had no drill of some shapes been in them; the others as they were."""
    rounds, left = [], []
    for lesson, told in zip(lessons.rounds, lessons.shapes, strict=True):
        stays = np.array([shape not in shapes for shape in told], dtype=np.bool_)
        rows = np.flatnonzero(stays[lesson.drill])
        rounds.append(_of_rows(lesson, rows, number=np.cumsum(stays) - 1))
        left.append(tuple(shape for shape in told if shape not in shapes))
    return replace(lessons, rounds=tuple(rounds), shapes=tuple(left))


def _of_rows(lesson: Lesson, rows: NDArray[np.int64], *, number: NDArray[np.int64]) -> Lesson:
    matrix = lesson.features.matrix[rows]
    return Lesson(
        features=Seen(columns=lesson.features.columns, matrix=matrix),
        tenth=lesson.tenth[rows],
        drill=number[lesson.drill[rows]],
    )


def scores(model: Taught, seen: Features) -> Floats:
    """The score of every row of a force, NaN where no week judged it, shape (rows,)."""
    judged = ~np.isnan(seen.matrix).all(axis=1)
    silent = np.full(len(seen.matrix), np.nan)
    columns = [
        seen.column(column.name) if column.name in seen.names else silent
        for column in model.columns
    ]  # fmt: skip
    matrix = np.stack(columns, axis=1)
    told = model.score(Seen(columns=model.columns, matrix=matrix), seen.tenth)
    return np.where(judged, told, np.nan)

"""What the taught fusion sees of every row: each strand's evidence, and the counts behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alerts.fusing import TestedStrand
from alerts.scene import SCENE

Floats = NDArray[np.float64]

_LEAST_EVIDENCE = 1e-12  # an e-value below this says no more


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One column: whose it is, and whether more of it may only raise the score."""

    name: str
    strand: str  # name of the detector; "scene" for counts of none, "explained" for explanations
    incriminates: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """The columns of some rows; NaN where a strand says nothing."""

    columns: tuple[Feature, ...]
    matrix: Floats  # shape (rows, columns)

    def without(self, strand: str) -> "Features":
        """The same rows, had one strand said nothing of them."""
        silent = np.array([column.strand == strand for column in self.columns])
        return Features(columns=self.columns, matrix=np.where(silent, np.nan, self.matrix))

    def as_taught(self, columns: Sequence[Feature]) -> "Features":
        """The same rows under the columns of a teaching; NaN where a strand says nothing now.

        A strand that could not speak then (its history was too short) taught nothing, and adds
        nothing; it still speaks through the mean of evidence.
        """
        if tuple(columns) == self.columns:
            return self
        place = {column: turn for turn, column in enumerate(self.columns)}
        matrix = np.full((self.matrix.shape[0], len(columns)), np.nan)
        for turn, column in enumerate(columns):
            if column in place:
                matrix[:, turn] = self.matrix[:, place[column]]
        return Features(columns=tuple(columns), matrix=matrix)


def features(
    strands: Sequence[TestedStrand],
    rows: NDArray[np.int64],
    *,
    scene: Mapping[str, Floats],
) -> Features:
    """The features of the chosen rows.

    Evidence is the logarithm of the e-value, and incriminates; a count (links of the focus, viewers
    of the record) is the scene in which the evidence is read, and may count either way.

    Args:
        strands: tested, each over the rows of one frame.
        rows: places in the frame, shape (rows,).
        scene: counts that no strand tests, each over the rows of the same frame.
    """
    values: list[Floats] = []
    for item in strands:
        values.append(np.log(np.maximum(item.tested.evidence_value[rows], _LEAST_EVIDENCE)))
        values += [np.log1p(column[rows]) for _, column in sorted(item.measured.counts.items())]
    values += [np.log1p(column[rows]) for _, column in sorted(scene.items())]
    values.append(strands[0].measured.context[rows].astype(np.float64))
    return Features(columns=columns_of(strands, scene=scene), matrix=np.stack(values, axis=1))


def columns_of(
    strands: Sequence[TestedStrand], *, scene: Mapping[str, Floats]
) -> tuple[Feature, ...]:
    """The columns that features of these strands and this scene have, in their order."""
    columns: list[Feature] = []
    for item in strands:
        name = item.strand.detector.name
        columns.append(Feature(name=name, strand=name, incriminates=True))
        columns += [
            Feature(name=f"{name}.{count}", strand=name, incriminates=False)
            for count in sorted(item.measured.counts)
        ]
    columns += [
        Feature(name=f"{SCENE}.{count}", strand=SCENE, incriminates=False)
        for count in sorted(scene)
    ]
    columns.append(Feature(name="explained", strand="explained", incriminates=False))
    return tuple(columns)

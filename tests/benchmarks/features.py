"""What may be known of a pair on a day, as numbers: the table that models are taught on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors.model import Frame
from tests.benchmarks.forces import Bed
from tests.benchmarks.matching import Rows, number_of

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """One row for each pair-day: whoever makes the numbers, the models take this."""

    names: tuple[str, ...]
    matrix: Matrix  # shape (rows, names); NaN where nothing is known
    user_no: NDArray[np.int64]  # shape (rows,)
    focus_no: NDArray[np.int64]  # shape (rows,)
    day: NDArray[np.int64]  # days since 1970-01-01, shape (rows,)
    role_no: NDArray[np.int64]  # shape (rows,)
    tenth: NDArray[np.int64]  # 0 to 9 by user, shape (rows,)
    rows: Rows  # the same rows with ids, for alerts

    def column(self, name: str) -> NDArray[np.float64]:
        """One feature, shape (rows,)."""
        return self.matrix[:, self.names.index(name)].astype(np.float64)

    def beside(self, other: "Features") -> "Features":
        """These features with those of another set on the same rows."""
        return Features(
            names=(*self.names, *other.names),
            matrix=np.hstack([self.matrix, other.matrix]),
            user_no=self.user_no,
            focus_no=self.focus_no,
            day=self.day,
            role_no=self.role_no,
            tenth=self.tenth,
            rows=self.rows,
        )


def laid_out(frame: Frame, columns: Mapping[str, NDArray[np.float64]]) -> Features:
    """Columns over the rows of a frame as features."""
    return Features(
        names=tuple(columns),
        matrix=np.stack([c.astype(np.float32) for c in columns.values()], axis=1),
        user_no=frame.user_no,
        focus_no=frame.focus_no,
        day=frame.day,
        role_no=frame.role_no,
        tenth=frame.tenth,
        rows=rows_of(frame),
    )


def rows_of(frame: Frame) -> Rows:
    """The rows of a frame with the ids behind its numbers."""
    return Rows(
        user_ids=_ids(frame, "user"),
        subject_ids=_ids(frame, "subject"),
        user_no=frame.user_no,
        subject_no=frame.focus_no,
        day=frame.day,
    )


def _ids(frame: Frame, what: str) -> NDArray[np.object_]:
    found = frame.connection.execute(f"select {what}_no, {what}_id from {what}_code").fetchnumpy()
    ids = np.full(int(found[f"{what}_no"].max(initial=-1)) + 1, "", dtype=object)
    ids[found[f"{what}_no"]] = found[f"{what}_id"]
    return ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """Which rows belong to which case."""

    case: NDArray[np.int64]  # place of the case in the bed, -1 for innocent work, shape (rows,)
    typologies: tuple[str, ...]  # by case

    @property
    def true(self) -> NDArray[np.bool_]:
        """Whether each row is misuse, shape (rows,)."""
        return self.case >= 0

    def of(self, typologies: Sequence[str]) -> NDArray[np.bool_]:
        """Whether each row is misuse of one of these typologies, shape (rows,)."""
        wanted = np.array([name in typologies for name in self.typologies] + [False])
        chosen: NDArray[np.bool_] = wanted[self.case]
        return chosen


def labels(features: Features, bed: Bed) -> Labels:
    """The rows of each case: its users and its people, from its first to its last visit."""
    case = np.full(features.user_no.size, -1, dtype=np.int64)
    users = {str(name): no for no, name in enumerate(features.rows.user_ids)}
    subjects = {str(name): no for no, name in enumerate(features.rows.subject_ids)}
    for number, one in enumerate(bed.cases):
        who = [users[name] for name in one.user_ids if name in users]
        whom = [subjects[name] for name in one.subject_ids if name in subjects]
        here = np.flatnonzero(np.isin(features.user_no, who))
        here = here[np.isin(features.focus_no[here], whom)]
        first, last = (number_of(at.date()) for at in (one.first_visit_at, one.last_visit_at))
        case[here[(features.day[here] >= first) & (features.day[here] <= last)]] = number
    return Labels(case=case, typologies=tuple(one.typology for one in bed.cases))

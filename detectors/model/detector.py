"""What every detector offers: a question measured, tested and put into words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from detectors.model.finding import Abstention
from detectors.model.frame import PAIR_BASE, Frame

Floats = NDArray[np.float64]

# Whose count a detector takes. Of a "pair": this user and this record. Of a "circle": this user and
# everything around the focus. Of a "user": the same on all rows of the user's day, whomever they
# looked up. Of a "record": the same for everybody who looked at it that day.
ASKS_OF = ("pair", "circle", "user", "record")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What was counted, a row for each pair-day of the frame; NaN where nothing can be counted."""

    user_no: NDArray[np.int64]  # shape (rows,)
    focus_no: NDArray[np.int64]  # shape (rows,)
    day: NDArray[np.int64]  # days since 1970-01-01 UTC, shape (rows,)
    role_no: NDArray[np.int64]  # shape (rows,)
    context: NDArray[np.int64]  # 0 to 2, shape (rows,)
    roles: tuple[str, ...]
    counts: Mapping[str, Floats]  # by name, each shape (rows,)

    @property
    def rows(self) -> int:
        """Number of pair-days."""
        return int(self.user_no.size)

    @property
    def pair_no(self) -> NDArray[np.int64]:
        """A number for each row's user and focus together, shape (rows,)."""
        return self.user_no * PAIR_BASE + self.focus_no

    def where(self, chosen: NDArray[np.bool_]) -> "Measured":
        """The chosen rows alone."""
        return Measured(
            user_no=self.user_no[chosen],
            focus_no=self.focus_no[chosen],
            day=self.day[chosen],
            role_no=self.role_no[chosen],
            context=self.context[chosen],
            roles=self.roles,
            counts={name: column[chosen] for name, column in self.counts.items()},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What is usual: other members of staff, and these members of staff before now."""

    peers: Measured  # reference rows of other users only
    own: Measured  # reference rows of the users who are being judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """How each row departs from what the reference leads one to expect; NaN where it is unsaid."""

    pvalue: Floats  # 0 to 1, of a departure as large or larger; shape (rows,)
    evidence_value: Floats  # e-value, 0 or more; shape (rows,)
    observed: Floats  # in the detector's unit, shape (rows,)
    expected: Floats  # mean in the reference, same unit, shape (rows,)
    span: Floats  # hours or days over which it was seen, the detector says which; shape (rows,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One tested row, for words."""

    observed: float
    expected: float
    span: float
    role: str
    counts: Mapping[str, float]


class Detector(Protocol):
    """One question asked of every (user, focus) at once."""

    name: ClassVar[str]
    version: ClassVar[int]
    unit: ClassVar[str]
    asks_of: ClassVar[str]  # pair, circle, user or record: whose count it is; see ASKS_OF
    needs: ClassVar[frozenset[str]]  # feeds without which it abstains
    sharpened_by: ClassVar[frozenset[str]]  # feeds that make it see more

    def measure(self, frame: Frame) -> Measured | Abstention:
        """What is counted, for every pair-day of the frame."""

    def test(self, measured: Measured, baseline: Baseline) -> Tested:
        """How the measured rows depart from what is usual."""

    def words(self, row: Row) -> str:
        """One sentence for people about one row."""


def laid_on(
    frame: Frame, counts: Mapping[str, Floats], *, reach: Mapping[str, int] | None = None
) -> Measured:
    """Counts joined to the pair-days of the frame they were taken from.

    A count over many days is smaller in the first weeks of a history than the same count later on;
    compared with those, later rows would look unusual. It is NaN until the history reaches as far
    back as the count.

    Args:
        frame: that was measured.
        counts: by name, each shape (rows,).
        reach: days over which each count is taken; none for those of one day.
    """
    spans = reach or {}
    within = {
        name: np.where(frame.in_reach(spans.get(name, 1)), column, np.nan)
        for name, column in counts.items()
    }
    return Measured(
        user_no=frame.user_no,
        focus_no=frame.focus_no,
        day=frame.day,
        role_no=frame.role_no,
        context=frame.context,
        roles=frame.roles,
        counts=within,
    )

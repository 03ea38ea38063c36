"""How often each detector speaks up on clean work, over how often it says it does (METHODS 4.1)."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.strand_rows import StrandRows

Floats = NDArray[np.float64]

LEVELS = (1e-2, 1e-3, 1e-4)
LEAST_PAIRS = 20_000  # pair-days of a role below which its ratio says nothing
GATES = {1e-3: (0.5, 1.5), 1e-4: (0.0, 1.5)}  # by role at 1e-3, pooled at 1e-4
_DRAWS = 200  # of users, with replacement


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """Observed over expected, with a 95 % interval by drawing users again."""

    detector: str
    role: str  # `all` for everybody
    level: float
    value: float
    low: float
    high: float
    rows: int

    @property
    def gated(self) -> bool:
        """Whether there is a gate for it."""
        return (self.level == 1e-3 and self.role != "all") or (
            self.level == 1e-4 and self.role == "all"
        )

    @property
    def held(self) -> bool:
        """Whether its gate holds."""
        low, high = GATES[self.level]
        return low <= self.value <= high

    @property
    def words(self) -> str:
        """`1.02 (0.80 to 1.31)`."""
        return f"{self.value:.2f} ({self.low:.2f} to {self.high:.2f})"


def ratios(said: StrandRows) -> tuple[Ratio, ...]:
    """The ratio of every detector at every level, for everybody and for each large role."""
    return tuple(
        ratio for name, pvalues in said.pvalues.items() for ratio in _of(name, pvalues, said)
    )


def _of(name: str, pvalues: Floats, said: StrandRows) -> Iterator[Ratio]:
    frame = said.frame
    told = ~np.isnan(pvalues)
    for role_no, role in [(-1, "all"), *enumerate(frame.roles)]:
        rows = np.flatnonzero(told & ((frame.role_no == role_no) | (role_no < 0)))
        if rows.size < LEAST_PAIRS:
            continue
        for level in LEVELS:
            yield _ratio(pvalues[rows], frame.user_no[rows], detector=name, role=role, level=level)


def _ratio(
    pvalues: Floats, user_no: NDArray[np.int64], *, detector: str, role: str, level: float
) -> Ratio:
    users, place = np.unique(user_no, return_inverse=True)
    seen = np.bincount(place, pvalues <= level, users.size)
    rows = np.bincount(place, minlength=users.size)
    drawn = np.random.default_rng(0).integers(0, users.size, (_DRAWS, users.size))
    again = seen[drawn].sum(axis=1) / np.maximum(rows[drawn].sum(axis=1), 1) / level
    low, high = np.quantile(again, [0.025, 0.975])
    return Ratio(
        detector=detector, role=role, level=level, rows=int(rows.sum()),
        value=float(seen.sum() / rows.sum() / level), low=float(low), high=float(high),
    )  # fmt: skip

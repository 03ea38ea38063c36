"""Whether events have begun to come a whole hour or day later or earlier than they did."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

RECENT: Final = 4  # readings that are held against those before them
LEAST_BEFORE: Final = 15  # readings before those, below which nothing is said
_MOST_BEFORE: Final = 200
_PVALUE: Final = 0.001  # of the rank test: one in a thousand where nothing shifted
_HOUR: Final = 3600.0  # seconds
_NEAR: Final = 600.0  # seconds by which a shift may miss a whole hour
_WHOLE_HOURS: Final = (*range(-3, 0), *range(1, 4), -24, 24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A change of lateness by a whole number of hours.

    Attributes:
        hours: by how many; positive: events come later than they did, or bear an earlier time.
        pvalue: the chance of ranks this far apart, were nothing changed; probability, 0 to 1.
    """

    hours: int
    pvalue: float


def shift_in(lateness: Sequence[float]) -> Shift | None:
    """The shift between the last readings and those before; None where there is none.

    Told only where the medians lie a whole hour or day apart, to ten minutes; where the middle half
    of either is narrower than that hour; and where the ranks of the two differ beyond chance (Mann
    and Whitney, On a test of whether one of two random variables is stochastically larger than
    the other, 1947, Annals of Mathematical Statistics 18).

    Args:
        lateness: seconds from the newest event to its arrival, by reading, oldest first.
    """
    import numpy as np
    from scipy.stats import mannwhitneyu

    recent = np.array(lateness[-RECENT:])
    before = np.array(lateness[-RECENT - _MOST_BEFORE : -RECENT])
    if len(before) < LEAST_BEFORE or len(recent) < RECENT:
        return None
    apart = float(np.median(recent) - np.median(before))
    hours = [h for h in _WHOLE_HOURS if abs(apart - h * _HOUR) <= _NEAR]
    spread = max(float(np.subtract(*np.percentile(part, [75, 25]))) for part in (recent, before))
    if not hours or spread >= _HOUR / 2:
        return None
    # Exact: with four readings the normal approximation never comes near one in a thousand.
    test = mannwhitneyu(recent, before, alternative="two-sided", method="exact")
    pvalue = float(test.pvalue)
    return Shift(hours=hours[0], pvalue=pvalue) if pvalue < _PVALUE else None

"""Whether fewer rows came on a day than the same weekdays lead one to expect."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

LEAST_WEEKS: Final = 4  # of the same weekday, below which nothing is said
_MOST_WEEKS: Final = 8
_WEEK: Final = 7  # days


@dataclass(frozen=True, slots=True, kw_only=True)
class Fall:
    """A day with fewer rows than the same weekdays before it.

    Attributes:
        day: which, in UTC.
        rows: of that day.
        expected: the mean of the same weekdays before it.
        weeks: how many of them there were.
        pvalue: the chance of so few, were the day like them; probability, 0 to 1.
    """

    day: date
    rows: int
    expected: float
    weeks: int
    pvalue: float


def fall_on(day: date, rows: Mapping[date, int], *, first: date) -> Fall | None:
    r"""How a day compares with the same weekdays before it; None where there are too few.

    $X \sim \mathrm{NegBin}$ with mean $m$ and variance $(m + k m^2)(1 + 1/n)$, where $m$ is the
    mean of the $n$ same weekdays before; $k$ is what the days of all weekdays vary beyond Poisson,
    each against the mean of its own weekday. The second factor is for $m$ being an estimate.
    In words: days differ more than chance alone has them, and how much more is measured.
    Moments of the negative binomial: Johnson, Kemp, Kotz, Univariate Discrete Distributions,
    2005, section 5.4.

    Args:
        day: which.
        rows: of each day; a day that is not named had none.
        first: the first day on which anything came.
    """
    from scipy.stats import nbinom, poisson

    before = _same_weekdays(day, first=first)
    if len(before) < LEAST_WEEKS:
        return None
    found = rows.get(day, 0)
    counts = [rows.get(one, 0) for one in before]
    mean = sum(counts) / len(counts)
    if found >= mean:
        return Fall(day=day, rows=found, expected=mean, weeks=len(counts), pvalue=1.0)
    beyond = _beyond_poisson(day, rows, first=first)
    variance = (mean + beyond * mean**2) * (1 + 1 / len(counts))
    size = mean**2 / (variance - mean)
    law = nbinom(size, size / (size + mean)) if variance > mean else poisson(mean)
    pvalue = float(law.cdf(found))
    return Fall(day=day, rows=found, expected=mean, weeks=len(counts), pvalue=pvalue)


def _same_weekdays(day: date, *, first: date) -> list[date]:
    days = (day - timedelta(days=_WEEK * n) for n in range(1, _MOST_WEEKS + 1))
    return [one for one in days if one >= first]


def _beyond_poisson(day: date, rows: Mapping[date, int], *, first: date) -> float:
    """How much the days vary beyond Poisson, as a share of the squared mean; 0 or more."""
    excess = squares = 0.0
    for offset in range(1, _WEEK + 1):
        counts = [
            rows.get(one, 0) for one in _same_weekdays(day - timedelta(days=offset), first=first)
        ]
        counts += [rows.get(day - timedelta(days=offset), 0)] if offset < _WEEK else []
        if len(counts) < LEAST_WEEKS:
            continue
        mean = sum(counts) / len(counts)
        variance = sum((count - mean) ** 2 for count in counts) / (len(counts) - 1)
        excess += variance - mean
        squares += mean**2
    return max(excess / squares, 0.0) if squares else 0.0

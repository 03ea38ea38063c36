"""Whether an alert is about a case, and what a method finds at so many false alerts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from alerts.model import Alert
from monitor.judgement import DayOutcome
from tests.benchmarks.forces import Case

QUIET_DAYS = 60  # one false alert on a member of staff in so many days is counted (METHODS 4.6)
MOST_ITEMS = 60_000  # strongest rows of a method that are looked at: far beyond any budget here
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing a method would put before a person."""

    user_id: str
    subject_ids: tuple[str, ...]
    day: int  # since 1970-01-01 UTC
    score: float  # higher is stronger; compared within one method alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one method found in one force at one budget."""

    cases: tuple[Case, ...]
    hits: Mapping[str, int]  # day of the first true alert by case
    false_alerts: int
    threshold: float

    def days_to(self, case: Case) -> float:
        """Days from the first visit of the case to its first alert."""
        return self.hits[case.case_id] - number_of(case.first_visit_at.date())


def walked(items: Sequence[Item], cases: tuple[Case, ...], *, allowed: float) -> Found:
    """The cases found by the strongest items, taken until the next false alert is one too many.

    Args:
        items: of one method.
        cases: the truth of the force.
        allowed: false alerts.
    """
    about = _cases_by_pair(cases)
    counted: dict[str, list[int]] = {}
    hits: dict[str, int] = {}
    false, threshold = 0, np.inf
    for item in sorted(items, key=lambda item: -item.score):
        true = _true(item, about)
        new = not true and not _is_repeat(item, counted)
        if new and false + 1 > allowed:
            break
        threshold = item.score
        for case_id in true:
            hits[case_id] = min(item.day, hits.get(case_id, item.day))
        if new:
            false += 1
            counted.setdefault(item.user_id, []).append(item.day)
    return Found(cases=cases, hits=hits, false_alerts=false, threshold=float(threshold))


def by_tally(items: Sequence[Item], cases: tuple[Case, ...]) -> Found:
    """What all items together come to, the false ones counted one a member of staff in 60 days."""
    return walked(items, cases, allowed=np.inf)


def _true(item: Item, about: Mapping[tuple[str, str], Sequence[Case]]) -> set[str]:
    """The cases an item is about, none of them before their first visit."""
    return {
        case.case_id
        for subject in item.subject_ids
        for case in about.get((item.user_id, subject), ())
        if item.day >= number_of(case.first_visit_at.date())
    }


class About(Protocol):
    """Whatever names a member of staff, people and a day: an item, or an alert."""

    @property
    def user_id(self) -> str:
        """The member of staff."""

    @property
    def subject_ids(self) -> tuple[str, ...]:
        """The people looked up."""


def is_about_a_case(one: About, cases: Iterable[Case]) -> bool:
    """Whether a thing names a user and a person of some case, whenever that began."""
    return any(
        one.user_id in case.user_ids and not case.subject_ids.isdisjoint(one.subject_ids)
        for case in cases
    )


def _is_repeat(item: Item, counted: Mapping[str, Sequence[int]]) -> bool:
    return any(abs(item.day - day) < QUIET_DAYS for day in counted.get(item.user_id, ()))


def _cases_by_pair(cases: Iterable[Case]) -> Mapping[tuple[str, str], list[Case]]:
    found: dict[tuple[str, str], list[Case]] = {}
    for case in cases:
        for user in case.user_ids:
            for subject in case.subject_ids:
                found.setdefault((user, subject), []).append(case)
    return found


def of_alerts(outcomes: Iterable[DayOutcome]) -> list[Item]:
    """The alerts of judged days, each as it stood at the end of every day that changed it."""
    return [_item(alert, outcome.day) for outcome in outcomes for alert in outcome.alerts]


def _item(alert: Alert, day: date) -> Item:
    return Item(
        user_id=alert.user_ids[0],
        subject_ids=alert.subject_ids,
        day=number_of(day),
        score=alert.score,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Scores of rows of a frame, with the ids behind its numbers."""

    user_ids: NDArray[np.object_]  # by user number
    subject_ids: NDArray[np.object_]  # by subject number
    user_no: NDArray[np.int64]  # shape (rows,)
    subject_no: NDArray[np.int64]  # shape (rows,)
    day: NDArray[np.int64]  # shape (rows,)

    def items(self, scores: NDArray[np.float64], *, seed: int = 0) -> list[Item]:
        """The strongest rows as items; ties fall in no order. NaN is never shown.

        Args:
            scores: shape (rows,).
            seed: of the order among ties.
        """
        shuffled = np.random.default_rng(seed).random(scores.size)
        order = np.lexsort((shuffled, -np.nan_to_num(scores, nan=-np.inf)))[:MOST_ITEMS]
        told = order[~np.isnan(scores[order])]
        return [
            Item(
                user_id=str(self.user_ids[self.user_no[row]]),
                subject_ids=(str(self.subject_ids[self.subject_no[row]]),),
                day=int(self.day[row]),
                score=float(scores[row]),
            )
            for row in told.tolist()
        ]


def number_of(day: date) -> int:
    """The day since 1970-01-01."""
    return (day - _EPOCH).days


def midnight(number: int) -> datetime:
    """The first moment of a day since 1970-01-01, UTC."""
    return datetime.combine(_EPOCH + timedelta(days=number), datetime.min.time(), tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Hits among cases, with a 95 % interval."""

    hits: int
    cases: int

    @property
    def value(self) -> float:
        """Hits over cases, 0 to 1; 0 where there is no case."""
        return self.hits / self.cases if self.cases else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's interval: Probable inference, Journal of the American Statistical Association,
        1927.
        """  # noqa: D205 the source does not fit beside the name
        if not self.cases:
            return 0.0, 1.0
        z, n, p = 1.96, self.cases, self.value
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return max(0.0, float(middle - half)), min(1.0, float(middle + half))

    @property
    def words(self) -> str:
        """`0.62 (0.55 to 0.69)`."""
        low, high = self.interval
        return f"{self.value:.2f} ({low:.2f} to {high:.2f})"


def poisson_interval(count: int) -> tuple[float, float]:
    """The exact 95 % interval of a Poisson count.

    Source: Garwood, Fiducial limits for the Poisson distribution, Biometrika, 1936.
    """
    low = float(chi2.ppf(0.025, 2 * count)) / 2 if count else 0.0
    return low, float(chi2.ppf(0.975, 2 * count + 2)) / 2


def recall(found: Iterable[Found], *, typologies: frozenset[str] | None = None) -> Share:
    """Cases found among all cases of several forces, of some typologies or of every one."""
    each = list(found)
    wanted = [
        (one, case)
        for one in each
        for case in one.cases
        if typologies is None or case.typology in typologies
    ]
    return Share(hits=sum(case.case_id in one.hits for one, case in wanted), cases=len(wanted))


def days_to_alert(found: Iterable[Found]) -> list[float]:
    """Days from the first visit of each found case to its alert."""
    return [one.days_to(case) for one in found for case in one.cases if case.case_id in one.hits]

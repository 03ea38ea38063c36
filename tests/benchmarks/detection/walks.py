"""What a method finds in several forces at each number of false alerts, and words for it."""

import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tests.benchmarks.asked import Asked
from tests.benchmarks.figures import Figure
from tests.benchmarks.forces import Bed
from tests.benchmarks.judging import shipped_rules, warm_up
from tests.benchmarks.matching import Found, Item, Share, poisson_interval, recall, walked
from tests.benchmarks.trials import Trial

BUDGETS = (0.5, 1.0, 3.0, 10.0)  # false alerts in 1,000 user-weeks (METHODS 4.2)
BUDGET = 1.0  # the one that is promised
BURSTS = frozenset({"burst_and_circle", "burst_on_one"})
SLOW = frozenset({
    "drip", "slow_drip", "after_case", "after_changes", "off_duty_only", "ex_and_new_partner",
    "across_systems", "camouflaged",
})  # fmt: skip


def budgets(asked: Asked) -> tuple[float, ...]:
    """The budgets of a run: the loosest takes longest, and is left out of a smaller one."""
    return BUDGETS[:-1] if asked.staff else BUDGETS


@dataclass(frozen=True, slots=True, kw_only=True)
class Walks:
    """What one method found in every force, at each budget."""

    at: dict[float, list[Found]]

    def recall(self, budget: float = BUDGET, typologies: frozenset[str] | None = None) -> Share:
        """Cases found at a budget."""
        return recall(self.at[budget], typologies=typologies)


def walks(items: Iterable[tuple[Bed, Sequence[Item]]], budgets: Sequence[float]) -> Walks:
    """The strongest items of each force, walked at every budget."""
    at: dict[float, list[Found]] = {budget: [] for budget in budgets}
    for one, told in items:
        for budget in budgets:
            allowed = budget * user_weeks(one) / 1000
            at[budget].append(walked(told, one.cases, allowed=allowed))
    return Walks(at=at)


def user_weeks(one: Bed) -> float:
    """Weeks of work judged in a force, all members of staff together."""
    return one.user_weeks(warm_up=warm_up(shipped_rules()))


def where(trials: Sequence[Trial]) -> str:
    """`seeds 401, 402, 1,000 staff, 20 weeks`."""
    seeds = ", ".join(str(trial.seed) for trial in trials)
    size = trials[0]
    return f"seed{'s' if len(trials) > 1 else ''} {seeds}, {size.staff:,} staff, {size.weeks} weeks"


def rate_words(count: int, weeks: float) -> str:
    """`0.44 (0.18 to 0.90)`: so many in 1,000 user-weeks, with an exact 95 % interval."""
    low, high = (1000 * bound / weeks for bound in poisson_interval(count))
    return f"{1000 * count / weeks:.2f} ({low:.2f} to {high:.2f})"


def days_to_found(told: Iterable[Found], says: str) -> Iterator[Figure]:
    """How long bursts and slow patterns that were found took to be found."""
    found = list(told)
    for kind, names, limit in (("a burst", BURSTS, "1"), ("a slow pattern", SLOW, "")):
        days = days_of(found, names)
        if days:
            tenth = statistics.quantiles(days, n=10)[-1] if len(days) > 1 else days[0]
            yield Figure(
                says=f"days from the first visit of {kind} {says}, {len(days)} found, median "
                "(and nine in ten)",
                value=f"{statistics.median(days):.0f} ({tenth:.0f})", unit="days", limit=limit,
            )  # fmt: skip


def days_of(found: Iterable[Found], typologies: frozenset[str]) -> list[float]:
    """Days to the alert of each found case of some typologies."""
    return [
        one.days_to(case)
        for one in found
        for case in one.cases
        if case.case_id in one.hits and case.typology in typologies
    ]

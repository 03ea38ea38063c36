"""Which made-up forces the benchmark judges: sizes, seeds, and how thinly misuse is spread."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from monitor.demo import ForcePlan, MisuseCase
from monitor.demo.commissions import STRENGTHS
from monitor.demo.misuse import TYPOLOGIES

# Three disjoint sets: what was looked at while a limit was chosen, what models are taught on, and
# what is reported. Nothing is chosen on the last.
TUNED_SEEDS: Final = (301, 302)
TAUGHT_SEEDS: Final = (501, 502, 503, 504, 505)
REPORTED_SEEDS: Final = (401, 402, 403, 404, 405)
# Clean forces by size: weeks, and seeds; together enough user-weeks to tell 30 % from chance.
CLEAN: Final = {300: (26, 6), 2_000: (26, 1), 10_000: (12, 1)}
_CLEAN_SEED: Final = 421
_TUNED_SIZE: Final = {"staff": 1_000, "cases_of_each": 3}  # as decision 0024 was chosen on

STAFF: Final = 2_000
WEEKS: Final = 26
CASES_OF_EACH: Final = 4  # of every typology in one force: 80 cases among 2,000 staff
_BEGINS: Final = (0.30, 0.55)  # shares of the span between which a case may begin
# A pattern of two years has begun when the history does (decision 0012).
_OF_YEARS: Final = frozenset({"slow_drip"})
_SETTLED: Final = 14  # day of the span on which it begins
_LATE: Final = 0.06  # share of taskings that are not yet there when their day is judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One made-up force, and the misuse in it."""

    seed: int
    staff: int = STAFF
    weeks: int = WEEKS
    cases_of_each: int = CASES_OF_EACH  # of every typology; 0: a clean force
    referenced: bool = True  # whether there is any reference table

    @property
    def plan(self) -> ForcePlan:
        """The force, before misuse."""
        return ForcePlan(staff=self.staff, weeks=self.weeks, seed=self.seed, late_taskings=_LATE)

    @property
    def cases(self) -> tuple[MisuseCase, ...]:
        """Every typology equally often, its strengths in turn from seed to seed."""
        first, last = (int(share * self.plan.days) for share in _BEGINS)
        count = len(TYPOLOGIES) * self.cases_of_each
        return tuple(
            MisuseCase(
                typology=name,
                strength=STRENGTHS[(self.seed + place + number) % len(STRENGTHS)],
                # 7,919 is prime: the days of the cases of one typology lie apart.
                earliest_day=_SETTLED
                if name in _OF_YEARS
                else first
                + (self.seed + number * len(TYPOLOGIES) + place) * 7_919 % max(last - first, 1),
            )
            for number in range(self.cases_of_each)
            for place, name in enumerate(TYPOLOGIES)
        )[:count]

    @property
    def name(self) -> str:
        """Words for file names and figures."""
        kind = "clean" if not self.cases_of_each else f"{self.cases_of_each}-of-each"
        tables = "" if self.referenced else "-no-tables"
        return f"{self.staff}x{self.weeks}-seed-{self.seed}-{kind}{tables}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """Which forces each part of the benchmark makes and judges."""

    taught: tuple[Trial, ...]  # whose true cases teach the ceiling
    reported: tuple[Trial, ...]
    alone: tuple[Trial, ...]  # of those reported, for parts that take long: the first, or as asked
    clean: tuple[Trial, ...]
    unreferenced: tuple[Trial, ...]
    tuned: tuple[Trial, ...]  # for tuning, never reported of


def programme(
    *, quick: bool, staff: int = 0, weeks: int = 0, seeds: Sequence[int] = ()
) -> Programme:
    """The whole benchmark, or a smaller one.

    Args:
        quick: forces so small that nothing is reported of them.
        staff: of each force; 0 as declared.
        weeks: of its history; 0 as declared.
        seeds: of the forces that a part is made on; none as declared.
    """
    reach = {"staff": staff or STAFF, "weeks": weeks or WEEKS}
    if staff:  # of thinner forces fewer cases, but some of every kind
        reach["cases_of_each"] = max(round(CASES_OF_EACH * staff / STAFF), 3)
    if quick:
        reach = {"staff": staff or 600, "weeks": weeks or 20, "cases_of_each": 2}
    declared = (TUNED_SEEDS[0] + 10,) if quick else REPORTED_SEEDS
    lessons = TUNED_SEEDS if quick else TAUGHT_SEEDS[: (len(seeds) and len(seeds) + 1) or None]
    reported = _trials(seeds or declared, reach)
    alone = reported if seeds else reported[:1]
    tuned = reach if quick or staff else {**reach, **_TUNED_SIZE, "weeks": weeks or 20}
    return Programme(
        taught=_trials([seed for seed in lessons if seed not in seeds], reach),
        reported=reported,
        alone=alone,
        clean=_clean(quick=quick, staff=staff, weeks=weeks, seeds=seeds),
        unreferenced=tuple(replace(trial, referenced=False) for trial in alone),
        tuned=_trials(seeds or TUNED_SEEDS, tuned),
    )


def _trials(seeds: Sequence[int], reach: dict[str, int]) -> tuple[Trial, ...]:
    return tuple(Trial(seed=seed, **reach) for seed in seeds)


def _clean(*, quick: bool, staff: int, weeks: int, seeds: Sequence[int]) -> tuple[Trial, ...]:
    if quick or staff:
        reach = {"staff": staff or 600, "weeks": weeks or (20 if quick else WEEKS)}
        return _trials(
            seeds or (TUNED_SEEDS[0] if quick else _CLEAN_SEED,), {**reach, "cases_of_each": 0}
        )
    return tuple(
        Trial(seed=seed, staff=size, weeks=weeks or span, cases_of_each=0)
        for size, (span, many) in CLEAN.items()
        for seed in seeds or range(_CLEAN_SEED, _CLEAN_SEED + many)
    )

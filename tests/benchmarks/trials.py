"""Which made-up forces the benchmark judges: sizes, seeds, and how thinly misuse is spread."""

from dataclasses import dataclass
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
    """Everything one run of the benchmark makes and judges."""

    taught: tuple[Trial, ...]
    reported: tuple[Trial, ...]
    clean: tuple[Trial, ...]
    unreferenced: tuple[Trial, ...]


def programme(*, quick: bool, staff: int = 0, weeks: int = 0, forces: int = 0) -> Programme:
    """The whole benchmark, or a small one for daily work.

    Args:
        quick: forces so small that nothing is reported of them.
        staff: of each force with misuse in it; 0 as declared.
        weeks: of its history; 0 as declared.
        forces: how many are reported, and one more taught on; 0 as declared.
    """
    if quick:
        small = {"staff": 600, "weeks": 20, "cases_of_each": 2}
        return Programme(
            taught=tuple(Trial(seed=seed, **small) for seed in TUNED_SEEDS),
            reported=(Trial(seed=TUNED_SEEDS[0] + 10, **small),),
            clean=(Trial(seed=TUNED_SEEDS[0], staff=600, weeks=20, cases_of_each=0),),
            unreferenced=(),
        )
    reach = {"staff": staff or STAFF, "weeks": weeks or WEEKS}
    if staff:  # of thinner forces fewer cases, but some of every kind
        reach["cases_of_each"] = max(round(CASES_OF_EACH * staff / STAFF), 3)
    shown = REPORTED_SEEDS[: forces or None]
    lessons = TAUGHT_SEEDS[: (forces and forces + 1) or None]
    return Programme(
        taught=tuple(Trial(seed=seed, **reach) for seed in lessons),
        reported=tuple(Trial(seed=seed, **reach) for seed in shown),
        clean=tuple(
            Trial(seed=REPORTED_SEEDS[0] + 20 + turn, staff=size, weeks=weeks, cases_of_each=0)
            for size, (weeks, seeds) in CLEAN.items()
            for turn in range(seeds)
        ),
        unreferenced=(Trial(seed=REPORTED_SEEDS[0], referenced=False, **reach),),
    )

"""The parts of the benchmark of detection by name, each made and kept by itself."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Final

from tests.benchmarks.asked import Asked
from tests.benchmarks.detection import as_raised, by_detector, left_out, on_tickets, ranking, tails
from tests.benchmarks.detection.sources import Sources, say, sources_of
from tests.benchmarks.detection.table import Made, keep
from tests.benchmarks.figures import Figure
from tests.benchmarks.trials import TUNED_SEEDS, Programme, Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part: what it is called where it was not made, what makes it, and on which forces."""

    says: str
    make: Callable[[Sources], Iterator[Figure]]
    trials: Callable[[Programme], Sequence[Trial]]
    sits: bool = False  # whether it keeps facts of sittings at the shipped settings
    quick: bool = True  # whether a small run of everything has it


def _reported(plan: Programme) -> Sequence[Trial]:
    return plan.reported


def _alone(plan: Programme) -> Sequence[Trial]:
    return plan.alone


PARTS: Final[Mapping[str, Part]] = {
    "recall": Part(
        says="the monitor whole at the shipped settings",
        make=as_raised.recall_as_raised, trials=_reported, sits=True,
    ),
    "budgets": Part(
        says="the monitor whole at each budget", make=as_raised.at_budgets, trials=_reported,
    ),
    "taught": Part(
        says="the taught score alone", make=ranking.by_taught_score, trials=_reported
    ),
    "ceiling": Part(
        says="a model taught on true cases", make=ranking.by_true_cases, trials=_reported
    ),
    "opponents": Part(says="opponents", make=ranking.by_others, trials=_reported),
    "clean": Part(
        says="clean forces", make=as_raised.on_clean_work, trials=lambda plan: plan.clean,
        sits=True,
    ),
    "unreferenced": Part(
        says="no reference table", make=as_raised.without_tables,
        trials=lambda plan: plan.unreferenced, sits=True, quick=False,
    ),
    "left-out": Part(
        says="patterns left out of the lessons of the taught score",
        make=left_out.left_out_of_lessons, trials=_alone,
    ),
    "left-out-whole": Part(
        says="patterns left out of the teaching of the monitor whole",
        make=left_out.left_out_whole, trials=_alone, quick=False,
    ),
    "groups": Part(says="groups", make=as_raised.by_group, trials=_reported),
    "calibration": Part(
        says="calibration of each detector", make=by_detector.calibrated,
        trials=lambda plan: plan.clean,
    ),
    "tickets": Part(
        says="the real ticket log", make=on_tickets.on_the_real_log, trials=lambda _: ()
    ),
    "tuning": Part(
        says="who tells the end of a reference, on the seeds for tuning", make=tails.tuning,
        trials=lambda plan: plan.tuned, quick=False,
    ),
}  # fmt: skip


def measured(name: str, asked: Asked) -> tuple[Figure, ...]:
    """The figures of one part, which are kept for the table; none where it cannot be made here.

    Raises:
        ValueError: it is for tuning, and other seeds were asked for.
    """
    if name == "tuning" and set(asked.seeds) - set(TUNED_SEEDS):
        raise ValueError(f"tuning: on no seed that is reported; possible: {TUNED_SEEDS}")
    began, each = perf_counter(), PARTS[name]
    sources = sources_of(asked)
    figures = tuple(each.make(sources))
    if not figures:
        say(f"{name}: what it is made from is not here")
        return figures
    trials = each.trials(sources.plan)
    made = Made(
        part=name,
        sizes=tuple(sorted({(one.staff, one.weeks) for one in trials})),
        seeds=tuple(dict.fromkeys(one.seed for one in trials)),
        seconds=round(perf_counter() - began),
        figures=figures,
        sittings=tuple(as_raised.facts(sources.sitting(one)) for one in trials)
        if each.sits
        else (),
    )
    keep(made, asked)
    return figures


def wanted(asked: Asked) -> tuple[str, ...]:
    """The parts that a run makes: those that were named, or every one that it has time for."""
    return asked.parts or tuple(name for name, one in PARTS.items() if one.quick or not asked.quick)

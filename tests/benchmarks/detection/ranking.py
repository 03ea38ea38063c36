"""The taught score alone, its ceiling, and the opponents: rows ranked, and walked at a budget."""

from collections.abc import Iterator, Sequence
from typing import Final

from monitor.demo.misuse import TYPOLOGIES
from tests.benchmarks.ceiling import Lesson, taught
from tests.benchmarks.detection.sources import Sources
from tests.benchmarks.detection.taught_score import Scored
from tests.benchmarks.detection.walks import (
    BUDGET,
    SLOW,
    Walks,
    budgets,
    days_to_found,
    walks,
    where,
)
from tests.benchmarks.features import labels
from tests.benchmarks.figures import Figure
from tests.benchmarks.forces import Bed
from tests.benchmarks.matching import Item, Share
from tests.benchmarks.opponents import DAILY_RULES

NAME: Final = "the taught score alone, taught once on the days it judges"
NOTHING: Final = ("nothing taught:", "too few user-years")


def by_taught_score(sources: Sources) -> Iterator[Figure]:
    """What the taught score finds by itself, at each budget."""
    each, there = budgets(sources.asked), where(sources.plan.reported)
    found = _taught(sources)
    if found is None:
        yield Figure(says=f"{NAME}, {there}", value=NOTHING[0], unit=NOTHING[1])
        return
    for budget in each:
        share = found.recall(budget)
        yield Figure(
            says=f"cases found by {NAME}, {there}, {share.cases} cases, at {budget:g} false alerts "
            "in 1,000 user-weeks",
            value=share.words, unit="of cases",
            limit="0.9 of the ceiling's" if budget == BUDGET else "",
        )  # fmt: skip
    yield from days_to_found(found.at[BUDGET], f"to its first strong score at {BUDGET:g}, {there}")


def by_true_cases(sources: Sources) -> Iterator[Figure]:
    """What a model finds that was taught on the true cases of other seeds."""
    lessons = []
    for trial in sources.plan.taught:
        one = sources.bed(trial)
        features = sources.features(one)
        lessons.append(Lesson(features=features, labels=labels(features, one)))
    model = taught(lessons)
    told = []
    for trial in sources.plan.reported:
        one = sources.bed(trial)
        features = sources.features(one)
        told.append((one, features.rows.items(model.scores(features))))
    found, there = walks(told, budgets(sources.asked)), where(sources.plan.reported)
    seeds = ", ".join(str(trial.seed) for trial in sources.plan.taught)
    name = f"a model taught on the true cases of seeds {seeds}"
    for budget in budgets(sources.asked):
        share = found.recall(budget)
        yield Figure(
            says=f"ceiling: by {name}, {there}, {share.cases} cases, at {budget:g}",
            value=share.words, unit="of cases", limit="0.50 to 0.90" if budget == BUDGET else "",
        )  # fmt: skip
    for kind in TYPOLOGIES:
        share = found.recall(typologies=frozenset({kind}))
        yield Figure(
            says=f"ceiling: {kind.replace('_', ' ')}, {share.cases} cases, {there}, at {BUDGET:g}",
            value=share.words, unit="of cases",
        )  # fmt: skip


def by_others(sources: Sources) -> Iterator[Figure]:
    """What every other method finds on the same rows, the slow ones on the first force alone."""
    told: dict[str, list[tuple[Bed, Sequence[Item]]]] = {}
    for number, trial in enumerate(sources.plan.reported):
        one = sources.bed(trial)
        for name, items in sources.others(one, with_slow=number == 0).items():
            told.setdefault(name, []).append((one, items))
    found = {name: walks(items, budgets(sources.asked)) for name, items in told.items()}
    there = where(sources.plan.reported)
    best, most = max(found.items(), key=lambda one: one[1].recall().value)
    ours = _taught(sources)
    if ours is not None:
        share = ours.recall()
        ratio = share.value / max(most.recall().value, 1 / share.cases)
        yield Figure(
            says=f"found by {NAME} over what the best opponent finds ({best}), {there}",
            value=f"{ratio:.1f}", unit="times", limit="3.0",
        )  # fmt: skip
    for name, each in sorted(found.items(), key=lambda one: -one[1].recall().value):
        share = each.recall()
        yield Figure(
            says=f"by {name}, {share.cases} cases, {there}, at {BUDGET:g}",
            value=share.words, unit="of cases",
            limit="below 0.10" if name.startswith("rule") else "",
        )  # fmt: skip
    slow = max((found[name].recall(typologies=SLOW) for name in DAILY_RULES), key=_value)
    yield Figure(
        says=f"by `n > k a day` on the slow typologies, the better rule, {there}",
        value=slow.words, unit="of cases", limit="below 0.10",
    )  # fmt: skip


def _taught(sources: Sources) -> Walks | None:
    """The taught score alone, walked; nothing where some force teaches nothing."""
    told = []
    for trial in sources.plan.reported:
        one = sources.bed(trial)
        items = Scored(sources=sources, bed=one).items()
        if items is None:
            return None
        told.append((one, items))
    return walks(told, budgets(sources.asked))


def _value(share: Share) -> float:
    return share.value

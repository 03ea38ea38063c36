"""Patterns that no drill foresaw: each left out in turn, of the lessons or of the teaching."""

from collections.abc import Iterator, Sequence

from monitor.demo.misuse import TYPOLOGIES
from tests.benchmarks.detection.ranking import NAME, NOTHING
from tests.benchmarks.detection.sources import Sources
from tests.benchmarks.detection.taught_score import Scored, shapes_of
from tests.benchmarks.detection.walks import BUDGET, walks, where
from tests.benchmarks.figures import Figure
from tests.benchmarks.matching import Share, by_tally, recall


def left_out_of_lessons(sources: Sources) -> Iterator[Figure]:
    """Each pattern by the taught score alone, its drills taken out of lessons laid once."""
    trials, there = sources.plan.alone, where(sources.plan.alone)
    scored = [Scored(sources=sources, bed=sources.bed(trial)) for trial in trials]
    if any(one.items() is None for one in scored):
        yield Figure(says=f"{NAME}, {there}", value=NOTHING[0], unit=NOTHING[1])
        return
    hits = full = cases = 0
    for pattern in patterns():
        names = kinds_of(pattern)
        with_all = _recall(scored, names, pattern="")
        drills = shapes_of(pattern)
        share = _recall(scored, names, pattern=pattern) if drills else with_all
        hits, full, cases = hits + share.hits, full + with_all.hits, cases + share.cases
        left_out = f"drills left out: {', '.join(sorted(drills))}" if drills else "has no drill"
        yield Figure(
            says=f"{pattern} ({', '.join(sorted(names)).replace('_', ' ')}), {left_out}: found of "
            f"{share.cases} by the taught score alone at {BUDGET:g} ({with_all.hits} with every "
            f"drill), {there}",
            value=share.words, unit="of cases",
        )  # fmt: skip
    yield Figure(
        says=f"all patterns, each left out of the lessons in turn: found of {cases} by the taught "
        f"score alone at {BUDGET:g} ({full} with every drill), {there}",
        value=Share(hits=hits, cases=cases).words, unit="of cases", limit="0.60",
    )  # fmt: skip


def left_out_whole(sources: Sources) -> Iterator[Figure]:
    """Each pattern by the monitor whole, no drill of it having taught: a sitting for each."""
    trials, there = sources.plan.alone, where(sources.plan.alone)
    hits = cases = 0
    for pattern in patterns():
        names = kinds_of(pattern)
        sittings = [sources.sitting(trial, without=sorted(shapes_of(pattern))) for trial in trials]
        share = recall([by_tally(one.items, one.bed.cases) for one in sittings], typologies=names)
        hits, cases = hits + share.hits, cases + share.cases
        yield Figure(
            says=f"{pattern} left out of the teaching: found of {share.cases} by the monitor "
            f"whole, shipped settings, {there}",
            value=share.words, unit="of cases",
        )  # fmt: skip
    yield Figure(
        says=f"all patterns, each left out of the teaching in turn: found of {cases} by the "
        f"monitor whole, shipped settings, {there}",
        value=Share(hits=hits, cases=cases).words, unit="of cases", limit="0.60",
    )  # fmt: skip


def patterns() -> list[str]:
    """The patterns of DOMAIN 1.2 that the typologies stand for."""
    return sorted({each.pattern for each in TYPOLOGIES.values()})


def kinds_of(pattern: str) -> frozenset[str]:
    """The typologies that a pattern stands for."""
    return frozenset(name for name, each in TYPOLOGIES.items() if each.pattern == pattern)


def _recall(scored: Sequence[Scored], names: frozenset[str], *, pattern: str) -> Share:
    told = [(one.bed, one.items(pattern=pattern) or ()) for one in scored]
    return walks(told, (BUDGET,)).recall(typologies=names)

"""The monitor whole, by its alerts as the shipped settings raise them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from monitor.demo.misuse import TYPOLOGIES
from tests.benchmarks.detection.sources import Sources
from tests.benchmarks.detection.walks import (
    BURSTS,
    SLOW,
    budgets,
    days_of,
    days_to_found,
    rate_words,
    user_weeks,
    walks,
    where,
)
from tests.benchmarks.fairness import group_rates
from tests.benchmarks.figures import Figure
from tests.benchmarks.judging import Raised, Sitting
from tests.benchmarks.matching import Found, Share, by_tally, is_about_a_case, number_of, recall

_CEILING = "0.9 of the ceiling's"


def recall_as_raised(sources: Sources) -> Iterator[Figure]:
    """Cases found, innocent work beside them, and days to an alert, at the shipped settings."""
    sittings = [sources.sitting(trial) for trial in sources.plan.reported]
    found = [by_tally(one.items, one.bed.cases) for one in sittings]
    there, share = where(sources.plan.reported), recall(found)
    yield Figure(
        says=f"cases found by the monitor whole, shipped settings, {there}, {share.cases} cases",
        value=share.words, unit="of cases", limit=_CEILING,
    )  # fmt: skip
    yield _innocent_work(sittings, f"in forces with misuse in them, {there}")
    yield from days_to_found(found, f"to its alert, shipped settings, {there}")
    for name in TYPOLOGIES:
        of_kind = recall(found, typologies=frozenset({name}))
        yield Figure(
            says=f"{name.replace('_', ' ')}: found of {of_kind.cases}, shipped settings, {there}",
            value=of_kind.words, unit="of cases", limit="half of the ceiling's",
        )  # fmt: skip


def at_budgets(sources: Sources) -> Iterator[Figure]:
    """What is found when the monitor judges at a loose budget, and its alerts are walked."""
    each, there = budgets(sources.asked), where(sources.plan.reported)
    loosest = max(each)
    sittings = [sources.sitting(trial, budget=loosest) for trial in sources.plan.reported]
    found = walks([(one.bed, one.items) for one in sittings], each)
    for budget in each:
        share = found.recall(budget)
        yield Figure(
            says=f"cases found by the monitor whole, judged at {loosest:g} and walked to "
            f"{budget:g} false alerts in 1,000 user-weeks, {there}, {share.cases} cases",
            value=share.words, unit="of cases", limit=_CEILING if budget == 1 else "",
        )  # fmt: skip


def on_clean_work(sources: Sources) -> Iterator[Figure]:
    """Alerts at the shipped settings on forces in which nobody does anything wrong."""
    for staff in sorted({trial.staff for trial in sources.plan.clean}):
        trials = [trial for trial in sources.plan.clean if trial.staff == staff]
        sittings = [sources.sitting(trial) for trial in trials]
        yield _innocent_work(sittings, f"in clean forces, {where(trials)}")
        yield Figure(
            says=f"a judged day of {staff:,} staff, teaching included, "
            f"{sittings[0].bed.events:,} rows in {trials[0].weeks} weeks",
            value=f"{sittings[0].seconds_a_day:.2f}", unit="seconds by the clock",
        )  # fmt: skip


def without_tables(sources: Sources) -> Iterator[Figure]:
    """What is found, and how often chance speaks, with no reference table at all."""
    sittings = [sources.sitting(trial) for trial in sources.plan.unreferenced]
    share = recall([by_tally(one.items, one.bed.cases) for one in sittings])
    there = where(sources.plan.unreferenced)
    yield Figure(
        says=f"cases found with no reference table, shipped settings, {there}, {share.cases} cases",
        value=share.words, unit="of cases",
    )  # fmt: skip
    yield _innocent_work(sittings, f"with no reference table, {there}")


def by_group(sources: Sources) -> Iterator[Figure]:
    """Alert rates on innocent work by group, standardised by role."""
    sittings = [sources.sitting(trial) for trial in sources.plan.reported]
    connections = [one.bed.records().connection for one in sittings]
    told = [
        [item for item in one.items if not is_about_a_case(item, one.bed.cases)]
        for one in sittings
    ]  # fmt: skip
    for rate in group_rates(connections, told):
        low, high = rate.interval
        yield Figure(
            says=f"members of staff with an alert on innocent work, {rate.group}, "
            f"{rate.observed} over those expected from their roles, shipped settings, "
            f"{where(sources.plan.reported)}",
            value=f"{rate.ratio:.2f} ({low:.2f} to {high:.2f})", unit="times",
            limit="0.80 to 1.25",
        )  # fmt: skip
    for connection in connections:
        connection.close()


def facts(sitting: Sitting) -> dict[str, Any]:
    """What one sitting came to, for whoever wants to know why: by kind, week and alert."""
    found = by_tally(sitting.items, sitting.bed.cases)
    first = number_of(sitting.bed.end.date()) - sitting.days
    return {
        "trial": sitting.bed.trial.name,
        "user_weeks": round(user_weeks(sitting.bed), 1),
        "hits": {name: [share.hits, share.cases] for name, share in _by_typology(found)},
        "days_to_alert": {
            "bursts": sorted(days_of([found], BURSTS)), "slow": sorted(days_of([found], SLOW))
        },
        "innocent_staff_by_week": _innocent_by_week(sitting, first=first),
        "alerts": dict(Counter(_kind(one) for one in sitting.raised)),
        "hinges_on": dict(Counter(name for one in sitting.raised for name in one.hinges_on)),
        "found_cases": sorted(found.hits),
    }  # fmt: skip


def _innocent_by_week(sitting: Sitting, *, first: int) -> list[int]:
    """Members of staff newly alerted on innocent work, in each week that was judged."""
    weeks: dict[int, set[str]] = {week: set() for week in range(-(-sitting.days // 7))}
    for one in sitting.raised:
        if not is_about_a_case(one, sitting.bed.cases):
            weeks[(one.day - first) // 7].add(one.user_id)
    return [len(weeks[week]) for week in sorted(weeks)]


def _by_typology(found: Found) -> Iterator[tuple[str, Share]]:
    for name in TYPOLOGIES:
        yield name, recall([found], typologies=frozenset({name}))


def _kind(one: Raised) -> str:
    if one.alone:
        return "on a member of staff alone"
    return "around one person, a model judging" if one.taught else "around one person, no model"


def _innocent_work(sittings: Sequence[Sitting], says: str) -> Figure:
    """Alerts on innocent work over the weeks of work they were raised in."""
    weeks = sum(user_weeks(one.bed) for one in sittings)
    false = sum(by_tally(one.items, one.bed.cases).false_alerts for one in sittings)
    return Figure(
        says=f"alerts on innocent work {says}, shipped settings, {false} in "
        f"{weeks:,.0f} user-weeks",
        value=rate_words(false, weeks), unit="per 1,000 user-weeks", limit="0.70 to 1.30",
    )  # fmt: skip

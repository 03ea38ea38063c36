"""What the end of a reference costs: cases and innocent staff, told by it or by drills.

The figures of decision 0024, on the seeds for tuning alone: the taught score at its share of the
budget and nothing beside it, taught once on the days that it judges.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from alerts.fusing import measured
from alerts.judging import Judged, judged, weeks
from alerts.reference import reference_of
from alerts.teaching import Taught
from detectors.model import Frame
from monitor.knowledge import Rules
from tests.benchmarks.detection.ranking import NOTHING
from tests.benchmarks.detection.sources import Sources, say
from tests.benchmarks.detection.taught_score import Scored
from tests.benchmarks.detection.walks import user_weeks, where
from tests.benchmarks.features import rows_of
from tests.benchmarks.figures import Figure
from tests.benchmarks.forces import Bed
from tests.benchmarks.judging import shipped_rules, whole_frame
from tests.benchmarks.kept import as_json, from_json, part
from tests.benchmarks.matching import Item, Rows, by_tally, is_about_a_case, recall

_SETTLING_DAYS = 14  # as the service leaves them out of every reference
_TOLD_BY = ("the reference", "drills")


def tuning(sources: Sources) -> Iterator[Figure]:
    """Cases and innocent staff beyond the floor, by who tells the end of the reference."""
    told = [(one, _raised(sources, one)) for one in map(sources.bed, sources.plan.tuned)]
    weeks_of_work, there = sum(user_weeks(one) for one, _ in told), where(sources.plan.tuned)
    for teller in _TOLD_BY:
        says = f"the taught score alone at its share, the end told by {teller}, tuning, {there}"
        if not all(found["taught"] for _, found in told):
            yield Figure(says=says, value=NOTHING[0], unit=NOTHING[1])
            continue
        items = [(one, from_json(found[teller])) for one, found in told]
        share = recall([by_tally(each, one.cases) for one, each in items])
        staff = sum(
            len({item.user_id for item in each if not is_about_a_case(item, one.cases)})
            for one, each in items
        )
        yield Figure(
            says=f"{says}: cases found of {share.cases}, {share.hits}; innocent members of staff "
            f"in {weeks_of_work:,.0f} user-weeks, {staff}",
            value=share.words, unit="of cases",
        )  # fmt: skip


def _raised(sources: Sources, one: Bed) -> dict[str, Any]:
    return part(sources.out, f"tails-{one.trial.name}", lambda: _made(sources, one))


def _made(sources: Sources, one: Bed) -> dict[str, Any]:
    model = Scored(sources=sources, bed=one).model()
    if model is None:
        return {"taught": False}
    say(f"ranking {one.trial.name} by its references")
    rules = shipped_rules()
    frame = whole_frame(one, rules)
    found: dict[str, list[Item]] = {teller: [] for teller in _TOLD_BY}
    for teller, items in _beyond_the_floor(frame, rules, model):
        found[teller] += items
    frame.connection.close()
    return {"taught": True, **{teller: as_json(items) for teller, items in found.items()}}


def _beyond_the_floor(
    frame: Frame, rules: Rules, model: Taught
) -> Iterator[tuple[str, list[Item]]]:
    """The rows of each week whose taught score is rare enough, by each way of telling the end."""
    settings = rules.settings
    plan = weeks(
        np.unique(frame.day).tolist(),
        first_day=frame.first_day,
        reference_days=settings.judging.reference_days,
        settling_days=_SETTLING_DAYS,
    )
    found, rows = measured(frame, rules.strands), rows_of(frame)
    for week in plan:
        reference = reference_of(
            frame, found, first=week.reference_from, end=week.reference_to, model=model
        )
        verdict = judged(
            frame, found, week, reference=reference, model=model,
            taught_share=settings.teaching.budget_share,
            users_share=settings.judging.users_budget_share,
        )  # fmt: skip
        if isinstance(verdict, Judged):
            taught = next(one for one in verdict.channels if one.name == "taught")
            for teller, drills in zip(_TOLD_BY, ((), model.drilled), strict=True):
                channel = replace(taught, rarity=reference.rarity_of("taught", drills=drills))
                interval = channel.interval(frame, verdict.rows)
                yield teller, _items(rows, verdict.rows, interval, floor=rules.floor)


def _items(
    rows: Rows, places: np.ndarray[Any, Any], interval: np.ndarray[Any, Any], *, floor: float
) -> list[Item]:
    score = np.full(rows.user_no.size, np.nan)
    score[places] = np.where(interval >= floor, interval, np.nan)
    return rows.items(score)

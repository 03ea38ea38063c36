"""How often each detector speaks on clean work, over how often it says it does."""

import json
from collections.abc import Iterator, Sequence

from tests.benchmarks.calibration import Ratio, ratios
from tests.benchmarks.detection.sources import Sources
from tests.benchmarks.detection.walks import where
from tests.benchmarks.figures import Figure
from tests.benchmarks.judging import shipped_rules, whole_frame
from tests.benchmarks.kept import write_whole
from tests.benchmarks.strand_rows import strand_rows


def calibrated(sources: Sources) -> Iterator[Figure]:
    """Observed over expected on clean work, each detector's worst."""
    trial = max(
        sources.plan.clean, key=lambda one: one.staff == sources.plan.reported[0].staff
    )  # the first of the size that is reported, where there is one
    clean, rules = sources.bed(trial), shipped_rules()
    said = strand_rows(whole_frame(clean, rules), rules)
    found = ratios(said)
    write_whole(
        sources.out / "calibration.json",
        json.dumps([_written(one) for one in found], indent=1) + "\n",
    )
    said.frame.connection.close()
    for name in said.pvalues:
        of_name = [one for one in found if one.detector == name]
        yield from _figures(name, of_name, where=where([trial]))


def _figures(name: str, found: Sequence[Ratio], *, where: str) -> Iterator[Figure]:
    """The pooled ratio at 1e-4, and the role at 1e-3 that is furthest from 1."""
    pooled = [one for one in found if one.gated and one.role == "all"]
    roles = [one for one in found if one.gated and one.role != "all"]
    if not pooled:
        yield Figure(
            says=f"{name}: on clean work, {where}", value="not measured:",
            unit="too few rows on which it speaks",
        )  # fmt: skip
    for one in pooled:
        yield Figure(
            says=f"{name}: p of 1 in 10,000 or less on clean work, observed over expected, {where}",
            value=one.words, unit="times", limit="at most 1.50",
        )  # fmt: skip
    if roles:
        worst = max(roles, key=lambda one: max(one.value, 1 / max(one.value, 1e-9)))
        held = sum(one.held for one in roles)
        yield Figure(
            says=f"{name}: 1 in 1,000, the role furthest away ({worst.role.replace('_', ' ')}); "
            f"{held} of {len(roles)} roles within, {where}",
            value=worst.words, unit="times", limit="0.50 to 1.50",
        )  # fmt: skip


def _written(ratio: Ratio) -> dict[str, object]:
    return {
        "detector": ratio.detector, "role": ratio.role, "level": ratio.level, "rows": ratio.rows,
        "ratio": ratio.value, "low": ratio.low, "high": ratio.high,
    }  # fmt: skip

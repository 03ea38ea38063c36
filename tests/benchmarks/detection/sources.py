"""What several parts stand on: sittings, features and opponents of a force, kept on disk."""

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tests.benchmarks.asked import Asked
from tests.benchmarks.crude import crude_features
from tests.benchmarks.features import Features
from tests.benchmarks.forces import Bed, bed
from tests.benchmarks.judging import Raised, Sitting, sat, shipped_rules, whole_frame
from tests.benchmarks.kept import as_json, features_part, from_json, part
from tests.benchmarks.matching import Item
from tests.benchmarks.opponents import opponents
from tests.benchmarks.strand_rows import seen_rows
from tests.benchmarks.trials import Programme, Trial, programme

KEPT_OF_ROWS = 20_000  # strongest items of a method: far beyond any budget here


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What a run of the benchmark may ask of its forces; each is made once, and kept."""

    asked: Asked
    plan: Programme

    @property
    def out(self) -> Path:
        """Where what is made is kept."""
        return self.asked.out

    def bed(self, trial: Trial) -> Bed:
        """A force on disk."""
        return bed(trial, self.out)

    def sitting(
        self, trial: Trial, *, budget: float | None = None, without: Sequence[str] = ()
    ) -> Sitting:
        """The monitor on every day of a force, by the shipped settings but for what is named.

        Args:
            trial: the force.
            budget: chance alerts in 1,000 user-weeks; as shipped where it is not given.
            without: shapes of drills that teach nothing.
        """
        name = "-".join((
            "alerts", trial.name, "shipped" if budget is None else f"at-{budget:g}",
            *(f"no-{one}" for one in without),
        ))  # fmt: skip
        one = self.bed(trial)
        told = part(self.out, name, partial(_judged, one, budget=budget, without=tuple(without)))
        return Sitting(
            bed=one,
            items=from_json(told["items"]),
            raised=tuple(_raised(alert) for alert in told["raised"]),
            days=told["days"],
            seconds=told["seconds"],
        )

    def features(self, one: Bed) -> Features:
        """What the taught fusion sees of every judged row: the ceiling stands on the same."""

        def made() -> Features:
            say(f"counting on {one.trial.name}")
            frame = whole_frame(one, shipped_rules())
            features = seen_rows(frame, shipped_rules())
            frame.connection.close()
            return features

        return features_part(self.out, f"seen-{one.trial.name}", made)

    def others(self, one: Bed, *, with_slow: bool) -> dict[str, tuple[Item, ...]]:
        """The strongest items of every other method."""

        def made() -> dict[str, Any]:
            say(f"others look on at {one.trial.name}")
            frame = whole_frame(one, shipped_rules())
            counts = crude_features(frame)
            told = {
                each.name: as_json(each.items(counts, frame)[:KEPT_OF_ROWS])
                for each in opponents()
                if with_slow or not each.slow
            }
            frame.connection.close()
            return told

        name = f"others-{one.trial.name}" + ("" if with_slow else "-quick-ones")
        return {name: from_json(items) for name, items in part(self.out, name, made).items()}


def sources_of(asked: Asked) -> Sources:
    """The sources of a run that was asked for."""
    plan = programme(quick=asked.quick, staff=asked.staff, weeks=asked.weeks, seeds=asked.seeds)
    return Sources(asked=asked, plan=plan)


def _judged(one: Bed, *, budget: float | None, without: tuple[str, ...]) -> dict[str, Any]:
    loose = "" if budget is None else f", at {budget:g}"
    say(f"judging {one.trial.name}{loose} {' '.join(without)}".strip())
    sitting = sat(one, shipped_rules(budget=budget, without=without))
    return {
        "items": as_json(sitting.items),
        "raised": [asdict(alert) for alert in sitting.raised],
        "days": sitting.days,
        "seconds": sitting.seconds,
    }


def _raised(told: dict[str, Any]) -> Raised:
    return Raised(**{
        **told, "subject_ids": tuple(told["subject_ids"]), "hinges_on": tuple(told["hinges_on"])
    })  # fmt: skip


def say(text: str) -> None:
    """Tell whoever waits what is being done."""
    sys.stderr.write(f"  {text}\n")
    sys.stderr.flush()

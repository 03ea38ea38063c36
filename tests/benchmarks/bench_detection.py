"""What is found, how often chance speaks, and what others find, on forces nobody tuned on."""

import json
import math
import statistics
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

from alerts.drills import SHAPES
from monitor.demo.misuse import TYPOLOGIES
from tests.benchmarks.asked import Asked
from tests.benchmarks.calibration import Ratio, ratios
from tests.benchmarks.ceiling import Lesson, taught
from tests.benchmarks.crude import crude_features
from tests.benchmarks.fairness import group_rates
from tests.benchmarks.features import Features, labels
from tests.benchmarks.figures import Figure
from tests.benchmarks.forces import Bed, bed
from tests.benchmarks.judging import Sitting, sat, shipped_rules, warm_up, whole_frame
from tests.benchmarks.kept import as_json, features_part, from_json, part
from tests.benchmarks.matching import (
    Found,
    Item,
    Share,
    by_tally,
    recall,
    walked,
)
from tests.benchmarks.opponents import DAILY_RULES, opponents
from tests.benchmarks.strand_rows import seen_rows, strand_rows
from tests.benchmarks.tickets import judged_log, ticket_logs
from tests.benchmarks.trials import Programme, Trial, programme

BUDGETS = (0.5, 1.0, 3.0, 10.0)  # false alerts in 1,000 user-weeks (METHODS 4.2)
BUDGET = 1.0  # the one that is promised
_KEPT_OF_OTHERS = 20_000  # strongest items of an opponent: far beyond any budget here
BURSTS = frozenset({"burst_and_circle", "burst_on_one"})
SLOW = frozenset({
    "drip", "slow_drip", "after_case", "after_changes", "off_duty_only", "ex_and_new_partner",
    "across_systems", "camouflaged",
})  # fmt: skip


def measure(asked: Asked) -> list[Figure]:
    """Every figure; a part that could not be measured says so."""
    plan = programme(quick=asked.quick, staff=asked.staff, weeks=asked.weeks, forces=asked.forces)
    found = _Parts(asked=asked, plan=plan)
    if asked.only:
        found.made_of(int(asked.only))
        return []
    reported = found.reported()
    ceiling = found.ceiling()
    others = found.opponents()
    _keep(asked, reported=reported, ceiling=ceiling, others=others)
    figures = [
        *_on_recall(plan, reported, ceiling, others),
        *_on_typologies(reported, ceiling),
        *found.beside_cases(),
    ]
    if asked.forces:
        return [*figures, _UNMEASURED]
    rest = (
        found.foreseen,
        found.clean,
        found.unreferenced,
        found.calibration,
        found.groups,
        found.tickets,
    )
    return [*figures, *chain.from_iterable(part() for part in rest)]


_UNMEASURED = Figure(
    says="patterns that no drill stood for, clean forces, no reference table, calibration of each "
    "detector, groups, the real ticket log",
    value="not measured:", unit="this was a smaller run",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Walks:
    """What one method found in every reported force, at each budget."""

    at: dict[float, list[Found]]

    def recall(self, budget: float = BUDGET, typologies: frozenset[str] | None = None) -> Share:
        """Cases found at a budget."""
        return recall(self.at[budget], typologies=typologies)


def _walks(items: Iterable[tuple[Bed, Sequence[Item]]], budgets: Sequence[float]) -> Walks:
    """The strongest items of each force, walked at every budget."""
    at: dict[float, list[Found]] = {budget: [] for budget in budgets}
    for one, told in items:
        for budget in budgets:
            allowed = budget * _user_weeks(one) / 1000
            at[budget].append(walked(told, one.cases, allowed=allowed))
    return Walks(at=at)


def _user_weeks(one: Bed) -> float:
    return one.user_weeks(warm_up=warm_up(shipped_rules()))


class _Parts:
    """The parts of the benchmark; what two of them need is made once."""

    def __init__(self, *, asked: Asked, plan: Programme) -> None:
        self._asked, self._plan = asked, plan
        # Judging at a loose budget says what tighter ones find; the loosest takes longest.
        self._budgets = BUDGETS[:-1] if asked.forces else BUDGETS
        self._loosest = max(self._budgets)
        self._sittings: list[Sitting] = []
        self._lessons: list[Lesson] = []
        self._unseen: list[tuple[Bed, Features]] = []
        self._others: dict[str, list[tuple[Bed, Sequence[Item]]]] = {}

    def made_of(self, seed: int) -> None:
        """Make and keep the parts of one force, so that several processes share the work."""
        for number, trial in enumerate(self._plan.reported):
            if trial.seed == seed:
                self._sat(trial)
                self._seen_by_others(bed(trial, self._asked.out), with_slow=number == 0)
        for trial in (*self._plan.taught, *self._plan.reported):
            if trial.seed == seed:
                self._features(bed(trial, self._asked.out))

    def reported(self) -> Walks:
        """The monitor's own alerts on the reported forces, judged at a loose budget and walked."""
        for trial in self._plan.reported:
            self._sittings.append(self._sat(trial))
        return _walks(((one.bed, one.items) for one in self._sittings), self._budgets)

    def ceiling(self) -> Walks:
        """A model taught on the true cases of other seeds, on the reported forces."""
        self._look()
        model = taught(self._lessons)
        return _walks(
            ((one, features.rows.items(model.scores(features))) for one, features in self._unseen),
            self._budgets,
        )

    def opponents(self) -> dict[str, Walks]:
        """Every other method on the reported forces, the slow ones on the first of them."""
        return {name: _walks(items, self._budgets) for name, items in self._others.items()}

    def foreseen(self) -> Iterator[Figure]:
        """The monitor on each typology, no drill of its pattern having taught, on one force."""
        if self._asked.quick:
            return
        one = bed(self._plan.reported[0], self._asked.out)
        hits = cases = 0
        for pattern in sorted({each.pattern for each in TYPOLOGIES.values()}):
            shapes = tuple(name for name, (of, _) in SHAPES.items() if of == pattern)
            names = frozenset(name for name, each in TYPOLOGIES.items() if each.pattern == pattern)
            sitting = self._sat(one.trial, without=shapes)
            share = _walks([(one, sitting.items)], self._budgets).recall(typologies=names)
            hits, cases = hits + share.hits, cases + share.cases
        yield Figure(
            says=f"cases whose pattern was left out of the teaching in turn, seed {one.trial.seed}",
            value=Share(hits=hits, cases=cases).words, unit="of cases", limit="0.60",
        )  # fmt: skip

    def beside_cases(self) -> Iterator[Figure]:
        """Alerts on innocent work at the shipped floor, on the forces with misuse in them."""
        floor = math.log10(shipped_rules().floor)
        weeks = sum(_user_weeks(one.bed) for one in self._sittings)
        false = sum(
            by_tally(
                [item for item in one.items if item.score >= floor], one.bed.cases
            ).false_alerts
            for one in self._sittings
        )
        yield Figure(
            says=f"alerts on innocent work in the reported forces, shipped settings, {false} in "
            f"{weeks:,.0f} user-weeks",
            value=f"{1000 * false / weeks:.2f}", unit="per 1,000 user-weeks", limit="1.30",
        )  # fmt: skip

    def clean(self) -> Iterator[Figure]:
        """Alerts at the shipped settings on forces in which nobody does anything wrong."""
        for staff in sorted({trial.staff for trial in self._plan.clean}):
            trials = [trial for trial in self._plan.clean if trial.staff == staff]
            sittings = [self._sat(trial, loose=False) for trial in trials]
            weeks = sum(_user_weeks(one.bed) for one in sittings)
            false = sum(by_tally(one.items, ()).false_alerts for one in sittings)
            yield Figure(
                says=f"alerts on a clean force of {staff:,}, shipped settings, {false} in "
                f"{weeks:,.0f} user-weeks",
                value=f"{1000 * false / weeks:.2f}", unit="per 1,000 user-weeks",
                limit="0.70 to 1.30",
            )  # fmt: skip
            yield Figure(
                says=f"a judged day of {staff:,} staff, teaching included, "
                f"{sittings[0].bed.events:,} rows in {trials[0].weeks} weeks",
                value=f"{sittings[0].seconds_a_day:.2f}", unit="seconds",
            )  # fmt: skip

    def unreferenced(self) -> Iterator[Figure]:
        """What is found, and how often chance speaks, with no reference table at all."""
        for trial in self._plan.unreferenced:
            one = self._sat(trial, loose=False)
            found = by_tally(one.items, one.bed.cases)
            yield Figure(
                says=f"cases found with no reference table, seed {trial.seed}, shipped settings",
                value=recall([found]).words, unit="of cases",
            )  # fmt: skip
            yield Figure(
                says="alerts on innocent work with no reference table, shipped settings",
                value=f"{1000 * found.false_alerts / _user_weeks(one.bed):.2f}",
                unit="per 1,000 user-weeks", limit="0.70 to 1.30",
            )  # fmt: skip

    def calibration(self) -> Iterator[Figure]:
        """Observed over expected on clean work, each detector's worst."""
        trial = max(self._plan.clean, key=lambda one: one.staff == self._plan.reported[0].staff)
        clean = bed(trial, self._asked.out)
        rules = shipped_rules()
        said = strand_rows(whole_frame(clean, rules), rules)
        found = ratios(said)
        (self._asked.out / "calibration.json").write_text(
            json.dumps([_written(one) for one in found], indent=1) + "\n", encoding="utf-8"
        )
        said.frame.connection.close()
        for name in said.pvalues:
            yield from _calibrated(name, [one for one in found if one.detector == name])

    def groups(self) -> Iterator[Figure]:
        """Alert rates on innocent work by group, standardised by role."""
        connections = [one.bed.records().connection for one in self._sittings]
        told = [_innocent(one.items, one.bed) for one in self._sittings]
        for rate in group_rates(connections, told):
            low, high = rate.interval
            yield Figure(
                says=f"members of staff with an alert on innocent work, {rate.group}, over those "
                f"expected from their roles, at {self._loosest:g} in 1,000 user-weeks",
                value=f"{rate.ratio:.2f} ({low:.2f} to {high:.2f})", unit="times",
                limit="0.80 to 1.25",
            )  # fmt: skip

    def tickets(self) -> Iterator[Figure]:
        """The real ticket log, as it is and with misuse injected, where somebody has it."""
        path = self._asked.ticket_log
        if path is None or not path.is_file():
            yield Figure(
                says="a real ticket log (BPI Challenge 2013)", value="not measured:",
                unit="name it in PSDMON_TICKET_LOG",
            )  # fmt: skip
            return
        plain, injected = ticket_logs(path, self._asked.out)
        as_it_is = judged_log(plain, shipped_rules())
        weeks = plain.user_weeks(as_it_is.days)
        false = by_tally(as_it_is.items, ()).false_alerts
        yield Figure(
            says=f"alerts on a real ticket log as it is, no reference table, {weeks:,.0f} "
            "user-weeks, shipped settings",
            value=f"{1000 * false / weeks:.2f}", unit="per 1,000 user-weeks", limit="0.70 to 1.30",
        )  # fmt: skip
        loose = judged_log(injected, shipped_rules(budget=max(BUDGETS)))
        for budget in (BUDGET, max(BUDGETS)):
            found = walked(loose.items, injected.cases, allowed=budget * weeks / 1000)
            yield Figure(
                says=f"cases found of {len(injected.cases)} injected into the real ticket log, at "
                f"{budget:g} false alerts in 1,000 user-weeks",
                value=recall([found]).words, unit="of cases",
            )  # fmt: skip

    def _sat(self, trial: Trial, *, loose: bool = True, without: tuple[str, ...] = ()) -> Sitting:
        left_out = (f"no-{one}" for one in without)
        name = "-".join(
            ("alerts", trial.name, f"at-{self._loosest:g}" if loose else "shipped", *left_out)
        )
        one = bed(trial, self._asked.out)
        kept = part(self._asked.out, name, partial(self._judged, one, loose=loose, without=without))
        return Sitting(
            bed=one, items=from_json(kept["items"]), days=kept["days"], seconds=kept["seconds"]
        )

    def _judged(self, one: Bed, *, loose: bool, without: tuple[str, ...]) -> dict[str, Any]:
        _say(f"judging {one.trial.name}{', loose' if loose else ''} {' '.join(without)}".strip())
        sitting = sat(one, shipped_rules(budget=self._loosest if loose else None, without=without))
        return {
            "items": as_json(sitting.items), "days": sitting.days, "seconds": sitting.seconds
        }  # fmt: skip

    def _look(self) -> None:
        """The rows of every taught and reported force as features; opponents look on."""
        for trial in self._plan.taught:
            one = bed(trial, self._asked.out)
            features = self._features(one)
            self._lessons.append(Lesson(features=features, labels=labels(features, one)))
        for number, trial in enumerate(self._plan.reported):
            one = bed(trial, self._asked.out)
            self._unseen.append((one, self._features(one)))
            for name, items in self._seen_by_others(one, with_slow=number == 0).items():
                self._others.setdefault(name, []).append((one, items))

    def _features(self, one: Bed) -> Features:
        """What the taught fusion sees of every judged row: the ceiling stands on the same."""

        def made() -> Features:
            _say(f"counting on {one.trial.name}")
            frame = whole_frame(one, shipped_rules())
            features = seen_rows(frame, shipped_rules())
            frame.connection.close()
            return features

        return features_part(self._asked.out, f"seen-{one.trial.name}", made)

    def _seen_by_others(self, one: Bed, *, with_slow: bool) -> dict[str, Sequence[Item]]:
        def made() -> dict[str, Any]:
            _say(f"others look on at {one.trial.name}")
            frame = whole_frame(one, shipped_rules())
            counts = crude_features(frame)
            told = {
                each.name: as_json(each.items(counts, frame)[:_KEPT_OF_OTHERS])
                for each in opponents()
                if with_slow or not each.slow
            }
            frame.connection.close()
            return told

        kept = part(self._asked.out, f"others-{one.trial.name}", made)
        return {name: from_json(items) for name, items in kept.items()}


def _on_recall(
    plan: Programme, reported: Walks, ceiling: Walks, others: dict[str, Walks]
) -> Iterator[Figure]:
    size = plan.reported[0]
    where = (
        f"seeds {', '.join(str(one.seed) for one in plan.reported)}, {size.staff:,} staff, "
        f"{size.weeks} weeks"
    )
    best, best_walks = max(others.items(), key=lambda one: one[1].recall().value)
    cases = reported.recall().cases
    for budget in reported.at:
        yield Figure(
            says=f"cases found of {cases}, {where}, at {budget:g} false alerts in 1,000 user-weeks",
            value=reported.recall(budget).words, unit="of cases",
            limit=f"{0.9 * ceiling.recall().value:.2f}" if budget == BUDGET else "",
        )  # fmt: skip
        yield Figure(
            says="the same by a model taught on the true cases of other seeds",
            value=ceiling.recall(budget).words, unit="of cases",
            limit="0.50 to 0.90" if budget == BUDGET else "",
        )  # fmt: skip
    ratio = reported.recall().value / max(best_walks.recall().value, 1 / cases)
    yield Figure(
        says=f"found over what the best opponent finds ({best})", value=f"{ratio:.1f}",
        unit="times", limit="3.0",
    )  # fmt: skip
    for name, walks in sorted(others.items(), key=lambda one: -one[1].recall().value):
        share = walks.recall()
        yield Figure(
            says=f"by {name}, {share.cases} cases", value=share.words, unit="of cases",
            limit="below 0.10" if name.startswith("rule") else "",
        )  # fmt: skip
    slow = max((others[name].recall(typologies=SLOW) for name in DAILY_RULES), key=_value)
    yield Figure(
        says="by `n > k a day` on the slow typologies, the better rule",
        value=slow.words, unit="of cases", limit="below 0.10",
    )  # fmt: skip
    for kind, names, limit in (("a burst", BURSTS, "1"), ("a slow pattern", SLOW, "")):
        days = [
            one.days_to(case)
            for one in reported.at[BUDGET]
            for case in one.cases
            if case.case_id in one.hits and case.typology in names
        ]
        if days:
            tenth = statistics.quantiles(days, n=10)[-1] if len(days) > 1 else days[0]
            yield Figure(
                says=f"days from the first visit of {kind} to its alert, {len(days)} found, median "
                "(and nine in ten)",
                value=f"{statistics.median(days):.0f} ({tenth:.0f})", unit="days", limit=limit,
            )  # fmt: skip


def _value(share: Share) -> float:
    return share.value


def _on_typologies(reported: Walks, ceiling: Walks) -> Iterator[Figure]:
    for name in TYPOLOGIES:
        ours = reported.recall(typologies=frozenset({name}))
        most = ceiling.recall(typologies=frozenset({name}))
        yield Figure(
            says=f"{name.replace('_', ' ')}: found of {ours.cases}, beside the ceiling",
            value=f"{ours.words}, ceiling {most.value:.2f}", unit="of cases",
            limit=f"{most.value / 2:.2f}",
        )  # fmt: skip


def _calibrated(name: str, found: Sequence[Ratio]) -> Iterator[Figure]:
    """The pooled ratio at 1e-4, and the role at 1e-3 that is furthest from 1."""
    pooled = [one for one in found if one.gated and one.role == "all"]
    roles = [one for one in found if one.gated and one.role != "all"]
    for one in pooled:
        yield Figure(
            says=f"{name}: p of 1 in 10,000 or less on clean work, observed over expected",
            value=one.words, unit="times", limit="at most 1.50",
        )  # fmt: skip
    if roles:
        worst = max(roles, key=lambda one: max(one.value, 1 / max(one.value, 1e-9)))
        held = sum(one.held for one in roles)
        yield Figure(
            says=f"{name}: 1 in 1,000, the role furthest away ({worst.role.replace('_', ' ')}); "
            f"{held} of {len(roles)} roles within",
            value=worst.words, unit="times", limit="0.50 to 1.50",
        )  # fmt: skip


def _written(ratio: Ratio) -> dict[str, object]:
    return {
        "detector": ratio.detector, "role": ratio.role, "level": ratio.level, "rows": ratio.rows,
        "ratio": ratio.value, "low": ratio.low, "high": ratio.high,
    }  # fmt: skip


def _innocent(items: Sequence[Item], one: Bed) -> list[Item]:
    """The alerts that are about no case."""
    pairs = {
        (user, who) for case in one.cases for user in case.user_ids for who in case.subject_ids
    }
    return [
        item
        for item in items
        if not any((item.user_id, subject) in pairs for subject in item.subject_ids)
    ]


def _keep(asked: Asked, *, reported: Walks, ceiling: Walks, others: dict[str, Walks]) -> None:
    """Write which cases each method found, for whoever wants to know why."""
    document = {
        name: {
            str(budget): [sorted(one.hits) for one in found] for budget, found in walks.at.items()
        }
        for name, walks in {"monitor": reported, "ceiling": ceiling, **others}.items()
    }
    (asked.out / "found-cases.json").write_text(json.dumps(document, indent=1), encoding="utf-8")


def _say(text: str) -> None:
    """Tell whoever waits what is being done."""
    sys.stderr.write(f"  {text}\n")
    sys.stderr.flush()

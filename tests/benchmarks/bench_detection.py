"""What is found, how often chance speaks, and what others find, on forces nobody tuned on."""

import json
import statistics
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

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
from tests.benchmarks.matching import (
    Found,
    Item,
    Share,
    by_tally,
    days_to_alert,
    of_alerts,
    recall,
    walked,
)
from tests.benchmarks.opponents import DAILY_RULES, opponents
from tests.benchmarks.strand_rows import strand_rows
from tests.benchmarks.tickets import judged_log, ticket_logs
from tests.benchmarks.trials import Programme, Trial, programme

BUDGETS = (0.5, 1.0, 3.0, 10.0)  # false alerts in 1,000 user-weeks (METHODS 4.2)
BUDGET = 1.0  # the one that is promised
_LOOSE = max(BUDGETS)
SLOW = frozenset({
    "drip", "slow_drip", "after_case", "after_changes", "off_duty_only", "ex_and_new_partner",
    "across_systems", "camouflaged",
})  # fmt: skip


def measure(asked: Asked) -> list[Figure]:
    """Every figure; a part that could not be measured says so."""
    plan = programme(quick=asked.quick)
    found = _Parts(asked=asked, plan=plan)
    reported = found.reported()
    ceiling = found.ceiling()
    others = found.opponents()
    _keep(asked, reported=reported, ceiling=ceiling, others=others)
    return list(
        chain(
            _on_recall(plan, reported, ceiling, others),
            _on_typologies(reported, ceiling),
            found.foreseen(),
            found.clean(),
            found.unreferenced(),
            found.calibration(),
            found.groups(),
            found.tickets(),
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Walks:
    """What one method found in every reported force, at each budget."""

    at: dict[float, list[Found]]

    def recall(self, budget: float = BUDGET, typologies: frozenset[str] | None = None) -> Share:
        """Cases found at a budget."""
        return recall(self.at[budget], typologies=typologies)


def _walks(items: Iterable[tuple[Bed, Sequence[Item]]]) -> Walks:
    """The strongest items of each force, walked at every budget."""
    at: dict[float, list[Found]] = {budget: [] for budget in BUDGETS}
    for one, told in items:
        for budget in BUDGETS:
            allowed = budget * _user_weeks(one) / 1000
            at[budget].append(walked(told, one.cases, allowed=allowed))
    return Walks(at=at)


def _user_weeks(one: Bed) -> float:
    return one.user_weeks(warm_up=warm_up(shipped_rules()))


class _Parts:
    """The parts of the benchmark; what two of them need is made once."""

    def __init__(self, *, asked: Asked, plan: Programme) -> None:
        self._asked, self._plan = asked, plan
        self._loose = shipped_rules(budget=_LOOSE)
        self._sittings: list[Sitting] = []
        self._lessons: list[Lesson] = []
        self._unseen: list[tuple[Bed, Features]] = []
        self._others: dict[str, list[tuple[Bed, Sequence[Item]]]] = {}

    def reported(self) -> Walks:
        """The monitor's own alerts on the reported forces, judged at a loose budget and walked."""
        for trial in self._plan.reported:
            self._sittings.append(self._sat(trial))
        return _walks((one.bed, of_alerts(one.outcomes)) for one in self._sittings)

    def ceiling(self) -> Walks:
        """A model taught on the true cases of other seeds, on the reported forces."""
        self._look()
        model = taught(self._lessons)
        return _walks(
            (one, features.rows.items(model.scores(features))) for one, features in self._unseen
        )

    def opponents(self) -> dict[str, Walks]:
        """Every other method on the reported forces, the slow ones on the first of them."""
        return {name: _walks(items) for name, items in self._others.items()}

    def foreseen(self) -> Iterator[Figure]:
        """The ceiling on each typology when its own cases were left out of the teaching."""
        if self._asked.quick:
            return
        hits = cases = 0
        for name in TYPOLOGIES:
            _say(f"taught without {name}")
            model = taught(self._lessons, without=(name,), models=1)
            share = _walks(
                (one, features.rows.items(model.scores(features))) for one, features in self._unseen
            ).recall(typologies=frozenset({name}))
            hits, cases = hits + share.hits, cases + share.cases
        yield Figure(
            says="the supervised ceiling on typologies that were left out of its teaching in turn",
            value=Share(hits=hits, cases=cases).words, unit="of cases",
        )  # fmt: skip

    def clean(self) -> Iterator[Figure]:
        """Alerts at the shipped settings on forces in which nobody does anything wrong."""
        for staff in sorted({trial.staff for trial in self._plan.clean}):
            trials = [trial for trial in self._plan.clean if trial.staff == staff]
            sittings = [self._sat(trial, loose=False) for trial in trials]
            weeks = sum(_user_weeks(one.bed) for one in sittings)
            false = sum(by_tally(of_alerts(one.outcomes), ()).false_alerts for one in sittings)
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
            found = by_tally(of_alerts(one.outcomes), one.bed.cases)
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
        told = [_innocent(of_alerts(one.outcomes), one.bed) for one in self._sittings]
        for rate in group_rates(connections, told):
            low, high = rate.interval
            yield Figure(
                says=f"members of staff with an alert on innocent work, {rate.group}, over those "
                f"expected from their roles, at {_LOOSE:g} in 1,000 user-weeks",
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
        loose = judged_log(injected, self._loose)
        for budget in (BUDGET, _LOOSE):
            found = walked(loose.items, injected.cases, allowed=budget * weeks / 1000)
            yield Figure(
                says=f"cases found of {len(injected.cases)} injected into the real ticket log, at "
                f"{budget:g} false alerts in 1,000 user-weeks",
                value=recall([found]).words, unit="of cases",
            )  # fmt: skip

    def _sat(self, trial: Trial, *, loose: bool = True) -> Sitting:
        _say(f"judging {trial.name}{', loose' if loose else ''}")
        return sat(bed(trial, self._asked.out), self._loose if loose else shipped_rules())

    def _look(self) -> None:
        """The rows of every taught and reported force as features; opponents look on."""
        for trial in self._plan.taught:
            one, features, _ = self._features(trial, with_opponents=False)
            self._lessons.append(Lesson(features=features, labels=labels(features, one)))
        for number, trial in enumerate(self._plan.reported):
            one, features, told = self._features(trial, with_opponents=True, with_slow=number == 0)
            self._unseen.append((one, features))
            for name, items in told.items():
                self._others.setdefault(name, []).append((one, items))

    def _features(
        self, trial: Trial, *, with_opponents: bool, with_slow: bool = False
    ) -> tuple[Bed, Features, dict[str, Sequence[Item]]]:
        _say(f"counting on {trial.name}")
        one = bed(trial, self._asked.out)
        frame = whole_frame(one, shipped_rules())
        features = crude_features(frame)
        told = {
            each.name: each.items(features, frame)
            for each in (opponents() if with_opponents else ())
            if with_slow or not each.slow
        }
        frame.connection.close()
        return one, features, told


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
    for budget in BUDGETS:
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
    days = days_to_alert(reported.at[BUDGET])
    if days:
        tenth = statistics.quantiles(days, n=10)[-1] if len(days) > 1 else days[0]
        yield Figure(
            says="days from the first visit of a case to its alert, median (and nine in ten)",
            value=f"{statistics.median(days):.0f} ({tenth:.0f})", unit="days",
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

"""What others would run on the same rows: thresholds, z-scores, outliers, a log-alerting rule."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from detectors.model import Frame
from tests.benchmarks.features import Features
from tests.benchmarks.matching import Item, number_of

Floats = NDArray[np.float64]

# A pair as one would describe it to an outlier method; what is of the user alone is left out.
PAIR_FEATURES = (
    *("looks_1", "looks_around_1", "unexplained_1", "off_duty_1", "systems_1", "systems_14"),
    *("unexplained_7", "unexplained_28", "unexplained_91", "duty_days_28", "duty_days_91"),
    *("unexplained_days_28", "unexplained_days_91", "unexplained_days_182", "off_duty_91"),
    *("blank_91", "vague_91", "bad_reference_91", "taken_91", "address_seen_91"),
    *("followed_182", "known_days", "touched_2", "touched_28", "circle_unexplained_28"),
    *("share_of_viewer_days_56", "off_duty_share_91", "out_of_area", "is_near_kin", "is_mate"),
)
_USER_DAY = ("user_people_1", "user_untied_1", "user_cars_1", "user_visits_7", "user_off_duty_7")
_RULES: Mapping[str, str] = {
    "rule: rows on one person in a day": "rows_1",
    "rule: lookups of one person in a day": "looks_1",
    "rule: unexplained visits to one person in a day": "unexplained_1",
    "rule: days on one person in 91": "duty_days_91",
    "rule: unexplained days on one person in 91": "unexplained_days_91",
}
DAILY_RULES = tuple(_RULES)[:2]  # `n > k a day`
_MOST_USER_DAYS = 4_000  # strongest user-days that are named


@dataclass(frozen=True, slots=True, kw_only=True)
class Opponent:
    """One other method, by name."""

    name: str
    items: Callable[[Features, Frame], list[Item]]
    slow: bool = False  # measured on the first force alone


def opponents() -> tuple[Opponent, ...]:
    """Every opponent of STACK that can be installed beside NumPy 2."""
    rules = tuple(Opponent(name=name, items=_ruled(column)) for name, column in _RULES.items())
    return (
        *rules,
        Opponent(name="z-score of a user's day against own days", items=_z_scores),
        Opponent(name="ECOD on pairs", items=_on_pairs(_ecod, by_role=False)),
        Opponent(name="ECOD on pairs, by role", items=_on_pairs(_ecod, by_role=True)),
        Opponent(name="IsolationForest on pairs, by role", items=_on_pairs(_forest, by_role=True)),
        Opponent(name="ECOD on user-days, by role", items=_on_user_days(_ecod)),
        Opponent(name="IsolationForest on user-days, by role", items=_on_user_days(_forest)),
        Opponent(name="elastalert2 frequency rule, 24 hours", items=_frequency_rule, slow=True),
        Opponent(name="river HalfSpaceTrees on pairs", items=_half_space_trees),
    )


def _ruled(column: str) -> Callable[[Features, Frame], list[Item]]:
    def items(features: Features, frame: Frame) -> list[Item]:  # noqa: ARG001 one shape for all
        return features.rows.items(features.column(column))

    return items


def _ecod(matrix: Floats) -> Floats:
    from pyod.models.ecod import ECOD

    scores: Floats = ECOD().fit(matrix).decision_scores_
    return scores


def _forest(matrix: Floats) -> Floats:
    from pyod.models.iforest import IForest

    scores: Floats = IForest(random_state=0, n_jobs=2).fit(matrix).decision_scores_
    return scores


def _on_pairs(
    method: Callable[[Floats], Floats], *, by_role: bool
) -> Callable[[Features, Frame], list[Item]]:
    def items(features: Features, frame: Frame) -> list[Item]:  # noqa: ARG001 one shape for all
        matrix = np.stack([features.column(name) for name in PAIR_FEATURES], axis=1)
        role = features.role_no if by_role else np.zeros_like(features.role_no)
        return features.rows.items(_scored(method, np.nan_to_num(matrix), role))

    return items


def _scored(method: Callable[[Floats], Floats], matrix: Floats, role: NDArray[np.int64]) -> Floats:
    """Scores of each role's rows among themselves, as ranks where there are several roles.

    A score of one role says nothing of another's: the share of the role that lies below does.
    """
    scores = np.full(len(matrix), np.nan)
    for number in np.unique(role):
        rows = np.flatnonzero(role == number)
        if rows.size < 50:  # too few to be an outlier among
            continue
        found = method(matrix[rows])
        # The chance of a higher one, on a scale without ties at the top.
        below = np.argsort(np.argsort(found)) + 0.5
        scores[rows] = -np.log1p(-below / rows.size)
    return scores


def _user_days(features: Features) -> NDArray[np.int64]:
    """One row of each user-day."""
    key = features.user_no * 1_000_000 + features.day
    return np.asarray(np.unique(key, return_index=True)[1], dtype=np.int64)


def _z_scores(features: Features, frame: Frame) -> list[Item]:  # noqa: ARG001 one shape for all
    rows = _user_days(features)
    count, user = features.column("user_people_1")[rows], features.user_no[rows]
    size = np.maximum(np.bincount(user), 1)
    mean = np.bincount(user, count) / size
    spread = np.sqrt(np.maximum(np.bincount(user, count**2) / size - mean**2, 0.25))
    return _named(features, rows, (count - mean[user]) / spread[user])


def _on_user_days(method: Callable[[Floats], Floats]) -> Callable[[Features, Frame], list[Item]]:
    def items(features: Features, frame: Frame) -> list[Item]:  # noqa: ARG001 one shape for all
        rows = _user_days(features)
        matrix = np.stack([features.column(name)[rows] for name in _USER_DAY], axis=1)
        return _named(features, rows, _scored(method, matrix, features.role_no[rows]))

    return items


def _named(features: Features, rows: NDArray[np.int64], scores: Floats) -> list[Item]:
    """User-days with everybody looked up without an explanation: more than the method says."""
    order = np.argsort(-np.nan_to_num(scores, nan=-np.inf))[:_MOST_USER_DAYS]
    open_rows = np.flatnonzero(features.column("unexplained_1") > 0)
    people: dict[tuple[int, int], list[str]] = {}
    for row in open_rows.tolist():
        key = int(features.user_no[row]), int(features.day[row])
        people.setdefault(key, []).append(str(features.rows.subject_ids[features.focus_no[row]]))
    found = []
    for place in order.tolist():
        row = rows[place]
        key = int(features.user_no[row]), int(features.day[row])
        found.append(
            Item(
                user_id=str(features.rows.user_ids[key[0]]),
                subject_ids=tuple(people.get(key, ())),
                day=key[1],
                score=float(scores[place]),
            )
        )
    return found


def _frequency_rule(features: Features, frame: Frame) -> list[Item]:
    """The rule of elastalert2 at every count, the highest first: rows of one pair in 24 hours."""
    rule_of = _frequency_rule_class()
    rows = _busy_rows(features, frame)
    if not rows:
        return []
    items: list[Item] = []
    for count in _counts_worth_trying(rows):
        rule = rule_of({
            "timeframe": timedelta(hours=24), "num_events": count, "query_key": "pair",
            "timestamp_field": "@timestamp", "name": "rows of one pair", "type": "frequency",
        })  # fmt: skip
        for row in rows:
            rule.add_data([dict(row)])
        for match in rule.matches:
            user, subject = match["pair"].split("|")
            items.append(
                Item(user_id=user, subject_ids=(subject,), day=_day_of(match), score=float(count))
            )
    return items


def _day_of(match: Mapping[str, object]) -> int:
    return number_of(datetime.fromisoformat(str(match["@timestamp"])).date())


def _counts_worth_trying(rows: list[dict[str, object]]) -> list[int]:
    return [count for count in (150, 100, 70, 50, 40, 30, 25, 20, 16) if count <= len(rows)]


def _busy_rows(features: Features, frame: Frame) -> list[dict[str, object]]:
    """Rows, in order of time, of pairs that could ever fire: all others add nothing."""
    found = frame.connection.execute(
        """
        with busy as (select user_no, subject_no from bench_day group by all
                      having max(row_count) >= 8)
        select user_no, subject_no, occurred_at
        from access semi join busy using (user_no, subject_no)
        where occurred_at >= $start order by occurred_at
        """,
        {"start": frame.window.start.replace(tzinfo=None)},
    ).fetchall()
    users, subjects = features.rows.user_ids, features.rows.subject_ids
    return [
        {"pair": f"{users[user]}|{subjects[subject]}", "@timestamp": at.replace(tzinfo=UTC)}
        for user, subject, at in found
    ]


def _frequency_rule_class() -> Callable[[dict[str, object]], object]:
    # elasticsearch 7, on which elastalert2 2.19 stands, still asks NumPy for names it dropped.
    for name, kind in (("float_", np.float64), ("complex_", np.complex128)):
        if name not in vars(np):
            setattr(np, name, kind)
    from elastalert.ruletypes import FrequencyRule

    made: Callable[[dict[str, object]], object] = FrequencyRule
    return made


def _half_space_trees(features: Features, frame: Frame) -> list[Item]:  # noqa: ARG001 as above
    """The rows in order of time, each scored before it is learned."""
    from river.anomaly import HalfSpaceTrees

    matrix = np.nan_to_num(np.stack([features.column(n) for n in PAIR_FEATURES], axis=1))
    low, high = np.quantile(matrix, [0.0, 0.999], axis=0)
    scaled = ((matrix - low) / np.maximum(high - low, 1e-9)).clip(0, 1)
    order = np.argsort(features.day, kind="stable")
    forest = HalfSpaceTrees(n_trees=15, height=8, window_size=1_000, seed=0)
    scores = np.full(len(matrix), np.nan)
    for row in order.tolist():
        point = dict(enumerate(scaled[row].tolist()))
        scores[row] = forest.score_one(point)
        forest.learn_one(point)
    return features.rows.items(scores)

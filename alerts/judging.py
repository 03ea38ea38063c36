"""A week of days judged: every pair fused, its rarity told, and those beyond the floor named."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from alerts.features import Features, features
from alerts.fusing import Fused, Measurement, fused_against
from alerts.rarity import Rarity
from alerts.reference import Reference, reference_of, score_of_users, turns_of_users
from alerts.teaching import Contributions, Taught
from detectors.model import Frame

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """Which days are judged together, against which earlier ones; as days since 1970-01-01 UTC."""

    reference_from: int
    reference_to: int  # excluded; the first day of the week
    judged_from: int
    judged_to: int  # excluded


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One way of fusing, with the share of the review budget that is its own."""

    name: str  # "taught" by drills, the mean of "evidence", or what is said of "users"
    share: float  # of the budget, above 0 to 1
    score: Floats  # of every row of the frame, shape (rows,)
    rarity: Rarity

    def interval(self, frame: Frame, rows: Codes) -> Floats:
        """Its recurrence interval of the chosen rows, paid for by its share, user-years."""
        return self.share * self.rarity.user_years_between(self.score[rows], frame.role_no[rows])


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Every judged row of a week with its evidence and its rarity."""

    week: Week
    fused: Fused
    rarity: Rarity
    rows: Codes  # places of the judged rows in the frame, shape (judged,)
    interval: Floats  # recurrence interval in user-years, shape (judged,)
    channels: tuple[Channel, ...]  # ways of fusing, each with its share of the budget
    taught: Taught | None  # nothing where too little history could be drilled
    users: Channel | None = None  # what is said of users, whomever they looked up
    # Counts that no strand tests, by name, each shape (rows of the frame,).
    scene: Mapping[str, Floats] = field(default_factory=dict)

    def on_day(self, frame: Frame, day: int, *, floor: float) -> Codes:
        """Places in the frame of the day's rows that reach the floor, strongest first."""
        chosen = (frame.day[self.rows] == day) & (self.interval >= floor)
        evidence = self.fused.log_evidence[self.rows[chosen]]
        # Intervals tie where the data can say no more; there the evidence orders.
        order = np.lexsort((-evidence, -self.interval[chosen]))
        places: Codes = self.rows[chosen][order]
        return places

    def users_on_day(self, frame: Frame, day: int, *, floor: float) -> Codes:
        """A place for each user of a day who reaches the floor by what is said of users alone."""
        rows = self.rows[frame.day[self.rows] == day]
        _, first = np.unique(frame.user_no[rows], return_index=True)
        places: Codes = rows[first]
        reached: Codes = places[self.interval_of_users(frame, places) >= floor]
        return reached

    def interval_of_users(self, frame: Frame, places: Codes) -> Floats:
        """The recurrence interval of what is said of the users of some rows; 0 for nothing."""
        if self.users is None:
            return np.zeros(places.size)
        told = ~np.isnan(self.users.score[places])
        interval = np.zeros(places.size)
        interval[told] = self.users.interval(frame, places[told])
        return interval

    def interval_of_pairs(self, frame: Frame, places: Codes) -> Floats:
        """The interval of some rows, had the detectors that ask of users said nothing of them."""
        turns = turns_of_users(self.fused)
        return self._interval_without(frame, places, turns=turns)

    def intervals(self, frame: Frame, places: Codes) -> Floats:
        """The recurrence interval of some rows that were tested; 0 of any other."""
        told = ~np.isnan(np.sum([channel.score[places] for channel in self.channels], axis=0))
        interval = np.zeros(places.size)
        interval[told] = np.max(
            [channel.interval(frame, places[told]) for channel in self.channels], axis=0
        )
        return interval

    def interval_at(self, place: int) -> float:
        """The recurrence interval of one row of the frame, user-years."""
        return float(self.interval[np.searchsorted(self.rows, place)])

    def taken_apart(self, frame: Frame, place: int) -> Contributions | None:
        """What each strand adds to the taught score of one row; nothing where none was taught."""
        if self.taught is None:
            return None
        rows = np.array([place])
        return self.taught.contributions(self._seen(rows), frame.tenth[rows])

    def _seen(self, rows: Codes) -> Features:
        return features(self.fused.strands, rows, scene=self.scene)

    def hinges_on(self, frame: Frame, place: int, *, floor: float) -> tuple[str, ...]:
        """Strands without any one of which the row would not have reached the floor."""
        names = [item.strand.detector.name for item in self.fused.strands]
        told = float(self.intervals(frame, np.array([place]))[0])
        return tuple(
            name
            for turn, name in enumerate(names)
            if self._without(frame, place, turn=turn) < floor <= told
        )

    def _without(self, frame: Frame, place: int, *, turn: int) -> float:
        """The interval of one row, had one strand said nothing of it, user-years."""
        return float(self._interval_without(frame, np.array([place]), turns=(turn,))[0])

    def _interval_without(self, frame: Frame, rows: Codes, *, turns: Sequence[int]) -> Floats:
        """The interval of some rows, had some strands said nothing of them, user-years."""
        best = np.zeros(rows.size)
        if not rows.size:
            return best
        for channel in self.channels:
            if channel.name == "taught" and self.taught is not None:
                seen = self._seen(rows)
                for turn in turns:
                    seen = seen.without(self.fused.strands[turn].strand.detector.name)
                score = self.taught.score(seen, frame.tenth[rows])
            else:
                score = self.fused.log_evidence_without(rows, turns)
            told = channel.share * channel.rarity.user_years_between(score, frame.role_no[rows])
            best = np.maximum(best, told)
        return best


@dataclass(frozen=True, slots=True, kw_only=True)
class Unjudged:
    """A week that could not be judged, and why."""

    week: Week
    reason: str


def judged(  # noqa: PLR0913 what is judged and by what, each named
    frame: Frame,
    measurement: Measurement,
    week: Week,
    *,
    reference: Reference | None = None,
    tested_from: int | None = None,
    model: Taught | None = None,
    left_out: Codes | None = None,
    taught_share: float = 0.7,
    users_share: float = 0.0,
) -> Judged | Unjudged:
    r"""The week's rows judged, or the reason why they cannot be.

    Two ways of fusing have a share of the budget each, $s$ and $1 - s$. Chance brings a row beyond
    $t$ user-years of the first at the rate $1/t$, so that $\max(s t_1, (1 - s) t_2)$ is a
    recurrence interval too, whatever the dependence of the two (Bonferroni).

    Args:
        frame: of the days to be judged, and of the reference where that does not stand apart.
        measurement: what was counted on it.
        week: which days.
        reference: what they are judged by; without one, the frame's own days before.
        tested_from: day from which rows are tested besides; without one, none are.
        model: what drills taught; without it the mean of evidence has the whole budget.
        left_out: numbers of pairs that are no part of the frame's own days before.
        taught_share: of what pairs have of the budget, that is the taught score's, 0 to 1.
        users_share: of the budget, for what is said of a user whomever they looked up, 0 to 1;
            where nothing is, pairs have all of it.
    """
    if reference is None:
        reference = reference_of(
            frame, measurement, first=week.reference_from, end=week.reference_to,
            left_out=left_out, model=model,
        )  # fmt: skip
    days = (frame.day >= week.judged_from) & (frame.day < week.judged_to)
    if not days.any() or not reference.counts or reference.cannot:
        return Unjudged(
            week=week, reason=reference.cannot or "no access to a named record on these days"
        )
    first = week.judged_from if tested_from is None else tested_from
    rows = (frame.day >= first) & (frame.day < week.judged_to)
    evidence = fused_against(
        measurement.strands,
        laws={name: reference.measured(name, roles=frame.roles) for name in reference.counts},
        evidence=reference.evidence,
        reference_fold=reference.fold,
        judged=rows,
        fold=frame.fold,
        within_support=model is not None,
    )
    evidence = reference.of_pairs(evidence)
    of_users = _of_users(evidence, reference, share=users_share)
    pairs_share = 1.0 if of_users is None else 1.0 - users_share
    own_share = pairs_share * (1.0 if model is None else 1.0 - taught_share)
    mean = np.where(rows, evidence.log_evidence, np.nan)
    channels = [_channel(reference, mean, name="evidence", share=own_share)]
    if model is not None:
        score = _taught_score(
            frame, model, evidence=evidence, scene=measurement.scene, rows=np.flatnonzero(rows)
        )
        share = pairs_share * taught_share
        told = _channel(reference, score, name="taught", share=share, drills=model.drilled)
        channels.insert(0, told)
    places = np.flatnonzero(days)
    return Judged(
        week=week,
        fused=evidence,
        rarity=channels[0].rarity,
        rows=places,
        interval=np.max([channel.interval(frame, places) for channel in channels], axis=0),
        channels=tuple(channels),
        taught=model,
        scene=measurement.scene,
        users=of_users,
    )


def _of_users(evidence: Fused, reference: Reference, *, share: float) -> Channel | None:
    """What the detectors that ask of users say together; nothing where none of them speaks.

    Their count is the same on all rows of a user's day, so that an episode is a user, and not each
    of the pairs: among those a trawl of many would be as common as the many.
    """
    if share <= 0 or np.isnan(reference.scores["users"]).all():
        return None
    return _channel(
        reference, score_of_users(evidence, settled=reference.settled), name="users", share=share
    )


def _taught_score(
    frame: Frame, model: Taught, *, evidence: Fused, scene: Mapping[str, Floats], rows: Codes
) -> Floats:
    """The taught score of chosen rows, NaN elsewhere, shape (rows of the frame,)."""
    score = np.full(frame.rows, np.nan)
    score[rows] = model.score(features(evidence.strands, rows, scene=scene), frame.tenth[rows])
    return score


def _channel(
    reference: Reference, score: Floats, *, name: str, share: float, drills: Sequence[float] = ()
) -> Channel:
    rarity = reference.rarity_of(name, drills=drills)
    return Channel(name=name, share=share, score=score, rarity=rarity)


def weeks(
    days: Sequence[int], *, first_day: int, reference_days: int, settling_days: int
) -> tuple[Week, ...]:
    """The weeks that hold the given days, each with its reference; weeks begin on Monday.

    Args:
        days: to be judged, since 1970-01-01.
        first_day: of the history.
        reference_days: the most that a reference reaches back.
        settling_days: first days of the history, left out of every reference because their
            look-back is short.
    """
    by_monday: dict[int, list[int]] = {}
    for day in sorted(days):
        by_monday.setdefault(_monday(day), []).append(day)
    return tuple(
        Week(
            reference_from=max(monday - reference_days, first_day + settling_days),
            reference_to=monday,
            judged_from=held[0],
            judged_to=held[-1] + 1,
        )
        for monday, held in by_monday.items()
    )


def _monday(day: int) -> int:
    """The Monday of the day's week; 1970-01-01 was a Thursday."""
    return day - (day + 3) % 7

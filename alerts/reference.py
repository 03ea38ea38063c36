"""What a week is judged by: the rows of the weeks before it, and what was found of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alerts.features import features
from alerts.fusing import Fused, Measurement, fused
from alerts.rarity import DAYS_IN_YEAR, Rarity, rarity
from alerts.teaching import Taught
from detectors.model import Frame, Measured
from detectors.model.frame import PAIR_BASE
from detectors.stats.evidence import mean_of_evidence

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

# Below these a tail says nothing that could be defended: some fifty exceedances carry the fit.
LEAST_PAIR_DAYS = 300
LEAST_USER_YEARS = 1.0
LEAST_DAYS_OF_USERS = 28  # of the reference, on which a detector must have spoken of users
_LEAST_SHARE_OF_DAYS = 0.5  # of the reference, on which a strand must have spoken of pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """The rows of the reference; each of the arrays is of shape (rows,)."""

    days: int  # length of the reference, 0 or more
    user_no: Codes
    focus_no: Codes
    day: Codes
    role_no: Codes
    context: Codes
    fold: Codes
    counts: Mapping[str, Mapping[str, Floats]]  # of each detector that could count, by name
    evidence: Mapping[str, Floats]  # the e-value of each of them before it was ranked
    scores: Mapping[str, Floats]  # of each way of fusing, by name; NaN where it says nothing

    @property
    def rows(self) -> int:
        """Number of pair-days."""
        return int(self.user_no.size)

    def measured(self, detector: str, *, roles: tuple[str, ...]) -> Measured:
        """What a detector counted, in a frame of these roles."""
        return Measured(
            user_no=self.user_no,
            focus_no=self.focus_no,
            day=self.day,
            role_no=self.role_no,
            context=self.context,
            roles=roles,
            counts=self.counts[detector],
        )

    def rarity_of(self, channel: str, *, drills: Sequence[float] = ()) -> Rarity:
        """How rare each strength is by one way of fusing; of what is said of users, by user.

        Args:
            channel: name of the way of fusing.
            drills: strongest score of each drill by it, where drills tell the end of the reference.
        """
        score = self.scores[channel]
        told = ~np.isnan(score)
        of_users = channel == "users"
        pair_no = self.user_no if of_users else self.pair_no
        return rarity(
            log_evidence=score[told],
            user_no=self.user_no[told],
            pair_no=pair_no[told],
            role_no=self.role_no[told],
            # What began to speak late has the episodes of those days alone.
            reference_days=float(np.unique(self.day[told]).size if of_users else self.days),
            drills=np.asarray(drills, dtype=np.float64),
        )

    @property
    def settled(self) -> frozenset[str]:
        """The detectors that spoke on days enough for what they say of users to be ranked."""
        return _settled(self.evidence, day=self.day)

    def of_pairs(self, evidence: Fused) -> Fused:
        """Evidence on other rows, the mean taken of the strands that made the reference's."""
        return evidence.of(names_of_pairs(evidence, evidence=self.evidence, day=self.day))

    @property
    def pair_no(self) -> Codes:
        """A number for each row's user and focus together."""
        return self.user_no * PAIR_BASE + self.focus_no

    @property
    def cannot(self) -> str:
        """Why it cannot carry a judgement; empty if it can."""
        user_years = np.unique(self.user_no).size * self.days / DAYS_IN_YEAR
        if self.rows >= LEAST_PAIR_DAYS and user_years >= LEAST_USER_YEARS:
            return ""
        return (
            "the earlier period that expected figures are drawn from is too short; "
            f"possible from {LEAST_PAIR_DAYS:,} pair-days and {LEAST_USER_YEARS:.0f} user-year"
        )


def reference_of(  # noqa: PLR0913 what it is drawn from and by what, each named
    frame: Frame,
    measurement: Measurement,
    *,
    first: int,
    end: int,
    left_out: Codes | None = None,
    model: Taught | None = None,
) -> Reference:
    """The reference of some days of a frame.

    Args:
        frame: that holds the days.
        measurement: what was counted on it.
        first: day, since 1970-01-01 UTC.
        end: the day after the last.
        left_out: numbers of pairs that are no part of any reference.
        model: what drills taught.
    """
    chosen = (frame.day >= first) & (frame.day < end)
    if left_out is not None and left_out.size:
        chosen &= ~np.isin(frame.pair_no, left_out)
    strands = measurement.strands if chosen.any() else ()
    names = [item.strand.detector.name for item in strands]
    evidence: dict[str, Floats] = {}
    scores: dict[str, Floats] = {}
    if strands:
        nothing = np.zeros(frame.rows, dtype=np.bool_)
        # Where a model judges, the mean of evidence is for what no drill foresaw: one strand far
        # beyond its law is no such thing, and would be most of what it raises (decision 0024).
        found = fused(
            strands, reference=chosen, judged=nothing, fold=frame.fold,
            within_support=model is not None,
        )  # fmt: skip
        evidence = {
            name: item.tested.evidence_value[chosen]
            for name, item in zip(names, found.strands, strict=True)
        }
        settled = _settled(evidence, day=frame.day[chosen])
        of_pairs = found.of(names_of_pairs(found, evidence=evidence, day=frame.day[chosen]))
        scores["evidence"] = of_pairs.log_evidence[chosen]
        scores["users"] = score_of_users(found, settled=settled)[chosen]
        if model is not None:
            rows = np.flatnonzero(chosen)
            seen = features(found.strands, rows, scene=measurement.scene)
            scores["taught"] = model.score(seen, frame.tenth[rows])
    return Reference(
        days=max(end - first, 0),
        user_no=frame.user_no[chosen],
        focus_no=frame.focus_no[chosen],
        day=frame.day[chosen],
        role_no=frame.role_no[chosen],
        context=frame.context[chosen],
        fold=frame.fold[chosen],
        counts={
            name: {count: column[chosen] for count, column in item.measured.counts.items()}
            for name, item in zip(names, strands, strict=True)
        },
        evidence=evidence,
        scores=scores,
    )


def turns_of_users(evidence: Fused) -> tuple[int, ...]:
    """Which strands ask of a user, whomever they looked up."""
    kinds = [item.strand.detector.asks_of for item in evidence.strands]
    return tuple(turn for turn, asks_of in enumerate(kinds) if asks_of == "user")


def names_of_pairs(found: Fused, *, evidence: Mapping[str, Floats], day: Codes) -> frozenset[str]:
    """The strands whose mean is the evidence on a pair.

    What is said of a user whomever they looked up has a share of the budget of its own. A strand
    that began to speak late in the reference, because its count reaches far back, is left out: on
    the first days on which it speaks, whoever is always much looked up would be news.

    Args:
        found: the strands.
        evidence: of each strand on the reference, by name.
        day: of the reference, shape (rows,).
    """
    least = np.unique(day).size * _LEAST_SHARE_OF_DAYS
    of_users = {found.strands[turn].strand.detector.name for turn in turns_of_users(found)}
    return frozenset(
        name
        for name, told in evidence.items()
        if name not in of_users and np.unique(day[~np.isnan(told)]).size >= least
    )


def _settled(evidence: Mapping[str, Floats], *, day: Codes) -> frozenset[str]:
    return frozenset(
        name
        for name, told in evidence.items()
        if np.unique(day[~np.isnan(told)]).size >= LEAST_DAYS_OF_USERS
    )


def score_of_users(evidence: Fused, *, settled: frozenset[str]) -> Floats:
    """What the detectors that ask of users say together; NaN where none speaks, shape (rows,).

    One that began to speak late in the reference, because its count reaches far back, is left out:
    its strongest of a week is no measure of the strongest of eight.

    Args:
        evidence: of the rows.
        settled: detectors that spoke on days enough of the reference.
    """
    turns = tuple(
        turn
        for turn in turns_of_users(evidence)
        if evidence.strands[turn].strand.detector.name in settled
    )
    if not turns:
        return np.full(evidence.log_evidence.size, np.nan)
    values = np.stack([evidence.strands[turn].tested.evidence_value for turn in turns], axis=1)
    weights = np.array([evidence.strands[turn].strand.weight for turn in turns])
    spoken = ~np.isnan(values).all(axis=1)
    return np.where(spoken, np.log(mean_of_evidence(values, weights=weights)), np.nan)

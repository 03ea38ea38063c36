r"""How rare a score is where real cases may fill the end of the reference: a law told by drills.

A score that was taught to tell drills from ordinary work ranks a live case that nobody has found
yet above all ordinary work, so that a tail fitted to the largest scores is fitted to such cases.
How much rarer ordinary work becomes beside drills as the score rises can be read lower down, where
live cases are few among ordinary work, and is carried on: with $f_1$ the density of drills, that of
ordinary work is $f_0(s) \propto f_1(s)\, e^{-b s}$ (an exponential tilt, the same as that the log
of the odds is linear in the score).
Source: Anderson, Separate sample logistic discrimination, Biometrika, 1972; Qin, Zhang, A
goodness-of-fit test for logistic regression models based on case-control data, Biometrika, 1997
(the tilt as a model of two samples).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

Floats = NDArray[np.float64]

_READ_FROM, _READ_TO = 0.80, 0.99  # quantiles of the sample between which the slope is read
_TOLD_FROM = 0.95  # quantile of the sample above which the law speaks
_LEAST_DRILLS = 30  # in that span, and above it: fewer tell no slope
_LEAST_SLOPE = 0.25  # a flatter law tells drills and ordinary work hardly apart


@dataclass(frozen=True, slots=True, kw_only=True)
class TiltedTail:
    """The share of ordinary work at or above any score."""

    scores: Floats  # the sample, ascending, shape (points,)
    threshold: float  # above which the law speaks
    share_above: float  # of the sample strictly above the threshold, 0 to 1
    drills: Floats  # scores of drills above the threshold, descending, shape (drills,)
    survival: Floats  # of ordinary work above the threshold at each of these, 0 to 1, ascending
    slope: float  # by which the log of the odds of a drill rises with the score, above 0

    @property
    def points(self) -> int:
        """Size of the sample."""
        return int(self.scores.size)

    def share_at_or_above(self, scores: Floats) -> Floats:
        """The chance of a score at least as large, same shape: ranks in the body, then the law."""
        below = np.searchsorted(self.scores, scores, side="left")
        by_rank = (self.points - below + 0.5) / (self.points + 1.0)
        reached = np.searchsorted(-self.drills, -scores, side="right")  # drills at or above
        beyond = np.exp(-self.slope * np.maximum(scores - self.drills[0], 0.0))
        by_law = self.share_above * self.survival[np.maximum(reached - 1, 0)] * beyond
        told: Floats = np.where(scores <= self.threshold, np.minimum(by_rank, 1.0), by_law)
        return told


def tilted(sample: Floats, drills: Floats) -> TiltedTail | None:
    """The tail of a sample of one score or more; nothing where the drills tell too little of it.

    Args:
        sample: strongest score of each episode of a force's own work, shape (points,).
        drills: strongest score of each drill, shape (drills,).

    Ordinary work whose scores are those of the drills, tilted by two:

    >>> drills = np.linspace(-8.0, 4.0, 1_201)
    >>> kept = np.repeat(drills, np.ceil(2_000 * np.exp(-2.0 * (drills + 8.0))).astype(int))
    >>> tail = tilted(kept, drills)
    >>> tail is not None and round(tail.slope, 1)
    2.0
    """
    scores = np.sort(sample)
    low, threshold, high = np.quantile(scores, [_READ_FROM, _TOLD_FROM, _READ_TO]).tolist()
    read = drills[(drills >= low) & (drills < high)]
    above = -np.sort(-drills[drills > threshold])
    if min(read.size, above.size) < _LEAST_DRILLS:
        return None
    slope = _slope(scores[(scores >= low) & (scores < high)], read)
    if slope < _LEAST_SLOPE:
        return None
    weight = np.exp(-slope * (above - threshold))
    return TiltedTail(
        scores=scores,
        threshold=threshold,
        share_above=max(float((scores > threshold).sum()), 0.5) / scores.size,
        drills=above,
        survival=np.cumsum(weight) / weight.sum(),
        slope=slope,
    )


def _slope(own: Floats, drills: Floats) -> float:
    """The slope of a logistic law between two samples, by greatest likelihood."""
    score = np.concatenate([own, drills])
    drilled = np.repeat([0.0, 1.0], [own.size, drills.size])
    middle = float(score.mean())
    design = np.stack([np.ones(score.size), score - middle], axis=1)

    def cost(law: Floats) -> float:
        told = design @ law
        return float(np.logaddexp(0.0, told).sum() - told[drilled == 1.0].sum())

    def gradient(law: Floats) -> Floats:
        told: Floats = design.T @ (expit(design @ law) - drilled)
        return told

    def hessian(law: Floats) -> Floats:
        chance = expit(design @ law)
        told: Floats = (design.T * (chance * (1.0 - chance))) @ design
        return told

    start = np.array([np.log(drills.size / own.size), 1.0])
    found = minimize(cost, start, jac=gradient, hess=hessian, method="trust-exact")
    return float(found.x[1])

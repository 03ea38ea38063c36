"""How rare a logarithm of evidence is in a reference: its ranks, and beyond them a Pareto tail."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_TAIL_SHARE = 0.02  # of the sample, from which the tail law is fitted
_TAIL_LEAST, _TAIL_MOST = 60, 2000  # points (METHODS 2.0)
_FIT_LEAST = 20  # distinct points above the threshold, below which nothing is fitted
_SET_ASIDE = 0.05  # share of tail points, the largest, unseen by the fit: live cases may be there
_SHAPE_BOUNDS = (0.0, 0.5)
# Were every p-value uniform, log e = -log(p)/2 - log 2 would be exponential of this scale; it is
# what a tail of few points is drawn to, with the weight of so many points.
_USUAL_SCALE, _USUAL_WEIGHT = 0.5, 20.0
# A ratio of two quantiles of some sixty points says little of a shape: it is drawn to the nearly
# exponential, with the weight of so many points.
_USUAL_SHAPE, _SHAPE_WEIGHT = 0.05, 300.0
_LEAST_SCALE = 0.25  # half the usual: a lighter tail comes of ties, not of chance


@dataclass(frozen=True, slots=True, kw_only=True)
class Tail:
    """The share of a reference sample at or above any score."""

    scores: Floats  # the sample, ascending, shape (points,)
    threshold: float  # above which the fitted tail speaks
    share_above: float  # of the sample strictly above the threshold, 0 to 1
    scale: float  # of the Pareto tail, above 0
    shape: float  # 0 is exponential; larger is heavier

    @property
    def points(self) -> int:
        """Size of the sample."""
        return int(self.scores.size)

    def share_at_or_above(self, scores: Floats) -> Floats:
        """The chance of a score at least as large, same shape: ranks in the body, Pareto beyond.

        >>> tail = fitted(np.arange(1000.0))
        >>> round(float(tail.share_at_or_above(np.array([500.0]))[0]), 3)
        0.5
        """
        below = np.searchsorted(self.scores, scores, side="left")
        by_rank = (self.points - below + 0.5) / (self.points + 1.0)
        excess = np.maximum(scores - self.threshold, 0.0)
        by_law = self.share_above * _survival(excess, _Pareto(scale=self.scale, shape=self.shape))
        return np.where(scores <= self.threshold, np.minimum(by_rank, 1.0), by_law)


def fitted(sample: Floats) -> Tail:
    """The tail of a sample of one score or more; ties and a few live cases at its top are borne.

    Source: Pickands, Statistical inference using extreme order statistics, Annals of Statistics,
    1975 (the generalised Pareto law, fitted by two of its quantiles).

    The upper part of an exponential law of mean 1 is one again:

    >>> tail = fitted(-np.log1p(-(np.arange(50_000) + 0.5) / 50_000))
    >>> round(tail.scale, 1), round(tail.shape, 1)
    (1.0, 0.0)
    """
    scores = np.sort(sample)
    wanted = int(np.clip(scores.size * _TAIL_SHARE, _TAIL_LEAST, _TAIL_MOST))
    threshold = float(scores[max(scores.size - wanted - 1, 0)])
    excess = scores[scores > threshold] - threshold
    law = _pareto(excess)
    return Tail(
        scores=scores,
        threshold=threshold,
        share_above=max(float(excess.size), 0.5) / scores.size,
        scale=law.scale,
        shape=law.shape,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pareto:
    scale: float
    shape: float


def _pareto(excess: Floats) -> _Pareto:
    """The law of the excesses by two of their quantiles, the top set aside, drawn to the usual."""
    if np.unique(excess).size < _FIT_LEAST:
        return _Pareto(scale=_USUAL_SCALE, shape=_USUAL_SHAPE)
    half, high = 0.5, 1.0 - _SET_ASIDE
    q_half, q_high = (float(np.quantile(excess, q)) for q in (half, high))
    told = _shape_by_ratio(q_high / q_half, half=half, high=high)
    shape = (excess.size * told + _SHAPE_WEIGHT * _USUAL_SHAPE) / (excess.size + _SHAPE_WEIGHT)
    scale = q_high / _unit_quantile(high, shape)
    weight = excess.size / (excess.size + _USUAL_WEIGHT)
    drawn = weight * scale + (1.0 - weight) * _USUAL_SCALE
    return _Pareto(scale=max(drawn, _LEAST_SCALE), shape=shape)


def _shape_by_ratio(ratio: float, *, half: float, high: float) -> float:
    """The shape in its bounds whose quantiles stand in the observed ratio, by bisection."""
    low, up = _SHAPE_BOUNDS
    for _ in range(40):
        middle = (low + up) / 2
        if _unit_quantile(high, middle) / _unit_quantile(half, middle) < ratio:
            low = middle
        else:
            up = middle
    return (low + up) / 2


def _unit_quantile(probability: float, shape: float) -> float:
    if shape < 1e-6:
        return float(-np.log1p(-probability))
    return float(((1.0 - probability) ** (-shape) - 1.0) / shape)


def _survival(excess: Floats, law: _Pareto) -> Floats:
    survival: Floats = (
        np.exp(-excess / law.scale)
        if law.shape < 1e-6
        else (1.0 + law.shape * excess / law.scale) ** (-1.0 / law.shape)
    )
    return survival

"""How rare a score is, told from a reference sample: its ranks, and beyond them a Pareto tail."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_TAIL_SHARE = 0.02  # of the sample, from which the tail law is fitted
_TAIL_LEAST, _TAIL_MOST = 60, 2000  # points; METHODS of Efron's empirical null with a Pareto tail
_SET_ASIDE = 0.05  # share of tail points, the largest, that the fit does not see: live cases may be among them
_SHAPE_BOUNDS = (0.0, 0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tail:
    """The share of a reference sample at or above any score."""

    scores: Floats  # the sample, ascending, shape (points,)
    threshold: float  # where the fitted tail begins
    share_above: float  # of the sample at or above the threshold, 0 to 1
    scale: float  # of the Pareto tail, above 0
    shape: float  # 0 is exponential; larger is heavier

    @property
    def points(self) -> int:
        """Size of the sample."""
        return int(self.scores.size)


def fitted(sample: Floats) -> Tail:
    """The tail of a sample of at least one score, robust to a few live cases at its top.

    Source: Pickands, Statistical inference using extreme order statistics, Annals of Statistics, 1975;
    Hosking, Wallis, Technometrics, 1987 (moments of the generalised Pareto law).
    """
    scores = np.sort(sample)
    wanted = int(np.clip(scores.size * _TAIL_SHARE, min(_TAIL_LEAST, scores.size), _TAIL_MOST))
    threshold = float(scores[-wanted])
    excess = scores[scores >= threshold] - threshold
    scale, shape = _pareto(excess)
    return Tail(
        scores=scores,
        threshold=threshold,
        share_above=excess.size / scores.size,
        scale=scale,
        shape=shape,
    )


def share_at_or_above(scores: Floats, tail: Tail) -> Floats:
    """The chance of a score at least as large, 0 to 1, same shape: ranks in the body, Pareto beyond.

    >>> tail = fitted(np.arange(1000.0))
    >>> round(float(share_at_or_above(np.array([500.0]), tail)[0]), 3)
    0.5
    """
    below = np.searchsorted(tail.scores, scores, side="left")
    by_rank = (tail.points - below + 0.5) / (tail.points + 1.0)
    excess = np.maximum(scores - tail.threshold, 0.0)
    by_law = tail.share_above * _pareto_survival(excess, scale=tail.scale, shape=tail.shape)
    return np.where(scores < tail.threshold, np.minimum(by_rank, 1.0), by_law)


def _pareto(excess: Floats) -> tuple[float, float]:
    """Scale and shape from the lower order statistics of the excesses: two quantiles, the top set aside."""
    ordered = np.sort(excess)
    if ordered.size < 20 or ordered[-1] <= 0:
        return max(float(ordered.mean()), 1e-3), 0.0
    half, high = 0.5, 1.0 - _SET_ASIDE
    q_half, q_high = (float(np.quantile(ordered, q)) for q in (half, high))
    shape = _shape_from_quantiles(q_half, q_high, half=half, high=high)
    return max(_scale_at(q_high, shape, high), 1e-3), shape


def _shape_from_quantiles(q_half: float, q_high: float, *, half: float, high: float) -> float:
    """The shape in its bounds whose ratio of quantiles is the observed one, by bisection."""
    if q_half <= 0:
        return _SHAPE_BOUNDS[0]
    ratio = q_high / q_half
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


def _scale_at(quantile: float, shape: float, probability: float) -> float:
    return quantile / _unit_quantile(probability, shape)


def _pareto_survival(excess: Floats, *, scale: float, shape: float) -> Floats:
    if shape < 1e-6:
        survival: Floats = np.exp(-excess / scale)
        return survival
    return (1.0 + shape * excess / scale) ** (-1.0 / shape)

"""When the looks of a drill fall: the moments at which the member of staff works, or does not."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from alerts.drills.telling import Teller

Ints = NDArray[np.int64]

DAY: Final = 86_400  # seconds
HOUR: Final = 3_600
_MINUTE: Final = 60


def met_at_work(tell: Teller, moments: Ints) -> Ints:
    """Those of some moments after which the user worked within a few hours; ascending."""
    times, moments = tell.log.times_of(tell.user), np.sort(moments)
    later = times[np.searchsorted(times, moments).clip(0, times.size - 1)] - moments
    met: Ints = moments[(later >= 0) & (later < 6 * HOUR)]
    return met


def at_work(tell: Teller, looks: int, *, days: float, start: int | None = None) -> Ints:
    """So many moments at the user's own working times, within so many days; ascending."""
    log = tell.log
    first = log.start if start is None else max(start, log.start)
    span = int(days * DAY)
    latest = max(log.end - span, first)
    begin = first if start is not None else int(tell.chance.integers(first, latest + 1))
    times = log.times_of(tell.user)
    low, high = np.searchsorted(times, [begin, min(begin + span, log.end)])
    if high - low < 3:  # on leave: whatever is nearest
        low, high = max(int(low) - 3, 0), min(int(high) + 3, times.size)
    return np.sort(_jittered(tell, _of_any_day(tell, times[low:high], looks)))


def _of_any_day(tell: Teller, times: Ints, looks: int) -> Ints:
    """So many of these moments, each day as likely as another: a busy day draws no more of them."""
    day, first = np.unique(times // DAY, return_index=True)
    last = np.append(first[1:], times.size)
    chosen = tell.chance.integers(0, day.size, looks)
    return times[tell.chance.integers(first[chosen], last[chosen])]


def in_one_spell(tell: Teller, looks: int, *, hours: float) -> Ints:
    """So many moments in one spell of work."""
    begin = int(_of_any_day(tell, tell.log.times_of(tell.user), 1)[0])
    begin = min(begin, tell.log.end - int(hours * HOUR) - HOUR)
    return np.sort(begin + (tell.chance.random(looks) * hours * HOUR).astype(np.int64))


def evenly(tell: Teller, looks: int, *, apart: float) -> Ints:
    """So many moments of work, so many days apart, as nearly as work goes."""
    span = int(apart * looks * DAY)
    begin = int(tell.chance.integers(tell.log.start, max(tell.log.end - span, tell.log.start) + 1))
    wanted = begin + (np.arange(looks) + tell.chance.normal(0, 0.15, looks)) * apart * DAY
    return nearest_work(tell, wanted.astype(np.int64))


def nearest_work(tell: Teller, wanted: Ints) -> Ints:
    """Each wanted moment moved to the user's own nearest one, inside the span; ascending."""
    times = tell.log.times_of(tell.user)
    inside = wanted[(wanted >= tell.log.start) & (wanted < tell.log.end)]
    place = np.searchsorted(times, inside).clip(0, times.size - 1)
    return np.sort(_jittered(tell, times[place]))


def _jittered(tell: Teller, at: Ints) -> Ints:
    """Moments some minutes away from those of the user's own rows."""
    moved = at + (tell.chance.normal(0.0, 12 * _MINUTE, at.size)).astype(np.int64)
    return np.clip(moved, tell.log.start, tell.log.end - 1)


def away(tell: Teller, at: Ints) -> Ints:
    """Moments moved, most of them, into hours without a row of the user's own."""
    times = tell.log.times_of(tell.user)
    moved = at + (tell.chance.uniform(8, 15, at.size) * HOUR).astype(np.int64)
    place = np.searchsorted(times, moved)
    before = moved - times[(place - 1).clip(0)]
    after = times[place.clip(0, times.size - 1)] - moved
    free = (np.abs(before) > 3 * HOUR) & (np.abs(after) > 2 * HOUR)
    return np.sort(np.clip(np.where(free, moved, at), tell.log.start, tell.log.end - 1))

"""Local time of the force, in bulk: offsets, both clock changes, ISO 8601 with offset."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from monitor.demo.drawing import Ints

DAY = 86_400  # seconds
HOUR = 3_600  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """The offsets of one zone around a span."""

    changes: Ints  # UTC seconds at which the offset changes
    offsets: Ints  # seconds east of UTC, shape (changes + 1,)

    def offset(self, moments: Ints) -> Ints:
        """Seconds east of UTC at each UTC moment."""
        return self.offsets[np.searchsorted(self.changes, moments, side="right")]

    def local(self, moments: Ints) -> Ints:
        """Local seconds of each UTC moment."""
        return moments + self.offset(moments)

    def utc(self, local: Ints) -> Ints:
        """UTC seconds of each local time; of two equal local times the later."""
        return local - self.offset(local - self.offset(local))

    def written(self, moments: Ints) -> pa.Array:
        """Local times as ISO 8601 with offset; a negative moment is null."""
        none = pa.array(moments < 0)
        stamps = pa.array(self.local(moments).astype("datetime64[s]"))
        texts = pc.strftime(stamps, format="%Y-%m-%dT%H:%M:%S")
        words = pa.array([_offset_text(int(seconds)) for seconds in self.offsets])
        place = np.searchsorted(self.changes, moments, side="right")
        joined = pc.binary_join_element_wise(texts, words.take(pa.array(place)), "")
        return pc.if_else(none, pa.scalar(None, pa.string()), joined)


def zone_around(name: str, *, first: datetime, last: datetime) -> Zone:
    """The offsets of a named zone from a year before the first moment to a year after the last."""
    place = ZoneInfo(name)
    hours = int((last - first + timedelta(days=730)) / timedelta(hours=1))
    moments = [
        first.astimezone(UTC) - timedelta(days=365) + timedelta(hours=h) for h in range(hours)
    ]
    offsets = [
        int((m.astimezone(place).utcoffset() or timedelta()).total_seconds()) for m in moments
    ]
    turns = [at for at in range(1, hours) if offsets[at] != offsets[at - 1]]
    return Zone(
        changes=np.array([int(moments[at].timestamp()) for at in turns], dtype=np.int64),
        offsets=np.array([offsets[0], *(offsets[at] for at in turns)], dtype=np.int64),
    )


def _offset_text(seconds: int) -> str:
    """`+01:00` for 3,600."""
    sign = "-" if seconds < 0 else "+"
    return f"{sign}{abs(seconds) // HOUR:02d}:{abs(seconds) % HOUR // 60:02d}"

"""What one reading saw of its rows, for the health of the feed; nothing that is in them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from monitor.ingest import Rows, Shaped

SAMPLED_ROWS: Final = 2_000  # of a reading, from which it is told what a column holds
MOST_COLUMNS: Final = 400  # that are kept in a cursor
_MOST_SEEN: Final = 5_000_000  # numbers of one reading that are held against each other
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_AFTER_TOMORROW: Final = "a day past loading"  # how ingest refuses a time that is too late
# What a column holds, the narrowest first.
_KINDS: Final = (
    ("whole number", r"^[+-]?\d{1,18}$"),
    ("number", r"^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$"),
    ("time", r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?( ?(Z|[+-]\d{2}:?\d{2}))?)?$"),
    ("yes or no", r"(?i)^(true|false|yes|no|t|f|y|n)$"),
)
TEXT: Final = "text"


@dataclass(slots=True, kw_only=True)  # grows with each part that is read
class Observed:
    """Counts and times of the rows of one reading.

    Attributes:
        arrived_at: when the rows came, or the latest they can have come.
        ahead: by how much an event may lie ahead of that.
        sequence_column: a column whose numbers have no gap; empty: none.
        columns: what each column holds, as far as a sample tells; empty where it was blank.
        sampled: rows of the sample.
        newest_at: of the events, None where there were none.
        oldest_at: of the events.
        events: how many there were.
        ahead_rows: events that lie ahead of their arrival.
        refused_ahead: rows that were refused for a time after tomorrow.
        numbers: of the sequence column, part by part.
        unnumbered: rows of which that column holds no whole number.
    """

    arrived_at: datetime
    ahead: timedelta
    sequence_column: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    sampled: int = 0
    newest_at: datetime | None = None
    oldest_at: datetime | None = None
    events: int = 0
    ahead_rows: int = 0
    refused_ahead: int = 0
    numbers: list[NDArray[np.int64]] = field(default_factory=list)
    unnumbered: int = 0

    def note(self, rows: Rows, part: Shaped) -> None:
        """Count these rows."""
        self._sample(rows)
        self._count_numbers(rows)
        self.refused_ahead += sum(_AFTER_TOMORROW in refusal.reason for refusal in part.refused)
        if "occurred_at" in part.rows.column_names and part.rows.num_rows:
            self._count_times(part.rows["occurred_at"])

    @property
    def lateness(self) -> timedelta | None:
        """From the newest event to its arrival; negative where the event lies ahead."""
        return None if self.newest_at is None else self.arrived_at - self.newest_at

    @property
    def seen(self) -> NDArray[np.int64]:
        """The numbers that were seen."""
        return np.concatenate(self.numbers) if self.numbers else np.zeros(0, dtype=np.int64)

    def _count_times(self, times: pa.ChunkedArray) -> None:
        micros = times.cast(pa.int64())
        least, most = pc.min(micros).as_py(), pc.max(micros).as_py()
        oldest, newest = (_EPOCH + timedelta(microseconds=value) for value in (least, most))
        self.oldest_at = min(self.oldest_at or oldest, oldest)
        self.newest_at = max(self.newest_at or newest, newest)
        latest = (self.arrived_at + self.ahead - _EPOCH) // timedelta(microseconds=1)
        self.events += len(micros)
        self.ahead_rows += pc.sum(pc.greater(micros, latest)).as_py()

    def _count_numbers(self, rows: Rows) -> None:
        if not self.sequence_column or not rows.read:
            return
        column = _column(rows, self.sequence_column)
        if column is None:
            self.unnumbered += rows.read
            return
        trimmed = pc.utf8_trim_whitespace(column)
        whole = pc.match_substring_regex(trimmed, r"^\d{1,18}$").fill_null(False)
        found = trimmed.filter(whole).cast(pa.int64()).to_numpy(zero_copy_only=False)
        self.unnumbered += rows.read - len(found)
        if sum(map(len, self.numbers)) < _MOST_SEEN:
            self.numbers.append(np.unique(found))

    def _sample(self, rows: Rows) -> None:
        wanted = SAMPLED_ROWS - self.sampled
        for name, column in list(zip(rows.names, rows.columns, strict=True))[:MOST_COLUMNS]:
            if name not in self.columns and len(self.columns) >= MOST_COLUMNS:
                continue
            held = kind_of(column.slice(0, wanted)) if wanted > 0 else ""
            self.columns[name] = wider(self.columns.get(name, ""), held)
        self.sampled += max(min(wanted, len(rows.lines)), 0)


def kind_of(column: pa.Array) -> str:
    """What all cells that are not blank are: a whole number, a time, text; empty: all blank."""
    trimmed = pc.utf8_trim_whitespace(column)
    filled = trimmed.filter(pc.not_equal(trimmed, "").fill_null(False))
    if not len(filled):
        return ""
    for name, pattern in _KINDS:
        if pc.all(pc.match_substring_regex(filled, pattern)).as_py():
            return name
    return TEXT


def wider(one: str, other: str) -> str:
    """What holds both kinds."""
    if not one or not other or one == other:
        return one or other
    return "number" if {one, other} == {"whole number", "number"} else TEXT


def columns_of(told: Mapping[str, str], *, known: Collection[str] | None = None) -> dict[str, str]:
    """The columns in order of their names.

    Args:
        told: what each holds.
        known: paths that the profile looks for; of any other only its first part is kept, for a
            name inside an object may be a person's. None: each is a name of its own.
    """
    held: dict[str, str] = {}
    for name, kind in told.items():
        shown = name if known is None or name in known else name.partition(".")[0]
        held[shown] = wider(held.get(shown, ""), kind)
    return dict(sorted(held.items()))


def _column(rows: Rows, wanted: str) -> pa.Array | None:
    folded = [" ".join(name.split()).casefold() for name in rows.names]
    name = " ".join(wanted.split()).casefold()
    return rows.columns[folded.index(name)] if name in folded else None

"""A table or view: by a column that only grows, in pages, with a look back for late commits.

A row whose transaction began earlier and ended later has a lower key than rows that were read
already. So each reading begins again at the key that stood highest `look_back_minutes` before the
last reading; what was read before is known. Without such a column the whole is read each time.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import chain as linked
from typing import Any, Final

import pyarrow as pa

from alerts.chain import moment, stamp
from alerts.errors import DataRefused
from monitor.ingest import FileReport, Rows, Stretch
from monitor.sources.database import (
    Key,
    Record,
    Relation,
    place_of,
    records_as_json,
    relation_at,
    text_of,
)
from monitor.sources.declared import TableFeed
from monitor.sources.observed import SAMPLED_ROWS, Observed
from monitor.sources.taking import Kind, Noticed, Step, Taking, told_of

_MOST_ROWS: Final = 50_000  # fetched before they are stored and the place is written down
_YOUNG_ROWS: Final = 100_000  # looked back over while no reading is old enough to say more
_MARKS: Final = 16  # readings that are remembered within the time that is looked back over
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The highest key that a reading saw, and when it began."""

    at: datetime
    key: Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """How far a table was read: the marks of past readings, oldest first."""

    marks: tuple[Mark, ...] = ()

    @property
    def key(self) -> Key | None:
        """The highest key that was read; None before the first row."""
        return self.marks[-1].key if self.marks else None

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Reached":
        """The marks as a cursor keeps them."""
        marks = (Mark(at=moment(at), key=_key(key)) for at, key in told["marks"])
        return cls(marks=tuple(marks))

    def as_json(self) -> dict[str, object]:
        """The marks for a cursor."""
        return {"marks": [[stamp(mark.at), _told(mark.key)] for mark in self.marks]}

    def before(self, look_back: timedelta) -> Mark | None:
        """The newest mark that is so much older than the last; None where all are younger."""
        if not self.marks:
            return None
        old = [mark for mark in self.marks if mark.at <= self.marks[-1].at - look_back]
        return old[-1] if old else None

    def with_mark(self, mark: Mark, *, look_back: timedelta) -> "Reached":
        """The marks with one more; those too close together, or no longer of use, are left out."""
        earlier = [one for one in self.marks if one.at < mark.at]
        apart = look_back / _MARKS
        if len(earlier) > 1 and earlier[-1].at - earlier[-2].at < apart:
            earlier.pop()
        marks = (*earlier, mark)
        old = [n for n, one in enumerate(marks) if one.at <= mark.at - look_back]
        return Reached(marks=marks[old[-1] :] if old else marks)


@dataclass(slots=True, kw_only=True)  # moves on with each step
class Table:
    """Reads one table or view from where the last reading ended."""

    taking: Taking
    feed: TableFeed
    reached: Reached | None
    seen: list[Noticed] = field(default_factory=list)

    def steps(self) -> Iterator[Step]:
        """The rows that are new, and those that were looked back over.

        Raises:
            DataRefused: the database cannot be reached or read.
            Misused: what the feed says of it cannot be.
        """
        began = self.taking.clock.now()
        with relation_at(self.feed) as relation:
            if not self.feed.key:
                yield from self._whole(relation)
                return
            pages = relation.pages(self._start(relation), inclusive=True)
            while records := _gathered(pages):
                yield from self._stretch(relation, records, began=began)

    def noticed(self) -> tuple[Noticed, ...]:
        """What was wrong with the table in this reading."""
        return tuple(self.seen)

    @property
    def _look_back(self) -> timedelta:
        return timedelta(minutes=self.feed.look_back_minutes)

    def _start(self, relation: Relation) -> Key | None:
        """The key from which rows may be new; None: from the first on."""
        reached = self.reached
        if reached is None or reached.key is None:
            return None
        highest = relation.highest()
        if highest is None or _earlier(highest, reached.key, place=place_of(self.feed)):
            self._tell_cut_short(reached.key, highest)
            return None
        mark = reached.before(self._look_back)
        if mark:
            return mark.key
        return relation.key_before(reached.key, rows=_YOUNG_ROWS)

    def _tell_cut_short(self, key: Key, highest: Key | None) -> None:
        now_ = "there is none" if highest is None else f"the highest is {_told_plainly(highest)}"
        says = (
            f"{self.feed.relation} was read up to {self.feed.key} {_told_plainly(key)}, and now"
            f" {now_}: rows were taken away, or numbered anew; it is read from its start"
        )
        detail = f"{self.feed.key} {_told_plainly(key)}"
        now = self.taking.clock.now()
        self.seen.append(Noticed(kind=Kind.CUT_SHORT, detail=detail, says=told_of(says), since=now))

    def _stretch(
        self, relation: Relation, records: Sequence[Record], *, began: datetime
    ) -> Iterator[Step]:
        report, observed = self._taken(relation, iter([records]))
        before = self.reached or Reached()
        last = relation.key_of(records[-1])
        back = before.key is not None and not self.seen and not _later(last, before.key)
        key = before.key if back and before.key is not None else last
        if self.seen:
            before = Reached()  # what was marked before speaks of numbers that are no more
        after = before.with_mark(Mark(at=began, key=key), look_back=self._look_back)
        kept = key != before.key or report.stored > 0 or report.newly_quarantined > 0
        facts = {"relation": self.feed.relation, "key": _told(key)}
        if report.problem:
            self._refuse(report.problem)
            yield Step(cursor=before.as_json(), report=report, observed=observed, kept=False)
            return
        if kept:
            self.reached = after
        yield Step(cursor=after.as_json(), report=report, observed=observed, facts=facts, kept=kept)

    def _whole(self, relation: Relation) -> Iterator[Step]:
        """Every row; an entry only where one of them was new."""
        report, observed = self._taken(relation, relation.all_rows())
        if report.problem:
            self._refuse(report.problem)
        kept = self.reached is None or report.stored > 0 or report.newly_quarantined > 0
        yield Step(
            cursor=Reached().as_json(),
            report=report,
            observed=observed,
            facts={"relation": self.feed.relation},
            kept=kept and not report.problem,
        )

    def _taken(
        self, relation: Relation, pages: Iterator[Sequence[Record]]
    ) -> tuple[FileReport, Observed]:
        observed = self.taking.observing()
        observed.columns = dict(relation.columns)
        observed.sampled = SAMPLED_ROWS  # the database says what a column holds
        suffix = f"#{self.feed.key}" if self.feed.key else ""
        names = tuple(relation.columns)
        first = Rows(
            names=names,
            columns=tuple(pa.array([], pa.string()) for _ in names),
            lines=pa.array([], pa.int64()),
            raws=pa.array([], pa.binary()),
        )
        given = Stretch(
            place=f"{self.feed.name}/{self.feed.relation}{suffix}",
            layout="jsonl",
            rows=linked([first], (_rows(relation, page) for page in pages)),
            required=True,
        )
        return self.taking.stretch(given, observed), observed

    def _refuse(self, says: str) -> None:
        now = self.taking.clock.now()
        detail = self.feed.relation
        self.seen.append(
            Noticed(kind=Kind.FILE_REFUSED, detail=detail, says=told_of(says), since=now)
        )


def _gathered(pages: Iterator[list[Record]]) -> list[Record]:
    """Pages together, until they are worth storing."""
    records: list[Record] = []
    for page in pages:
        records += page
        if len(records) >= _MOST_ROWS:
            break
    return records


def _rows(relation: Relation, records: Sequence[Record]) -> Rows:
    """The rows as text, each with its key for a line."""
    names = tuple(relation.columns)
    cells = [[text_of(value) for value in record] for record in records]
    by_column = list(zip(*cells, strict=True)) if cells else [()] * len(names)
    key = relation.feed.key
    lines = [_line(relation.key_of(record)) if key else 0 for record in records]
    return Rows(
        names=names,
        columns=tuple(pa.array(column, pa.string()) for column in by_column),
        lines=pa.array(lines, pa.int64()),
        raws=pa.array([records_as_json(names, record) for record in records], pa.binary()),
    )


def _line(key: Key) -> int:
    """A number that stands for a key: itself, or microseconds since 1970; 0 where it is neither."""
    if isinstance(key, str):
        try:
            return _line(datetime.fromisoformat(key))
        except ValueError:
            return 0
    if isinstance(key, int | float):
        return int(key)
    at = key if isinstance(key, datetime) else datetime(key.year, key.month, key.day, tzinfo=UTC)
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return (aware - _EPOCH) // timedelta(microseconds=1)


def _told(key: Key) -> object:
    """A key for JSON; a time says that it is one."""
    if isinstance(key, datetime):
        return {"time": key.isoformat()}
    return {"date": key.isoformat()} if isinstance(key, date) else key


def _told_plainly(key: Key) -> str:
    return key.isoformat() if isinstance(key, date) else str(key)


def _key(told: Any) -> Key:
    if isinstance(told, Mapping):
        if "time" in told:
            return datetime.fromisoformat(told["time"])
        return date.fromisoformat(told["date"])
    key: Key = told
    return key


def _earlier(one: Key, other: Key, *, place: str) -> bool:
    """Whether one key comes before another.

    Raises:
        DataRefused: the column holds another kind of key than when it was last read.
    """
    try:
        return bool(one < other)  # type: ignore[operator]  # keys of one column are of one kind
    except TypeError as trouble:
        kinds = f"{type(other).__name__} before, {type(one).__name__} now"
        raise DataRefused(f"{place}: the key changed its type: {kinds}") from trouble


def _later(one: Key, other: Key) -> bool:
    return bool(one > other)  # type: ignore[operator]  # keys of one column are of one kind

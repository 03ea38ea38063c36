"""A column of written times as moments in UTC, with what was unsure and what could not be read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from monitor.ingest.profile import Times
from monitor.ingest.time_format import plain_date, reader_of

AMBIGUOUS, SKIPPED = "ambiguous", "skipped"

_MICRO = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 counts local time before its zone is applied
_HOUR = 3_600_000_000  # microseconds
# Whole columns of these two forms are read at once; anything else, one value at a time.
_PLAIN_ISO = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d{1,6})?"
_WITH_OFFSET = _PLAIN_ISO + r"(Z|[+-]\d{2}:\d{2})$"
_WITHOUT_OFFSET = _PLAIN_ISO + r"$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """A column of times that was read.

    Attributes:
        values: moments, naive UTC, NULL where blank or refused; shape (rows,).
        marks: row to `ambiguous` or `skipped`.
        refused: row to what is wrong with its time.
    """

    values: pa.Array
    marks: Mapping[int, str]
    refused: Mapping[int, str]


def moments(texts: pa.Array, *, times: Times, dates_in: ZoneInfo | None = None) -> Moments:
    """The column's moments.

    Args:
        texts: times as written, NULL where blank.
        times: how this source writes them.
        dates_in: the zone in which a plain date means midnight; None: a plain date is refused.
    """
    zone = ZoneInfo(times.zone) if times.zone else None
    return _at_once(texts, times=times, zone=zone) or _one_by_one(
        texts, times=times, zone=zone, dates_in=(zone or dates_in) if dates_in else None
    )


def in_zone(local: NDArray[np.int64], zone: ZoneInfo) -> tuple[NDArray[np.int64], dict[int, str]]:
    """Local times as UTC, both in microseconds since 1970, and which rows are unsure.

    A time that happens twice is the first of the two; one that is skipped moves forward by
    the gap. Both are marked.
    """
    hours, which = np.unique(local // _HOUR, return_inverse=True)
    offsets = np.array([_offset_of_hour(int(hour), zone) for hour in hours], dtype=np.int64)
    utc = local - (offsets[which] if hours.size else 0)
    marks: dict[int, str] = {}
    for row in np.flatnonzero(offsets[which] == _MIXED if hours.size else np.zeros(0)):
        utc[row], mark = _single(int(local[row]), zone)
        if mark:
            marks[int(row)] = mark
    return utc, marks


_MIXED = np.iinfo(np.int64).min // 4  # stands for an hour in which the offset changes


def _offset_of_hour(hour: int, zone: ZoneInfo) -> int:
    """The offset throughout one local hour, in microseconds; `_MIXED` when it changes."""
    try:
        start = _NAIVE_EPOCH + timedelta(hours=hour)
        # A change can fall inside the hour, so both ends are asked, and both readings of each.
        instants = (start, start + timedelta(minutes=59, seconds=59))
        found = {zone.utcoffset(at.replace(fold=fold)) for at in instants for fold in (0, 1)}
    except OverflowError:
        return 0
    only = found.pop()
    return _MIXED if found or only is None else only // _MICRO


def _single(local: int, zone: ZoneInfo) -> tuple[int, str]:
    naive = _NAIVE_EPOCH + local * _MICRO
    earlier, later = (zone.utcoffset(naive.replace(fold=fold)) or timedelta() for fold in (0, 1))
    utc = local - earlier // _MICRO
    if earlier == later:
        return utc, ""
    return utc, AMBIGUOUS if earlier > later else SKIPPED


def _at_once(texts: pa.Array, *, times: Times, zone: ZoneInfo | None) -> Moments | None:
    """The column when all of it is plain ISO of one kind; None when it has to be read singly."""
    if "iso" not in times.formats:
        return None
    try:
        if _all_match(texts, _WITH_OFFSET):
            values = texts.cast(pa.timestamp("us", "UTC")).cast(pa.timestamp("us"))
            return Moments(values=values, marks={}, refused={})
        if zone is None or not _all_match(texts, _WITHOUT_OFFSET):
            return None
        local = texts.cast(pa.timestamp("us")).cast(pa.int64())
    except pa.ArrowInvalid:
        return None
    return _localised(local, zone)


def _all_match(texts: pa.Array, pattern: str) -> bool:
    return pc.all(pc.match_substring_regex(texts, pattern), min_count=0).as_py() is not False


def _localised(local: pa.Array, zone: ZoneInfo) -> Moments:
    blank = np.asarray(pc.is_null(local).to_numpy(zero_copy_only=False))
    utc, marks = in_zone(local.fill_null(0).to_numpy(zero_copy_only=False).copy(), zone)
    sure = {row: mark for row, mark in marks.items() if not blank[row]}
    values = pa.array(utc, mask=blank).cast(pa.timestamp("us"))
    return Moments(values=values, marks=sure, refused={})


def _one_by_one(
    texts: pa.Array, *, times: Times, zone: ZoneInfo | None, dates_in: ZoneInfo | None
) -> Moments:
    readers = [reader_of(name, order=times.order) for name in times.formats]
    utc = np.zeros(len(texts), dtype=np.int64)
    absent = np.ones(len(texts), dtype=bool)
    local: dict[int, int] = {}
    dates: dict[int, int] = {}
    refused: dict[int, str] = {}
    for row, text in enumerate(texts.to_pylist()):
        if text is None:
            continue
        found = next((read for reader in readers if (read := reader(text)) is not None), None)
        if found is None:
            day = plain_date(text, order=times.order)
            if day is None or dates_in is None:
                refused[row] = _unreadable(text, times, is_date=day is not None)
                continue
            dates[row] = (day - _NAIVE_EPOCH) // _MICRO
        elif found.tzinfo is None and zone is None:
            refused[row] = f"{text!r} has no offset and the profile names no zone"
            continue
        elif found.tzinfo is None:
            local[row] = (found - _NAIVE_EPOCH) // _MICRO
        else:
            utc[row] = (found - _EPOCH) // _MICRO
        absent[row] = False
    marks: dict[int, str] = {}
    for naive, named in ((local, zone), (dates, dates_in)):
        if named is not None and naive:
            marks |= _placed(utc, naive, named)
    return Moments(
        values=pa.array(utc, mask=absent).cast(pa.timestamp("us")), marks=marks, refused=refused
    )


def _placed(utc: NDArray[np.int64], naive: Mapping[int, int], zone: ZoneInfo) -> dict[int, str]:
    """The marks of the local times, which are written into `utc` at their rows."""
    rows = list(naive)
    utc[rows], marks = in_zone(np.array([naive[row] for row in rows], dtype=np.int64), zone)
    return {rows[position]: mark for position, mark in marks.items()}


def _unreadable(text: str, times: Times, *, is_date: bool) -> str:
    shown = re.sub(r"\s+", " ", text)[:60]
    if is_date:
        return f"{shown!r} has no time of day"
    return f"{shown!r} is not a time this profile reads: {', '.join(times.formats)}"

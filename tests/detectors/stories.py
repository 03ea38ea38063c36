"""One detector asked about one member of staff and one person, among a force at ordinary work."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

import duckdb
import numpy as np

from detectors.model import Abstention, Baseline, Detector, Frame, Measured, Row, Tested
from tests.detectors.force import OrdinaryForce, an_ordinary_force
from tests.detectors.tables import Row as TableRow
from tests.detectors.tables import a_frame, fill, rows_of

USER = "U0007"  # on a neighbourhood team of the ordinary force
TEAM_MATE, STRANGER = "U0010", "U0031"
PERSON = "P-HER"  # whom nobody in the ordinary force looks up
REFERENCE, JUDGED, END = "2026-03-16", "2026-05-11", "2026-05-18"  # eight weeks, and one to judge
LAST_DAY = "2026-05-13"  # of the week that is judged: a Wednesday


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a detector says of one row."""

    pvalue: float
    evidence_value: float
    observed: float
    expected: float
    says: str


@cache
def _ordinary() -> duckdb.DuckDBPyConnection:
    return an_ordinary_force(OrdinaryForce())


@contextmanager
def a_force_with(**tables: str | Sequence[TableRow]) -> Iterator[duckdb.DuckDBPyConnection]:
    """The ordinary force with more rows in it, gone again afterwards."""
    connection = _ordinary().cursor()
    connection.execute("begin")
    try:
        for name, table in tables.items():
            fill(connection, name, rows_of(table) if isinstance(table, str) else table)
        yield connection
    finally:
        connection.execute("rollback")
        connection.close()


def asked(
    detector: Detector, *, on: str = LAST_DAY, **tables: str | Sequence[TableRow]
) -> Said | Abstention | None:
    """What the detector says of the user and the person on a day; None where nothing is judged."""
    with a_force_with(**tables) as lake:
        return judged_in(lake, detector, on=on)


def judged_in(
    lake: duckdb.DuckDBPyConnection, detector: Detector, *, on: str = LAST_DAY
) -> Said | Abstention | None:
    """What the detector says of the user and the person in any lake."""
    frame = a_frame(lake, REFERENCE, END)
    measured = detector.measure(frame)
    if isinstance(measured, Abstention):
        return measured
    place = place_of(frame, on=on)
    return None if place is None else said(detector, frame, measured, place=place)


def said(detector: Detector, frame: Frame, measured: Measured, *, place: int) -> Said | None:
    """What the detector says of one row of the frame; None where it says nothing."""
    tested = readings(detector, frame, measured, np.arange(frame.rows) == place)
    if np.isnan(tested.pvalue[0]):
        return None
    row = Row(
        observed=float(tested.observed[0]),
        expected=float(tested.expected[0]),
        span=float(tested.span[0]),
        role=frame.roles[frame.role_no[place]],
        counts={name: float(column[place]) for name, column in measured.counts.items()},
    )
    return Said(
        pvalue=float(tested.pvalue[0]),
        evidence_value=float(tested.evidence_value[0]),
        observed=row.observed,
        expected=row.expected,
        says=detector.words(row),
    )


def readings(
    detector: Detector,
    frame: Frame,
    measured: Measured,
    rows: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> Tested:
    """The chosen rows, all of users of one fold, tested against the weeks before."""
    before = frame.day < days_since(JUDGED)
    theirs = frame.fold == frame.fold[rows][0]
    baseline = Baseline(peers=measured.where(before & ~theirs), own=measured.where(before & theirs))
    return detector.test(measured.where(rows), baseline)


def place_of(frame: Frame, *, on: str, user: str = USER, person: str = PERSON) -> int | None:
    """The row of one user, person and day."""
    found = frame.connection.execute(
        """select row_no from active
           join user_code using (user_no) join subject_code using (subject_no)
           where user_id = $user and subject_id = $person and day = $day::date""",
        {"user": user, "person": person, "day": on},
    ).fetchall()
    return int(found[0][0]) if found else None


def days_since(text: str) -> int:
    """A date as days since 1970-01-01."""
    return (
        datetime.fromisoformat(text).replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    ).days


def looks(*moments: str, user: str = USER, person: str = PERSON) -> list[TableRow]:
    """Rows of the log: one user, one person, at each moment."""
    return [{"occurred_at": at, "user_id": user, "subject_id": person} for at in moments]


def every(days: Sequence[int], *, at: str = "09:00", month: str = "2026-05") -> list[str]:
    """One moment on each day of a month."""
    return [f"{month}-{day:02d} {at}" for day in days]


def within_the_hour(*, day: str = LAST_DAY, times: int, hour: int = 9) -> list[str]:
    """So many moments ten minutes apart, from the full hour on."""
    return [f"{day} {hour + turn // 6:02d}:{turn % 6}0" for turn in range(times)]

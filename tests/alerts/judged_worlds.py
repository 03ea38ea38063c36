"""Frames for the stories of judging: rows by user and person, found again by their names."""

from collections.abc import Sequence

import duckdb
import numpy as np
from numpy.typing import NDArray

from detectors.model import Frame
from tests.detectors.tables import Row, a_frame, a_lake

DAY = "2026-03-20"


def a_frame_of(events: str | Sequence[Row], **tables: str | Sequence[Row]) -> Frame:
    """The frame of March."""
    return a_frame(a_lake(events=events, **tables), "2026-03-01", "2026-04-01")


def place(frame: Frame, user: str, person: str, *, on: str = DAY) -> int:
    """The row of one user, person and day."""
    return int(
        frame.connection.execute(
            """select row_no from active
               join user_code using (user_no) join subject_code using (subject_no)
               where user_id = ? and subject_id = ? and day = ?::date""",
            [user, person, on],
        ).fetchall()[0][0]
    )


def places(frame: Frame, *pairs: tuple[str, str]) -> NDArray[np.int64]:
    """The rows of several pairs, in the order given."""
    return np.array([place(frame, user, person) for user, person in pairs], dtype=np.int64)


def person(frame: Frame, number: int) -> str:
    """The id of a person."""
    return _named(frame.connection, "subject", number)


def user(frame: Frame, number: int) -> str:
    """The id of a user."""
    return _named(frame.connection, "user", number)


def number_of(frame: Frame, name: str) -> int:
    """The number of a person or, where there is none of that name, of a user."""
    for what in ("subject", "user"):
        found = frame.connection.execute(
            f"select {what}_no from {what}_code where {what}_id = ?", [name]
        ).fetchall()
        if found:
            return int(found[0][0])
    raise LookupError(name)


def day_number(text: str = DAY) -> int:
    """A date as days since 1970-01-01."""
    return int((np.datetime64(text) - np.datetime64("1970-01-01")).astype(int))


def _named(connection: duckdb.DuckDBPyConnection, what: str, number: int) -> str:
    rows = connection.execute(
        f"select {what}_id from {what}_code where {what}_no = ?", [number]
    ).fetchall()
    return str(rows[0][0])

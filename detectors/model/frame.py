"""What a detector may see: the visits of a window, framed as views of one analysis connection."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from detectors.model.window import Window

if TYPE_CHECKING:  # a finding is read without the analysis engine
    import duckdb

PAIR_BASE = 2**32  # more people looked up than this no force has
CONTEXTS = 3  # strongest explanation of a pair in its window: 0 none, 1 partly explains, 2 explains


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A window of accesses, ready to be measured: one row of `active` per user, focus and day.

    Tables a detector may read, all keyed by numbers that stand for ids:

    - `active`    row_no, user_no, subject_no, day, role_no, context: what is to be judged
    - `pair_day`  user_no, subject_no, day, visits, unexplained_visits, duty_days, open_days,
                  unexplained_days, level; a duty day that no tasking fully explains is open
    - `look`      user_no, subject_no, slot, day, unexplained: ten-minute slots of open visits
    - `visit`     one row a visit, with duty state and explanation
    - `link`      subject_no, linked_no: the circle, both ways
    - `attended`  user_no, duty_day, turn: days at work, numbered in order for each user
    - `visit_off` visit_no, off_by_roster, off_by_breaks: whether a visit was made off duty
    - `closing`   user_no, subject_no, closed_at: when work on a person ended
    - `practice`  row_no, engagements, unexplained: of the user with everybody else
    - `changed`   user_no, subject_no, duty_day: days at work soon after a change of the record
    """

    connection: "duckdb.DuckDBPyConnection"
    window: Window  # the days to be judged, and the reference days before them
    feeds: frozenset[str]  # reference tables that hold rows
    user_no: NDArray[np.int64]  # shape (rows,)
    focus_no: NDArray[np.int64]  # shape (rows,)
    day: NDArray[np.int64]  # days since 1970-01-01 UTC, shape (rows,)
    role_no: NDArray[np.int64]  # shape (rows,)
    context: NDArray[np.int64]  # 0 to 2, shape (rows,)
    tenth: NDArray[np.int64]  # 0 to 9 by user: nobody is judged by what their own rows taught
    roles: tuple[str, ...]  # name of each role_no
    first_day: int  # of the history, since 1970-01-01 UTC; what came before nobody knows
    accesses: int  # rows in the window, whatever their subject
    unresolved: int  # of them, rows whose subject is blank or masked at the source

    @property
    def rows(self) -> int:
        """Pair-days to be judged."""
        return int(self.user_no.size)

    @property
    def fold(self) -> NDArray[np.int64]:
        """0 or 1 by user: nobody is judged by a law of their own rows; shape (rows,)."""
        return self.tenth % 2

    @property
    def pair_no(self) -> NDArray[np.int64]:
        """A number for each row's user and focus together, shape (rows,)."""
        return self.user_no * PAIR_BASE + self.focus_no

    def in_reach(self, days: int) -> NDArray[np.bool_]:
        """Whether the history reaches so many days back from each row, its own day included."""
        reached: NDArray[np.bool_] = self.day - days + 1 >= self.first_day
        return reached

    def columns(self, sql: str, **values: object) -> Mapping[str, NDArray[np.float64]]:
        """The numeric columns a query returns, one value for every row of `active`, in its order.

        Args:
            sql: selects row_no and numbers; rows it leaves out become NaN.
            values: bound parameters of the query.
        """
        found = self.connection.execute(sql, values or None).fetchnumpy()
        place = np.asarray(found.pop("row_no"), dtype=np.int64)
        return {name: self._laid_out(place, column) for name, column in found.items()}

    def _laid_out(self, place: NDArray[np.int64], column: object) -> NDArray[np.float64]:
        laid = np.full(self.rows, np.nan)
        laid[place] = np.ma.filled(np.ma.asarray(column).astype(np.float64), np.nan)
        return laid

"""The scene of every row: plain counts that no strand tests, in which the taught fusion reads them.

A strand says how far one count departs from what is usual. Whether that matters turns on counts
beside it: twelve unexplained visits of a quarter are one thing where the member of staff has made
thousands, and another where they are all there is. No protected characteristic is among them, no
identity and no role; nor how much a member of staff does in all, which a drill's own rows would
add to, so that it would tell a drill from the rest for no good reason.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.model import Frame

Floats = NDArray[np.float64]

SCENE: Final = "scene"  # the strand these counts are told under
_SPANS: Final = (7, 28, 56, 182)  # days, today included
_AROUND_DAYS: Final = 28  # of looks at the records linked to the focus


def scene(frame: Frame) -> Mapping[str, Floats]:
    """The counts by name, each shape (rows,)."""
    columns: dict[str, Floats] = {}
    for sql in (_PAIR, _CIRCLE, _SPELL):
        columns |= frame.columns(sql)
    in_all = frame.columns(_USER)["unexplained_56"]
    spent = columns["unexplained_visits_56"] / np.maximum(in_all, 1)
    return columns | {"share_of_own_unexplained_56": spent}


def _sums(*names: str, days: tuple[int, ...], over: str) -> str:
    """Trailing sums of daily counts, each over so many days."""
    return ", ".join(
        f"""sum({name}) over ({over} range between interval {span - 1} day preceding
                              and current row) as {name}_{span}"""
        for name in names
        for span in days
    )


_OF_PAIR: Final = _sums(
    "visits", "unexplained_visits", "unexplained_days", days=_SPANS, over="pair"
)

_PAIR: Final = f"""
    with rolling as (
        select user_no, subject_no, day, visits as visits_1, unexplained_visits as unexplained_1,
               {_OF_PAIR},
               day - min(day) over (partition by user_no, subject_no) + 1 as known_days,
               day - lag(day) over (partition by user_no, subject_no order by day) as gap_days
        from pair_day semi join active using (user_no, subject_no)
        window pair as (partition by user_no, subject_no order by day)
    )
    select row_no, rolling.* exclude (user_no, subject_no, day)
    from active join rolling using (user_no, subject_no, day)
"""

_USER: Final = """
    with daily as (
        select user_no, day, sum(unexplained_visits) as unexplained
        from pair_day semi join active using (user_no)
        where day > (select min(day) from active) - 56 group by all
    ), rolling as (
        select user_no, day, sum(unexplained) over (
            partition by user_no order by day range between interval 55 day preceding
                                                        and current row) as unexplained_56
        from daily
    )
    select row_no, unexplained_56 from active join rolling using (user_no, day)
"""

_CIRCLE: Final = f"""
    with near as (
        select a.row_no, count(distinct d.subject_no) as touched,
               count(distinct d.subject_no) filter (d.day > a.day - 2) as touched_2,
               sum(d.unexplained_visits) as around_unexplained,
               sum(d.unexplained_visits) filter (d.day = a.day) as around_unexplained_1
        from active a join link l on l.subject_no = a.subject_no
        join pair_day d on d.user_no = a.user_no and d.subject_no = l.linked_no
        where d.unexplained_visits > 0 and d.day <= a.day and d.day > a.day - {_AROUND_DAYS}
        group by all
    )
    select row_no, coalesce(touched, 0) as touched_{_AROUND_DAYS},
           coalesce(touched_2, 0) as touched_2,
           coalesce(around_unexplained, 0) as around_unexplained_{_AROUND_DAYS},
           coalesce(around_unexplained_1, 0) as around_unexplained_1
    from active left join near using (row_no)
"""

_SPELL: Final = """
    with spent as (
        select user_no, subject_no, day, count(*) as looks
        from look semi join active using (user_no, day) where unexplained group by all
    ), own as (select user_no, day, sum(looks) as all_looks from spent group by all),
    near as (
        select a.row_no, sum(s.looks) as around
        from active a join link l on l.subject_no = a.subject_no
        join spent s on s.user_no = a.user_no and s.subject_no = l.linked_no and s.day = a.day
        group by all
    )
    select a.row_no, coalesce(s.looks, 0) + coalesce(n.around, 0) as circle_looks_1,
           coalesce((coalesce(s.looks, 0) + coalesce(n.around, 0)) / o.all_looks, 0)
               as circle_share_1
    from active a left join spent s using (user_no, subject_no, day)
    left join near n using (row_no) left join own o using (user_no, day)
"""

"""What holds for every detector on a hundred thousand pair-days: no row is a call of its own."""

import sys
from dataclasses import dataclass, fields

import duckdb
import numpy as np
import pytest

from detectors.model import Baseline, Frame, Measured
from tests.detectors.tables import a_frame, a_lake
from tests.detectors.test_conformance import (
    LEAST_TOLD,
    LEAST_TOLD_OF_FEW,
    Kind,
    every_detector,
)

MOST_STATEMENTS = 5  # of one measurement: counting is SQL's work, a few statements at a time


@dataclass(slots=True)
class Counting:
    """A connection that counts its statements."""

    connection: duckdb.DuckDBPyConnection
    statements: int = 0

    def execute(self, *arguments: object) -> object:
        """One statement, counted."""
        self.statements += 1
        return self.connection.execute(*arguments)  # type: ignore[arg-type]  # passed on as given


def a_frame_of_many(pairs: int) -> Frame:
    """A frame of so many pair-days, its tables made by the database itself."""
    lake = a_lake()
    lake.execute(f"""
        insert into events by name
        select 'log' as source, i::varchar as event_id, 'view' as action, false as is_machine,
               if(i % 5 = 0, 'PNC', 'RMS') as system, 'U' || (i % 500) as user_id,
               'P' || if(i % 500 < 150, i % 13000, i // 7) as subject_id,
               case when i % 2 = 0 then 'U' || ((i + 7) % 500) end as requester_id,
               'D' || (i % 30) as terminal_id, 'S' || (i % 5) as location,
               timestamp '2026-02-02' + to_minutes((i * 37) % 100800) as occurred_at,
               strftime(occurred_at, '%Y-%m') as month
        from range({pairs}) t(i);
        insert into events by name
        select 'log' as source, 'first' as event_id, 'view' as action, false as is_machine,
               'RMS' as system, 'U0' as user_id, 'P0' as subject_id,
               timestamp '2025-10-01' as occurred_at, '2025-10' as month;
        insert into subject_links by name
        select 'P' || i as subject_id, 'P' || (i + 1) as linked_subject_id
        from range({pairs // 7}) t(i);
        insert into case_subjects by name select 'C' || i as case_ref, 'P' || i as subject_id
        from range(2000) t(i);
        insert into taskings by name select 'U' || (i % 500) as user_id, 'C' || i as case_ref,
               timestamp '2026-03-01' as starts_at from range(2000) t(i);
        insert into record_changes by name select 'P' || i as subject_id, 'address' as field,
               timestamp '2026-03-01' + to_days((i % 30)::integer) as changed_at
        from range(20000) t(i);
        insert into watched_records by name select 'P' || i as subject_id from range(2000) t(i);
        insert into outcomes by name select 'U' || i as user_id,
               timestamp '2026-03-20' as decided_at from range(500) t(i);
    """)
    lay_traits(lake, pairs)
    return a_frame(lake, "2026-02-02", "2026-04-13")


def lay_traits(lake: duckdb.DuckDBPyConnection, pairs: int) -> None:
    """What rows and people of such a frame are like: reasons, printouts, names, places, markers."""
    lake.execute(f"""
        update events set
            reason = case when hash(event_id) % 3 > 0 then 'matter ' || hash(event_id) % 5000 end,
            action = case when hash(event_id) % 40 = 0 then 'print' else 'view' end;
        insert into subjects by name
        select 'P' || i as subject_id, 'person' as subject_type, 'Area' || (i % 7) as area,
               'name' || (i % 211) as surname,
               case when i % 5 = 0 then 'domestic_abuse' end as markers
        from range({pairs // 7 + 1}) t(i);
        insert into staff by name
        select 'U' || i as user_id, 'role' || (i % 4) as role, 'T' || (i // 10) as team,
               'Area' || (i % 7) as area, 'name' || (i % 211) as surname,
               'P' || (i * 3) as person_subject_id
        from range(500) t(i);
    """)


@pytest.fixture(scope="module")
def many() -> Frame:
    """A hundred thousand pair-days and more."""
    return a_frame_of_many(110_000)


@every_detector
def test_a_hundred_thousand_pair_days_are_counted_in_a_few_statements(
    kind: Kind, many: Frame
) -> None:
    counting = Counting(many.connection)
    frame = Frame(
        **{item.name: getattr(many, item.name) for item in fields(Frame)} | {"connection": counting}
    )

    measured = kind().measure(frame)

    assert many.rows > 100_000
    assert isinstance(measured, Measured)
    assert 1 <= counting.statements <= MOST_STATEMENTS


@every_detector
def test_a_hundred_thousand_pair_days_are_tested_at_once(kind: Kind, many: Frame) -> None:
    """Fewer calls than rows, of Python and of compiled code alike: no row is a call of its own."""
    measured = kind().measure(many)
    assert isinstance(measured, Measured)
    before = many.day < many.day.max() - 6
    baseline = Baseline(peers=measured.where(before & (many.fold == 0)), own=measured.where(before))

    calls = Calls()
    sys.setprofile(calls.heard)
    try:
        tested = kind().test(measured, baseline)
    finally:
        sys.setprofile(None)

    assert tested.pvalue.shape == (many.rows,)
    assert (~np.isnan(tested.pvalue)).mean() > LEAST_TOLD_OF_FEW.get(kind.name, LEAST_TOLD)
    assert 0 < calls.heard_of < many.rows


@dataclass(slots=True)
class Calls:
    """How many calls were made."""

    heard_of: int = 0

    def heard(self, _frame: object, event: str, _argument: object) -> None:
        """One event of the interpreter."""
        self.heard_of += event in {"call", "c_call"}

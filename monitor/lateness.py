"""How long after it happened an access was loaded, by source and system, in steps of a person."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

import duckdb

LOOKED_BACK: Final = timedelta(days=7)  # loads that are counted: what is read stays small
AHEAD: Final = "ahead"  # loaded before it happened: a clock is wrong
LATER: Final = "later"

# Upper ends, each within the one after it.
STEPS: Final[Mapping[str, timedelta]] = {
    "1h": timedelta(hours=1),
    "3h": timedelta(hours=3),
    "1d": timedelta(days=1),
    "2d": timedelta(days=2),
    "7d": timedelta(days=7),
    "28d": timedelta(days=28),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lateness:
    """The accesses of one source and system that were loaded lately, by how late they were."""

    source: str
    system: str
    rows: int
    steps: Mapping[str, int]  # ahead; more than the step before and up to each step; later
    seconds: float  # from happening to loading, added up over the rows

    def as_json(self) -> dict[str, object]:
        """The histogram as JSON has it."""
        return {
            "source": self.source,
            "system": self.system,
            "rows": self.rows,
            "steps": dict(self.steps),
        }


def lateness(connection: duckdb.DuckDBPyConnection, *, now: datetime) -> tuple[Lateness, ...]:
    """The histogram of each source and system, the busiest first.

    Args:
        connection: offers the events of the lake.
        now: loads from a week before on are counted.
    """
    since = (now - LOOKED_BACK).astimezone(UTC).replace(tzinfo=None)
    counted = ", ".join(_counted(*ends) for ends in pairwise(_ends()))
    rows = connection.execute(
        f"""
        select source, system, count(*), sum(epoch(late)),
               count(*) filter (late < interval 0 second), {counted}
        from (select coalesce(source, '') as source, coalesce(system, '') as system,
                     loaded_at - occurred_at as late
              from events where loaded_at >= $since)
        group by 1, 2 order by 3 desc, 1, 2
        """,
        {"since": since},
    ).fetchall()
    names = (AHEAD, *STEPS, LATER)
    return tuple(
        Lateness(
            source=str(source),
            system=str(system),
            rows=int(count),
            steps=dict(zip(names, map(int, steps), strict=True)),
            seconds=float(seconds),
        )
        for source, system, count, seconds, *steps in rows
    )


def within(found: Iterable[Lateness]) -> Mapping[str, int]:
    """How many rows were loaded within each step, by its upper end in seconds; "+Inf" is all.

    >>> one = Lateness(source="a", system="b", rows=4, seconds=0.0,
    ...     steps=dict(zip((AHEAD, *STEPS, LATER), (1, 2, 0, 0, 0, 0, 0, 1), strict=True)))
    >>> within([one])["3600"], within([one])["+Inf"]
    (3, 4)
    """
    names = {AHEAD: "", **{name: f"{end.total_seconds():.0f}" for name, end in STEPS.items()}}
    told, rows = {}, 0
    found = tuple(found)
    for name, end in (names | {LATER: "+Inf"}).items():
        rows += sum(one.steps[name] for one in found)
        if end:
            told[end] = rows
    return told


def _ends() -> tuple[int | None, ...]:
    """Seconds at which steps begin and end: exactly 0 is within the first."""
    return (-1, *(int(step.total_seconds()) for step in STEPS.values()), None)


def _counted(after: int | None, until: int | None) -> str:
    low = "late >= interval 0 second" if after == -1 else f"late > interval {after} second"
    high = f" and late <= interval {until} second" if until is not None else ""
    return f"count(*) filter ({low}{high})"

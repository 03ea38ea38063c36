"""How many accesses some record explains, by role and by system; nobody is named."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import duckdb

from detectors.explanations import EXPLAINS, PARTLY, TEMPLATES, testable
from detectors.framing import framed
from detectors.model import Limits, Window
from monitor.home_records import records_of, rules_of
from monitor.wiring import Site

_AT_ONCE = timedelta(days=28)  # framed together, so that a long span keeps bounded memory
Cell = tuple[str, str, int | None]  # role, system, level of explanation


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Accesses of one role or system, by how far records explain them; None: cannot be told."""

    name: str
    accesses: int
    explained: int | None
    partly: int | None
    unexplained: int | None

    def of(self, part: int | None) -> float | None:
        """The part as a share of the accesses, 0 to 1; nothing where it cannot be told."""
        return None if part is None or not self.accesses else part / self.accesses


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What the feeds cover of the accesses of a span."""

    total: Share
    by_role: tuple[Share, ...]  # the busiest first; empty where no roles are known
    by_system: tuple[Share, ...]  # the busiest first
    by_machines: int  # accesses, not counted above
    naming_nobody: int  # accesses whose subject is blank or masked at the source, not counted above
    cannot_say: tuple[str, ...]  # what a missing feed leaves open


def coverage(site: Site, *, start: datetime, end: datetime) -> Coverage | None:
    """The coverage of [start, end), or nothing where no access was ever loaded."""
    found = records_of(site, engine=site.settings.engine)
    if found is None:
        return None
    records, _ = found
    # Nothing before the span is judged here, so that hardly anything before it is read.
    limits = replace(rules_of(site).limits, lookback_days=1)
    try:
        cells: Counter[Cell] = Counter()
        for window in _windows(start.astimezone(UTC), end.astimezone(UTC)):
            cells += _cells(records.connection, window, limits=limits, feeds=records.feeds)
        machines, nobody = _left_out(records.connection, start=start, end=end)
    finally:
        records.connection.close()
    return figures(cells, feeds=records.feeds, by_machines=machines, naming_nobody=nobody)


def figures(
    cells: Mapping[Cell, int], *, feeds: frozenset[str], by_machines: int, naming_nobody: int
) -> Coverage:
    """The shares that counted accesses come to.

    Args:
        cells: accesses by role, system and level of explanation, None where it was not tested.
        feeds: reference tables that hold rows.
        by_machines: accesses left out.
        naming_nobody: accesses left out.
    """
    return Coverage(
        total=_share("", cells.items()),
        by_role=_shares(cells, place=0) if "staff" in feeds else (),
        by_system=_shares(cells, place=1),
        by_machines=by_machines,
        naming_nobody=naming_nobody,
        cannot_say=tuple(_cannot_say(feeds)),
    )


def _cannot_say(feeds: frozenset[str]) -> Iterator[str]:
    if not testable(feeds):
        yield "what explains an access, as no feed is loaded by which that could be told"
    if "staff" not in feeds:
        yield "the share of each role, as staff is not loaded"
    untested = [template for template in TEMPLATES if not template.needs <= feeds]
    if testable(feeds) and untested:
        kinds = ", ".join(template.kind.replace("_", " ") for template in untested)
        missing = sorted({feed for template in untested for feed in template.needs - feeds})
        yield f"whether these explain more: {kinds}; not loaded: {', '.join(missing)}"


def _shares(cells: Mapping[Cell, int], *, place: int) -> tuple[Share, ...]:
    by_name: dict[str, list[tuple[Cell, int]]] = {}
    for cell, count in cells.items():
        by_name.setdefault(str(cell[place]), []).append((cell, count))
    found = (_share(name, those) for name, those in by_name.items())
    return tuple(sorted(found, key=lambda share: (-share.accesses, share.name)))


def _share(name: str, cells: Iterable[tuple[Cell, int]]) -> Share:
    by_level: Counter[int | None] = Counter()
    for (_, _, level), count in cells:
        by_level[level] += count
    untold = None in by_level
    return Share(
        name=name,
        accesses=sum(by_level.values()),
        explained=None if untold else by_level[EXPLAINS],
        partly=None if untold else by_level[PARTLY],
        unexplained=None if untold else by_level[0],
    )


def _windows(start: datetime, end: datetime) -> Iterator[Window]:
    while start < end:
        until = min(start + _AT_ONCE, end)
        yield Window(start=start, end=until)
        start = until


def _cells(
    connection: duckdb.DuckDBPyConnection,
    window: Window,
    *,
    limits: Limits,
    feeds: frozenset[str],
) -> Counter[Cell]:
    """Accesses of a window by role, system and level."""
    framed(connection, window, limits=limits, feeds=feeds)
    rows = connection.execute(
        """
        with told as (
            select r.user_no, r.day, coalesce(r.system, 'unknown') as system, v.level,
                   count(*) as accesses
            from visit_row r join visit v using (user_no, subject_no, visit_ordinal)
            where r.occurred_at >= $start and r.occurred_at < $end group by all
        ), held as (
            select t.user_no, t.day, arg_max(p.role, (p.valid_from, p.role)) as role
            from (select distinct user_no, day from told) t
            join post p on p.user_no = t.user_no
                       and p.valid_from < t.day + interval 1 day and p.valid_to > t.day
            group by all
        )
        select coalesce(h.role, 'unknown'), system, level, sum(accesses)
        from told left join held h using (user_no, day) group by all
        """,
        _between(window.start, window.end),
    ).fetchall()
    return Counter({(str(role), str(system), level): int(n) for role, system, level, n in rows})


def _left_out(
    connection: duckdb.DuckDBPyConnection, *, start: datetime, end: datetime
) -> tuple[int, int]:
    rows = connection.execute(
        """
        select count(*) filter (coalesce(is_machine, false)),
               count(*) filter (not coalesce(is_machine, false) and subject_id is null)
        from events where occurred_at >= $start and occurred_at < $end
                      and action not in ('login', 'logout')
        """,
        _between(start, end),
    ).fetchall()
    return int(rows[0][0]), int(rows[0][1])


def _between(start: datetime, end: datetime) -> dict[str, datetime]:
    return {
        "start": start.astimezone(UTC).replace(tzinfo=None),
        "end": end.astimezone(UTC).replace(tzinfo=None),
    }

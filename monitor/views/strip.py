"""A calendar of visits: a column a week, a row a weekday, the number of visits in each cell.

Numbers, not colours, carry the meaning, so it reads the same printed, spoken or seen in greys.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from rich.text import Text

from monitor.views.facts import Day
from monitor.views.wording import count, day

WIDE_WEEKS: Final = 24  # weeks that fit 80 columns with room for two figures and a mark
MOST_WEEKS: Final = 72  # weeks that fit at one column each
WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MARGIN: Final = 5
_LAST_NAME: Final = 75  # column from which a month's name still fits, set in by two
_THURSDAY: Final = 3  # days after Monday; where it lies, most of the week lies


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grid:
    mondays: tuple[date, ...]
    width: int  # columns of a cell


def calendar(days: Mapping[date, Day]) -> Text:
    """The calendar of these days, with its legend; one line of words where there is none."""
    if not days:
        return Text("No dated visit is at hand.")
    grid = _grid(sorted(days))
    drawn = [_months(grid)]
    if grid.width > 1:
        drawn.append(_mondays(grid))
    drawn.extend(_weekday(row, grid, days) for row in range(7))
    drawn.append("")
    drawn.extend(_legend(days, grid))
    return Text("\n".join(line.rstrip() for line in drawn))


def clock(hours: Sequence[int]) -> Text:
    """Visits begun in each hour of the day, as two lines: the hours, and the numbers."""
    named = "Hour " + "".join(f"{hour:3d}" for hour in range(24))
    counted = "     " + "".join(_figure(number, width=3) for number in hours)
    return Text(f"{named}\n{counted}")


def _grid(dates: Sequence[date]) -> _Grid:
    first, last = (on - timedelta(days=on.weekday()) for on in (dates[0], dates[-1]))
    weeks = (last - first).days // 7 + 1
    if weeks > MOST_WEEKS:
        first, weeks = last - timedelta(weeks=MOST_WEEKS - 1), MOST_WEEKS
    mondays = tuple(first + timedelta(weeks=week) for week in range(weeks))
    return _Grid(mondays=mondays, width=3 if weeks <= WIDE_WEEKS else 1)


def _months(grid: _Grid) -> str:
    """Month names above the first week that lies mostly in each."""
    line, named = "", 0
    for place, monday in enumerate(grid.mondays):
        month = (monday + timedelta(days=_THURSDAY)).month
        column = _MARGIN + place * grid.width + (grid.width > 1)
        if month != named and len(line) < column <= _LAST_NAME:
            line = line.ljust(column) + f"{monday + timedelta(days=_THURSDAY):%b}"
            named = month
    return line


def _mondays(grid: _Grid) -> str:
    return " " * _MARGIN + "".join(f"{monday.day:2d} " for monday in grid.mondays)


def _weekday(row: int, grid: _Grid, days: Mapping[date, Day]) -> str:
    cells = (_cell(days.get(monday + timedelta(days=row)), grid.width) for monday in grid.mondays)
    return WEEKDAYS[row].ljust(_MARGIN) + "".join(cells)


def _cell(found: Day | None, width: int) -> str:
    if found is None:
        return "." if width == 1 else " . "
    if width == 1:
        return _figure(found.visits, width=1)
    return _figure(found.visits, width=2) + ("*" if found.off_duty else " ")


def _figure(number: int, *, width: int) -> str:
    if not number:
        return ".".rjust(width)
    figure = str(number)
    return figure.rjust(width) if len(figure) <= width else "+".rjust(width)


def _legend(days: Mapping[date, Day], grid: _Grid) -> Iterator[str]:
    visits = sum(found.visits for found in days.values())
    total = f"{count(visits, 'visit')} on {count(len(days), 'day')}"
    yield f"{total}. A cell is a day, a column a week."
    known = [found.off_duty for found in days.values() if found.off_duty is not None]
    if known and any(known):
        mark = " (*)" if grid.width > 1 else ""
        yield f"Days with a visit off duty{mark}: {sum(known)} of {len(known)} with a roster."
    elif known:
        yield f"Every visit was on duty on the {count(len(known), 'day')} with a roster."
    else:
        yield "No roster is at hand: whether a visit was off duty is not known."
    if any(found.visits > (99 if grid.width > 1 else 9) for found in days.values()):
        yield f"+ stands for {'100' if grid.width > 1 else '10'} visits or more."
    before = sum(found.visits for on, found in days.items() if on < grid.mondays[0])
    if before:
        yield f"Not drawn: {count(before, 'visit')} before {day(grid.mondays[0])}."

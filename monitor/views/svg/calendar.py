"""The calendar of visits as a picture: a column a week, a row a weekday, the number in each cell.

Numbers and edges carry the meaning; the blue only helps the eye.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from monitor.views.facts import Day
from monitor.views.strip import WEEKDAYS
from monitor.views.svg.drawing import BLUES, INK, PALE, PAPER, QUIET, box, picture, words
from monitor.views.wording import count, day

BAND_WEEKS: Final = 26  # half a year a band: wide enough to see a rhythm, and it prints
MOST_BANDS: Final = 6  # three years
_CELL: Final = 26
_LEFT: Final = 44
_TOP: Final = 38
_BAND: Final = _TOP + 7 * _CELL + 14
_STEPS: Final = (1, 2, 4, 8)  # visits above which the next blue begins
_DARK: Final = 3  # from this blue on the figure is white


def calendar_svg(days: Mapping[date, Day], *, name: str = "calendar") -> str:
    """The calendar of these days; its words alone where there is none."""
    bands = _bands(sorted(days))
    width = _LEFT + BAND_WEEKS * _CELL + 4
    return picture(
        name=name,
        title="Visits by day",
        says=_said(days),
        width=width,
        height=max(1, len(bands)) * _BAND + 30,
        marks=[*_drawn(bands, days), *_key(len(bands))],
    )


def _bands(dates: Sequence[date]) -> list[tuple[date, ...]]:
    """The Mondays of each band, oldest first, the newest bands where there are too many."""
    if not dates:
        return []
    first, last = (on - timedelta(days=on.weekday()) for on in (dates[0], dates[-1]))
    mondays = [first + timedelta(weeks=week) for week in range((last - first).days // 7 + 1)]
    return list(_in_bands(mondays))[-MOST_BANDS:]


def _in_bands(mondays: Sequence[date]) -> Iterator[tuple[date, ...]]:
    for start in range(0, len(mondays), BAND_WEEKS):
        yield tuple(mondays[start : start + BAND_WEEKS])


def _drawn(bands: Sequence[Sequence[date]], days: Mapping[date, Day]) -> Iterator[str]:
    if not bands:
        yield words("No dated visit is at hand.", x=8, y=24)
    for place, mondays in enumerate(bands):
        top = place * _BAND
        yield from _months(mondays, top)
        for row, weekday in enumerate(WEEKDAYS):
            yield words(weekday, x=4, y=top + _TOP + row * _CELL + 17, size=11, ink=QUIET)
        for column, monday in enumerate(mondays):
            for row in range(7):
                found = days.get(monday + timedelta(days=row))
                yield from _cell(found, x=_LEFT + column * _CELL, y=top + _TOP + row * _CELL)


def _months(mondays: Sequence[date], top: float) -> Iterator[str]:
    """Month names above the first week of each, and the day of each Monday."""
    named = ""
    for column, monday in enumerate(mondays):
        month = f"{monday:%b %Y}" if not named or monday.month == 1 else f"{monday:%b}"
        x = _LEFT + column * _CELL
        if f"{monday:%b}" != named and (column == 0 or monday.day <= 7):
            yield words(month, x=x, y=top + 14, size=11, bold=True)
            named = f"{monday:%b}"
        yield words(f"{monday.day}", x=x + 12, y=top + 32, size=9, anchor="middle", ink=QUIET)


def _cell(found: Day | None, *, x: float, y: float) -> Iterator[str]:
    inner = _CELL - 3
    if found is None:
        yield box(x=x, y=y, width=inner, height=inner, fill=PALE)
        return
    step = sum(found.visits >= least for least in _STEPS)
    off = bool(found.off_duty)
    yield box(
        x=x, y=y, width=inner, height=inner, fill=BLUES[step], edge=INK if off else "none",
        dashed=off,
    )  # fmt: skip
    ink = PAPER if step >= _DARK else INK
    figure = f"{min(found.visits, 999)}{'*' if off else ''}"
    yield words(figure, x=x + inner / 2, y=y + 16, size=11, anchor="middle", ink=ink)


def _key(bands: int) -> Iterator[str]:
    y = max(1, bands) * _BAND + 12
    says = (
        "A column is a week, beginning on the Monday named. Figures: visits. * and a dashed edge:"
    )
    yield words(f"{says} a visit off duty.", x=_LEFT, y=y, size=11, ink=QUIET)


def _said(days: Mapping[date, Day]) -> str:
    if not days:
        return "No dated visit is at hand."
    visits = sum(found.visits for found in days.values())
    busiest = min(days, key=lambda on: (-days[on].visits, on))
    off = sum(bool(found.off_duty) for found in days.values())
    roster = any(found.off_duty is not None for found in days.values())
    duty = f"{count(off, 'day')} with a visit off duty" if roster else "no roster is at hand"
    return (
        f"{count(visits, 'visit')} on {count(len(days), 'day')}, from {day(min(days))} to"
        f" {day(max(days))}; most on {day(busiest)}, {days[busiest].visits}; {duty}."
    )

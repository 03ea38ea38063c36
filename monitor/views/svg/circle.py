"""The circle as a picture: the person looked up, and the linked records looked up around her."""

from collections.abc import Iterator, Sequence
from math import cos, pi, sin, sqrt
from typing import Final

from monitor.views.circle import MOST_RECORDS, Looked
from monitor.views.svg.drawing import BLUES, INK, LINE, PAPER, QUIET, dot, line, picture, words
from monitor.views.wording import count

_WIDTH: Final = 760
_HEIGHT: Final = 460
_CENTRE: Final = (_WIDTH / 2, _HEIGHT / 2 + 4)
_REACH: Final = (210, 150)  # of the ellipse on which the records lie
_SIDE: Final = 0.25  # of the reach: nearer the middle line, words stand above or below their record


def circle_svg(focus: str, looked: Sequence[Looked], *, name: str = "circle") -> str:
    """The focus and its linked records, thicker lines and larger discs for more visits.

    Args:
        focus: id or token of the person at the centre; empty where there is no single one.
        looked: how often each record was looked at, the focus among them.
        name: unique on the page.
    """
    heads = [one for one in looked if focus and one.subject_id == focus]
    around = [one for one in looked if one not in heads]
    return picture(
        name=name,
        title="Records looked up",
        says=_said(heads, around),
        width=_WIDTH,
        height=_HEIGHT,
        marks=_drawn(heads, around),
    )


def _drawn(heads: Sequence[Looked], around: Sequence[Looked]) -> Iterator[str]:
    shown = around[:MOST_RECORDS]
    most = max((one.visits for one in (*heads, *around)), default=1)
    places = [_place(number, len(shown)) for number in range(len(shown))]
    for one, (x, y) in zip(shown, places, strict=True):
        if heads:
            thick = 1 + 7 * one.visits / most
            yield line(x1=_CENTRE[0], y1=_CENTRE[1], x2=x, y2=y, thick=thick, ink=LINE)
    for one, (x, y) in zip(shown, places, strict=True):
        yield from _record(one, x=x, y=y, most=most)
    for one in heads:
        yield from _focus(one, most=most)
    if len(around) > len(shown):
        left = f"and {count(len(around) - len(shown), 'more record')}, not drawn"
        yield words(left, x=12, y=_HEIGHT - 12, ink=QUIET)
    if not heads and not around:
        yield words("No record looked up is at hand.", x=12, y=28)


def _place(number: int, of: int) -> tuple[float, float]:
    """Where a record lies on the ellipse, the first at the top, clockwise."""
    angle = -pi / 2 + 2 * pi * number / max(1, of)
    return _CENTRE[0] + _REACH[0] * cos(angle), _CENTRE[1] + _REACH[1] * sin(angle)


def _record(one: Looked, *, x: float, y: float, most: int) -> Iterator[str]:
    radius = _radius(one.visits, most)
    yield dot(x=x, y=y, radius=radius, fill=BLUES[1])
    aside = x - _CENTRE[0]
    if abs(aside) < _SIDE * _REACH[0]:
        upper = y < _CENTRE[1]
        at, anchor = x, "middle"
        first = y - radius - 20 if upper else y + radius + 15
    else:
        at = x + (radius + 8) * (1 if aside > 0 else -1)
        anchor = "start" if aside > 0 else "end"
        first = y - 1
    yield words(_named(one), x=at, y=first, anchor=anchor, bold=True)
    yield words(_counted(one), x=at, y=first + 14, size=11, anchor=anchor, ink=QUIET)


def _focus(one: Looked, *, most: int) -> Iterator[str]:
    x, y = _CENTRE
    radius = max(34, _radius(one.visits, most))
    yield dot(x=x, y=y, radius=radius, fill=BLUES[4])
    yield words(count(one.visits, "visit"), x=x, y=y + 4, anchor="middle", ink=PAPER, bold=True)
    # A white ground keeps the name readable over the lines that meet here.
    yield (
        f'<rect x="{x - 78:.1f}" y="{y + radius + 3:.1f}" width="156" height="34" rx="3"'
        f' fill="{PAPER}" stroke="{INK}" stroke-width="0.5"/>'
    )
    yield words(one.subject_id, x=x, y=y + radius + 17, anchor="middle", bold=True)
    days = f"at the centre, {count(one.days, 'day')}"
    yield words(days, x=x, y=y + radius + 31, size=11, anchor="middle", ink=QUIET)


def _radius(visits: int, most: int) -> float:
    """A disc whose area grows with the visits."""
    return 8 + 20 * sqrt(visits / most)


def _named(one: Looked) -> str:
    return f"{one.subject_id} ({one.tie})" if one.tie else one.subject_id


def _counted(one: Looked) -> str:
    return f"{count(one.visits, 'visit')} on {count(one.days, 'day')}"


def _said(heads: Sequence[Looked], around: Sequence[Looked]) -> str:
    told = [f"{one.subject_id}, at the centre: {_counted(one)}" for one in heads]
    told += [f"{_named(one)}: {_counted(one)}" for one in around[:MOST_RECORDS]]
    return "; ".join(told) + "." if told else "No record looked up is at hand."

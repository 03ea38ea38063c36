"""What each finding weighs, as bars on a logarithmic scale.

One step of the scale is a factor of ten in evidence.
Findings stand each by itself, because they are not added up; contributions, where the alert brings
them, are drawn one after the other, each beginning where the one before it ended.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, log, log10
from typing import Any, Final

from alerts.model import Alert
from monitor.views.svg.drawing import BLUES, INK, LINE, QUIET, box, line, picture, words
from monitor.views.wording import plain_name

_WIDTH: Final = 760
_NAMES: Final = 190  # columns for the names at the left
_FIGURES: Final = 90  # and for the figures at the right
_ROW: Final = 34
_TOP: Final = 18
_LEAST: Final = 1e-3  # an evidence value below this is drawn as this
_MOST_MARKS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar: from where to where, in powers of ten of evidence."""

    name: str
    begins: float
    ends: float

    @property
    def by(self) -> float:
        """Its own length, negative where it speaks against."""
        return self.ends - self.begins


def bars_of(alert: Alert) -> tuple[Bar, ...]:
    """The contributions of an alert one after another, or its findings each from nothing."""
    contributions = getattr(alert, "contributions", ())
    if not contributions:
        return tuple(
            Bar(
                name=plain_name(finding.detector),
                begins=0.0,
                ends=log10(max(finding.evidence_value, _LEAST)),
            )
            for finding in alert.findings
        )
    bars: list[Bar] = []
    for one in contributions:
        begins = bars[-1].ends if bars else 0.0
        by = float(_part(one, "log_evidence")) / log(10)
        bars.append(Bar(name=plain_name(str(_part(one, "name"))), begins=begins, ends=begins + by))
    return tuple(bars)


def times(power: float) -> str:
    """A power of ten to two figures: "310", "28,000", "4.0e12"."""
    value = float(f"{10**power:.2g}")
    if value >= 1e7:
        return f"{value:.1e}".replace("e+", "e")
    return f"{value:,.0f}" if value >= 10 else f"{value:g}"


def waterfall_svg(bars: Sequence[Bar], *, name: str = "waterfall") -> str:
    """The bars under one another, with the scale below them."""
    return picture(
        name=name,
        title="What each finding weighs",
        says=_said(bars),
        width=_WIDTH,
        height=_TOP + max(1, len(bars)) * _ROW + 46,
        marks=_drawn(bars),
    )


def _drawn(bars: Sequence[Bar]) -> Iterator[str]:
    if not bars:
        yield words("No finding is kept with this alert.", x=8, y=30)
        return
    low, high = _span(bars)
    bottom = _TOP + len(bars) * _ROW

    def across(power: float) -> float:
        return _NAMES + (power - low) / (high - low) * (_WIDTH - _NAMES - _FIGURES)

    step = max(1, ceil((high - low) / _MOST_MARKS))
    for power in range(low, high + 1, step):
        ink = INK if power == 0 else LINE
        yield line(x1=across(power), y1=_TOP - 6, x2=across(power), y2=bottom, thick=0.8, ink=ink)
        yield words(
            _figure(power), x=across(power), y=bottom + 15, size=10, anchor="middle", ink=QUIET
        )
    for row, bar in enumerate(bars):
        yield from _bar(bar, begins=across(bar.begins), ends=across(bar.ends), y=_TOP + row * _ROW)
    scale = (
        "Evidence value: 1 says nothing either way; each line to the right is ten times as much."
    )
    yield words(scale, x=8, y=bottom + 36, size=11, ink=QUIET)


def _bar(bar: Bar, *, begins: float, ends: float, y: float) -> Iterator[str]:
    left, right = sorted((begins, ends))
    fill = BLUES[3] if bar.by >= 0 else BLUES[0]
    yield words(bar.name, x=8, y=y + 17)
    yield box(x=left, y=y + 3, width=max(1.0, right - left), height=20, fill=fill, edge=INK)
    yield words(f"times {times(bar.by)}", x=right + 6, y=y + 17, size=11, on_paper=True)


def _span(bars: Sequence[Bar]) -> tuple[int, int]:
    """The whole powers of ten between which every bar lies, nothing among them."""
    ends = [0.0, *(bar.begins for bar in bars), *(bar.ends for bar in bars)]
    low, high = floor(min(ends)), ceil(max(ends))
    return low, max(high, low + 1)


def _figure(power: int) -> str:
    if -3 <= power <= 4:
        return f"{10**power:,g}"
    return f"1e{power}"


def _part(one: Any, name: str) -> Any:
    return one[name] if isinstance(one, Mapping) else getattr(one, name)


def _said(bars: Sequence[Bar]) -> str:
    if not bars:
        return "No finding is kept with this alert."
    told = (f"{bar.name}: evidence times {times(bar.by)}" for bar in bars)
    return "; ".join(told) + "."

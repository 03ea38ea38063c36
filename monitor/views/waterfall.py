"""How strong the evidence is and from what: each strand, what it adds, what counts against."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from alerts.model import Alert
from monitor.views.wording import plain_name, printable, words

_START: Final = "start"  # where every pair starts, which speaks neither for nor against
_SIDE: Final = 12  # columns of a bar to either side
_NAME: Final = 24
_KEY: Final = "Each whole step is ten times as strong; + speaks for more than chance, - against it."
_APART: Final = (
    "Each strand by itself; the score comes from all of them together, not from their sum."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """One strand of evidence and what it adds."""

    name: str
    says: str
    log_evidence: float  # natural logarithm; below 0 speaks against


def contributions_of(alert: Alert) -> tuple[Contribution, ...]:
    """The exact, additive contributions that an alert carries; empty where it carries none."""
    return tuple(map(_read, getattr(alert, "contributions", ())))


def waterfall(alert: Alert) -> RenderableType:
    """The strands from top to bottom with a running total, or each by itself where none add up."""
    exact = contributions_of(alert)
    strands = exact or tuple(_of_findings(alert))
    if not strands:
        return Text("No strand of evidence is kept with this alert.")
    widest = max(_span(strands, running=bool(exact)), 1.0)
    total = 0.0
    lines: list[RenderableType] = [Text(_heading(running=bool(exact)), style="dim")]
    for strand in strands:
        step = strand.log_evidence / math.log(10)
        total += step
        lines.append(Text(_line(strand.name, step, total=total if exact else None, widest=widest)))
        if strand.says:
            lines.append(Padding(words(strand.says, style="dim"), (0, 0, 0, 2)))
    against = [
        plain_name(strand.name)
        for strand in strands
        if strand.log_evidence < 0 and strand.name != _START
    ]
    told = ", ".join(against) or "nothing that was measured"
    lines.append(words(f"Counted against: {told}."))
    lines.append(Text(_KEY if exact else f"{_KEY} {_APART}", style="dim"))
    return Group(*lines)


def hinges(alert: Alert) -> str:
    """Which detectors the alert would not have been raised without; empty where none is known."""
    names = " or without ".join(plain_name(name) for name in alert.hinges_on)
    return f"It would not have been raised without {names}." if names else ""


def _read(given: Any) -> Contribution:
    """A contribution, from a mapping or from an object with the same names."""
    facts = given if isinstance(given, Mapping) else {n: getattr(given, n) for n in _FIELDS}
    return Contribution(
        name=str(facts["name"]),
        says=str(facts["says"]),
        log_evidence=float(facts["log_evidence"]),
    )


_FIELDS: Final = ("name", "says", "log_evidence")


def _of_findings(alert: Alert) -> Iterable[Contribution]:
    """What each finding says by itself; an evidence value of nothing is as weak as can be shown."""
    for finding in alert.findings:
        yield Contribution(
            name=finding.detector,
            says="",
            log_evidence=math.log(max(finding.evidence_value, 1e-9)),
        )


def _span(strands: Sequence[Contribution], *, running: bool) -> float:
    """The longest bar, in powers of ten."""
    steps = [strand.log_evidence / math.log(10) for strand in strands]
    if not running:
        return max(map(abs, steps))
    totals = [sum(steps[: place + 1]) for place in range(len(steps))]
    return max(map(abs, totals))


def _heading(*, running: bool) -> str:
    total = f"{'so far':>8}" if running else ""
    return f"{'strand':<{_NAME}} {'adds':>6}{total}  {'against':>{_SIDE}}|for"


def _line(name: str, step: float, *, total: float | None, widest: float) -> str:
    """Name, what it adds, the total so far, and a bar from the middle."""
    named = printable(plain_name(name))[:_NAME].ljust(_NAME)
    so_far = "" if total is None else f"{total:>+8.1f}"
    shown = step if total is None else total
    bar = "█" * min(_SIDE, round(_SIDE * abs(shown) / widest))
    drawn = f"{'':>{_SIDE}}|{bar}" if shown >= 0 else f"{bar:>{_SIDE}}|"
    return f"{named} {step:>+6.1f}{so_far}  {drawn}".rstrip()

"""The person looked up and the linked records that were looked up too, with a bar for visits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rich.text import Text

from monitor.views.facts import Evidence, Visit
from monitor.views.wording import count, plain_name, printable

MOST_RECORDS: Final = 12
_BAR = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """How often one record was looked at, and what it is to the focus."""

    subject_id: str
    tie: str  # "focus", "mother", "address"; empty when not known
    visits: int
    days: int


def circle(focus: str, looked: Sequence[Looked]) -> Text:
    """The focus above its linked records, the most visited first; without a focus, a plain list."""
    if not looked:
        return Text("No record looked up is at hand.")
    most = max(one.visits for one in looked)
    width = max(len(printable(one.subject_id)) for one in looked)
    heads = [one for one in looked if one.subject_id == focus]
    rest = [one for one in looked if one.subject_id != focus]
    drawn = [_line("", one, width=width + 3, most=most) for one in heads]
    shown = rest[:MOST_RECORDS]
    for place, one in enumerate(shown, start=1):
        last = place == len(shown) and len(rest) == len(shown)
        twig = ("└─ " if last else "├─ ") if heads else ""
        drawn.append(_line(twig, one, width=width + (3 if heads else 0), most=most))
    if len(rest) > len(shown):
        left = rest[len(shown) :]
        visits = count(sum(one.visits for one in left), "visit")
        drawn.append(f"{'└─ ' if heads else ''}{count(len(left), 'more record')}, {visits}")
    return Text("\n".join(drawn))


def looked_at(evidence: Evidence, *, focus: str) -> tuple[Looked, ...]:
    """Each record of the evidence with its visits and days; the focus first, then by visits."""
    by_record: dict[str, list[Visit]] = {}
    for visit in evidence.visits:
        by_record.setdefault(visit.subject_id, []).append(visit)
    types = {row.subject_id: row.subject_type for row in evidence.rows}
    found = (
        Looked(
            subject_id=subject_id,
            tie=_tie(subject_id, focus=focus, evidence=evidence, types=types),
            visits=len(visits),
            days=len({visit.day for visit in visits}),
        )
        for subject_id, visits in by_record.items()
    )
    return tuple(
        sorted(found, key=lambda one: (one.subject_id != focus, -one.visits, one.subject_id))
    )


def _tie(subject_id: str, *, focus: str, evidence: Evidence, types: Mapping[str, str]) -> str:
    if focus and subject_id == focus:
        return "focus"
    link = evidence.links.get(subject_id)
    return plain_name((link and (link.relation or link.subject_type)) or types.get(subject_id, ""))


def _line(twig: str, one: Looked, *, width: int, most: int) -> str:
    """One record on one line: 2 + token, tie, bar, visits and days."""
    named = (twig + printable(one.subject_id)).ljust(width)
    tie = printable(one.tie)[:11].ljust(11)
    bar = ("█" * max(1, round(_BAR * one.visits / most))).ljust(_BAR)
    seen = f"{count(one.visits, 'visit'):>10} on {count(one.days, 'day'):>7}"
    return f"{named}  {tie} {bar} {seen}".rstrip()

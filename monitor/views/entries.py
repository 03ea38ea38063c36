"""The chain for people: what was done and read, and whether it is as it was written."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from alerts.chain import Entry, Verification
from monitor.views.wording import count, printable, words

if TYPE_CHECKING:
    from monitor.access.record import Glass

_DULL: Final = frozenset({"alert_sha256", "row", "held_by"})  # for the machine that verifies
_FEW: Final = 3
_IN: Final = (0, 0, 0, 2)  # columns from the left
_LONG: Final = 28


def entries(found: Sequence[Entry], *, zone: ZoneInfo) -> RenderableType:
    """Entries: number, when, who, what, about what; below each, across the page, what it says."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("NO", justify="right", no_wrap=True)
    table.add_column("WHEN, WHO, WHAT, ABOUT, AND WHAT IT SAYS", overflow="fold")
    for entry in found:
        local = entry.moment.astimezone(zone)
        told = (entry.actor, entry.kind, entry.about)
        first = words("  ".join((f"{local:%d %b %y %H:%M}", *filter(None, told))))
        first.stylize("bold")
        saying = _saying(entry)
        table.add_row(
            Text(str(entry.seq)), Group(first, Padding(words(saying), _IN)) if saying else first
        )
    return Group(table, Text(), Text(f"{count(len(found), 'entry', 'entries')}."))


def broken_glass(found: Sequence["Glass"]) -> Iterable[Text]:
    """A line for each breaking of the glass that nobody else has acknowledged."""
    for one in found:
        yield Text(
            f"GLASS BROKEN by {printable(one.broken_by)} at {one.at:%Y-%m-%dT%H:%MZ}, entry"
            f" {one.number}; possible, for somebody else: psdmon access acknowledge {one.number}",
            style="bold red",
        )


def verified(found: Verification, *, lodged: int = 0) -> RenderableType:
    """What was looked through, and every place that is not as it was written.

    Args:
        found: what verifying came to.
        lodged: how many checkpoints of this home it was held against.
    """
    through = count(found.entries, "entry", "entries")
    if found.intact:
        return Group(
            Text(f"{through}: each is as it was written, and follows the one before it."),
            Text(f"The chain ends at entry {found.head.seq}, hash {found.head.hash[:16]}."),
            Text(_lodged(lodged)),
        )
    lines: Iterable[Text] = (
        words(f"  {place.place}: {place.says}") for place in found.discrepancies
    )
    return Group(Text(f"{through} looked through. Not as it was written:", style="bold"), *lines)


def _lodged(checkpoints: int) -> str:
    if checkpoints:
        named = "the checkpoint names" if checkpoints == 1 else f"{checkpoints} checkpoints name"
        return f"It still holds what {named}."
    return "Against a copy put back from yesterday only a checkpoint elsewhere helps."


def _saying(entry: Entry) -> str:
    """Purpose and facts in words; hashes left to the machine."""
    told = {name: value for name, value in entry.told.items() if name not in _DULL}
    facts = ", ".join(f"{name} {_short(value)}" for name, value in told.items() if value != "")
    purpose = f'for "{entry.purpose}"' if entry.purpose else ""
    return "; ".join(part for part in (purpose, facts) if part)


def _short(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return f"({count(len(value), 'fact')})"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"({len(value)})" if len(value) > _FEW else ", ".join(map(_one, value)) or "none"
    text = str(value)
    return text if len(text) <= _LONG else f"{text[: _LONG - 3]}..."


def _one(item: object) -> str:
    if isinstance(item, Mapping):
        return f"({', '.join(f'{name} {_short(value)}' for name, value in item.items())})"
    return str(item)

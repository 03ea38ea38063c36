"""The rows of the log behind an alert, one line each, with duty and place in the file."""

from collections.abc import Sequence
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from monitor.views.facts import EvidenceRow
from monitor.views.wording import count, words

_DUTY: Final = {True: "on", False: "OFF", None: "?"}


def rows(found: Sequence[EvidenceRow], *, zone: ZoneInfo) -> RenderableType:
    """A table of rows, oldest first, that fits 80 columns while ids are tokens."""
    if not found:
        return Text("The lake holds none of the rows behind this alert.")
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for name in ("WHEN", "DUTY", "SYSTEM", "ACTION"):
        table.add_column(name, no_wrap=True)
    for name in ("LOOKED UP", "CASE", "REASON", "LINE"):
        table.add_column(name, overflow="fold", justify="right" if name == "LINE" else "left")
    day = ""
    for row in found:
        local = row.occurred_at.astimezone(zone)
        on = f"{local:%d %b %y}"
        table.add_row(
            Text(f"{on if on != day else '':<9} {local:%H:%M}"),
            Text(_DUTY[row.on_duty]),
            words(row.system),
            words(row.action),
            words(row.subject_id or "(none)"),
            words(row.case_ref or "-"),
            words(" ".join(dict.fromkeys(filter(None, (row.reason_code, row.reason)))) or "-"),
            Text(str(row.line or "-")),
        )
        day = on
    key = (
        f"{count(len(found), 'row')}. Times: {zone.key}. DUTY ?: no roster says."
        " LINE: in the file it was read from."
    )
    return Group(table, Text(), Text(key, style="dim"))

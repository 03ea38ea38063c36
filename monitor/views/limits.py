"""How far a log reaches: what it cannot show, and what it may support of each element."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from alerts.model import Alert, Family
from alerts.prompt_pack import Element, Limits
from monitor.views.page import bullet, section
from monitor.views.wording import words


def reach(alert: Alert, limits: Limits, *, holes: Sequence[str] = ()) -> RenderableType:
    """What a log cannot show; for a fixation, also what each element of stalking would need.

    Holes in the logs over the time of the alert come first: rows may be missing on either side.
    """
    missing = [section("What the logs lack over this time", *map(bullet, holes))] if holes else []
    shown = [elements(limits.elements)] if alert.family is Family.FIXATION else []
    return Group(*missing, *shown, cannot_show(limits.lines))


def cannot_show(lines: Sequence[str]) -> RenderableType:
    """The limits of any log, a line each."""
    return section("What a log shows, and what it cannot", *map(bullet, lines))


def elements(found: Sequence[Element]) -> RenderableType:
    """What would have to be shown for stalking, element by element, and how far the log reaches."""
    shown: list[RenderableType] = []
    for one in found:
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        table.add_row("  may support", words(one.log_may_support))
        table.add_row("  cannot show", words(one.log_cannot_show))
        table.add_row("  seek", words(one.seek))
        shown += [words(one.element, style="bold"), table]
    title = "Stalking, element by element: how far the log reaches (unverified)"
    return section(title, *(shown or [Text("The law pack names no element.")]))

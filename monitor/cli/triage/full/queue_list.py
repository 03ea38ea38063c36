"""The queue as a list of two lines an alert; only what is in sight is drawn."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from alerts.model import Alert, Priority
from monitor.access.desk import Desk
from monitor.views.queue import PRIORITY_STYLE, how_many, pattern
from monitor.views.wording import age, printable

Lines = Callable[[int], tuple[Text, Text]]
LINES: Final = 2  # of an alert
_ORDER: Final[Mapping[Priority, int]] = {priority: place for place, priority in enumerate(Priority)}
_POINTED: Final = Style(reverse=True)


class QueueList(ScrollView, can_focus=True):
    """What waits, the most pressing first; ENTER opens the one that is pointed at."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "point(-1)", "up", show=False),
        Binding("down,j", "point(1)", "down", show=False),
        Binding("pageup,b", "leap(-1)", "a page up", show=False),
        Binding("pagedown,space", "leap(1)", "a page down", show=False),
        Binding("home", "point(-1000000)", "the first", show=False),
        Binding("end", "point(1000000)", "the last", show=False),
        Binding("enter", "choose", "open", show=False),
    ]

    class Chosen(Message):
        """Somebody wants the alert at a place of the queue in front."""

        def __init__(self, place: int) -> None:
            """Keep the place."""
            super().__init__()
            self.place = place

    count = 0
    pointed = 0
    lines: Lines

    def fill(self, lines: Lines, *, count: int, at: int) -> None:
        """Draw another queue, and point at one of it.

        Args:
            lines: both lines of the alert at a place; asked for what is in sight alone.
            count: alerts of the queue.
            at: the place to point at.
        """
        self.lines, self.count = lines, count
        self.virtual_size = Size(self.size.width, count * LINES)
        self.point_at(at)

    def point_at(self, place: int) -> None:
        """Point at a place of the queue, and bring it into sight."""
        self.pointed = max(0, min(place, self.count - 1))
        region = Region(0, self.pointed * LINES, max(1, self.size.width), LINES)
        self.scroll_to_region(region, animate=False, force=True)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line in sight; the alert that is pointed at is reversed and has a mark."""
        place, which = divmod(y + self.scroll_offset.y, LINES)
        width = self.scrollable_content_region.width
        if place >= self.count:
            return Strip.blank(width, Style.null())
        here = place == self.pointed
        mark = Text("> " if here and not which else "  ")
        line = Text.assemble(mark, self.lines(place)[which])
        line.truncate(width, overflow="ellipsis", pad=True)
        segments = line.render(self.app.console)
        style = _POINTED if here else Style.null()
        styled = Segment.apply_style(segments, post_style=style)
        return Strip(segment for segment in styled if segment.text != "\n").adjust_cell_length(
            width
        )

    def action_point(self, step: int) -> None:
        """Point further down or up."""
        self.point_at(self.pointed + step)

    def action_leap(self, pages: int) -> None:
        """Point a screen further."""
        self.point_at(self.pointed + pages * max(1, self.size.height // LINES))

    def action_choose(self) -> None:
        """Open the alert that is pointed at."""
        if self.count:
            self.post_message(self.Chosen(self.pointed))

    def on_click(self, event: Click) -> None:
        """Open the alert that was clicked."""
        place = (event.y + self.scroll_offset.y) // LINES
        if place < self.count:
            self.post_message(self.Chosen(place))


def by_pressure(alerts: Sequence[Alert], *, due: Collection[str]) -> list[Alert]:
    """Alerts by priority, then those whose day has come, then the oldest first."""
    return sorted(
        alerts,
        key=lambda a: (_ORDER[a.priority], a.alert_id not in due, a.raised_at, a.alert_id),
    )


def two_lines(
    desk: Desk, alert: Alert, *, now: datetime, due: bool, held_by: str
) -> tuple[Text, Text]:
    """Priority, id, standing and age; below, who, whom and the pattern."""
    standing = f"{alert.status}{' DUE' if due else ''}"
    who, whom = _named(desk, alert)
    others = len(set(alert.subject_ids) - {alert.focus_subject_id})
    more = f" +{others}" if others and alert.focus_subject_id else ""
    holder = f" {printable(held_by)}" if held_by else ""
    first = Text.assemble(
        (f"{alert.priority:<6}", PRIORITY_STYLE[alert.priority]),
        f" {printable(alert.alert_id)} {age(alert.raised_at, now)} {standing}",
    )
    return first, Text(f"  {who} {whom}{more} {pattern(alert)}{holder}")


def _named(desk: Desk, alert: Alert) -> tuple[str, str]:
    """Member of staff and person looked up, as the desk may show them."""
    # Without what a line does not show, masking a line costs next to nothing.
    bare = replace(alert, event_ids=(), findings=(), explanations_tested=(), prompts=(), says="")
    shown = desk.shown(bare)
    if not shown.focus_subject_id:
        return printable(shown.user_ids[0]), how_many(shown)
    return printable(shown.user_ids[0]), printable(shown.focus_subject_id)

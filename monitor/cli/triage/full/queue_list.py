"""The queue as a list of two lines an alert; only what is in sight is drawn."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import ClassVar, Final

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from alerts.model import Alert, Priority
from monitor.access.desk import Desk
from monitor.views.queue import PRIORITY_STYLE
from monitor.views.wording import age, plain_name, printable

_ORDER: Final[Mapping[Priority, int]] = {priority: place for place, priority in enumerate(Priority)}


class QueueList(OptionList):
    """What waits, the most pressing first; ENTER opens one."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "page_down", "more", show=False)]

    def fill(self, options: Sequence[Option], *, at: int) -> None:
        """Put another queue into the list, and point at one of it."""
        self.clear_options()
        self.add_options(options)
        self.highlighted = at if options else None


def by_pressure(alerts: Sequence[Alert], *, due: Collection[str]) -> list[Alert]:
    """Alerts by priority, then those whose day has come, then the oldest first."""
    return sorted(
        alerts,
        key=lambda a: (_ORDER[a.priority], a.alert_id not in due, a.raised_at, a.alert_id),
    )


def options_of(
    desk: Desk, alerts: Sequence[Alert], *, due: Collection[str], held: Mapping[str, str]
) -> list[Option]:
    """An option an alert, with tokens or ids as the desk may show them."""
    now = desk.site.clock.now()
    return [
        Option(
            _two_lines(desk, one, now=now, due=one.alert_id in due, held_by=held.get(one.alert_id)),
            id=one.alert_id,
        )
        for one in alerts
    ]


def _two_lines(desk: Desk, alert: Alert, *, now: datetime, due: bool, held_by: str | None) -> Text:
    """Priority, id, standing and age; below, who, whom and the pattern."""
    standing = f"{alert.status}{' DUE' if due else ''}"
    who, whom = _named(desk, alert)
    others = len(set(alert.subject_ids) - {alert.focus_subject_id})
    more = f" +{others}" if others and alert.focus_subject_id else ""
    holder = f" ({printable(held_by)})" if held_by else ""
    return Text.assemble(
        (f"{alert.priority:<6}", PRIORITY_STYLE[alert.priority]),
        f" {printable(alert.alert_id)} {standing} {age(alert.raised_at, now)}\n",
        f"   {who} {whom}{more} {plain_name(alert.family)}{holder}",
        no_wrap=True,
        overflow="ellipsis",
    )


def _named(desk: Desk, alert: Alert) -> tuple[str, str]:
    """Member of staff and person looked up, masked where the desk is."""
    masker = desk.site.masker
    first = alert.user_ids[0]
    who = first if desk.unmasked else masker.staff(first)
    focus = alert.focus_subject_id
    if not focus:
        return printable(who), f"{len(alert.subject_ids)} people"
    return printable(who), printable(focus if desk.unmasked else masker.record(focus))

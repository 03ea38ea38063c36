"""The queue: one line an alert, the most pressing first."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from alerts.model import Alert, Priority, Status
from monitor.views.wording import age, count, plain_name, printable, user_years, words

PRIORITY_STYLE: Final = {
    Priority.URGENT: "bold reverse",
    Priority.HIGH: "bold",
    Priority.NORMAL: "",
}


def queue(
    alerts: Sequence[Alert], *, now: datetime, due: Collection[str] = frozenset()
) -> RenderableType:
    """A table of alerts, already in order, that fits 80 columns while ids are tokens.

    Args:
        alerts: with ids or with tokens.
        now: from which ages are counted.
        due: ids of alerts whose day to be looked at again has come.
    """
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("ALERT", no_wrap=True)
    table.add_column("PRIO", no_wrap=True)
    table.add_column("STATUS", no_wrap=True)
    table.add_column("STAFF", overflow="fold", min_width=8)
    table.add_column("LOOKED UP", overflow="fold", min_width=8)
    table.add_column("PATTERN", overflow="fold")
    table.add_column("ONCE IN", justify="right", no_wrap=True)
    table.add_column("AGE", justify="right", no_wrap=True)
    for alert in alerts:
        table.add_row(*_row(alert, now, due=alert.alert_id in due))
    return Group(table, Text(), Text(_tally(alerts, due)), Text(_KEY, style="dim"))


def empty(
    *, judged_to: datetime | None, loaded: Collection[str], missing: Collection[str], worked: int
) -> RenderableType:
    """What an empty queue says: what was judged, on which feeds, and what it cannot mean.

    Args:
        judged_to: the end of the last judged day; None before the first scan.
        loaded: names of the reference tables that hold rows.
        missing: names of those that do not.
        worked: alerts that exist and do not wait: referred, closed or held back by a filter.
    """
    if judged_to is None:
        return Text("Nothing has been judged yet. Next: psdmon ingest events FILE, psdmon scan.")
    more = "No other detector" if worked else "No detector"
    feeds = f"access events{', ' if loaded else ''}{', '.join(sorted(loaded))}"
    lines = [
        f"{more} fired on the feeds loaded, in days judged to {judged_to:%-d %b %Y}.",
        f"Feeds loaded: {feeds}.",
        f"Feeds missing: {', '.join(sorted(missing)) or 'none'}.",
        "This says nothing of what is not logged: phones, paper, word of mouth, other systems.",
    ]
    if worked:
        lines.insert(0, f"Nothing waits here; {count(worked, 'alert')} stand elsewhere.")
    return Group(*(Text(line) for line in lines))


_KEY: Final = "ONCE IN: user-years between such patterns by chance; > is the data's limit."


def _row(alert: Alert, now: datetime, *, due: bool) -> tuple[Text, ...]:
    return (
        words(alert.alert_id),
        Text(alert.priority, style=PRIORITY_STYLE[alert.priority]),
        Text(f"{alert.status}{' DUE' if due else ''}", style="bold" if due else ""),
        Text(people(alert.user_ids)),
        Text(looked_up(alert)),
        Text(pattern(alert)),
        Text(user_years(alert.recurrence_interval) + ("?" if alert.provisional else "")),
        Text(age(alert.updated_at, now)),
    )


def people(user_ids: Sequence[str]) -> str:
    """The first member of staff, and how many others."""
    first, *others = map(printable, user_ids)
    return f"{first} +{len(others)}" if others else first


def looked_up(alert: Alert) -> str:
    """The focus and how many linked records; for a user-level alert, how many people."""
    if not alert.focus_subject_id:
        return how_many(alert)
    others = len(set(alert.subject_ids) - {alert.focus_subject_id})
    return printable(alert.focus_subject_id) + (f" +{others}" if others else "")


def pattern(alert: Alert) -> str:
    """The pattern in words; of what was drawn at random, that it was."""
    return (
        f"{plain_name(alert.family)} (audit draw)"
        if alert.drawn_at_random
        else plain_name(alert.family)
    )


def how_many(alert: Alert) -> str:
    """How many people a user-level alert is about: those it lists, and + for more."""
    more = "+" if alert.subjects_beyond else ""
    return f"{len(alert.subject_ids) + alert.subjects_beyond}{more} people"


def _tally(alerts: Sequence[Alert], due: Collection[str]) -> str:
    states = ((status, sum(alert.status is status for alert in alerts)) for status in Status)
    parts = ", ".join(f"{number} {status}" for status, number in states if number)
    unsure = any(alert.provisional for alert in alerts)
    told = f"{count(len(alerts), 'alert')}: {parts}." + (" ? is provisional." if unsure else "")
    again = any(alert.alert_id in due for alert in alerts)
    drawn = sum(alert.drawn_at_random for alert in alerts)
    told += f" {drawn} drawn at random for audit, not for strength." if drawn else ""
    return told + (" DUE: to be looked at again." if again else "")

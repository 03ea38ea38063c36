"""The clocks of the law, and the facts beyond the log that people put on record."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from alerts.chain import moment
from alerts.clocks import Clock, State, ends_at
from alerts.model import Alert
from monitor.views.casework import FactShown
from monitor.views.page import section
from monitor.views.wording import day, plain_name, when, words


def clocks(found: Sequence[Clock], alert: Alert, *, zone: ZoneInfo) -> RenderableType:
    """Each clock with what it counts from and when it runs out; a warning stands out."""
    if not found:
        none = "The law pack holds no time limit for this alert: ask the force's solicitor."
        return section("Clocks", Text(none))
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for clock in found:
        style = "bold reverse" if clock.warns else ""
        table.add_row(words(clock.rule.title, style="bold"), words(says(clock, zone), style=style))
        table.add_row("", words(_basis(clock, alert, zone=zone), style="dim"))
    return section("Clocks", table)


def says(clock: Clock, zone: ZoneInfo) -> str:
    """One clock in a sentence: "NEAR: runs out at the end of 5 Mar 2026"."""
    if clock.state is State.STOPPED:
        return f"stopped: {plain_name(clock.rule.stopped_by)} {value(clock.stopped, zone)}"
    if clock.ends_at is None:
        return f"not started. {clock.rule.until_begun}"
    last = day((clock.ends_at - timedelta(seconds=1)).astimezone(zone))
    counted = f"counted from {plain_name(clock.rule.starts_from)} {value(clock.began, zone)}"
    if clock.state is State.PAST:
        return f"PAST: it ran out at the end of {last}, {counted}"
    lead = "NEAR: " if clock.state is State.NEAR else ""
    return f"{lead}it runs out at the end of {last}, {counted}"


def recorded(found: Sequence[FactShown], *, zone: ZoneInfo) -> list[RenderableType]:
    """The facts on record, oldest first; nothing where there is none."""
    if not found:
        return []
    lines = (
        words(
            f"{when(one.at, zone)}  {one.actor}: {fact_name(one.name)}: "
            f"{value(one.value, zone)}: {one.reason}"
        )
        for one in found
    )
    return [section("Recorded beyond the log", *lines)]


def fact_name(name: str) -> str:
    """The name of a fact in words; the id of an offence as it is."""
    return name if name.isupper() or "-" in name else plain_name(name)


def value(text: str, zone: ZoneInfo) -> str:
    """The value of a fact in words: a day, a moment on the force's own clock, or its word."""
    if text[:4].isdecimal():
        if "T" in text:
            return when(moment(text), zone)
        return day(datetime.fromisoformat(text))
    return plain_name(text)


def _basis(clock: Clock, alert: Alert, *, zone: ZoneInfo) -> str:
    """The reference, and, before it began, what the last access would make of it."""
    rule = clock.rule
    reference = rule.reference if rule.verified else f"{rule.reference} (unverified)"
    if clock.state is not State.NOT_STARTED or rule.rule != "months":
        return reference
    last = alert.last_event_at.astimezone(zone).date()
    ends = ends_at(rule, last.isoformat(), zone=zone) - timedelta(seconds=1)
    return (
        f"{reference}. Were the last access in the log, {day(last)}, such an act,"
        f" the limit would be the end of {day(ends.astimezone(zone))}."
    )

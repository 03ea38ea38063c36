"""How dates, counts and rarity are put into words, and what no text from outside may do."""

import re
import unicodedata
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from rich.text import Text

from alerts.model import Alert, RecurrenceInterval

# Printed on every export and every whole view.
SENTENCE: Final = (
    "Analyst aid from access logs. Shows that records were opened, not why. Not evidence of an"
    " offence or breach, nor a risk assessment of any person. Decisions are for the appropriate"
    " authority."
)

# Unicode categories of what a screen obeys or hides: controls, direction marks, unassigned.
_STEERING: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def printable(text: str) -> str:
    r"""The text on one line; whatever could steer a terminal is written out, as `\x1b`."""
    return "".join(map(_visible, " ".join(re.split(r"[\t\r\n]+", text))))


def _visible(letter: str) -> str:
    if unicodedata.category(letter) not in _STEERING:
        return letter
    return letter.encode("unicode_escape", "surrogatepass").decode("ascii")


def words(text: str, style: str = "") -> Text:
    """Text from anywhere, safe to put on a screen; nothing in it is read as markup."""
    return Text(printable(text), style=style)


def count(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun: "1 visit", "1,204 visits"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def day(moment: date) -> str:
    """A date in words: "1 Mar 2026"."""
    return f"{moment.day} {moment:%b %Y}"


def when(moment: datetime, zone: ZoneInfo) -> str:
    """A moment on the force's own clock, with the name of its offset: "1 Mar 2026 02:10 GMT"."""
    local = moment.astimezone(zone)
    return f"{day(local)} {local:%H:%M} {local.tzname()}"


def span(first: datetime, last: datetime, zone: ZoneInfo) -> str:
    """Two dates, the first without what it shares with the second: "12 Jan to 28 Feb 2026"."""
    start, end = first.astimezone(zone), last.astimezone(zone)
    if start.date() == end.date():
        return day(end)
    shared_year = start.year == end.year
    return f"{start.day} {start:%b}{'' if shared_year else f' {start.year}'} to {day(end)}"


def age(then: datetime, now: datetime) -> str:
    """How long ago, in its largest unit: "3 d", "5 h", "12 min"."""
    minutes = max(0, int((now - then).total_seconds() // 60))
    if minutes >= 2 * 24 * 60:
        return f"{minutes // (24 * 60)} d"
    return f"{minutes // 60} h" if minutes >= 120 else f"{minutes} min"


def quantity(value: float) -> str:
    """A count or a mean, no more exact than a reader needs: "18", "1.2", "0.04"."""
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2g}"


def user_years(interval: RecurrenceInterval) -> str:
    """The interval to two figures, marked where the data can say no more: "190", ">12,000"."""
    value = interval.value
    rounded = float(f"{value:.2g}")
    figure = f"{rounded:,.0f}" if rounded >= 10 else f"{rounded:g}"
    return f">{figure}" if interval.limit_of_data else figure


def rarity(alert: Alert) -> str:
    """The sentence of rarity: the alert's own, or one made from its interval."""
    if alert.says:
        return alert.says
    interval = alert.recurrence_interval
    often = f"about once in {user_years(interval)} user-years"
    if interval.limit_of_data:
        years = user_years(interval).removeprefix(">")
        often = f"less than once in {years} user-years (limit of the data)"
    return (
        f"Among {interval.role or 'all'} staff a pattern this strong arises by chance {often}."
        " This is a measure of rarity, not of guilt."
    )


def chance(pvalue: float) -> str:
    """A probability no finer than a reference can bear: "p 0.004", "p below 0.000001"."""
    if pvalue < 1e-6:
        return "p below 0.000001"
    figures = f"{pvalue:.2g}" if pvalue >= 1e-3 else f"{pvalue:.6f}".rstrip("0")
    return f"p {figures}"


def plain_name(name: str) -> str:
    """A name from code or data as words: "case abuse" for `case_abuse`."""
    return name.replace("_", " ")

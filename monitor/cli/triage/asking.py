"""What a deed asks of whoever sits at the screen, however that screen is made."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Protocol

from rich.console import Group, RenderableType

from alerts.errors import Misused
from monitor.access.desk import Desk
from monitor.views.wording import words

GIVEN_UP: Final = "Given up; nothing was changed."
NO: Final = "x"  # gives up whatever is asked


class Asker(Protocol):
    """A screen that can put a question: text mode, the full screen, or a test."""

    def choice(self, shown: RenderableType, keys: Mapping[str, str]) -> str:
        """The key chosen of those offered, each with what it does; x where it was given up."""

    def typed(self, question: str) -> str | None:
        """A line typed in answer; None where it was given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """Somebody at a screen: what they may see and do, and how they are asked."""

    desk: Desk
    asker: Asker


def yes(asker: Asker, asked: str, *more: str) -> bool:
    """Whether somebody says yes to a question, with what it is about below it."""
    shown = Group(words(asked, style="bold"), *map(words, more))
    return asker.choice(shown, {"y": "yes", "n": "no"}) == "y"


def numbered(asker: Asker, asked: str, *, choices: Mapping[str, str]) -> str:
    """The one of at most nine things that somebody picks by its number; empty where none."""
    names = list(choices)[:9]
    lines = [f"  {place}  {choices[name]}" for place, name in enumerate(names, start=1)]
    shown = Group(words(asked, style="bold"), words(""), *map(words, lines))
    key = asker.choice(shown, {str(place): "" for place in range(1, len(names) + 1)})
    return "" if key == NO else names[int(key) - 1]


def day_meant(text: str, *, today: date) -> date:
    """The day that somebody typed: 2026-12-01, or +7 for days from today.

    Raises:
        Misused: it is neither.
    """
    if found := re.fullmatch(r"\+(\d{1,4})", text.strip()):
        return today + timedelta(days=int(found[1]))
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Misused(f"day: {text!r} is none; possible: 2026-12-01, +7") from None

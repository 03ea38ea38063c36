"""Questions put on a screen of lines: single keys, and lines typed at its foot."""

from collections.abc import Mapping
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.text import Text

from monitor.cli.triage.asking import NO
from monitor.cli.triage.terminal import Screen
from monitor.views.page import lines_of


@dataclass(frozen=True, slots=True, kw_only=True)
class OnScreen:
    """Puts what a deed asks on a terminal of lines."""

    screen: Screen

    def choice(self, shown: RenderableType, keys: Mapping[str, str]) -> str:
        """One of the keys offered; x to give up, and on Ctrl-C."""
        asked = Group(shown, Text(), Text(_offered(keys), style="bold"))
        while True:
            self.screen.show(lines_of(asked, self.screen.console), ())
            try:
                key = self.screen.key().lower()
            except KeyboardInterrupt:
                return NO
            if key in {*keys, NO}:
                return key

    def typed(self, question: str) -> str | None:
        """A line typed at the foot of the screen."""
        return self.screen.typed(question)


def _offered(keys: Mapping[str, str]) -> str:
    """The keys with what they do; numbers that were listed above, as a range."""
    named = "   ".join(f"{key} {does}" for key, does in keys.items() if does)
    bare = [key for key, does in keys.items() if not does]
    numbers = f"{bare[0]} to {bare[-1]}" if len(bare) > 1 else "".join(bare)
    return "   ".join(filter(None, (numbers, named, f"{NO} give up")))

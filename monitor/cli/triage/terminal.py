"""The terminal of a triage: single keys in, a screen of lines out, and lines typed at its foot."""

import os
import select
import signal
import sys
import termios
import tty
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from rich.console import Console
from rich.text import Text

from monitor.cli.output import screen
from monitor.views.page import plain_marks, speaks_unicode

_RESIZE_SECONDS: Final = 0.5  # how soon a changed window is noticed
_FEWEST_LINES: Final = 12
_ENTER_SCREEN: Final = "\x1b[?1049h"  # the other screen: what was shown is gone on leaving
_LEAVE_SCREEN: Final = "\x1b[?1049l"
_HOME_AND_CLEAR: Final = "\x1b[H\x1b[2J"
_TO_FOOT: Final = "\x1b[{line};1H\x1b[0J"
# What keys send: the arrows and page keys do what their letters do.
_NAMED: Final = {
    "\x1b[A": "b", "\x1b[5~": "b", "\x1b[B": " ", "\x1b[6~": " ", "\r": " ", "\n": " ",
    "\x1b[C": "n", "\x1b[D": "p", "\x1bOC": "n", "\x1bOD": "p", "\x1bOA": "b", "\x1bOB": " ",
}  # fmt: skip
LEAVE: Final = "x"
_GIVE_UP: Final = b"\x03"  # Ctrl-C
RESIZED: Final = "resized"


class Screen(Protocol):
    """What a walk through the queue needs of a terminal."""

    @property
    def console(self) -> Console:
        """Renders at the width of the screen."""

    @property
    def height(self) -> int:
        """Lines of the screen."""

    def show(self, lines: Sequence[Text], foot: Sequence[Text]) -> None:
        """Paint lines from the top, and the foot below them."""

    def key(self) -> str:
        """The next key: a letter, " " or "resized"."""

    def typed(self, question: str) -> str | None:
        """A line typed in answer; None when it was given up with Ctrl-C."""


@dataclass(slots=True, kw_only=True)  # holds the keys typed ahead
class Terminal:
    """The real one; between keys it is in cbreak mode, so that nothing typed ahead is lost."""

    stdin: int
    cooked: Any  # the attributes termios gave, and takes back
    unicode: bool
    _pending: list[str] = field(default_factory=list)
    _interrupted: bool = False  # by Ctrl-C between two keys

    @classmethod
    @contextmanager
    def opened(cls) -> Iterator["Terminal"]:
        """The terminal of this process, on its other screen, put back as it was on leaving."""
        stdin = sys.stdin.fileno()
        terminal = cls(
            stdin=stdin,
            cooked=termios.tcgetattr(stdin),
            unicode=speaks_unicode(sys.stdout.encoding),
        )
        hung_up = signal.signal(signal.SIGHUP, signal.SIG_DFL)
        interrupted = signal.signal(signal.SIGINT, terminal._interrupt)
        try:
            tty.setcbreak(stdin, termios.TCSANOW)
            _write(_ENTER_SCREEN + _HOME_AND_CLEAR)
            yield terminal
        finally:
            _write(_HOME_AND_CLEAR + _LEAVE_SCREEN)
            termios.tcsetattr(stdin, termios.TCSADRAIN, terminal.cooked)
            signal.signal(signal.SIGINT, interrupted)
            signal.signal(signal.SIGHUP, hung_up)

    @property
    def console(self) -> Console:
        """Renders at the width of the screen, but no wider than reads well."""
        console = screen()
        console.width = min(_size().columns, 100)
        return console

    @property
    def height(self) -> int:
        """Lines of the screen, at least twelve."""
        return max(_size().lines, _FEWEST_LINES)

    def show(self, lines: Sequence[Text], foot: Sequence[Text]) -> None:
        """Paint lines from the top, and the foot at the bottom."""
        console = self.console
        blank = self.height - len(lines) - len(foot)
        with console.capture() as captured:
            for line in (*lines, *([Text()] * blank), *foot):
                console.print(line, no_wrap=True, overflow="crop", crop=True)
        text = captured.get().removesuffix("\n")
        _write(_HOME_AND_CLEAR + (text if self.unicode else plain_marks(text)))

    def key(self) -> str:
        """The next key: a letter, " " or "resized"; leaving, where the terminal is gone."""
        was = _size()
        while not self._pending:
            if self._interrupted:
                return LEAVE
            ready, _, _ = select.select([self.stdin], [], [], _RESIZE_SECONDS)
            if ready:
                sent = os.read(self.stdin, 64)
                self._pending.extend(_keys(sent) if sent else [LEAVE])
            elif _size() != was:
                return RESIZED
        return self._pending.pop(0)

    def typed(self, question: str) -> str | None:
        """A line typed at the foot of the screen; None when it was given up with Ctrl-C."""
        self._pending.clear()
        lines = question.count("\n") + 3
        _write(_TO_FOOT.format(line=max(1, self.height - lines)))
        termios.tcsetattr(self.stdin, termios.TCSADRAIN, _line_by_line(self.cooked))
        try:
            return self._line(question if self.unicode else plain_marks(question))
        finally:
            termios.tcsetattr(self.stdin, termios.TCSADRAIN, self.cooked)
            tty.setcbreak(self.stdin, termios.TCSADRAIN)

    def _interrupt(self, _number: int, _frame: object) -> None:
        """Remember Ctrl-C for the next key: raised wherever it falls, a library may swallow it."""
        self._interrupted = True

    def _line(self, question: str) -> str | None:
        """A line as the terminal itself edits it; None where it, or the terminal, was given up."""
        _write(f"{question} ")
        sent = bytearray()
        while not sent.endswith((b"\n", _GIVE_UP)):
            part = os.read(self.stdin, 4096)
            if not part:
                return None
            sent += part
        return None if _GIVE_UP in sent else sent.decode("utf-8", "replace").strip()


def _line_by_line(cooked: Any) -> Any:
    """The attributes of a terminal that edits lines, and ends one at Ctrl-C as at Return.

    Ctrl-C is a key here and no signal: one that comes between two reads is lost.
    """
    characters = list(cooked[6])
    characters[termios.VEOL] = _GIVE_UP
    return [*cooked[:3], (cooked[3] | termios.ICANON) & ~termios.ISIG, *cooked[4:6], characters]


def _keys(sent: bytes) -> list[str]:
    """What was sent as keys; a sequence that stands for no key is passed over."""
    text = sent.decode("utf-8", "ignore")
    keys: list[str] = []
    while text:
        name = next((code for code in _NAMED if text.startswith(code)), "")
        if name:
            keys.append(_NAMED[name])
            text = text[len(name) :]
        elif text[0] == "\x1b":
            break
        else:
            keys.append(text[0])
            text = text[1:]
    return keys


def _size() -> os.terminal_size:
    try:
        return os.get_terminal_size(sys.stdout.fileno())
    except OSError:
        return os.terminal_size((80, 24))


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()

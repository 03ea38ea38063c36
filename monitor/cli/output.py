"""What goes to the screen: facts on standard output, everything else on standard error.

as_json      one JSON document, alone on standard output
paged        lines and tables; through the pager when they are longer than the terminal
note         a remark about how it went
plain        text from data, with whatever could steer a terminal made visible
"""

import json
import os
import sys
import textwrap
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TextIO

import click
from rich.console import Console
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

FORMAT = 1
NARROW = 80  # columns every table must fit
_STEERING = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})  # Unicode categories


def as_json(document: Mapping[str, Any]) -> None:
    """Write one JSON document to standard output, with the format's number first."""
    shown = {"format": FORMAT, **document}
    text = json.dumps(shown, indent=2, ensure_ascii=False, allow_nan=False, default=_as_text)
    click.echo(text.encode())  # JSON is UTF-8, whatever the terminal speaks


def json_line(document: Mapping[str, Any]) -> bytes:
    """One line of JSON, for files of one document a line."""
    return (json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n").encode()


def plain(text: object) -> str:
    r"""Text with control and direction characters written out: `\x1b` instead of an escape."""
    return "".join(map(_visible, str(text)))


def screen(stream: TextIO | None = None) -> Console:
    """A console that takes text as it is; 80 columns where there is no terminal."""
    out = stream or sys.stdout
    narrow = None if out.isatty() or "COLUMNS" in os.environ else NARROW
    return Console(
        file=out, width=narrow, markup=False, highlight=False, emoji=False, soft_wrap=False
    )


def note(text: str) -> None:
    """Write a remark to standard error."""
    click.echo(wrapped(text), err=True)


def wrapped(text: str) -> str:
    """A message as a terminal shows it, broken between words; elsewhere as it is, for machines."""
    if not sys.stderr.isatty():
        return text
    width = screen(sys.stderr).width
    return "\n".join(
        textwrap.fill(
            line,
            width=width,
            subsequent_indent="  ",
            break_long_words=False,
            break_on_hyphens=False,
            drop_whitespace=True,
        )
        for line in text.splitlines()
    )


@contextmanager
def paged() -> Iterator[Console]:
    """A console whose text is shown at the end, in the pager where it is longer than the screen."""
    console = screen()
    with console.capture() as captured:
        yield console
    text = "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())
    text = _spoken(text, console.encoding)
    if _wants_pager(console, text):
        os.environ.setdefault("LESS", "-FRX")
        click.echo_via_pager(text, color=not console.no_color)
    else:
        click.echo(text, nl=False, color=console.is_terminal)


def table(*columns: Column | str, rows: Iterable[Sequence[object]], title: str = "") -> Table:
    """A table without frames; text from data cannot steer the terminal."""
    shown = Table(
        *columns,
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
        title=Text(title, style="bold") if title else None,
        title_justify="left",
        header_style="bold",
    )
    for row in rows:
        shown.add_row(*(cell if isinstance(cell, Text) else Text(plain(cell)) for cell in row))
    return shown


def facts(pairs: Iterable[tuple[str, object]]) -> Table:
    """Names and what they stand for, in two columns."""
    shown = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    shown.add_column(style="bold", no_wrap=True)
    shown.add_column(overflow="fold")
    for name, value in pairs:
        shown.add_row(name, value if isinstance(value, Text) else Text(plain(value)))
    return shown


def indented(text: str, *, by: int = 2) -> Padding:
    """A paragraph set in from the left."""
    return Padding(Text(plain(text)), (0, 0, 0, by))


@contextmanager
def progress(what: str) -> Iterator[Callable[[float, float | None, str], None]]:
    """A bar on standard error, where that is a terminal; elsewhere nothing.

    Yields a function of (done, total or None, label).
    """
    console = screen(sys.stderr)
    if not console.is_terminal:
        yield lambda _done, _total, _label: None
        return
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    parts = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    with Progress(*parts, TimeElapsedColumn(), console=console, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total, label: bar.update(
            task, completed=done, total=total, description=plain(label)
        )


def counted(number: int, thing: str, *, things: str = "") -> str:
    """A number and its noun: "1 alert", "2 alerts", "1,000 rows"."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"


def _wants_pager(console: Console, text: str) -> bool:
    return console.is_terminal and sys.stdin.isatty() and text.count("\n") >= console.height


def _spoken(text: str, encoding: str) -> str:
    """The text as a terminal of this encoding can show it."""
    if encoding.casefold().startswith("utf"):
        return text
    from monitor.views.page import plain_marks

    return plain_marks(text).encode(encoding, "backslashreplace").decode(encoding)


def _visible(letter: str) -> str:
    if letter == "\n" or unicodedata.category(letter) not in _STEERING:
        return letter
    return letter.encode("unicode_escape", "surrogatepass").decode("ascii")


def _as_text(value: object) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, set | frozenset | tuple):
        return sorted(value)
    return str(value)

"""From renderables to lines of text, at a width, with or without the marks of Unicode."""

from io import StringIO
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from monitor.views.wording import words

WIDTH: Final = 80

# One column for one column, so that nothing moves.
_PLAIN: Final = str.maketrans(
    {"─": "-", "│": "|", "├": "|", "└": "`", "█": "#", "·": "-", "…": "~"}
)


def text_of(shown: RenderableType, *, width: int = WIDTH, unicode: bool = True) -> str:
    """The renderable as plain text of at most `width` columns, no colours, no trailing blanks."""
    console = Console(
        file=StringIO(), width=width, color_system=None, markup=False, highlight=False, emoji=False
    )
    with console.capture() as captured:
        console.print(shown)
    text = "\n".join(line.rstrip() for line in captured.get().splitlines())
    return plain_marks(text) if not unicode else text


def lines_of(shown: RenderableType, console: Console) -> list[Text]:
    """The renderable as the console would show it, one Text a line, to be paged."""
    lines = console.render_lines(shown, console.options, pad=False)
    return [_line(segments) for segments in lines]


def plain_marks(text: str) -> str:
    """The text with ASCII in place of rules, twigs, bars and dots."""
    return text.translate(_PLAIN)


def speaks_unicode(encoding: str | None) -> bool:
    """Whether an output of this encoding can show rules, twigs and bars."""
    return (encoding or "").replace("-", "").replace("_", "").casefold().startswith("utf")


def section(title: str, *parts: RenderableType) -> Group:
    """A heading, and what stands under it, after an empty line."""
    return Group(
        Text(), Text(title, style="bold"), *(Padding(part, (0, 0, 0, 2)) for part in parts)
    )


def rule() -> Rule:
    """A line across."""
    return Rule(style="dim", characters="─")


def bullet(text: str) -> RenderableType:
    """A paragraph behind a dash, its lines set in."""
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("-", words(text))
    return table


def _line(segments: list[Segment]) -> Text:
    line = Text(no_wrap=True, overflow="crop")
    for segment in segments:
        if not segment.control:
            line.append(segment.text, segment.style)
    return line

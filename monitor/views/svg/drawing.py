"""The few marks a picture is made of, each as SVG text; whatever is written is escaped."""

from collections.abc import Iterable
from html import escape
from typing import Final

from monitor.views.wording import printable

INK: Final = "#1b1f24"  # on white 16:1, on every pale fill here above 4.5:1
PAPER: Final = "#ffffff"
QUIET: Final = "#57606a"  # lesser words; on white 6.4:1
LINE: Final = "#8c959f"
PALE: Final = "#eef1f4"
BLUES: Final = ("#d6e6f5", "#a9cdea", "#6fa8d6", "#1f5f99", "#0b3a66")  # few visits to many


def picture(  # noqa: PLR0913 what a picture is, all named
    *, name: str, title: str, says: str, width: float, height: float, marks: Iterable[str]
) -> str:
    """A whole picture, its title and its description first, so that it can be heard.

    Args:
        name: unique on the page.
        title: what it is.
        says: in words, what it shows.
        width: of its own units.
        height: of its own units.
        marks: in the order they are drawn.
    """
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}"'
        f' width="{width:g}" height="{height:g}" role="img"'
        f' aria-labelledby="{name}-title {name}-desc" font-family="sans-serif">'
        f'<title id="{name}-title">{written(title)}</title>'
        f'<desc id="{name}-desc">{written(says)}</desc>'
        f"{''.join(marks)}</svg>"
    )


def words(  # noqa: PLR0913 what a word on a picture is, all named
    text: str,
    *,
    x: float,
    y: float,
    size: float = 12,
    anchor: str = "start",
    ink: str = INK,
    bold: bool = False,
    on_paper: bool = False,
) -> str:
    """Text at its baseline; on paper, with a white edge over whatever lies under it."""
    ground = f' stroke="{PAPER}" stroke-width="4" paint-order="stroke"' if on_paper else ""
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" text-anchor="{anchor}"'
        f' fill="{ink}"{weight}{ground}>{written(text)}</text>'
    )


def box(  # noqa: PLR0913 what a box is, all named
    *,
    x: float,
    y: float,
    width: float,
    height: float,
    fill: str,
    edge: str = "none",
    dashed: bool = False,
) -> str:
    """A rectangle."""
    dashes = ' stroke-dasharray="3 2" stroke-width="2"' if dashed else ""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="2"'
        f' fill="{fill}" stroke="{edge}"{dashes}/>'
    )


def line(  # noqa: PLR0913 what a line is, all named
    *, x1: float, y1: float, x2: float, y2: float, thick: float = 1, ink: str = LINE
) -> str:
    """A straight line."""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
        f' stroke="{ink}" stroke-width="{thick:.1f}"/>'
    )


def dot(*, x: float, y: float, radius: float, fill: str, edge: str = INK) -> str:
    """A disc."""
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{fill}" stroke="{edge}"/>'


def written(text: str) -> str:
    """Text as XML can hold it; what could steer a reader is written out."""
    return escape(printable(text), quote=True)

"""What a report is made of, and how it becomes one self-contained page of HTML or JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from monitor.views.wording import SENTENCE, printable

if TYPE_CHECKING:  # a template is read when a page is written
    from jinja2 import Template


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under headers; the first cell of a row is its own header."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    none: str = "None."  # what is said where there is no row
    narrow: tuple[int, ...] = ()  # columns of hashes and ids, set small and broken anywhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A drawing that carries its own title and description."""

    svg: str
    caption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading and what stands under it, in this order."""

    heading: str
    wide: bool = False  # printed across the page, where a table has many columns
    warns: tuple[str, ...] = ()  # sentences that a person should see first
    says: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One report."""

    kind: str  # alert, board, subject
    title: str
    lead: str  # one sentence under the title
    about: tuple[tuple[str, str], ...]  # names and what they stand for
    sections: tuple[Section, ...]
    notice: str = SENTENCE


def html(page: Page) -> str:
    """The page as one file: no script, nothing loaded from elsewhere, every text escaped."""
    contents = [(f"part-{place}", part) for place, part in enumerate(page.sections, start=1)]
    return _template().render(page=page, contents=contents) + "\n"


def document(page: Page) -> dict[str, Any]:
    """The page as JSON; a picture is there by its caption."""
    made = asdict(page)
    for part in made["sections"]:
        part["pictures"] = [picture["caption"] for picture in part["pictures"]]
    return {"format": 1, "report": made.pop("kind"), **made}


def as_json(page: Page) -> str:
    """The document as text."""
    return json.dumps(document(page), ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def cells(*values: object) -> tuple[str, ...]:
    """Cells of a row: text on one line, whatever could steer a reader written out."""
    return tuple(printable(str(value)) for value in values)


def plain(lines: Sequence[str]) -> tuple[str, ...]:
    """Sentences on one line each, the empty ones left out."""
    return tuple(printable(line) for line in lines if line)


@cache
def _template() -> "Template":
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("monitor.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["drawn"] = Markup  # an SVG of ours, its words escaped when it was drawn
    return environment.get_template("page.html.j2")

"""What the reports take: where to write, in which form; and how a page is shown or written."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Group, RenderableType
from rich.table import Column
from rich.text import Text

from monitor.access.desk import Desk
from monitor.cli import output
from monitor.cli.alerts.showing import put as put_on_screen
from monitor.reports.page import Page, Section, document
from monitor.reports.writing import put, written
from monitor.views.page import bullet, rule, section
from monitor.views.wording import words

Command = Callable[..., Any]


def out_option(*, required: bool) -> Callable[[Command], Command]:
    """Add --out, passed as `out`."""
    return click.option(
        "--out",
        required=required,
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        help="The file to write, .html, .pdf or .json, readable by you alone.",
    )


def give(  # noqa: PLR0913 what a report is given with, all named
    desk: Desk,
    page: Page,
    *,
    out: Path | None,
    as_json: bool,
    about: str = "",
    facts: Mapping[str, object] | None = None,
) -> None:
    """Write a page to its file, or show it, and leave the entry that says so.

    Args:
        desk: of whoever asked.
        page: the report.
        out: the file; nothing: the screen.
        as_json: whether the screen is given JSON.
        about: the alert, where it is about one.
        facts: more for the entry.
    """
    more = {"report": page.kind, **(facts or {})}
    if out is None:
        desk.looked("report.shown", about=about, **more)
        if as_json:
            output.as_json(document(page))
        else:
            put_on_screen(_on_screen(page))
        return
    content = written(page, out.suffix)

    def told(sha256: str) -> None:
        form = out.suffix.removeprefix(".")
        desk.looked("report.written", about=about, form=form, sha256=sha256, **more)

    sha256 = put(out, content, told=told)
    shown = "identities" if desk.unmasked else "tokens"
    if as_json:
        output.as_json({"report": page.kind, "file": str(out), "sha256": sha256})
    output.note(f"{out}: {page.kind} report written, with {shown}, SHA-256 {sha256[:16]}")


def _on_screen(page: Page) -> RenderableType:
    """The page as text of eighty columns."""
    return Group(
        words(page.title, style="bold"),
        words(page.lead),
        Text(),
        output.facts(page.about),
        *map(_section, page.sections),
        Text(),
        rule(),
        words(page.notice, style="italic"),
    )


def _section(part: Section) -> RenderableType:
    shown: list[RenderableType] = [words(line, style="bold reverse") for line in part.warns]
    shown += [words(line) for line in part.says]
    shown += [bullet(line) for line in part.points]
    for table in part.tables:
        if not table.rows:
            shown.append(words(f"{table.caption}: {table.none}"))
            continue
        columns = [Column(name, overflow="fold") for name in table.head]
        shown += [Text(), output.table(*columns, rows=table.rows, title=table.caption)]
    return section(part.heading, *shown)

"""A report put in its place: whole, readable by its owner alone, and told to the chain first."""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from alerts.errors import Misused
from monitor.reports.page import Page, as_json, html

FORMS: Final = (".html", ".pdf", ".json")


def written(page: Page, form: str) -> bytes:
    """The page as the bytes of a file of a form: .html, .pdf, .json.

    Raises:
        Misused: another form, or nothing that can make it.
    """
    if form == ".pdf":
        from monitor.reports.pdf import pdf

        return pdf(html(page))
    if form == ".json":
        return as_json(page).encode()
    if form == ".html":
        return html(page).encode()
    raise Misused(
        f"report: a file {form or 'without ending'!r} is unknown; possible: {_possible()}"
    )


def put(path: Path, content: bytes, *, told: Callable[[str], object]) -> str:
    """Write a file whole beside its place, tell of it, move it there; its SHA-256 comes back.

    Args:
        path: where it goes.
        content: of the file.
        told: leaves the entry on the chain, given the SHA-256; the file appears only after it.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    with kept_beside(path, content) as put_there:
        told(sha256)
        put_there()
    return sha256


def _possible() -> str:
    return ", ".join(FORMS)


@contextmanager
def kept_beside(path: Path, content: bytes) -> Iterator[Callable[[], None]]:
    """A file of one's own beside its place; calling what is yielded puts it there, whole."""
    place = path.resolve()
    if place.exists() and not place.is_file():  # a pipe or a device takes the bytes as they come
        yield lambda: _written_to(place, content)
        return
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=".psdmon-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield lambda: _moved(name, place)
    finally:
        Path(name).unlink(missing_ok=True)


def _written_to(place: Path, content: bytes) -> None:
    with place.open("wb") as file:
        file.write(content)


def _moved(name: str, place: Path) -> None:
    Path(name).replace(place)

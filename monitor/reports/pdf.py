"""A page as PDF, laid out by WeasyPrint where it is installed; nothing is ever fetched."""

from typing import Any, Final

from alerts.errors import Misused

_MISSING: Final = (
    "pdf: WeasyPrint is not at hand ({trouble}); possible: pip install 'psdmon[pdf]' and the"
    " system's Pango (Debian: apt-get install libpango-1.0-0 libpangoft2-1.0-0), or --out FILE.html"
)


def pdf(text: str) -> bytes:
    """The page as a tagged PDF.

    Args:
        text: of the page, as HTML.

    Raises:
        Misused: what is needed is not installed; says what to install.
    """
    try:
        from weasyprint import HTML
    except (ImportError, OSError) as trouble:
        raise Misused(_MISSING.format(trouble=type(trouble).__name__)) from trouble
    made: bytes = HTML(string=text, url_fetcher=_refused).write_pdf(pdf_tags=True)
    return made


def _refused(url: str, *_: Any, **__: Any) -> Any:
    """Nothing: a report holds everything it shows.

    Raises:
        ValueError: always.
    """
    raise ValueError(f"a report loads nothing, and was asked for {url[:40]}")

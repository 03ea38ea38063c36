"""What WCAG 2.2 AA asks of a page, worked out from its HTML: structure, words for pictures, colour.

Contrast is that of section 1.4.3: (lighter + 0.05) / (darker + 0.05) of the relative luminances.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from xml.etree import ElementTree as ET

AA = 4.5
SVG = "{http://www.w3.org/2000/svg}"
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_COLOUR = re.compile(r"(?:^|[;\s])(color|background)\s*:\s*(#[0-9a-fA-F]{6})\b")


class Outline(HTMLParser):
    """Headings, tables and links of a page."""

    def __init__(self) -> None:
        """Begin with nothing seen."""
        super().__init__()
        self.headings: list[int] = []
        self.headers: list[dict[str, str | None]] = []
        self.tables = self.captions = 0
        self.anchors: set[str] = set()
        self.targets: set[str] = set()
        self.tags: list[str] = []
        self.loads: list[str] = []
        self.lang = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take down what a tag is, and what it asks for."""
        given = dict(attrs)
        self.tags.append(tag)
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "th":
            self.headers.append(given)
        self.tables += tag == "table"
        self.captions += tag == "caption"
        if tag == "html":
            self.lang = given.get("lang") or ""
        if "id" in given:
            self.anchors.add(str(given["id"]))
        link = str(given.get("href") or "")
        if tag == "a" and link.startswith("#"):
            self.targets.add(link[1:])
        elif tag in {"link", "script", "img", "iframe"} or given.get("src") or link:
            self.loads.append(f"{tag} {link}{given.get('src') or ''}")


def outline(page: str) -> Outline:
    """What a page is built of."""
    found = Outline()
    found.feed(page)
    return found


def wrong_with(page: str) -> list[str]:
    """Everything in which a page falls short; empty where it does not."""
    return [*_structure(outline(page)), *_pictures(page), *_colours(page)]


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, #rrggbb, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _structure(found: Outline) -> Iterator[str]:
    if found.headings.count(1) != 1 or found.headings[0] != 1:
        yield f"headings begin {found.headings[:3]}, with {found.headings.count(1)} of level 1"
    yield from (
        f"a heading jumps from {a} to {b}" for a, b in pairwise(found.headings) if b > a + 1
    )
    unscoped = [th for th in found.headers if th.get("scope") not in {"col", "row"}]
    if unscoped:
        yield f"{len(unscoped)} table headers without scope"
    if found.tables != found.captions:
        yield f"{found.tables} tables with {found.captions} captions"
    if not found.lang:
        yield "no language"
    yield from (f"a link leads nowhere: {name}" for name in found.targets - found.anchors)
    yield from (f"something is loaded: {what}" for what in found.loads)
    if "main" not in found.tags or "title" not in found.tags:
        yield "no main part, or no title"


def svgs(page: str) -> list[ET.Element]:
    """Every picture of a page."""
    return [ET.fromstring(text) for text in re.findall(r"<svg.*?</svg>", page, re.DOTALL)]  # noqa: S314 our own pictures


def _pictures(page: str) -> Iterator[str]:
    for number, picture in enumerate(svgs(page), start=1):
        words = [picture.findtext(f"{SVG}{part}") or "" for part in ("title", "desc")]
        if picture.get("role") != "img" or not all(words):
            yield f"picture {number} has no words"
        yield from (f"picture {number}: {says}" for says in _texts(picture))


def _texts(picture: ET.Element) -> Iterator[str]:
    """Words of a picture against the shape that was drawn under them last, or the paper."""
    shapes: list[ET.Element] = []
    for mark in picture:
        if mark.tag in {f"{SVG}rect", f"{SVG}circle"}:
            shapes.append(mark)
        elif mark.tag == f"{SVG}text":
            under = next((s for s in reversed(shapes) if _holds(s, mark)), None)
            ground = under.get("fill", "#ffffff") if under is not None else "#ffffff"
            ratio = contrast(mark.get("fill", "#000000"), ground)
            if ratio < AA:
                yield f"{mark.text!r} has a contrast of {ratio:.2f}"


def _holds(shape: ET.Element, mark: ET.Element) -> bool:
    """Whether a word stands within a shape."""
    x, y = float(mark.get("x", 0)), float(mark.get("y", 0))
    if shape.tag == f"{SVG}circle":
        return (x - float(shape.get("cx", 0))) ** 2 + (y - float(shape.get("cy", 0))) ** 2 < float(
            shape.get("r", 0)
        ) ** 2
    left, top = float(shape.get("x", 0)), float(shape.get("y", 0))
    wide, high = float(shape.get("width", 0)), float(shape.get("height", 0))
    return left <= x <= left + wide and top <= y <= top + high


def _colours(page: str) -> Iterator[str]:
    """Each ink of the style against its own ground, or against every ground of the page."""
    style = "".join(re.findall(r"<style>(.*?)</style>", page, re.DOTALL))
    rules = [(names.strip(), dict(_COLOUR.findall(body))) for names, body in _RULE.findall(style)]
    grounds = {found["background"] for _, found in rules if "background" in found}
    for names, found in rules:
        if "color" not in found:
            continue
        under = {found["background"]} if "background" in found else {"#ffffff", "#f6f8fa"}
        for ground in under & (grounds | {"#ffffff"}):
            ratio = contrast(found["color"], ground)
            if ratio < AA:
                yield f"{names}: {found['color']} on {ground} has a contrast of {ratio:.2f}"


def _luminance(colour: str) -> float:
    """The relative luminance of a colour, 0 to 1."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue

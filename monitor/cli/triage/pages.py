"""Lines cut into screens, where possible between paragraphs."""

from collections.abc import Sequence
from typing import Final

from rich.text import Text

_FULL_ENOUGH: Final = 0.75  # of a screen, before an earlier empty line is taken for its end


def pages(lines: Sequence[Text], *, height: int) -> tuple[tuple[Text, ...], ...]:
    """The lines as screens of at most `height` lines; at least one, perhaps empty."""
    cut: list[tuple[Text, ...]] = []
    rest = list(_trimmed(lines))
    while len(rest) > height:
        end = _end(rest, height)
        cut.append(tuple(rest[:end]))
        rest = list(_trimmed(rest[end:]))
    return (*cut, tuple(rest)) if rest or not cut else tuple(cut)


def _end(lines: Sequence[Text], height: int) -> int:
    """Where a screen ends: at the last empty line that leaves it full enough, else at its foot."""
    least = max(1, int(height * _FULL_ENOUGH))
    empty = [place for place in range(least, height + 1) if not lines[place].plain.strip()]
    return empty[-1] if empty else height


def _trimmed(lines: Sequence[Text]) -> Sequence[Text]:
    """The lines without empty ones before the first that is not."""
    for place, line in enumerate(lines):
        if line.plain.strip():
            return lines[place:]
    return ()

"""Which of a file's columns is which column of the contract, and what is left over."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from alerts.errors import DataRefused
from monitor.ingest.profile import Reading
from monitor.lake.shape import shape_of

JOINED = " + "  # in a profile: two cells that make one value, a space between them


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """The file's columns by position.

    Attributes:
        sources: for each column of the contract, the ways to get it, in order; each way is the
            positions that are joined.
        extra: positions of columns that are kept as extra.
        unknown: names among them that the profile does not mention.
        labels: a name for every position; one that stands twice is numbered.
    """

    sources: Mapping[str, tuple[tuple[int, ...], ...]]
    extra: tuple[int, ...]
    unknown: tuple[str, ...]
    labels: tuple[str, ...]


def matched(
    place: str, names: Sequence[str], *, table: str, reading: Reading, required: bool = True
) -> Matched:
    """How the names of a file answer the profile; upper and lower case are alike, order is free.

    Args:
        place: the file, for messages.
        names: what it calls its columns.
        table: where its rows go.
        reading: how the profile reads that table.
        required: whether a missing required column refuses the file.

    Raises:
        DataRefused: when a required column is missing, or a wanted name stands twice.
    """
    positions = _positions(names)
    sources = {
        column: tuple(way for wanted in ways if (way := _way(wanted, positions)))
        for column, ways in reading.found_in(table).items()
    }
    found = {column: ways for column, ways in sources.items() if ways}
    if required:
        given = {*found, *reading.constants, *reading.defaults}
        _refuse_missing(place, names, given=given, table=table)
    used = {position for ways in found.values() for position in ways[0]}
    doubled = [name for name, at in positions.items() if len(at) > 1 and used & set(at)]
    if doubled:
        raise DataRefused(f"{place}: columns stand twice: {', '.join(doubled)}")
    extra = tuple(position for position in range(len(names)) if position not in used)
    known = {folded(name) for name in _mentioned(reading, table)}
    unknown = tuple(
        names[position]
        for position in extra
        if "*" not in reading.extra and folded(names[position]) not in known
    )
    labels = _labels(names, positions)
    return Matched(sources=found, extra=extra, unknown=unknown, labels=labels)


def paths_of(reading: Reading, table: str) -> tuple[str, ...]:
    """Every single name or path a profile looks for."""
    ways = (way for ways in reading.found_in(table).values() for way in ways)
    return tuple(dict.fromkeys(name for way in ways for name in way.split(JOINED)))


def _mentioned(reading: Reading, table: str) -> Iterable[str]:
    return (*paths_of(reading, table), *reading.extra)


def _refuse_missing(place: str, names: Sequence[str], *, given: set[str], table: str) -> None:
    missing = [" or ".join(w) for w in shape_of(table).required if not given & set(w)]
    if not missing:
        return
    shown = ", ".join(name[:80] for name in names[:60])
    hint = "; the whole header is one name: is the delimiter another?" if len(names) == 1 else ""
    raise DataRefused(f"{place}: columns are missing: {', '.join(missing)}; found: {shown}{hint}")


def _positions(names: Sequence[str]) -> dict[str, list[int]]:
    positions: dict[str, list[int]] = {}
    for position, name in enumerate(names):
        positions.setdefault(folded(name), []).append(position)
    return positions


def _labels(names: Sequence[str], positions: Mapping[str, Sequence[int]]) -> tuple[str, ...]:
    labels = list(names)
    for at in positions.values():
        for count, position in enumerate(at[1:], start=2):
            labels[position] = f"{names[position]} ({count})"
    return tuple(labels)


def _way(wanted: str, positions: Mapping[str, Sequence[int]]) -> tuple[int, ...]:
    """The positions that are joined for a value; none when one of the names is not there."""
    parts = [folded(name) for name in wanted.split(JOINED)]
    if any(part not in positions for part in parts):
        return ()
    return tuple(positions[part][0] for part in parts)


def folded(name: str) -> str:
    """The name as it is compared: upper and lower case and white space leave no trace."""
    return " ".join(name.split()).casefold()

"""Where each reading ended: the last entry of the chain about a feed, and nothing beside it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from alerts.chain import Entry
from alerts.store import Store

READ: Final = "feed.read"


def last_reading(store: Store, feed: str) -> Entry | None:
    """The entry of the last reading of a feed that found something."""
    return store.last_entry(READ, about=feed)


def first_reading(store: Store, feed: str) -> Entry | None:
    """The entry of the first reading of a feed that found something."""
    return next(iter(store.chain(about=feed, kinds=(READ,))), None)


def cursor_of(store: Store, feed: str) -> Mapping[str, Any]:
    """Where the last reading ended, for a feed whose every entry tells it whole; or nothing."""
    last = last_reading(store, feed)
    found: Mapping[str, Any] = last.told["cursor"] if last else {}
    return found


def cursors_of(store: Store, feed: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The cursors from the last that told everything, each with the number of its entry."""
    last = last_reading(store, feed)
    if last is None:
        return
    whole_at = int(last.told["cursor"]["whole_at"]) or last.seq
    for entry in store.chain(after=whole_at - 1, about=feed, kinds=(READ,)):
        yield entry.seq, entry.told["cursor"]


def readings(store: Store, feed: str, *, most: int, since: datetime | None = None) -> list[Entry]:
    """The last readings of a feed that found something, or those since a moment, oldest first."""
    return store.last_entries(READ, about=feed, most=most, since=since)[::-1]

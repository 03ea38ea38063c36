"""Whether a lake and a store belong together: what was judged is there, what was erased is not."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from alerts.chain import Discrepancy, Entry
from alerts.records import JudgedDay
from monitor.lake.erased import ErasedUntil

TABLE_ERASED: Final = "retention.table_erased"


def missing_loads(
    judged: Iterable[JudgedDay], versions: Mapping[str, int]
) -> Iterator[Discrepancy]:
    """Loads that were judged, and are not in the lake.

    Args:
        judged: the days whose judging stands.
        versions: at which each table of the lake stands.
    """
    named: dict[str, int] = {}
    for day in judged:
        for table, version in {**(day.feeds_seq or {}), "events": day.loaded_seq}.items():
            named[table] = max(named.get(table, 0), version)
    for table, version in sorted(named.items()):
        if versions.get(table, 0) < version:
            stands = f"it stands at version {versions.get(table, 0)}"
            says = f"{stands}, and version {version} was judged"
            yield Discrepancy(place=f"lake, {table}", says=says)


def marks_that_do_not_fit(
    entries: Iterable[Entry], mark: ErasedUntil | None
) -> Iterator[Discrepancy]:
    """What is wrong where the lake says it is erased otherwise than the chain does.

    Args:
        entries: those that tell of a table that was erased.
        mark: what the lake says.
    """
    told = [entry.told for entry in entries if entry.told["table"] == "events"]
    last = (told[-1]["began"], told[-1]["until"]) if told else None
    marked = (mark.entry, mark.until.isoformat()) if mark else None
    if last != marked:
        says = "how far back it is marked as erased is not what the chain tells"
        yield Discrepancy(place="lake, events", says=says)

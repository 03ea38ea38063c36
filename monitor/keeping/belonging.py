"""Whether a lake and a store belong together: what was judged must be there."""

from collections.abc import Iterable, Iterator, Mapping

from alerts.chain import Discrepancy
from alerts.records import JudgedDay


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

"""What detectors declined to judge, over some days."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from alerts.records import JudgedDay
from monitor.reports.page import Table, cells
from monitor.views.wording import plain_name


def declined(days: Iterable[JudgedDay]) -> Table:
    """Pairs left unjudged by detector and reason, summed over the days."""
    pairs: Counter[tuple[str, str]] = Counter()
    for judged in days:
        for one in judged.abstentions:
            told: Mapping[str, Any] = one
            pairs[(str(told["detector"]), str(told["reason"]))] += int(told["pairs"])
    rows = (cells(plain_name(name), why, f"{n:,}") for (name, why), n in sorted(pairs.items()))
    return Table(
        caption="Pairs left unjudged, by reason",
        head=("Detector", "Why", "Pairs"),
        rows=tuple(rows),
        none="no detector declined to judge.",
    )

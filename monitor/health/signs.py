"""The signs of a home at one moment, written down so that whoever asks costs it nothing."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from monitor.health.writing import written

FILE_NAME: Final = "signs.json"
_MOMENTS: Final = ("at", "last_success_at", "newest_event_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """Counts and moments of one home; nobody is named or pointed at in any of them."""

    at: datetime
    last_success_at: datetime | None = None  # of the last scan that ended well
    newest_event_at: datetime | None = None
    lag_seconds: float | None = None  # from the end of the last judged day to the newest event
    days_owed: int = 0  # settled days that are not judged
    days_failing: int = 0  # of those, days whose judging was tried and did not end
    late_rows: int = 0  # loaded in the last 7 days, after their day had settled
    lateness: Mapping[str, int] = field(default_factory=dict)  # rows within so many seconds
    lateness_seconds: float = 0.0  # of those rows, from happening to loading, added up
    quarantined_rows: int = 0
    queue: Mapping[str, int] = field(default_factory=dict)  # alerts by status, off the sealed route
    raised_in_week: int = 0  # alerts raised in the last 7 days
    budget_in_week: float = 0.0  # alerts that chance alone may raise in 7 days, by settings
    run_seconds: float | None = None  # of the last scan that ended well
    run_memory_bytes: int | None = None  # the most that run held
    steps: Mapping[str, bool] = field(default_factory=dict)  # step of the wake -> ended well
    findings: int = 0  # open health findings about feeds
    channels_in_trouble: int = 0  # channels over which something could not be delivered
    home_bytes: int = 0
    free_bytes: int = 0


def keep(signs: Signs, folder: Path) -> Path:
    """Writes the signs into a home, whole or not at all; the file comes back."""
    return written(folder / FILE_NAME, json.dumps(_told(signs), sort_keys=True))


def kept(folder: Path) -> Signs | None:
    """The signs a home holds; None before the first, or where another release wrote them."""
    try:
        facts = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
        return _signs(facts)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _told(signs: Signs) -> dict[str, Any]:
    facts = asdict(signs)
    for name in _MOMENTS:
        facts[name] = facts[name].isoformat() if facts[name] else None
    return {"format": 1, **facts}


def _signs(facts: Mapping[str, Any]) -> Signs:
    known = {one.name for one in fields(Signs)}
    read = {name: value for name, value in facts.items() if name in known}
    for name in _MOMENTS:
        read[name] = datetime.fromisoformat(read[name]) if read[name] else None
    return Signs(**read)

"""Which feeds a home has, told from its folders alone: quick enough for every look at the queue."""

from pathlib import Path
from typing import Final

FINDING_OPENED: Final = "feed.finding_opened"  # the entry that tells that a log lacks something
REFERENCE_TABLES: Final = (
    "staff",
    "shifts",
    "taskings",
    "cases",
    "case_subjects",
    "subjects",
    "subject_identifiers",
    "subject_links",
    "record_changes",
    "declared_associations",
    "watched_records",
    "outcomes",
)


def loaded_in(lake: Path) -> frozenset[str]:
    """The reference tables that were loaded into a lake at least once."""
    return frozenset(name for name in REFERENCE_TABLES if (lake / name / "_delta_log").is_dir())


def missing_in(lake: Path) -> tuple[str, ...]:
    """The reference tables that were not, in the order of the contract."""
    loaded = loaded_in(lake)
    return tuple(name for name in REFERENCE_TABLES if name not in loaded)

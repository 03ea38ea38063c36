"""What a run of the benchmarks was asked for."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Where a benchmark writes, how much of it is wanted, and what lies outside the project."""

    out: Path
    quick: bool = False  # a small version for daily work, never shown to readers
    ticket_log: Path | None = None  # the real log, for those who have it

"""What a run of the benchmarks was asked for."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Where a benchmark writes, how much of it is wanted, and what lies outside the project."""

    out: Path
    quick: bool = False  # a small version for daily work, never shown to readers
    staff: int = 0  # of each reported force; 0: as the programme has it
    weeks: int = 0  # of its history; 0: as the programme has it
    forces: int = 0  # reported, from the first seed on; 0: all
    only: str = ""  # the one part that is to be made and kept, for another process to go on with
    ticket_log: Path | None = None  # the real log, for those who have it

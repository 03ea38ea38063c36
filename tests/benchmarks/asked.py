"""What a run of the benchmarks was asked for."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Where a benchmark writes, how much of it is wanted, and what lies outside the project."""

    out: Path
    quick: bool = False  # a small version for daily work, never shown to readers
    staff: int = 0  # of each force; 0: as the programme has it
    weeks: int = 0  # of its history; 0: as the programme has it
    seeds: tuple[int, ...] = ()  # of the forces a part is made on; none: as the programme has them
    parts: tuple[str, ...] = ()  # that are to be made and kept, and nothing else
    table: bool = False  # put together what is kept, and make nothing
    ticket_log: Path | None = None  # the real log, for those who have it

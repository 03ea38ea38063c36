"""How far back a lake was erased: what came before that is not taken in again.

erased.json    beside the tables: the moment before which accesses were erased, the day on which,
               and the entry of the chain that says so
"""

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from alerts.errors import IntegrityBroken

NAME: Final = "erased.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasedUntil:
    """Accesses before a moment are not in the lake any more, but for those that are held."""

    until: datetime  # first moment that was kept
    on: datetime  # when it was erased
    entry: int  # of the chain

    def says(self) -> str:
        """The same in words."""
        return (
            f"accesses before {self.until:%Y-%m-%d} were erased on {self.on:%Y-%m-%d}"
            f" (entry {self.entry} of the chain)"
        )


def erased_in(root: Path) -> ErasedUntil | None:
    """How far back a lake was erased; None where it never was.

    Raises:
        IntegrityBroken: the file cannot be read.
    """
    path = root / NAME
    try:
        told = json.loads(path.read_bytes())
        return ErasedUntil(
            until=datetime.fromisoformat(told["until"]).astimezone(UTC),
            on=datetime.fromisoformat(told["on"]).astimezone(UTC),
            entry=int(told["entry"]),
        )
    except FileNotFoundError:
        return None
    except (KeyError, TypeError, ValueError):
        raise IntegrityBroken(
            f"lake: {path} is not what was written; possible: psdmon retention apply writes it anew"
        ) from None


def mark_erased(root: Path, erased: ErasedUntil) -> None:
    """Write down how far back a lake is erased, onto the disk, before it is."""
    root.mkdir(parents=True, exist_ok=True)
    told = {name: str(value) for name, value in asdict(erased).items()}
    unfinished = root / f"{NAME}.part"
    with unfinished.open("w", encoding="utf-8") as file:
        json.dump(told, file)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(root / NAME)

"""Screens as they are promised: kept in tests/golden/screens, compared letter by letter."""

import os
from pathlib import Path

SCREENS = Path(__file__).parents[2] / "golden" / "screens"


def is_golden(name: str, text: str) -> bool:
    """Whether a screen is as it was promised; PSDMON_GOLDEN=write makes it the promise."""
    path = SCREENS / f"{name}.txt"
    if os.environ.get("PSDMON_GOLDEN") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")
    assert text + "\n" == path.read_text(encoding="utf-8")
    return True

"""What is wrong with the files of the lake is told in words, with an exit code of its own."""

from collections.abc import Callable
from pathlib import Path

import pytest

from alerts.errors import Busy
from monitor.lake.trouble import in_words
from tests.monitor.cli.conftest import Typed


def spoilt_inside(content: bytes) -> bytes:
    """The beginning and the end of a file, and nothing between."""
    return content[:200] + bytes(len(content) - 400) + content[-200:]


@pytest.mark.parametrize(
    "damage",
    [spoilt_inside, lambda content: content[:-50], lambda _: b""],
    ids=["inside", "cut off", "empty"],
)
def test_a_damaged_file_of_the_lake_is_told_and_costs_nothing_else(
    root: Path, typed: Typed, events: Path, damage: Callable[[bytes], bytes]
) -> None:
    typed("ingest", "events", str(events))
    file = next((root / "lake" / "events").rglob("*.parquet"))
    sound = file.read_bytes()
    file.write_bytes(damage(sound))

    told = typed("scan")
    file.write_bytes(sound)

    assert told.exit_code == 4
    assert "is damaged or gone; possible: put it back from a backup" in told.stderr
    assert typed("scan").exit_code == 0


def test_no_room_is_something_to_try_again() -> None:
    found = in_words(
        OSError("Generic LocalFileSystem error: No space left on device (os error 28)")
    )

    assert isinstance(found, Busy)


def test_other_trouble_is_not_of_the_lake() -> None:
    assert in_words(ValueError("no such thing")) is None

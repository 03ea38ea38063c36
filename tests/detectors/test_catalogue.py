"""Which detectors exist: found by being there, one in a file."""

from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import ClassVar

import pytest

from detectors import catalogue


def a_detector(module: ModuleType, name: str) -> type:
    """A class that looks like a detector of this module."""

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Made:
        """Does it measure?"""

        name: ClassVar[str] = "made"

        def measure(self) -> None:
            """Nothing."""

    Made.__module__, Made.__name__ = module.__name__, name
    setattr(module, name, Made)
    return Made


def test_every_file_that_is_not_shared_offers_its_one_detector() -> None:
    folder = Path(catalogue.__file__).parent
    files = sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("_"))

    assert [detector.name for detector in catalogue.available()] == [
        name for name in files if name not in catalogue._SHARED
    ]


def test_a_file_with_two_detectors_is_refused() -> None:
    module = ModuleType("detectors.both")
    a_detector(module, "One")
    a_detector(module, "Other")

    with pytest.raises(
        LookupError, match=r"detectors\.both: offers 2 detectors; possible: exactly"
    ):
        catalogue._only_detector(module)


def test_a_file_without_a_detector_is_refused() -> None:
    with pytest.raises(
        LookupError, match=r"detectors\.none: offers 0 detectors; possible: exactly"
    ):
        catalogue._only_detector(ModuleType("detectors.none"))


def test_a_detector_that_a_file_only_uses_is_not_offered_by_it() -> None:
    elsewhere, here = ModuleType("detectors.elsewhere"), ModuleType("detectors.here")
    used = a_detector(elsewhere, "Used")
    here.__dict__["Used"] = used
    own = a_detector(here, "Own")

    assert catalogue._only_detector(here) is own

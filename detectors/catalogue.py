"""Which detectors exist: every public module of this package offers exactly one, or is shared."""

import importlib
import pkgutil
from dataclasses import is_dataclass
from types import ModuleType
from typing import Any

import detectors
from detectors.model import Detector

_SHARED = frozenset({"catalogue", "rolling", "strata", "typed"})


def available() -> tuple[type[Detector], ...]:
    """Every detector there is, by name.

    Raises:
        LookupError: a module that offers none, or more than one.
    """
    names = sorted(
        item.name
        for item in pkgutil.iter_modules(detectors.__path__)
        if not item.ispkg and not item.name.startswith("_") and item.name not in _SHARED
    )
    return tuple(_only_detector(importlib.import_module(f"detectors.{name}")) for name in names)


def _only_detector(module: ModuleType) -> type[Detector]:
    offered: list[Any] = [
        thing
        for thing in vars(module).values()
        if isinstance(thing, type)
        and is_dataclass(thing)
        and thing.__module__ == module.__name__
        and hasattr(thing, "measure")
    ]
    if len(offered) != 1:
        raise LookupError(
            f"{module.__name__}: offers {len(offered)} detectors; possible: exactly one"
        )
    detector: type[Detector] = offered[0]
    return detector

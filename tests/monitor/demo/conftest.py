"""Forces made once a run: the demonstration's, and a small one with every typology in it."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from monitor.demo import (
    Force,
    ForcePlan,
    cases_of_every_kind,
    demo_force,
    inject,
    make_force,
    write_force,
)

EVERY_TYPOLOGY = 32


@pytest.fixture(scope="session")
def demonstration() -> Force:
    """The force of `psdmon demo`."""
    return demo_force()


@pytest.fixture(scope="session")
def small_plan() -> ForcePlan:
    """Half a year of a force small enough for a test: both clock changes are in it."""
    return ForcePlan(staff=120, weeks=26, start=date(2025, 10, 6), seed=5)


@pytest.fixture(scope="session")
def small_force(small_plan: ForcePlan) -> Force:
    """Every typology once, at low strength, among every look-alike."""
    return inject(make_force(small_plan), cases_of_every_kind(EVERY_TYPOLOGY, controls=True), 9)


@pytest.fixture(scope="session")
def written(small_force: Force, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """The small force on disk, as Parquet."""
    return write_force(small_force, tmp_path_factory.mktemp("force"), format="parquet")

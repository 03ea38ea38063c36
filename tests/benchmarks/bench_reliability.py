"""Whether trouble loses anything: damaged input, order of arrival, kills, faults, years."""

from tests.benchmarks.asked import Asked
from tests.benchmarks.figures import Figure
from tests.benchmarks.reliability.parts import PARTS, kept, measured


def measure(asked: Asked) -> list[Figure]:
    """Every part, one after another; `python -m tests.benchmarks.reliability PART` does one."""
    for name in PARTS:
        measured(name, asked)
    return kept(asked)

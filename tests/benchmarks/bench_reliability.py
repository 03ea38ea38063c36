"""Whether trouble loses anything: damaged input, order of arrival, kills, faults, years."""

from tests.benchmarks.asked import Asked
from tests.benchmarks.figures import Figure
from tests.benchmarks.reliability.parts import kept, measured_at_once


def measure(asked: Asked) -> list[Figure]:
    """Every part, two at a time; `python -m tests.benchmarks.reliability PART` does one."""
    measured_at_once(asked)
    return kept(asked)

"""What is found, how often chance speaks, and what others find, on forces nobody tuned on."""

from tests.benchmarks.asked import Asked
from tests.benchmarks.detection.parts import PARTS, measured, wanted
from tests.benchmarks.detection.table import table
from tests.benchmarks.figures import Figure


def measure(asked: Asked) -> list[Figure]:
    """The parts that were named, or all of them and the table of whatever is kept."""
    made = [figure for name in wanted(asked) if not asked.table for figure in measured(name, asked)]
    if asked.parts:
        return made
    return table(asked, {name: part.says for name, part in PARTS.items()})

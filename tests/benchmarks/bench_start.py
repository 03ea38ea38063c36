"""How long a command takes to answer from a cold start, on an empty home."""

import os
import resource
import statistics
import subprocess
import sys
from pathlib import Path
from time import perf_counter

from tests.benchmarks.asked import Asked
from tests.benchmarks.figures import Figure

REPEATS = 7
COMMANDS = (("--help",), ("alerts", "list"), ("detectors", "list"), ("status",))


def measure(asked: Asked) -> list[Figure]:
    """Median seconds of each command, each in a process of its own."""
    home = asked.out / "start-home"
    if not home.exists():
        seconds(home, ("init",))
    figures = []
    for command in COMMANDS:
        taken = [seconds(home, command) for _ in range(REPEATS)]
        middle, spread = statistics.median(taken), max(taken) - min(taken)
        figures.append(
            Figure(
                says=f"`psdmon {' '.join(command)}`, {REPEATS} cold starts",
                value=f"{middle:.2f} (spread {spread:.2f})",
                unit="seconds",
            )
        )
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    return [*figures, Figure(says="most memory any of them held", value=str(peak), unit="MiB")]


def seconds(home: Path, command: tuple[str, ...]) -> float:
    """Seconds from asking to the answer."""
    psdmon = Path(sys.executable).with_name("psdmon")
    began = perf_counter()
    subprocess.run(
        [psdmon, "--home", home, *command],
        check=False, capture_output=True, stdin=subprocess.DEVNULL,
        env={**os.environ, "NO_COLOR": "1"},
    )  # fmt: skip
    return perf_counter() - began

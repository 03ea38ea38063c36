"""Measure some parts, and write the table of all that were measured into the README."""

import argparse
import sys
from pathlib import Path

from tests.benchmarks.asked import Asked
from tests.benchmarks.figures import as_table, write_page
from tests.benchmarks.reliability.parts import PARTS, kept, measured

ROOT = Path(__file__).resolve().parents[3]


def main() -> None:
    """Measure what was named."""
    wanted = argparse.ArgumentParser(prog="python -m tests.benchmarks.reliability")
    wanted.add_argument("parts", nargs="+", choices=list(PARTS))
    wanted.add_argument("--out", type=Path, default=ROOT / "bench-out")
    wanted.add_argument("--quick", action="store_true")
    typed = wanted.parse_args()
    asked = Asked(out=typed.out, quick=typed.quick)
    for name in typed.parts:
        sys.stdout.write(as_table(measured(name, asked)) + "\n")
    if not asked.quick:
        write_page(ROOT / "README.md", "reliability", as_table(kept(asked)))


if __name__ == "__main__":
    main()

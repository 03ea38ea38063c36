"""Run the benchmarks, all or by name, and write what they found into bench-out and README."""

import argparse
import importlib
import sys
from pathlib import Path
from typing import Protocol

from tests.benchmarks.figures import Figure, as_json, as_table, write_page

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


class Benchmark(Protocol):
    """A module bench_<name>.py: its docstring says what it measures."""

    __doc__: str | None

    def measure(self, out: Path) -> list[Figure]:
        """The figures; whatever is too large for a table is written below `out`."""


def registered() -> dict[str, str]:
    """Every benchmark there is: name to module."""
    return {
        path.stem.removeprefix("bench_"): f"tests.benchmarks.{path.stem}"
        for path in sorted(HERE.glob("bench_*.py"))
    }


def run(name: str, *, out: Path) -> None:
    """Run one benchmark, print its table, and write it where readers look."""
    benchmark: Benchmark = importlib.import_module(registered()[name])
    say(f"\n{name}: {(benchmark.__doc__ or '').splitlines()[0]}")
    out.mkdir(parents=True, exist_ok=True)
    figures = benchmark.measure(out)
    (out / f"{name}.json").write_text(as_json(name, figures), encoding="utf-8")
    say(as_table(figures))
    shown = write_page(ROOT / "README.md", name, as_table(figures))
    say(f"written: {out / name}.json" + (" and README.md" if shown else ""))


def say(text: str) -> None:
    """Print and show at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    """Run what was named, or everything."""
    wanted = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    wanted.add_argument("names", nargs="*", metavar="NAME")
    wanted.add_argument("--out", type=Path, default=ROOT / "bench-out")
    asked = wanted.parse_args()
    if unknown := set(asked.names) - set(registered()):
        possible = ", ".join(registered())
        wanted.error(f"{', '.join(sorted(unknown))}: no such benchmark; possible: {possible}")
    for name in asked.names or registered():
        run(name, out=asked.out)


if __name__ == "__main__":
    main()

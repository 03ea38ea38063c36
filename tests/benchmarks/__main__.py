"""Run the benchmarks, all or by name, and write what they found into bench-out and README."""

import argparse
import importlib
import os
import sys
from pathlib import Path
from typing import Protocol

from tests.benchmarks.asked import Asked
from tests.benchmarks.detection.parts import PARTS
from tests.benchmarks.figures import Figure, as_json, as_table, write_page

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


class Benchmark(Protocol):
    """A module bench_<name>.py: its docstring says what it measures."""

    __doc__: str | None

    def measure(self, asked: Asked) -> list[Figure]:
        """The figures; whatever is too large for a table is written below `asked.out`."""


def registered() -> dict[str, str]:
    """Every benchmark there is: name to module."""
    return {
        path.stem.removeprefix("bench_"): f"tests.benchmarks.{path.stem}"
        for path in sorted(HERE.glob("bench_*.py"))
    }


def run(name: str, asked: Asked) -> None:
    """Run one benchmark, print its table, and write it where readers look, unless it was quick."""
    benchmark: Benchmark = importlib.import_module(registered()[name])
    say(f"\n{name}: {(benchmark.__doc__ or '').splitlines()[0]}")
    asked.out.mkdir(parents=True, exist_ok=True)
    figures = benchmark.measure(asked)
    if asked.parts:
        say(as_table(figures))
        return
    path = asked.out / f"{name}{'-quick' if asked.quick else ''}.json"
    path.write_text(as_json(name, figures), encoding="utf-8")
    say(as_table(figures))
    shown = not asked.quick and write_page(ROOT / "README.md", name, as_table(figures))
    say(f"written: {path}" + (" and README.md" if shown else ""))


def say(text: str) -> None:
    """Print and show at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    """Run what was named, or everything."""
    wanted = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    wanted.add_argument("names", nargs="*", metavar="NAME")
    wanted.add_argument("--out", type=Path, default=ROOT / "bench-out")
    wanted.add_argument(
        "--quick", action="store_true", help="a small version; README is left alone"
    )
    wanted.add_argument(
        "--ticket-log",
        type=Path,
        default=os.environ.get("PSDMON_TICKET_LOG"),
        help="the events of the BPI Challenge 2013 in the contract's columns",
    )
    _of_detection(wanted)
    typed = wanted.parse_args()
    if unknown := set(typed.names) - set(registered()):
        possible = ", ".join(registered())
        wanted.error(f"{', '.join(sorted(unknown))}: no such benchmark; possible: {possible}")
    asked = Asked(
        out=typed.out,
        quick=typed.quick,
        staff=typed.staff,
        weeks=typed.weeks,
        seeds=tuple(typed.seeds),
        parts=tuple(typed.part),
        table=typed.table,
        ticket_log=typed.ticket_log,
    )
    of_detection = ["detection"] if asked.parts or asked.table else []
    for name in typed.names or of_detection or registered():
        run(name, asked)


def _of_detection(wanted: argparse.ArgumentParser) -> None:
    """What the benchmark of detection asks besides: which part of it, and on which forces."""
    of = wanted.add_argument_group("detection, part by part")
    of.add_argument(
        "--part",
        action="append",
        default=[],
        choices=list(PARTS),
        help="make and keep this part alone; may be given again",
    )
    of.add_argument("--staff", type=int, default=0, help="of each force")
    of.add_argument("--weeks", type=int, default=0, help="of its history")
    of.add_argument("--seeds", type=_seeds, default=(), help="of the forces: 401,402")
    of.add_argument("--table", action="store_true", help="put together every part that is kept")


def _seeds(text: str) -> tuple[int, ...]:
    return tuple(int(seed) for seed in text.split(","))


if __name__ == "__main__":
    main()

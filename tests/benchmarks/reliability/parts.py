"""The parts of the benchmark of reliability, each measured by itself and kept on disk."""

import json
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from multiprocessing import get_context
from time import perf_counter

from tests.benchmarks.asked import Asked
from tests.benchmarks.figures import Figure
from tests.benchmarks.reliability import damaged_input
from tests.benchmarks.reliability.dates import dates
from tests.benchmarks.reliability.faults import faults
from tests.benchmarks.reliability.kills import kills_of_everything
from tests.benchmarks.reliability.orders import orders
from tests.benchmarks.reliability.years import years

Part = Callable[[Asked], list[Figure]]


def _damaged(asked: Asked) -> list[Figure]:
    small = asked.quick
    return [
        *damaged_input.damaged_files(300 if small else 10_000),
        *damaged_input.damaged_lines(3_000 if small else 100_000),
        *damaged_input.damaged_columnar(100 if small else 2_000),
        *damaged_input.damaged_and_stored(20 if small else 300),
    ]


def _orders(asked: Asked) -> list[Figure]:
    return orders(1 if asked.quick else 12, between=1 if asked.quick else 3)


def _kills(asked: Asked) -> list[Figure]:
    return kills_of_everything(2 if asked.quick else 48, on_postgresql=1 if asked.quick else 24)


def _faults(_: Asked) -> list[Figure]:
    return faults()


def _dates(_: Asked) -> list[Figure]:
    return dates()


def _years(asked: Asked) -> list[Figure]:
    return years(6 if asked.quick else 105)


PARTS: Mapping[str, Part] = {
    "damaged": _damaged,
    "orders": _orders,
    "kills": _kills,
    "faults": _faults,
    "dates": _dates,
    "years": _years,
}


LONGEST_FIRST = ("years", "kills", "damaged", "dates", "orders", "faults")


def measured(name: str, asked: Asked) -> list[Figure]:
    """The figures of one part, which are kept for the table."""
    began = perf_counter()
    figures = PARTS[name](asked)
    folder = asked.out / _folder(asked)
    folder.mkdir(parents=True, exist_ok=True)
    document = {
        "seconds": round(perf_counter() - began),
        "figures": [asdict(figure) for figure in figures],
    }
    path = folder / f"{name}.json"
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return figures


def measured_at_once(asked: Asked) -> None:
    """Every part measured and kept, two at a time, the longest first."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        for future in [pool.submit(measured, name, asked) for name in LONGEST_FIRST]:
            future.result()


def kept(asked: Asked) -> list[Figure]:
    """The figures of every part that was measured, in the order of the parts."""
    paths = [asked.out / _folder(asked) / f"{name}.json" for name in PARTS]
    found = [json.loads(path.read_text(encoding="utf-8")) for path in paths if path.is_file()]
    return [Figure(**figure) for document in found for figure in document["figures"]]


def _folder(asked: Asked) -> str:
    return "reliability-quick" if asked.quick else "reliability"

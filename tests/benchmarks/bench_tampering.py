"""How many random tamperings with the store are found: ten thousand and more, of seven kinds."""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from alerts.store import Store
from tests.alerts.stores import begun
from tests.alerts.tamperings import KINDS, Lived, Outcome, chance_of, lived, tampered
from tests.benchmarks.asked import Asked
from tests.benchmarks.figures import Figure
from tests.postgresql import Server, fresh_database, server_reached

SEED = 611
ALERTS = 5
ON_SQLITE = 1_500  # tamperings of each kind
ON_POSTGRESQL = 40
FILES = 200  # older copies of the database file put back


@dataclass(slots=True)  # counts as it goes
class Tally:
    """How many tamperings of a kind there were, and how many were found."""

    done: int = 0
    found: int = 0
    without: int = 0  # found without anything lodged

    def add(self, outcomes: Iterable[Outcome]) -> None:
        """Count some more."""
        for one in outcomes:
            self.done += 1
            self.found += one.found
            self.without += one.found_without


def measure(asked: Asked) -> list[Figure]:
    """Found of done, by kind, on SQLite and PostgreSQL, each tampering drawn with a seed."""
    path = asked.out / "tampering.db"
    path.unlink(missing_ok=True)
    began = perf_counter()
    case = lived(begun(f"sqlite:///{path}"), alerts=ALERTS, seed=SEED)
    tallies = tried(case, each=ON_SQLITE, seed=SEED)
    files = put_back(case, path, asked.out / "older", copies=FILES)
    seconds = perf_counter() - began
    figures = [
        Figure(
            says=f"{kind}, SQLite, {case.lodged.seq} entries",
            value=f"{tally.found:,} of {tally.done:,} (nothing lodged: {tally.without:,})",
            unit="found",
            limit="all",
        )
        for kind, tally in tallies.items()
    ]
    total = sum(tally.done for tally in tallies.values()) + files.done
    found = sum(tally.found for tally in tallies.values()) + files.found
    rate = total / seconds
    return [
        *figures,
        Figure(
            says="older copy of the database file put back",
            value=f"{files.found:,} of {files.done:,} (nothing lodged: {files.without:,})",
            unit="found",
            limit="all",
        ),
        Figure(
            says=f"all of them, seed {SEED}, {rate:,.0f} a second",
            value=f"{found:,} of {total:,}",
            unit="found",
            limit="all of 10,000 or more",
        ),
        *on_postgresql(),
    ]


def tried(case: Lived, *, each: int, seed: int) -> dict[str, Tally]:
    """So many tamperings of each kind."""
    tallies: dict[str, Tally] = {}
    for place, kind in enumerate(KINDS):
        chance = chance_of(seed + place)
        tallies[kind] = Tally()
        tallies[kind].add(tampered(case, kind, chance) for _ in range(each))
    return tallies


def put_back(case: Lived, path: Path, folder: Path, *, copies: int) -> Tally:
    """Copies of the file taken before each of some looks, put back after the last of them."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    at = next(iter(case.store.chain())).moment
    older = []
    for number in range(copies):
        case.store.close()
        older.append(Path(shutil.copy(path, folder / f"{number:04d}.db")))
        case.store.record("alert.shown", actor="three", at=at, about="A-0000")
    lodged = case.store.head()
    tally = Tally()
    for copy in older:
        store = Store.at(f"sqlite:///{copy}")
        found, without = (not store.verify(checkpoints=heads).intact for heads in ([lodged], []))
        store.close()
        tally.add([Outcome(kind="file", found=found, found_without=without)])
    return tally


def on_postgresql() -> list[Figure]:
    """The same on PostgreSQL, fewer of them; or that there was none."""
    reached = server_reached()
    if not isinstance(reached, Server):
        return [Figure(says="on PostgreSQL", value="not measured,", unit="none answered")]
    with fresh_database(reached) as url:
        store = begun(url)
        case = lived(store, alerts=ALERTS, seed=SEED)
        tallies = tried(case, each=ON_POSTGRESQL, seed=SEED + 1_000)
        store.close()
    done = sum(tally.done for tally in tallies.values())
    found = sum(tally.found for tally in tallies.values())
    says = f"the seven kinds on PostgreSQL, {ON_POSTGRESQL} each"
    return [Figure(says=says, value=f"{found:,} of {done:,}", unit="found", limit="all")]

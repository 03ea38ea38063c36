"""Kills at random moments: the same command again ends well, and all is as if nothing happened."""

import random
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tests.benchmarks.figures import Figure
from tests.benchmarks.reliability.daemon_kills import kills_of_the_daemon
from tests.benchmarks.reliability.damage import chance_of, numbered
from tests.benchmarks.reliability.damaged_input import quietly
from tests.benchmarks.reliability.databases import database_copied, database_name, dropped
from tests.benchmarks.reliability.dying import Ended, in_a_process
from tests.benchmarks.reliability.lives import (
    AFTER,
    Step,
    a_life,
    as_of_the_first_release,
    copied,
    run,
    state_of,
    steps_of,
)
from tests.postgresql import Server, fresh_database, server_reached

SEED = 832
WORKERS = 2
# What is killed, by the name of its step, in words.
SAYS = {
    "init": "init",
    "migrate": "init, which migrates a store of the first release",
    "ingest": "ingest events",
    "ingest table": "ingest of three tables",
    "compact": "lake compact",
    "raise": "scan, which raises alerts",
    "notify": "notify send",
    "triage": "alerts take, note, refer",
}
KILLED = tuple(SAYS)
STORED = ("migrate", "raise", "notify", "triage")
_WARM = (
    *("monitor.cycle", "monitor.ingest", "monitor.notify.delivering", "monitor.cli.scan"),
    *("monitor.cli.ingest", "monitor.cli.notify", "monitor.cli.lake", "monitor.cli.init"),
    *("monitor.cli.alerts.acting", "deltalake", "sqlalchemy", "psycopg", "scipy.stats"),
    *("lightgbm", "alembic.command", "click.testing"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """A life that nothing disturbed: a home before and after each step.

    Attributes:
        folder: where the homes lie.
        ends: the end of its world.
        steps: in order.
        server: where the databases are; None: each home has its own file.
        born: the second it was made, by which databases left over are known.
        after: by step, the state that it leaves.
        ended: by step, how it went.
    """

    folder: Path
    ends: datetime
    steps: Mapping[str, Step]
    server: Server | None = None
    born: int = 0
    after: dict[str, dict[str, Any]] = field(default_factory=dict)
    ended: dict[str, Ended] = field(default_factory=dict)

    def before(self, step: Step) -> Path:
        """The home as it stood before a step."""
        return self.folder / f"before-{step.name.replace(' ', '-')}"

    def put(self, step: Step, root: Path) -> None:
        """A home as it stood before a step, at another place, with a database of its own."""
        copied(self.before(step), root)
        if self.server is not None:
            database_copied(self.server, self.before(step), root, born=self.born)

    def remove(self, root: Path) -> None:
        """Take a home and its database away."""
        shutil.rmtree(root, ignore_errors=True)
        if self.server is not None:
            with self.server.connect() as connection:
                dropped(connection, database_name(root, born=self.born))


@dataclass(slots=True, kw_only=True)  # adds up
class Count:
    """Kills of one step."""

    tried: int = 0
    killed: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, other: "Count") -> None:
        """Count what another counted."""
        self.tried += other.tried
        self.killed += other.killed
        self.wrong += other.wrong


def kills_of_everything(trials: int, *, on_postgresql: int) -> list[Figure]:
    """So many tries to kill each step and the daemon, and fewer of the store on PostgreSQL."""
    served, of_the_daemon = kills_of_the_daemon(trials, elsewhere=on_postgresql)
    with tempfile.TemporaryDirectory(prefix="psdmon-kills-") as folder:
        track = _in_another(tracked, Path(folder))
        counts = _killed(track, KILLED, trials)
        figures = [*_figures(counts, ""), *of_the_daemon]
        reached = server_reached()
        if not isinstance(reached, Server):
            return [*figures, Figure(says="kills on PostgreSQL", value="none", unit=reached)]
    with (
        tempfile.TemporaryDirectory(prefix="psdmon-kills-") as folder,
        fresh_database(reached) as url,
    ):
        track = _in_another(tracked, Path(folder), url=url, server=reached)
        stored = _killed(track, STORED, on_postgresql)
        for step in track.steps.values():
            track.remove(track.before(step))
    every = Count()
    for count in (*counts.values(), *stored.values()):
        every.add(count)
    killed, wrong = every.killed + served.killed, len(every.wrong) + len(served.wrong)
    total = Figure(
        says=f"all of them, seed {SEED}",
        value=f"{killed:,} killed, {wrong:,}",
        unit="in which anything was lost, doubled, left over or broken",
        limit="none of 500 or more",
    )
    return [*figures, *_figures(stored, " on PostgreSQL"), total]


def _figures(counts: Mapping[str, Count], where: str) -> list[Figure]:
    return [
        Figure(
            says=f"SIGKILL while `{SAYS[name]}`{where}, at a random moment, then the same again",
            value=f"{count.killed:,} killed, {len(count.wrong):,}",
            unit="with anything lost or doubled, or a broken chain",
            limit="none",
        )
        for name, count in counts.items()
    ]


def _killed(track: Track, names: Sequence[str], trials: int) -> dict[str, Count]:
    """The kills of some steps, shared by the workers."""
    counts = {name: Count() for name in names}
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn"), initializer=quietly) as pool:
        futures = [
            (name, pool.submit(kills, track, track.steps[name], numbers))
            for numbers in numbered(trials, batch=10)
            for name in names
        ]
        for name, future in futures:
            counts[name].add(future.result())
    return counts


def _in_another(work: Callable[..., Track], *given: Any, **named: Any) -> Track:
    """What a fresh process makes, which has no threads yet, so that it may fork."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=quietly) as pool:
        return pool.submit(work, *given, **named).result()


def tracked(folder: Path, *, url: str = "", server: Server | None = None) -> Track:
    """A life lived once, a copy of the home kept before each step."""
    warm()
    made = _well(in_a_process(lambda: str(a_life(folder, url=url))))
    ends = datetime.fromisoformat(made.told)
    steps = {step.name: step for step in steps_of(folder / "files", ends)}
    born = int(folder.stat().st_ctime)
    track = Track(folder=folder, ends=ends, steps=steps, server=server, born=born)
    home = folder / "home"
    for step in steps.values():
        copied(home, track.before(step))
        if server is not None:
            source = url.rpartition("/")[2]
            database_copied(server, home, track.before(step), born=born, source=source)
        if step.name == "migrate":
            older = track.before(step)
            _well(in_a_process(lambda older=older: as_of_the_first_release(older)))
            track.put(step, folder / "migrated")
            home_then, home = home, folder / "migrated"
        track.ended[step.name], track.after[step.name] = _lived(home, step, ends=ends)
        if step.name == "migrate":
            home = home_then
    return track


def _lived(home: Path, step: Step, *, ends: datetime) -> tuple[Ended, dict[str, Any]]:
    """How a step went that nothing disturbed, and what it left."""
    ended = _well(in_a_process(lambda: run(home, step, ends=ends)))
    return ended, _well(in_a_process(lambda: state_of(home, at=ends))).told


def _well(ended: Ended) -> Ended:
    if ended.trouble or ended.told is None:
        raise RuntimeError(f"undisturbed: {ended}")
    return ended


def warm() -> None:
    """Import whatever a step imports, so that a forked process need not."""
    for name in _WARM:
        import_module(name)


def kills(track: Track, step: Step, numbers: Sequence[int]) -> Count:
    """So many kills of one step, each in a home of its own."""
    warm()
    count = Count()
    usual = track.ended[step.name]
    for number in numbers:
        chance = chance_of(SEED, number)
        root = track.folder / f"trial-{step.name.replace(' ', '-')}-{number}"
        track.put(step, root)
        how = _moment(chance, usual)
        first = in_a_process(lambda root=root: run(root, step, ends=track.ends), **how)
        count.tried += 1
        count.killed += first.killed
        if first.trouble:
            count.wrong.append(f"{step.name} {number} {how}: {first.trouble}")
        if first.killed:
            wrong = _again(track, step, root)
            count.wrong += [f"{step.name} {number} {how}: {one}" for one in wrong]
        track.remove(root)
    return count


def _moment(chance: random.Random, usual: Ended) -> dict[str, Any]:
    """A moment of the process, or some seconds of its usual time."""
    if chance.random() < 0.5 and usual.moments:
        return {"die_at": chance.randint(1, usual.moments)}
    return {"die_after": chance.uniform(0.0, usual.seconds)}


def _again(track: Track, step: Step, root: Path) -> list[str]:
    """What is wrong after the same command was given again."""
    second = in_a_process(lambda: run(root, step, ends=track.ends, later=AFTER))
    if second.trouble or second.told is None:
        return [f"again: {second.trouble or 'ended badly'}"]
    if set(second.told) - step.again:
        return [f"again: exit codes {second.told}"]
    now = in_a_process(lambda: state_of(root, at=track.ends))
    if now.trouble or now.told is None:
        return [f"looked at: {now.trouble}"]
    wanted = track.after[step.name]
    differing = [
        f"{name}: {str(wanted[name])[:200]} became {str(now.told[name])[:200]}"
        for name in wanted
        if not same(name, wanted[name], now.told[name])
    ]
    return ["; ".join(differing)] if differing else []


def same(name: str, wanted: Any, found: Any) -> bool:
    """Whether one fact is as it should be; a note may stand twice, never be lost."""
    if name == "casework":
        return set(found) == set(wanted)
    return bool(found == wanted)

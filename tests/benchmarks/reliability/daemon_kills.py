"""The daemon killed at random moments, alone, with its step, or its step alone; then started again.

What holds after it is what holds of every kill: all is as if nothing had happened. What is more:
the step of a daemon that was killed ends by itself, so that two never write for one home.
On PostgreSQL another machine, which shares lake and store but no lock, takes over: not before the
lease has run out, and from then on alone.
"""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from threading import Event
from typing import Any

from alerts.errors import Busy
from tests.benchmarks.figures import Figure
from tests.benchmarks.reliability.damage import chance_of, numbered
from tests.benchmarks.reliability.damaged_input import quietly
from tests.benchmarks.reliability.databases import database_copied, database_name, dropped
from tests.benchmarks.reliability.hurrying import STEPS_BEGUN
from tests.benchmarks.reliability.lives import AFTER, copied, state_of
from tests.benchmarks.reliability.living import HOME, TOLD, Force, a_living_home, morning_after
from tests.benchmarks.reliability.served import Served, machines_can_be_made_up, warm_process
from tests.benchmarks.reliability.worlds import world
from tests.postgresql import Server, fresh_database, server_reached

SEED, STAFF, WEEKS = 833, 50, 6
HELD_BACK = 4  # days whose logs come after the home was first served
WORKERS = 2
CHANGES = {"most_files = 24 ": "most_files = 2 "}  # so that each wake compacts
ELSEWHERE = "elsewhere"  # the name of the other machine
_ORPHAN_SECONDS = 5.0
WHOM = ("the daemon", "the daemon and its step", "its step alone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A home before a wake, and what that wake makes of it when nothing disturbs it.

    Attributes:
        before: the home.
        place: the socket of the warm process that forks steps.
        at: the moment of the wake.
        elsewhere: the same socket of another machine; None where there is none.
        server: where the databases are; None: each home has its own file.
        born: the second it was made, by which databases left over are known.
        after: the state that it leaves.
        begins: seconds after its start at which the daemon begins its first step.
        ends: seconds after its start at which it has done all there is to do.
    """

    before: Path
    place: Path
    at: datetime
    elsewhere: Path | None = None
    server: Server | None = None
    born: int = 0
    after: Mapping[str, Any] = field(default_factory=dict)
    begins: float = 0.0
    ends: float = 0.0

    def begun(self, folder: Path) -> Served:
        """The home at another place, with a database of its own."""
        folder.mkdir()
        copied(self.before, folder / HOME)
        if self.server is not None:
            database_copied(self.server, self.before, folder / HOME, born=self.born)
        return Served(folder=folder, root=folder / HOME, place=self.place)

    def remove(self, folder: Path) -> None:
        """Take a home and its database away."""
        shutil.rmtree(folder, ignore_errors=True)
        if self.server is not None:
            with self.server.connect() as connection:
                dropped(connection, database_name(folder / HOME, born=self.born))


@dataclass(slots=True, kw_only=True)  # adds up
class Count:
    """Kills, and what they left."""

    killed: int = 0
    orphans: int = 0  # steps that were at work when their daemon was killed
    lived_on: int = 0  # of them, those that did not end
    wrong: list[str] = field(default_factory=list)

    def add(self, other: "Count") -> None:
        """Count what another counted."""
        self.killed += other.killed
        self.orphans += other.orphans
        self.lived_on += other.lived_on
        self.wrong += other.wrong


def kills_of_the_daemon(trials: int, *, elsewhere: int) -> tuple[Count, list[Figure]]:
    """So many kills, and some after which another machine takes over: all counted, and told."""
    with tempfile.TemporaryDirectory(prefix="psdmon-daemon-kills-") as name:
        here = _kills(Path(name), trials)
    figures = [
        Figure(
            says=f"SIGKILL of {WHOM[0]}, {WHOM[1]}, or {WHOM[2]}, while it reads, judges, compacts"
            f" and tells, then started again, seed {SEED}",
            value=f"{here.killed:,} killed, {len(here.wrong):,}",
            unit="with anything lost or doubled, or a broken chain",
            limit="none",
        )
    ]
    there, told = Count(), _cannot()
    if not told:
        there = _taken_over(elsewhere)
        told = f"{there.killed:,} killed, {len(there.wrong):,}"
    figures += [
        Figure(
            says=f"SIGKILL of {WHOM[0]}, alone or with its step, on one of two machines over one"
            " lake and one PostgreSQL, then the other takes over",
            value=told,
            unit="with anything lost or doubled, a broken chain, or two that served at once",
            limit="none",
        )
    ]
    here.add(there)
    figures.append(
        Figure(
            says="steps that were at work when their daemon alone was killed",
            value=f"{here.orphans:,}, {here.lived_on:,}",
            unit=f"alive {_ORPHAN_SECONDS:g} seconds later",
            limit="none",
        )
    )
    return here, figures


def _cannot() -> str:
    """Why no second machine can be tried here; empty where it can."""
    reached = server_reached()
    if not isinstance(reached, Server):
        return f"not measured: {reached}"
    return "" if machines_can_be_made_up() else "not measured: no other host name may be given"


def _taken_over(trials: int) -> Count:
    """So many kills after which the other machine takes over."""
    server = server_reached()
    if not isinstance(server, Server):
        return Count()
    with (
        tempfile.TemporaryDirectory(prefix="psdmon-daemon-kills-") as name,
        fresh_database(server) as url,
    ):
        return _kills(Path(name), trials, server=server, url=url)


def _kills(folder: Path, trials: int, *, server: Server | None = None, url: str = "") -> Count:
    """So many kills, shared by the workers."""
    count = Count()
    with ExitStack() as stack:
        place = stack.enter_context(warm_process(folder / "steps.sock"))
        other = folder / "steps-elsewhere.sock"
        if server is not None:
            stack.enter_context(warm_process(other, machine=ELSEWHERE))
        pool = stack.enter_context(
            ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn"), initializer=quietly)
        )
        course = pool.submit(undisturbed, folder, place, server=server, url=url).result()
        if server is not None:
            course = replace(course, elsewhere=other)
        futures = [pool.submit(kills, course, some) for some in numbered(trials, batch=3)]
        for future in futures:
            count.add(future.result())
        for name in ("before", "usual"):
            course.remove(folder / name)
    return count


def undisturbed(folder: Path, place: Path, *, server: Server | None, url: str) -> Course:
    """A home that was served until some days ago, and the course of its next wake."""
    made = world(folder / "made", staff=STAFF, weeks=WEEKS, seed=SEED, cases=6, activity=0.4)
    force = Force(made, returns=[made.ends])
    life = folder / "life"
    drop = a_living_home(life, force, changes=CHANGES, url=url, told=f"{HOME}/{TOLD}")
    days = list(force.by_day)
    for day in days[:-HELD_BACK]:
        drop.arrive(day)
    _served(Served(folder=life, root=life / HOME, place=place), morning_after(days[-HELD_BACK - 1]))
    for day in days[-HELD_BACK:]:
        drop.arrive(day)
    course = Course(
        before=folder / "before" / HOME,
        place=place,
        at=morning_after(days[-1]),
        server=server,
        born=int(folder.stat().st_ctime),
    )
    course.before.parent.mkdir()
    copied(life / HOME, course.before)
    if server is not None:
        source = url.rpartition("/")[2]
        database_copied(server, life / HOME, course.before, born=course.born, source=source)
    usual = course.begun(folder / "usual")
    began = time.monotonic()
    ends = _served(usual, course.at)
    return replace(
        course,
        after=state_of(usual.root, at=course.at),
        begins=_first_step(usual) - began,
        ends=ends - began,
    )


def _served(served: Served, at: datetime) -> float:
    """When the daemon had done all there was to do at a moment; it was started, and stopped."""
    served.start(at)
    served.wait(at)
    ended = time.monotonic()
    if served.stop():
        raise RuntimeError(f"the daemon of {served.folder} did not end well")
    return ended


def _first_step(served: Served) -> float:
    """When the first step began that is not the check of settings, in seconds of the machine."""
    lines = (served.folder / STEPS_BEGUN).read_text(encoding="ascii").splitlines()
    return float(lines[1].split()[1])


def kills(course: Course, numbers: Sequence[int]) -> Count:
    """So many kills, each in a home of its own."""
    count = Count()
    for number in numbers:
        folder = course.before.parents[1] / f"trial-{number}"
        try:
            wrong = _killed(course, course.begun(folder), number, count=count)
        except Exception as trouble:  # noqa: BLE001 whatever it is, it is what is looked for
            wrong = [f"{trouble!r}"]
        count.wrong += [f"kill {number}: {one}" for one in wrong]
        course.remove(folder)
    return count


def _killed(course: Course, served: Served, number: int, *, count: Count) -> list[str]:
    """What is wrong after one kill, and after somebody has gone on."""
    chance = chance_of(SEED, number)
    whom = WHOM[number % (2 if course.elsewhere else 3)]
    served.start(course.at)
    Event().wait(chance.uniform(course.begins, course.ends))
    step = _at_work(served)
    count.killed += whom != WHOM[2] or bool(step)
    if whom != WHOM[2]:
        os.kill(served.process, signal.SIGKILL)
    if whom != WHOM[0] and step:
        with suppress(ProcessLookupError):
            os.kill(step, signal.SIGKILL)
    killed_at = time.monotonic()
    if whom == WHOM[2]:
        served.wait(course.at)
    else:
        served.ended()
    wrong = list(_gone_on(course, served, alone=whom == WHOM[2]))
    if step and whom == WHOM[0]:
        count.orphans += 1
        Event().wait(max(killed_at + _ORPHAN_SECONDS - time.monotonic(), 0.0))
        count.lived_on += Path(f"/proc/{step}").exists()
    return [f"{whom}: {one}" for one in wrong]


def _gone_on(course: Course, served: Served, *, alone: bool) -> list[str]:
    """What is wrong once all was done an hour later, by the same daemon, a new one, or another's.

    Args:
        course: what should come of it.
        served: the home.
        alone: whether its daemon lives on.
    """
    later = course.at + AFTER
    if course.elsewhere is None:
        if alone:
            served.wake(later)
        else:
            served.start(later)
            served.wait(later)
        ended = served.stop()
        return ["did not end well"] * bool(ended) + _differing(course, served.root, later)
    other = _other_machine(served, course.elsewhere)
    other.start(course.at)
    refused = other.ended()
    other.start(later)
    other.wait(later)
    served.start(later)
    refused_too = served.ended()
    ended = other.stop()
    with (other.root / TOLD).open("ab") as told, suppress(FileNotFoundError):
        told.write((served.root / TOLD).read_bytes())
    wrong = _differing(course, other.root, later)
    if (refused, refused_too, ended) != (Busy.exit_code, Busy.exit_code, 0):
        wrong.append(f"exit codes {refused}, {refused_too}, {ended}")
    return wrong


def _other_machine(served: Served, place: Path) -> Served:
    """A daemon of another machine with a home of its own, over the same lake and store."""
    root = served.folder / ELSEWHERE / HOME
    root.mkdir(parents=True)
    copied(served.root, root, leave=("lake", TOLD))
    (root / "lake").symlink_to(served.root / "lake")
    return Served(folder=root.parent, root=root, place=place, machine=ELSEWHERE)


def _differing(course: Course, root: Path, at: datetime) -> list[str]:
    now = state_of(root, at=at)
    return [
        f"{name}: {str(course.after[name])[:200]} became {str(now[name])[:200]}"
        for name in course.after
        if now[name] != course.after[name]
    ]


def _at_work(served: Served) -> int:
    """The number of the process of the step at work; 0 between two, and while settings are checked.

    A daemon whose check of settings is killed ends, and says so; nothing was begun.
    """
    path = served.folder / STEPS_BEGUN
    lines = path.read_text(encoding="ascii").splitlines() if path.exists() else []
    number = int(lines[-1].split()[0]) if len(lines) > 1 else 0
    return number if number and Path(f"/proc/{number}").exists() else 0

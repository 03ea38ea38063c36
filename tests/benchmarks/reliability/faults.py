"""What machines do to a home: no room, no writing, no database, damage, a wrong clock."""

import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

from click.testing import CliRunner
from filelock import FileLock
from sqlalchemy import text

from alerts.store.database import writing
from monitor.cli.main import shell
from monitor.clock import FixedClock
from monitor.ingest import loading
from monitor.wiring import open_site
from tests.benchmarks.figures import Figure
from tests.benchmarks.reliability.damage import chance_of
from tests.benchmarks.reliability.damaged_input import quietly
from tests.benchmarks.reliability.worlds import a_home
from tests.postgresql import HOST, PORT, Server, fresh_database, server_reached

NOW = datetime(2026, 3, 10, 6, tzinfo=UTC)
HEADER = "event_id,occurred_at,user_id,system,action,subject_id,reason\n"
BUSY, BROKEN, NOT_ALLOWED = 75, 4, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One home, and what a command there ends with."""

    root: Path

    def ends(self, *words: str, at: datetime = NOW) -> int:
        """The exit code of a command."""
        clock = FixedClock(at)
        return CliRunner().invoke(shell, ["--home", str(self.root), *words], obj=clock).exit_code

    def file(self, name: str, rows: int) -> str:
        """A file of so many events, whose reasons cannot be compressed, beside the home."""
        chance = chance_of(841, rows)
        path = self.root.parent.parent / f"{self.root.parent.name}-{name}.csv"
        lines = (
            f"{name}{n},2026-03-01T09:00:00Z,U{n % 9},RMS,view,P{n},{chance.randbytes(60).hex()}\n"
            for n in range(rows)
        )
        path.write_text(HEADER + "".join(lines), encoding="utf-8")
        return str(path)

    def events(self) -> int:
        """How many events the lake holds."""
        with closing(open_site(self.root, clock=FixedClock(NOW))) as site:
            span = site.lake.event_span()
            return span.rows if span else 0

    def intact(self) -> bool:
        """Whether the chain is."""
        with closing(open_site(self.root, clock=FixedClock(NOW))) as site:
            return site.store.verify().intact


def faults() -> list[Figure]:
    """Each fault, and what came of it."""
    quietly()
    with tempfile.TemporaryDirectory(prefix="psdmon-faults-") as folder:
        return [one(Path(folder) / str(n)) for n, one in enumerate(FAULTS)]


def _home(folder: Path, url: str = "") -> Trial:
    folder.mkdir(parents=True, exist_ok=True)
    a_home(folder / "home", at=NOW, changes={}, url=url).close()
    return Trial(root=folder / "home")


def _figure(says: str, *, found: str, promised: str) -> Figure:
    return Figure(says=says, value=found, unit="", limit=promised)


@contextmanager
def _disk(folder: Path, *, megabytes: int) -> Iterator[bool]:
    """A small disk at a folder; whether this machine let one be made."""
    folder.mkdir(parents=True, exist_ok=True)
    made = _mounted("-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder))
    try:
        yield made
    finally:
        if made:
            subprocess.run(["umount", "-l", str(folder)], check=False, capture_output=True)


def _mounted(*words: str) -> bool:
    return subprocess.run(["mount", *words], check=False, capture_output=True).returncode == 0


def no_room(folder: Path) -> Figure:
    """A disk that fills while a file is loaded, and then has room again."""
    says = "a disk that is full while events are loaded, then has room"
    promised = "75; then 0, every event once, chain intact"
    with _disk(folder, megabytes=8) as made:
        if not made:
            return _figure(says, found="not measured: no disk could be made", promised=promised)
        trial = _home(folder)
        file = trial.file("F", 60_000)
        full = trial.ends("ingest", "events", file)
        _mounted("-o", "remount,size=200m", str(folder))
        again = trial.ends("ingest", "events", file)
        found = f"{full}; then {again}, {trial.events():,} of 60,000 events"
        return _figure(says, found=f"{found}, {_chain(trial)}", promised=promised)


def no_writing(folder: Path) -> Figure:
    """A disk that may only be read, and then be written again."""
    says = "a disk that may only be read, then be written"
    promised = "5 or 75; then 0, every event once, chain intact"
    with _disk(folder, megabytes=100) as made:
        if not made:
            return _figure(says, found="not measured: no disk could be made", promised=promised)
        trial = _home(folder)
        file = trial.file("R", 500)
        _mounted("-o", "remount,ro", str(folder))
        barred = trial.ends("ingest", "events", file)
        _mounted("-o", "remount,rw", str(folder))
        again = trial.ends("ingest", "events", file)
        found = f"{barred}; then {again}, {trial.events():,} of 500 events"
        return _figure(says, found=f"{found}, {_chain(trial)}", promised=promised)


def lock_held(folder: Path) -> Figure:
    """Another run that holds the lock of loading, and of judging."""
    trial = _home(folder)
    file = trial.file("L", 50)
    waited, loading._LOCK_SECONDS = loading._LOCK_SECONDS, 0
    with FileLock(trial.root / "ingest.lock"):
        one = trial.ends("ingest", "events", file)
    loading._LOCK_SECONDS = waited
    with FileLock(trial.root / "scan.lock"):
        other = trial.ends("scan")
    again = trial.ends("ingest", "events", file), trial.ends("scan")
    return _figure(
        "a lock that another run holds, then lets go: ingest, scan",
        found=f"{one}, {other}; then {again[0]}, {again[1]}, {trial.events()} of 50 events",
        promised="75, 75; then 0, 0, every event once",
    )


def damaged_lake(folder: Path) -> Figure:
    """Bytes of a file of the lake that were changed on the disk."""
    trial = _home(folder)
    trial.ends("ingest", "events", trial.file("D", 400))
    file = next((trial.root / "lake" / "events").rglob("*.parquet"))
    sound = file.read_bytes()
    file.write_bytes(sound[:200] + bytes(len(sound) - 400) + sound[-200:])
    scanned, more = trial.ends("scan"), trial.ends("ingest", "events", trial.file("E", 5))
    file.write_bytes(sound)
    again = trial.ends("scan"), trial.ends("ingest", "events", trial.file("E", 5))
    return _figure(
        "a damaged file of the lake, then put back from a backup: scan, ingest",
        found=f"{scanned}, {more}; then {again[0]}, {again[1]}, {trial.events()} of 405 events",
        promised="4, 4; then 0, 0, every event once",
    )


def damaged_row(folder: Path) -> Figure:
    """A row of the store that was changed behind the tool's back."""
    trial = _home(folder)
    trial.ends("ingest", "events", trial.file("S", 10))
    with (
        closing(open_site(trial.root, clock=FixedClock(NOW))) as site,
        writing(site.store.engine) as c,
    ):
        c.execute(text("update chain set actor = 'nobody' where seq = 2"))
    return _figure(
        "a changed row of the store: audit verify",
        found=str(trial.ends("audit", "verify")),
        promised="4",
    )


def wrong_clock(folder: Path) -> Figure:
    """A clock that is set back by a day, and forward by a day, and right again."""
    trial = _home(folder)
    day = timedelta(days=1)
    ends = [
        trial.ends("ingest", "events", trial.file(f"C{place}", 20), at=NOW + n * day)
        for place, n in enumerate((0, -1, 1, 0))
    ]
    scans = [trial.ends("scan", at=NOW + n * day) for n in (0, -1, 1)]
    return _figure(
        "a clock set back and forward by a day: four loads, three scans",
        found=f"{ends + scans}, {trial.events()} of 80 events, {_chain(trial)}",
        promised="all 0, every event once, chain intact",
    )


def no_database(folder: Path) -> Figure:
    """A PostgreSQL that stops answering, and answers again."""
    says = "PostgreSQL gone and back: alerts list, ingest"
    promised = "75, 75; then 0, 0, every event once, chain intact"
    reached = server_reached()
    if not isinstance(reached, Server):
        return _figure(says, found=f"not measured: {reached}", promised=promised)
    with fresh_database(reached) as url, _gate() as gate:
        through = url.replace(f"{HOST}:{PORT}", f"{HOST}:{gate.port}")
        trial = _home(folder, through)
        file = trial.file("P", 30)
        gate.open = False
        gone = trial.ends("alerts", "list"), trial.ends("ingest", "events", file)
        gate.open = True
        back = trial.ends("alerts", "list"), trial.ends("ingest", "events", file)
        found = f"{gone[0]}, {gone[1]}; then {back[0]}, {back[1]}, {trial.events()} of 30 events"
        return _figure(says, found=f"{found}, {_chain(trial)}", promised=promised)


def _chain(trial: Trial) -> str:
    return "chain intact" if trial.intact() else "chain BROKEN"


@dataclass(slots=True)  # opened and shut by the trial
class _Gate:
    """A port that leads to PostgreSQL while it is open."""

    port: int
    open: bool = True


@contextmanager
def _gate() -> Iterator[_Gate]:
    listener = socket.create_server((HOST, 0))
    gate = _Gate(port=listener.getsockname()[1])
    Thread(target=_admit, args=(listener, gate), daemon=True).start()
    try:
        yield gate
    finally:
        listener.close()


def _admit(listener: socket.socket, gate: _Gate) -> None:
    while True:
        try:
            near, _ = listener.accept()
        except OSError:
            return
        if not gate.open:
            near.close()
            continue
        far = socket.create_connection((HOST, PORT))
        for one, other in ((near, far), (far, near)):
            Thread(target=_passed, args=(one, other), daemon=True).start()


def _passed(one: socket.socket, other: socket.socket) -> None:
    try:
        while data := one.recv(65_536):
            other.sendall(data)
    except OSError:
        pass  # whoever hung up has said all there is to say
    finally:
        other.close()


FAULTS: tuple[Callable[[Path], Figure], ...] = (
    no_room,
    no_writing,
    lock_held,
    damaged_lake,
    damaged_row,
    wrong_clock,
    no_database,
)

"""A home to load files into, and what is in its lake afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from monitor.clock import FixedClock
from monitor.home import Home
from monitor.ingest import (
    IngestReport,
    Profile,
    Refused,
    ingest_events,
    ingest_table,
    profiles_at,
    quarantined_rows,
    retry,
)
from monitor.lake import Lake
from monitor.settings import Engine, Settings, shipped_config

NOW = datetime(2026, 3, 10, 6, tzinfo=UTC)
PROFILES = profiles_at(shipped_config())
SETTINGS = Settings(engine=Engine(threads=1, memory="1GB"))
HEADER = "event_id,occurred_at,user_id,system,action,subject_id,reason"


def event(number: int, **changed: str) -> str:
    """One canonical row, each number another event."""
    cells = {
        "event_id": f"E{number}",
        "occurred_at": f"2026-03-01T09:{number % 60:02d}:00Z",
        "user_id": "U1",
        "system": "RMS",
        "action": "view",
        "subject_id": f"P{number}",
        "reason": "enquiry",
    }
    return ",".join((cells | changed).values())


def csv(*rows: str, header: str = HEADER) -> bytes:
    """A file of these rows under a header."""
    return "\n".join([header, *rows, ""]).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Loads:
    """Loads content into one home."""

    home: Home
    folder: Path
    settings: Settings = SETTINGS

    def file(self, content: bytes, name: str = "log.csv") -> Path:
        """The content as a file of that name."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / name
        path.write_bytes(content)
        return path

    def events(
        self,
        content: bytes,
        name: str = "log.csv",
        *,
        profile: str | Profile = "canonical",
        source: str | None = None,
        at: datetime = NOW,
        dry_run: bool = False,
    ) -> IngestReport:
        """Load the content as events."""
        return ingest_events(
            self.home,
            [self.file(content, name)],
            profile=PROFILES[profile] if isinstance(profile, str) else profile,
            source=source,
            clock=FixedClock(at),
            settings=self.settings,
            dry_run=dry_run,
        )

    def table(
        self, table: str, content: bytes, name: str = "table.csv", *, at: datetime = NOW
    ) -> IngestReport:
        """Load the content as a reference table."""
        return ingest_table(
            self.home,
            table,
            [self.file(content, name)],
            profile=PROFILES["canonical"],
            clock=FixedClock(at),
            settings=self.settings,
        )

    def rows(
        self, columns: str, table: str = "events", *, known_at: datetime | None = None
    ) -> list[tuple[object, ...]]:
        """The columns of a table, in order of all of them."""
        con = Lake(self.home.lake).connect(engine=self.settings.engine, known_at=known_at)
        try:
            return con.execute(f"SELECT {columns} FROM {table} ORDER BY ALL").fetchall()
        finally:
            con.close()

    def waiting(self) -> list[Refused]:
        """The rows that wait in the quarantine."""
        return quarantined_rows(self.home, settings=self.settings)

    def retried(self, ids: Sequence[str] = (), *, profile: str, at: datetime = NOW) -> IngestReport:
        """Try waiting rows again by a profile."""
        return retry(
            self.home,
            ids,
            clock=FixedClock(at),
            settings=self.settings,
            profile=PROFILES[profile],
        )


def counts(report: IngestReport) -> tuple[int, int, int, int]:
    """Read, stored, already known, quarantined."""
    return report.read, report.stored, report.already_known, report.quarantined

"""Feeds of one home: declared, filled, read, and what is in the lake afterwards."""

import csv
import hashlib
import io
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from monitor.clock import FixedClock
from monitor.ingest import IngestReport, Refused, quarantined_rows, retry
from monitor.sources import FeedReport, declared_at, read_feeds
from monitor.wiring import Site, open_site
from tests.factories import a_moment

NOW = a_moment("2026-03-10T06:00:00Z")
COLUMNS = ("event_id", "occurred_at", "user_id", "system", "action", "subject_id")


def row(number: int, **changed: str) -> dict[str, str]:
    """One access, each number another."""
    minute = timedelta(minutes=number)
    cells = {
        "event_id": f"E{number}",
        "occurred_at": (a_moment("2026-03-01T09:00:00Z") + minute).isoformat(),
        "user_id": "U1",
        "system": "RMS",
        "action": "view",
        "subject_id": f"P{number}",
    }
    return cells | changed


def as_csv(rows: Iterable[Mapping[str, str]], *, header: bool = True) -> bytes:
    """The rows as a CSV file, or as lines to append to one."""
    out = io.StringIO()
    writer: Any = csv.writer(out, lineterminator="\n")
    found = list(rows)
    if header:
        writer.writerow(found[0] if found else COLUMNS)
    writer.writerows(r.values() for r in found)
    return out.getvalue().encode()


def rows(first: int, last: int) -> list[dict[str, str]]:
    """The accesses from one number to another, both included."""
    return [row(number) for number in range(first, last + 1)]


def sha256(content: bytes) -> str:
    """The hash of some bytes."""
    return hashlib.sha256(content).hexdigest()


@dataclass(slots=True, kw_only=True)
class Fed:
    """One home with feeds."""

    root: Path
    folder: Path
    opened: list[Site] = field(default_factory=list)

    def close(self) -> None:
        """Close every site that was opened."""
        for site in self.opened:
            site.close()

    def declare(self, *feeds: str, health: str = "") -> None:
        """Write config/feeds.toml; {folder} stands for the folder beside the home."""
        entries = "".join(f"\n[[feed]]\n{feed}\n" for feed in feeds)
        text = f"format = 1\n[health]\n{health}\n{entries}"
        path = self.root / "config" / "feeds.toml"
        path.write_text(text.replace("{folder}", str(self.folder)), encoding="utf-8")

    def site(self, at: datetime = NOW) -> Site:
        """The home at a moment."""
        site = open_site(self.root, clock=FixedClock(at))
        self.opened.append(site)
        return site

    def read(self, *names: str, at: datetime = NOW, dry_run: bool = False) -> FeedReport:
        """What came of reading the feeds; of one where there is one."""
        return self.read_all(*names, at=at, dry_run=dry_run)[0]

    def read_all(
        self, *names: str, at: datetime = NOW, dry_run: bool = False
    ) -> tuple[FeedReport, ...]:
        """What came of reading each feed."""
        site = self.site(at)
        declared = declared_at(site.home.config)
        return read_feeds(site, declared.named(names), declared=declared, dry_run=dry_run)

    def put(self, name: str, content: bytes, *, at: datetime = NOW - timedelta(hours=1)) -> Path:
        """A file in the folder, last written at a moment."""
        path = self.folder / name
        path.write_bytes(content)
        self.touch(path, at=at)
        return path

    def touch(self, path: Path, *, at: datetime) -> None:
        """Let a file bear a time."""
        os.utime(path, (at.timestamp(), at.timestamp()))

    def manifest(
        self, *lines: str, name: str = "manifest.csv", at: datetime = NOW - timedelta(hours=1)
    ) -> None:
        """A list in the folder, below its header."""
        content = "\n".join(["sequence,file,sha256,bytes", *lines, ""])
        self.put(name, content.encode(), at=at)

    def stored(self, column: str = "event_id", table: str = "events") -> list[Any]:
        """One column of a table of the lake, in order."""
        site = self.site()
        con = site.lake.connect(engine=site.settings.engine)
        try:
            return [
                r[0] for r in con.execute(f"SELECT {column} FROM {table} ORDER BY ALL").fetchall()
            ]
        finally:
            con.close()

    def waiting(self) -> list[Refused]:
        """The rows that wait in the quarantine."""
        site = self.site()
        return quarantined_rows(site.home, settings=site.settings)

    def retried(self) -> IngestReport:
        """What came of trying every waiting row again."""
        site = self.site()
        return retry(site.home, clock=site.clock, settings=site.settings)

    def told(self, kind: str = "feed.read", *, about: str = "") -> list[dict[str, Any]]:
        """What the entries of a kind say, oldest first."""
        return [entry.told for entry in self.site().store.chain(kinds=(kind,), about=about)]


def ids(first: int, last: int) -> list[str]:
    """The event ids of `rows`, in the order of the lake."""
    return sorted(f"E{number}" for number in range(first, last + 1))


def counts(report: FeedReport) -> tuple[int, ...]:
    """Read, stored, already known, quarantined."""
    return tuple(report.counts.values())

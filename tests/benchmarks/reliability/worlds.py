"""Small made-up forces on disk, and homes that judge them."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from monitor.cli.init import make_home
from monitor.clock import FixedClock
from monitor.demo import ForcePlan, inject, make_force, write_force
from monitor.demo.force import cases_of_every_kind
from monitor.ingest import IngestReport, ingest_events, ingest_table, profile_named
from monitor.lake import TABLES
from monitor.settings import shipped_config
from monitor.wiring import Site, open_site

START = date(2026, 1, 5)  # a Monday
EVENTS = "events"


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The files of one made-up force.

    Attributes:
        header: by table, the first line.
        rows: by table, the other lines, as they were written.
        ends: the first moment after its last day.
    """

    header: Mapping[str, bytes]
    rows: Mapping[str, Sequence[bytes]]
    ends: datetime


def world(
    folder: Path,
    *,
    staff: int,
    weeks: int,
    seed: int,
    cases: int,
    activity: float = 1.0,
    start: date = START,
) -> World:
    """A made-up force with some cases of misuse, its files read as lines."""
    plan = ForcePlan(
        staff=staff,
        weeks=weeks,
        start=start,
        seed=seed,
        activity=activity,
        people_per_staff=int(40 * activity),
        lookalikes=(),
        lookalikes_of_each=1,
    )
    force = inject(make_force(plan), cases_of_every_kind(cases), seed)
    paths = write_force(force, folder)
    lines = {
        table: paths[table].read_bytes().splitlines(keepends=True) for table in (EVENTS, *TABLES)
    }
    begins = datetime(start.year, start.month, start.day, tzinfo=UTC)
    return World(
        header={table: found[0] for table, found in lines.items()},
        rows={table: found[1:] for table, found in lines.items()},
        ends=begins + timedelta(weeks=weeks),
    )


def a_home(root: Path, *, at: datetime, changes: Mapping[str, str], url: str = "") -> Site:
    """A home made anew, its settings changed line by line."""
    shutil.rmtree(root, ignore_errors=True)
    config = root / "config"
    shutil.copytree(shipped_config(), config)
    path = config / "settings.toml"
    text = path.read_text(encoding="utf-8")
    for before, after in (changes | ({'url = ""': f'url = "{url}"'} if url else {})).items():
        if before not in text:
            raise ValueError(f"{before!r} is in no line of the settings")
        text = text.replace(before, after, 1)
    path.write_text(text, encoding="utf-8")
    site = open_site(root, clock=FixedClock(at))
    make_home(site)
    return site


def loaded(
    site: Site, table: str, lines: Sequence[bytes], *, header: bytes, name: str
) -> IngestReport:
    """These lines as one file of a table, loaded and removed."""
    path = site.home.root / name
    path.write_bytes(header + b"".join(lines))
    facts = {
        "profile": profile_named(site.home.config, "canonical"),
        "clock": site.clock,
        "settings": site.settings,
    }
    try:
        if table == EVENTS:
            return ingest_events(site.home, [path], **facts)
        return ingest_table(site.home, table, [path], **facts)
    finally:
        path.unlink()

"""What a feed is read with, and what comes of each step of reading it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from monitor.clock import Clock
from monitor.home import Home
from monitor.ingest import FileReport, Profile, Stretch, load, load_stretch
from monitor.settings import Settings
from monitor.sources.declared import Feed, Health
from monitor.sources.observed import Observed


class Kind(StrEnum):
    """What can be wrong with a feed."""

    CANNOT_BE_READ = "cannot_be_read"
    FILE_REFUSED = "file_refused"
    FILE_CHANGED = "file_changed"
    CUT_SHORT = "cut_short"
    MISSING_NUMBERS = "missing_numbers"
    SILENT = "silent"
    VOLUME_FELL = "volume_fell"
    CLOCK_SKEW = "clock_skew"
    SCHEMA_CHANGED = "schema_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """One thing that is wrong, seen while reading.

    Attributes:
        kind: what sort of thing.
        detail: what it is about, in few words that stay the same while it lasts: a file, a number.
        says: what is wrong, in a sentence, with its place.
        since: from when something may be missing or wrong.
    """

    kind: Kind
    detail: str
    says: str
    since: datetime


def told_of(problem: str) -> str:
    """Why a file was refused, without what stands in it: what was read as names may be a row."""
    return re.sub(r"; found: .*|(?<=columns stand twice): .*", "", problem, flags=re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that was read, and where the next reading starts; kept together or not at all.

    Attributes:
        cursor: where the next reading starts.
        report: what became of the rows; None where none were read and only the cursor moved.
        observed: what was seen of the rows.
        facts: what the entry says besides: a hash, a place.
        noticed: what is wrong and is seen only now.
        kept: whether an entry is written: not where nothing was read and nothing moved.
        then: what is done once the entry is written, given its number.
    """

    cursor: Mapping[str, object]
    report: FileReport | None = None
    observed: Observed | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
    noticed: tuple[Noticed, ...] = ()
    kept: bool = True
    then: Callable[[int], None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """One feed and everything that reading it takes.

    Attributes:
        feed: as it is declared.
        profile: how its rows are read.
        profile_hash: of the profile, so that a file it refused is tried again when it changes.
        health: what counts as unwell.
        home: where the rows go.
        clock: says when.
        settings: the force's zone, and what may be used of the machine.
        dry_run: whether everything is counted and nothing written.
    """

    feed: Feed
    profile: Profile
    profile_hash: str
    health: Health
    home: Home
    clock: Clock
    settings: Settings
    dry_run: bool = False

    @property
    def source(self) -> str:
        """Within which event ids are unique."""
        return self.feed.source or self.profile.source

    def observing(self, *, arrived_at: datetime | None = None) -> Observed:
        """A fresh count, of rows that come now, or that came earlier."""
        now = self.clock.now()
        return Observed(
            arrived_at=min(arrived_at or now, now),
            ahead=timedelta(minutes=self.health.ahead_minutes),
            sequence_column=self.feed.sequence_column,
        )

    def file(self, path: Path, observed: Observed) -> FileReport:
        """What became of the rows of a whole file."""
        report = load(self.home, self.feed.table, [path], observe=observed.note, **self._facts())
        return report.files[0]

    def stretch(self, given: Stretch, observed: Observed) -> FileReport:
        """What became of rows that were read here."""
        return load_stretch(
            self.home, self.feed.table, given, observe=observed.note, **self._facts()
        )

    def _facts(self) -> dict[str, Any]:
        return {
            "profile": self.profile,
            "source": self.source,
            "clock": self.clock,
            "settings": self.settings,
            "dry_run": self.dry_run,
        }

"""A home: the folder that holds one force's settings, lake, store and keys."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Home:
    """Paths inside a home; nothing here touches the disk."""

    root: Path
    accepted: Path | None = None  # config that was checked and copied aside, where that is used

    @property
    def config(self) -> Path:
        """Settings, prompts, profiles and code lists, owned by the force."""
        return self.accepted or self.root / "config"

    @property
    def running(self) -> Path:
        """What the daemon keeps for as long as it runs."""
        return self.root / "running"

    @property
    def lake(self) -> Path:
        """Events, reference tables and quarantine, as Delta tables."""
        return self.root / "lake"

    @property
    def keys(self) -> Path:
        """Keys for masking and for checkpoints; readable by the owner alone."""
        return self.root / "keys"

    @property
    def checkpoints(self) -> Path:
        """Copies of the checkpoints that were lodged elsewhere."""
        return self.root / "checkpoints"

    @property
    def models(self) -> Path:
        """What drills taught, a file for each model."""
        return self.root / "models"

    @property
    def references(self) -> Path:
        """What weeks are judged by, worked out once; it can be taken away at any time."""
        return self.root / "references"

    @property
    def database(self) -> Path:
        """The embedded store of alerts, runs and chain."""
        return self.root / "psdmon.db"

    @property
    def ingest_lock(self) -> Path:
        """Held while rows are written to the lake."""
        return self.root / "ingest.lock"

    @property
    def feeds_lock(self) -> Path:
        """Held while feeds are read."""
        return self.root / "feeds.lock"

    @property
    def scan_lock(self) -> Path:
        """Held while windows are judged."""
        return self.root / "scan.lock"

    @property
    def keeping_lock(self) -> Path:
        """Held while the home is copied, or while something in it is erased."""
        return self.root / "keeping.lock"

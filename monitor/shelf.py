"""Taught models kept in the home: each a file by its own hash, and an entry of the chain."""

from dataclasses import dataclass, field
from datetime import date

from alerts.errors import IntegrityBroken, Misused
from alerts.teaching import Taught, from_text
from monitor.wiring import Site

KIND = "model.taught"
ERASED = "retention.finished"  # names the models whose time was over


@dataclass(frozen=True, slots=True)
class HomeShelf:
    """What live runs teach and read; a refit is a decision, so a term is taught once."""

    site: Site
    actor: str

    def found(self, key: str) -> Taught | None:
        """The model of the chain's entry under this key, if there is one.

        Raises:
            IntegrityBroken: the file is gone, or not what the chain says.
        """
        return kept(self.site, key)

    def put(self, key: str, model: Taught, *, day: date) -> None:
        """Write the file, then the entry that tells of it."""
        folder = self.site.home.models
        folder.mkdir(exist_ok=True)
        path = folder / f"{model.sha256}.json"
        unfinished = path.with_suffix(".part")
        unfinished.write_text(model.as_text(), encoding="utf-8")
        unfinished.replace(path)
        self.site.store.record(
            KIND,
            actor=self.actor,
            at=self.site.clock.now(),
            about=key,
            facts={"sha256": model.sha256, "term": day.isoformat(), "drills": dict(model.drills)},
        )


@dataclass(frozen=True, slots=True)
class BorrowingShelf:
    """What a replay uses: the home's models, its own beside them; nothing is kept."""

    site: Site
    own: dict[str, Taught] = field(default_factory=dict)

    def found(self, key: str) -> Taught | None:
        """The home's model under this key, or one that was taught for this replay."""
        return self.own.get(key) or kept(self.site, key)

    def put(self, key: str, model: Taught, *, day: date) -> None:  # noqa: ARG002 as the protocol has it
        """Hold it for this replay."""
        self.own[key] = model


def kept(site: Site, key: str) -> Taught | None:
    """The home's model under a key.

    Raises:
        IntegrityBroken: the file is gone, or not what the chain says.
        Misused: its time was over, and it was erased.
    """
    told = [entry for entry in site.store.chain(about=key) if entry.kind == KIND]
    if not told:
        return None
    sha256 = str(told[-1].told["sha256"])
    path = site.home.models / f"{sha256}.json"
    if not path.is_file():
        _refuse_erased(site, sha256)
        raise IntegrityBroken(
            f"model {sha256[:12]}: {path} is not there; possible: put it back from a backup"
        )
    model = from_text(path.read_text(encoding="utf-8"))
    if model.sha256 != sha256:
        raise IntegrityBroken(
            f"model {sha256[:12]}: {path} is not what was written; possible: put it back from a"
            " backup"
        )
    return model


def _refuse_erased(site: Site, sha256: str) -> None:
    """Nothing where a model was not erased on record."""
    for entry in site.store.chain(kinds=(ERASED,)):
        if sha256 in entry.told["models"]:
            raise Misused(
                f"model {sha256[:12]}: it was erased on {entry.at[:10]}, when its time was over"
                f" (entry {entry.seq} of the chain), so the days it judged cannot be judged again;"
                " possible: later days"
            )

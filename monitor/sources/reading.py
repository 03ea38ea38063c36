"""One reading of the feeds: each from where it ended, and no feed's trouble stops another.

1 cursor    the last entry about the feed says where the last reading ended
2 take      rows go the way of every file: profile, quarantine, lake, exactly once
3 account   one entry of the chain: the counts, and where the next reading starts
4 health    what is wrong with the feed is opened, kept or ended, each by an entry

Between 2 and 3 everything may stop: the same rows are then read again, and are known already.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

import structlog
from filelock import FileLock, Timeout

from alerts.chain import stamp
from alerts.errors import Busy, PsdmonError
from monitor.ingest import FileReport, profile_named
from monitor.sources.cursors import READ, cursor_of, cursors_of
from monitor.sources.database import relation_at
from monitor.sources.declared import Declared, Feed, FileFeed, FolderFeed, TableFeed
from monitor.sources.folder import Folder, state_of
from monitor.sources.followed import Followed, Position
from monitor.sources.table import Reached, Table
from monitor.sources.taking import Noticed, Step, Taking
from monitor.wiring import Site

log = structlog.get_logger()

Progress = Callable[[str, FileReport], None]  # feed, what became of some of its rows


class Source(Protocol):
    """Whatever can be read on from where it was left."""

    def steps(self) -> Iterator[Step]:
        """What there is to read, each part with where the next reading starts."""

    def noticed(self) -> tuple[Noticed, ...]:
        """What is wrong with it after a reading."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedReport:
    """What one reading of one feed came to.

    Attributes:
        feed: its name.
        table: where its rows go.
        files: what became of the rows, file by file.
        known_as: files that were known already under another name: "b.csv is a.csv".
        noticed: what is wrong with the feed, as far as reading it shows.
        problem: why the feed, or the rest of it, was not read; empty when it was.
        busy: whether that was because another run is at work.
    """

    feed: str
    table: str
    files: tuple[FileReport, ...] = ()
    known_as: tuple[str, ...] = ()
    noticed: tuple[Noticed, ...] = ()
    problem: str = ""
    busy: bool = False

    @property
    def counts(self) -> dict[str, int]:
        """Read = stored + already known + quarantined."""
        return {
            "read": sum(file.read for file in self.files),
            "stored": sum(file.stored for file in self.files),
            "already_known": sum(file.already_known for file in self.files),
            "quarantined": sum(file.quarantined for file in self.files),
        }

    @property
    def refused(self) -> bool:
        """Whether the feed or a file of it was refused."""
        return bool(self.problem) or any(file.problem for file in self.files)

    def as_json(self) -> dict[str, object]:
        """The report as it is printed."""
        told = {
            "feed": self.feed,
            "table": self.table,
            "files": [file.as_json() for file in self.files],
            **self.counts,
        }
        more = {"known_as": list(self.known_as), "problem": self.problem}
        return told | {name: value for name, value in more.items() if value}


@dataclass(slots=True, kw_only=True)  # grows step by step
class _Account:
    files: list[FileReport] = field(default_factory=list)
    known_as: list[str] = field(default_factory=list)
    noticed: list[Noticed] = field(default_factory=list)
    problem: str = ""
    busy: bool = False


def read_feeds(
    site: Site,
    feeds: Sequence[Feed],
    *,
    declared: Declared,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> tuple[FeedReport, ...]:
    """Read the feeds one after another; what came of each.

    Raises:
        Busy: another run reads the feeds of this home.
    """
    with _alone(site):
        return tuple(
            _read(site, feed, declared=declared, dry_run=dry_run, progress=progress)
            for feed in feeds
        )


@contextmanager
def _alone(site: Site) -> Iterator[None]:
    site.made()
    try:
        with FileLock(site.home.feeds_lock, timeout=0):
            yield
    except Timeout:
        raise Busy(
            f"feeds: {site.home.feeds_lock} is held by another run that reads them;"
            " possible: try again later"
        ) from None


def unreachable(feed: Feed) -> str:
    """Why a feed could not be read now; empty when it could. Nothing is read."""
    if isinstance(feed, FolderFeed) and not feed.path.is_dir():
        return f"feed {feed.name}: {feed.path} is no folder that can be read here"
    if isinstance(feed, FileFeed) and not feed.path.is_file():
        return f"feed {feed.name}: {feed.path} is no file that can be read here"
    if isinstance(feed, TableFeed):
        try:
            with relation_at(feed):
                return ""
        except PsdmonError as trouble:
            return str(trouble)
    return ""


def _read(
    site: Site,
    feed: Feed,
    *,
    declared: Declared,
    dry_run: bool,
    progress: Progress | None,
) -> FeedReport:
    began = site.clock.now()
    account = _Account()
    try:
        taking = _taking(site, feed, declared=declared, dry_run=dry_run)
        source = _source(site, taking)
        for step in source.steps():
            _keep(site, taking, step=step, account=account)
            if progress and step.report:
                progress(feed.name, step.report)
        account.noticed += source.noticed()
    except PsdmonError as trouble:
        account.problem, account.busy = str(trouble), isinstance(trouble, Busy)
    except Exception as trouble:
        kind = type(trouble).__name__
        account.problem = f"feed {feed.name}: a fault of the program ({kind}); the log has more"
        log.exception("feed.failed", feed=feed.name, kind=kind)
    report = FeedReport(
        feed=feed.name,
        table=feed.table,
        files=tuple(account.files),
        known_as=tuple(account.known_as),
        noticed=tuple(account.noticed),
        problem=account.problem,
        busy=account.busy,
    )
    seconds = (site.clock.now() - began).total_seconds()
    _tell(report, seconds=seconds)
    return report


def _keep(site: Site, taking: Taking, *, step: Step, account: _Account) -> None:
    """Write the entry of a step, and do what waited for it; a dry run only counts."""
    if step.report:
        account.files.append(step.report)
    if "known_as" in step.facts:
        account.known_as.append(f"{step.facts['file']} is {step.facts['known_as']}")
    account.noticed += step.noticed
    if taking.dry_run or not step.kept:
        return
    entry = site.store.record(
        READ,
        actor=site.actor,
        at=site.clock.now(),
        about=taking.feed.name,
        facts=_facts(taking, step),
    )
    if step.then:
        step.then(entry.seq)


def _facts(taking: Taking, step: Step) -> dict[str, object]:
    """What the entry says: counts, hashes and times, nothing from inside the rows."""
    feed, report, seen = taking.feed, step.report, step.observed
    facts: dict[str, object] = {
        "kind": feed.kind,
        "table": feed.table,
        "profile": feed.profile,
        "source": taking.source,
        **step.facts,
        "cursor": step.cursor,
    }
    if report:
        facts |= {
            "read": report.read,
            "stored": report.stored,
            "already_known": report.already_known,
            "quarantined": report.quarantined,
            "refused": bool(report.problem),
        }
    if seen and seen.newest_at:
        facts |= {
            "events": seen.events,
            "newest_at": stamp(seen.newest_at),
            "arrived_at": stamp(seen.arrived_at),
        }
    return facts


def _taking(site: Site, feed: Feed, *, declared: Declared, dry_run: bool) -> Taking:
    profile = profile_named(site.home.config, feed.profile)
    return Taking(
        feed=feed,
        profile=profile,
        profile_hash=hashlib.sha256(profile.model_dump_json().encode()).hexdigest(),
        health=declared.health,
        home=site.home,
        clock=site.clock,
        settings=site.settings,
        dry_run=dry_run,
    )


def _source(site: Site, taking: Taking) -> Source:
    feed = taking.feed
    if isinstance(feed, FolderFeed):
        return Folder(taking=taking, feed=feed, state=state_of(cursors_of(site.store, feed.name)))
    if isinstance(feed, FileFeed):
        cursor = cursor_of(site.store, feed.name)
        position = Position.from_json(cursor) if cursor else None
        return Followed(taking=taking, feed=feed, position=position)
    cursor = cursor_of(site.store, feed.name)
    return Table(taking=taking, feed=feed, reached=Reached.from_json(cursor) if cursor else None)


def _tell(report: FeedReport, *, seconds: float) -> None:
    if report.problem:
        log.warning("feed.not_read", feed=report.feed, busy=report.busy)
        return
    counts = report.counts
    log.info(
        "feed.read",
        feed=report.feed,
        files=len(report.files),
        read=counts["read"],
        stored=counts["stored"],
        already_known=counts["already_known"],
        quarantined=counts["quarantined"],
        seconds=seconds,
    )

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
from datetime import timedelta
from typing import Final, Protocol

import structlog
from filelock import FileLock, Timeout

from alerts.chain import stamp
from alerts.errors import Busy, PsdmonError
from monitor.ingest import FileReport, profile_named
from monitor.ingest.matching import paths_of
from monitor.sources.columns import Columns, seen_now
from monitor.sources.cursors import READ, cursor_of, cursors_of, last_reading, readings
from monitor.sources.database import relation_at
from monitor.sources.declared import Declared, Feed, FileFeed, FolderFeed, TableFeed
from monitor.sources.folder import Folder, state_of
from monitor.sources.followed import Followed, Position
from monitor.sources.health import History, wrong_with
from monitor.sources.keeping import HealthFinding, keep, record_of
from monitor.sources.numbers import Numbers, with_seen
from monitor.sources.observed import Observed, columns_of
from monitor.sources.table import Reached, Table
from monitor.sources.taking import Kind, Noticed, Step, Taking
from monitor.wiring import Site

log = structlog.get_logger()

SCHEMA: Final = "feed.schema_seen"
_MOST_READINGS: Final = 2000  # of a feed, from which is learnt what is usual
# What can be told even of a feed that could not be read now.
_BY_HISTORY: Final = frozenset({Kind.SILENT, Kind.VOLUME_FELL})

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
        findings: what is wrong with it now, by its history too.
        problem: why the feed, or the rest of it, was not read; empty when it was.
        busy: whether that was because another run is at work.
    """

    feed: str
    table: str
    files: tuple[FileReport, ...] = ()
    known_as: tuple[str, ...] = ()
    noticed: tuple[Noticed, ...] = ()
    findings: tuple[HealthFinding, ...] = ()
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
        more = {
            "known_as": list(self.known_as),
            "problem": self.problem,
            "findings": [finding.as_json() for finding in self.findings],
        }
        return told | {name: value for name, value in more.items() if value}


@dataclass(slots=True, kw_only=True)  # grows step by step
class _Account:
    files: list[FileReport] = field(default_factory=list)
    known_as: list[str] = field(default_factory=list)
    noticed: list[Noticed] = field(default_factory=list)
    columns: Columns | None = None
    sequence: Numbers | None = None
    problem: str = ""
    busy: bool = False


def read_feeds(  # noqa: PLR0913 each is a fact of its own, all but the first two named
    site: Site,
    feeds: Sequence[Feed],
    *,
    declared: Declared,
    dry_run: bool = False,
    progress: Progress | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> tuple[FeedReport, ...]:
    """Read the feeds one after another; what came of each.

    Args:
        site: the home.
        feeds: which.
        declared: they are part of.
        dry_run: whether everything is counted and nothing written.
        progress: told of each part that was read.
        stop: asked before each feed and each part whether to leave the rest for the next time.

    Raises:
        Busy: another run reads the feeds of this home.
    """
    with _alone(site):
        return tuple(
            _read(site, feed, declared=declared, dry_run=dry_run, progress=progress, stop=stop)
            for feed in feeds
            if not stop()
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


def _read(  # noqa: PLR0913 each is a fact of its own, all but the first two named
    site: Site,
    feed: Feed,
    *,
    declared: Declared,
    dry_run: bool,
    progress: Progress | None,
    stop: Callable[[], bool],
) -> FeedReport:
    began = site.clock.now()
    account = _Account()
    findings: tuple[HealthFinding, ...] = ()
    with _one_feed_alone(feed, account):
        taking = _taking(site, feed, declared=declared, dry_run=dry_run)
        with _one_feed_alone(feed, account):
            _take(site, taking, account=account, progress=progress, stop=stop)
        if not dry_run:
            findings = _look_after(site, taking, account=account)
    report = FeedReport(
        feed=feed.name,
        table=feed.table,
        files=tuple(account.files),
        known_as=tuple(account.known_as),
        noticed=tuple(account.noticed),
        findings=findings,
        problem=account.problem,
        busy=account.busy,
    )
    _tell(report, seconds=(site.clock.now() - began).total_seconds())
    return report


@contextmanager
def _one_feed_alone(feed: Feed, account: "_Account") -> Iterator[None]:
    """Whatever goes wrong with one feed is its own problem, and told."""
    try:
        yield
    except PsdmonError as trouble:
        account.problem, account.busy = str(trouble), isinstance(trouble, Busy)
    except Exception as trouble:
        kind = type(trouble).__name__
        account.problem = f"feed {feed.name}: a fault of the program ({kind}); the log has more"
        log.exception("feed.failed", feed=feed.name, kind=kind)


def _take(
    site: Site,
    taking: Taking,
    *,
    account: "_Account",
    progress: Progress | None,
    stop: Callable[[], bool],
) -> None:
    """Take what there is to read, part by part."""
    last = last_reading(site.store, taking.feed.name)
    told = last.told.get("sequence") if last else None
    account.sequence = Numbers.from_json(told) if told else None
    columns = site.store.last_entry(SCHEMA, about=taking.feed.name)
    account.columns = Columns.from_json(columns.told) if columns else None
    source = _source(site, taking)
    for step in source.steps():
        _keep(site, taking, step=step, account=account)
        if progress and step.report:
            progress(taking.feed.name, step.report)
        if stop():
            break
    account.noticed += source.noticed()


def _look_after(site: Site, taking: Taking, *, account: "_Account") -> tuple[HealthFinding, ...]:
    """Write what is wrong with a feed, and what no longer is; what stands comes back."""
    feed, now = taking.feed, site.clock.now()
    columns = site.store.last_entry(SCHEMA, about=feed.name)
    before = Columns.from_json(columns.told) if columns else None
    if account.columns is not None and account.columns != before:
        facts = account.columns.as_json()
        site.store.record(SCHEMA, actor=site.actor, at=now, about=feed.name, facts=facts)
    if account.busy:
        return record_of(site.store, feed.name).standing
    since = now - timedelta(days=taking.health.learning_days)
    history = History(
        readings=readings(site.store, feed.name, most=_MOST_READINGS, since=since),
        columns=account.columns,
        sequence=account.sequence,
    )
    noticed = [*account.noticed, *wrong_with(site, taking, history)]
    if account.problem:
        problem = Noticed(
            kind=Kind.CANNOT_BE_READ, detail="cannot be read", says=account.problem, since=now
        )
        noticed.append(problem)
    reviewed = _BY_HISTORY if account.problem else frozenset(Kind)
    return keep(site.store, feed.name, noticed=noticed, reviewed=reviewed, actor=site.actor, at=now)


def _keep(site: Site, taking: Taking, *, step: Step, account: _Account) -> None:
    """Write the entry of a step, and do what waited for it; a dry run only counts."""
    if step.report:
        account.files.append(step.report)
    if "known_as" in step.facts:
        account.known_as.append(f"{step.facts['file']} is {step.facts['known_as']}")
    account.noticed += step.noticed
    if step.observed:
        _observe(taking, step.observed, account=account)
    if taking.dry_run or not step.kept:
        return
    entry = site.store.record(
        READ,
        actor=site.actor,
        at=site.clock.now(),
        about=taking.feed.name,
        facts=_facts(taking, step, sequence=account.sequence),
    )
    if step.then:
        step.then(entry.seq)


def _observe(taking: Taking, seen: Observed, *, account: _Account) -> None:
    """Note the columns and numbers of a part in the account."""
    now = taking.clock.now()
    if seen.columns:
        each_row = _may_leave_out(taking)
        reading = taking.profile.reading_of(taking.feed.table)
        known = frozenset(paths_of(reading, taking.feed.table)) if each_row else None
        account.columns = seen_now(
            account.columns,
            Columns(held=columns_of(seen.columns, known=known), sampled=seen.sampled),
            at=now,
            each_row=each_row,
            declared=isinstance(taking.feed, TableFeed),
        )
    if taking.feed.sequence_column:
        account.sequence = with_seen(account.sequence, seen.seen, at=now)


def _may_leave_out(taking: Taking) -> bool:
    """Whether a row may leave a column out: an object of JSON may, a line of a table may not."""
    feed = taking.feed
    if isinstance(feed, TableFeed):
        return False
    names = feed.names if isinstance(feed, FolderFeed) else (feed.path.name,)
    return taking.profile.layout == "jsonl" or any(".json" in n or ".ndjson" in n for n in names)


def _facts(taking: Taking, step: Step, *, sequence: Numbers | None) -> dict[str, object]:
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
    if seen:
        facts |= {"ahead_rows": seen.ahead_rows, "refused_ahead": seen.refused_ahead}
    if sequence:
        facts["sequence"] = sequence.as_json()
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

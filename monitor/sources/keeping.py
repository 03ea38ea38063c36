"""What is wrong with a feed, kept on the chain: opened, ended, or settled with a reason.

A hole in a log is itself evidence, so nothing of it is forgotten when it ends.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog

from alerts.chain import Entry, moment, stamp
from alerts.errors import Misused
from alerts.store import Store
from monitor.feeds import FINDING_OPENED
from monitor.sources.taking import Kind, Noticed

log = structlog.get_logger()

OPENED: Final = FINDING_OPENED
CLOSED: Final = "feed.finding_closed"
SETTLED: Final = "feed.finding_settled"
_MOST_DETAILS: Final = 50  # of one finding that are kept by name

# What happened once does not end by itself; a person settles it.
LASTING: Final = frozenset({Kind.CUT_SHORT, Kind.FILE_CHANGED})
# What may keep rows from being there, so that an alert over that time may lack some.
HOLES: Final = frozenset(
    {
        *(Kind.CANNOT_BE_READ, Kind.FILE_REFUSED, Kind.CUT_SHORT),
        *(Kind.MISSING_NUMBERS, Kind.SILENT, Kind.VOLUME_FELL),
    }
)
POSSIBLE: Final[dict[Kind, str]] = {
    Kind.CANNOT_BE_READ: "psdmon check; then psdmon feeds read",
    Kind.FILE_REFUSED: "the file as it was listed, or the profile put right",
    Kind.FILE_CHANGED: "ask why a log that was delivered was written again",
    Kind.CUT_SHORT: "ask whoever keeps the log for the rest, and load it with psdmon ingest",
    Kind.MISSING_NUMBERS: "ask for what is missing, or why it does not exist",
    Kind.SILENT: "ask whether the source logs and delivers",
    Kind.VOLUME_FELL: "ask whether all of the source logged that day",
    Kind.CLOCK_SKEW: "put the clock or zone of the source right, or the zone in the profile",
    Kind.SCHEMA_CHANGED: "read the new layout, and put the profile right",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthFinding:
    """One thing that is or was wrong with a feed.

    Attributes:
        feed: which.
        kind: what sort of thing.
        since: from when rows may be missing or wrong.
        until: when it ended; None while it is so.
        details: what it is about, in few words each.
        says: what is wrong, a sentence for each detail.
        ended_as: "no longer so", or the reason of whoever settled it; empty while it is so.
    """

    feed: str
    kind: Kind
    since: datetime
    until: datetime | None = None
    details: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    ended_as: str = ""

    @property
    def possible(self) -> str:
        """What can be done about it."""
        return f"{POSSIBLE[self.kind]}; or psdmon feeds settle {self.feed} {self.kind}"

    def overlaps(self, start: datetime, end: datetime) -> bool:
        """Whether it reaches into a span [start, end)."""
        return self.since < end and (self.until is None or self.until > start)

    def as_json(self) -> dict[str, object]:
        """The finding as it is printed."""
        return {
            "feed": self.feed,
            "kind": str(self.kind),
            "since": self.since,
            "until": self.until,
            "details": list(self.details),
            "says": list(self.says),
            "possible": self.possible if self.until is None else "",
            "ended_as": self.ended_as,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Everything that was ever found about feeds.

    Attributes:
        open: what is so now, by feed and kind.
        ended: what was so, oldest first.
        settled: details that a person has settled, by feed and kind.
    """

    open: dict[tuple[str, Kind], HealthFinding]
    ended: tuple[HealthFinding, ...]
    settled: dict[tuple[str, Kind], frozenset[str]]

    @property
    def standing(self) -> tuple[HealthFinding, ...]:
        """What is so now, by feed and kind."""
        return tuple(self.open[key] for key in sorted(self.open))

    def holes(self, start: datetime, end: datetime) -> tuple[HealthFinding, ...]:
        """What may have kept rows of a span [start, end) from being there."""
        found = (*self.ended, *self.standing)
        return tuple(one for one in found if one.kind in HOLES and one.overlaps(start, end))


def record_of(store: Store, feed: str = "") -> Record:
    """What the chain tells of one feed, or of all."""
    found = Record(open={}, ended=(), settled={})
    ended: list[HealthFinding] = []
    for entry in store.chain(kinds=(OPENED, CLOSED, SETTLED), about=feed):
        told = entry.told
        key = (entry.about, Kind(told["kind"]))
        before = found.open.pop(key, None)
        if entry.kind == OPENED:
            found.open[key] = _opened(entry, told)
        elif before is not None:
            ended.append(_ended(before, entry, told))
        if entry.kind == SETTLED:
            settled = found.settled.get(key, frozenset())
            found.settled[key] = settled | frozenset(told["details"])
    return Record(open=found.open, ended=tuple(ended), settled=found.settled)


def keep(  # noqa: PLR0913 each is a fact of its own, all but the first two named
    store: Store,
    feed: str,
    *,
    noticed: Iterable[Noticed],
    reviewed: Collection[Kind],
    actor: str,
    at: datetime,
) -> tuple[HealthFinding, ...]:
    """Write what has begun, changed or ended; what stands then.

    Args:
        store: where the chain is.
        feed: which feed.
        noticed: what is wrong with it.
        reviewed: kinds that were looked at: what is of these and was not noticed has ended.
        actor: who read the feed.
        at: when.
    """
    before = record_of(store, feed)
    seen = list(noticed)
    for kind in Kind:
        settled = before.settled.get((feed, kind), frozenset())
        found = [one for one in seen if one.kind is kind and one.detail not in settled]
        was = before.open.get((feed, kind))
        if found:
            _open(store, feed, kind=kind, found=found, was=was, actor=actor, at=at)
        elif was and kind in reviewed and kind not in LASTING:
            facts = {"kind": str(kind), "how": "no longer so"}
            store.record(CLOSED, actor=actor, at=at, about=feed, facts=facts)
            log.info("feed.finding_closed", feed=feed, kind=str(kind))
    return record_of(store, feed).standing


def settle(  # noqa: PLR0913 each is a fact of its own, all but the first two named
    store: Store, feed: str, *, kind: Kind, reason: str, actor: str, at: datetime
) -> HealthFinding:
    """End a finding with a reason; what it was about is not told again.

    Raises:
        Misused: there is no such finding, or no reason.
    """
    standing = record_of(store, feed).open
    found = standing.get((feed, kind))
    if found is None:
        possible = ", ".join(str(one) for _, one in sorted(standing)) or "none stands"
        raise Misused(f"feed {feed}: no finding {kind} stands; possible: {possible}")
    if not reason.strip():
        raise Misused(f"feed {feed}: settling {kind} takes a reason; possible: --reason TEXT")
    facts = {"kind": str(kind), "details": list(found.details), "reason": reason.strip()}
    store.record(SETTLED, actor=actor, at=at, about=feed, facts=facts)
    return found


def _open(  # noqa: PLR0913 each is a fact of its own, all but the first two named
    store: Store,
    feed: str,
    *,
    kind: Kind,
    found: Sequence[Noticed],
    was: HealthFinding | None,
    actor: str,
    at: datetime,
) -> None:
    """Write a finding that has begun, or is about something else than before."""
    told = {one.detail: one.says for one in found}
    if was and kind in LASTING:
        told = dict(zip(was.details, was.says, strict=True)) | told
    told = dict(list(told.items())[:_MOST_DETAILS])
    if was and set(told) == set(was.details):
        return
    since = min(one.since for one in found)
    facts = {
        "kind": str(kind),
        "since": stamp(min(since, was.since) if was else since),
        "details": list(told),
        "says": list(told.values()),
        "more": max(len(found) - _MOST_DETAILS, 0),
    }
    store.record(OPENED, actor=actor, at=at, about=feed, facts=facts)
    log.warning("feed.finding_opened", feed=feed, kind=str(kind), details=len(told))


def _opened(entry: Entry, told: dict[str, Any]) -> HealthFinding:
    return HealthFinding(
        feed=entry.about,
        kind=Kind(told["kind"]),
        since=moment(told["since"]),
        details=tuple(told["details"]),
        says=tuple(told["says"]),
    )


def _ended(before: HealthFinding, entry: Entry, told: dict[str, Any]) -> HealthFinding:
    return HealthFinding(
        feed=before.feed,
        kind=before.kind,
        since=before.since,
        until=entry.moment,
        details=before.details,
        says=before.says,
        ended_as=told.get("reason") or told["how"],
    )

"""Days claimed while they are judged: held, renewed, handed back, and tried again later.

claim ──> at work ──renewed──> judged
  ^          │
  │          ├── stopped ─────────> handed back, may be claimed at once
  └──────────┴── trouble, killed ──> handed back, tried again after a while that doubles
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from threading import Event, Thread
from typing import Final

import structlog

from alerts.errors import Busy, PsdmonError
from alerts.records import LedgerDay
from monitor.processes import owner_gone
from monitor.settings import Daemon
from monitor.wiring import Site

log = structlog.get_logger()

_SKEW: Final = timedelta(
    hours=1
)  # a time to try again beyond the longest was told by another clock
_RENEWALS: Final = 3  # in one lease, so that two may fail
_ENDED: Final = "the process that judged it ended without a word"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """The days of one run."""

    site: Site
    owner: str

    @property
    def _lease(self) -> timedelta:
        return timedelta(minutes=self.site.settings.daemon.claim_minutes)

    def hold(self, day: date, *, known_seq: int) -> bool:
        """Claims a day, and returns whether it is ours; it is not where it was judged since.

        Raises:
            Busy: another run holds it.
        """
        store = self.site.store
        at = self.site.clock.now()
        if store.days.claim(day, owner=self.owner, at=at, lease=self._lease, known_seq=known_seq):
            return True
        owner = next((one.owner for one in store.days.ledger() if one.day == day), "")
        if owner in {"", self.owner}:
            return False
        raise Busy(f"scan: {day.isoformat()} is being judged by {owner}; possible: try again later")

    @contextmanager
    def at_work(self, day: date) -> Iterator[None]:
        """Renews the claim of a day for as long as this lasts."""
        done = Event()
        every = self._lease / _RENEWALS
        renewing = Thread(
            target=self._renew,
            args=(day,),
            kwargs={"done": done, "every_seconds": every.total_seconds()},
            name="claim",
            daemon=True,
        )
        renewing.start()
        try:
            yield
        finally:
            done.set()
            renewing.join()

    def failed(self, day: date, reason: str) -> datetime:
        """Hands back a day that met trouble, and returns when it is tried again."""
        failures = 1 + next((d.failures for d in self.site.store.days.ledger() if d.day == day), 0)
        at = self.site.clock.now()
        next_try_at = at + wait_after(failures, self.site.settings.daemon)
        self.site.store.days.release(
            day,
            owner=self.owner,
            reason=reason,
            at=at,
            next_try_at=next_try_at,
            actor=self.site.actor,
        )
        return next_try_at

    def give_back(self, day: date, reason: str) -> None:
        """Hands back a day whose judging was broken off through no fault of its own."""
        at = self.site.clock.now()
        self.site.store.days.release(
            day, owner=self.owner, reason=reason, at=at, actor=self.site.actor
        )

    def _renew(self, day: date, *, done: Event, every_seconds: float) -> None:
        while not done.wait(every_seconds):
            try:
                at = self.site.clock.now()
                self.site.store.days.renew(day, owner=self.owner, at=at, lease=self._lease)
            except PsdmonError as trouble:
                log.warning("claim.not_renewed", day=day.isoformat(), trouble=str(trouble))


def wait_after(failures: int, settings: Daemon) -> timedelta:
    """How long a day is left alone after it failed: once, not at all; then ever longer.

    >>> [wait_after(times, Daemon()) / timedelta(hours=1) for times in (1, 2, 3, 4, 9)]
    [0.0, 0.5, 1.0, 2.0, 24.0]
    """
    if failures <= 1:
        return timedelta(0)
    longest = timedelta(hours=settings.retry_most_hours)
    doublings = min(failures - 2, 32)
    return min(timedelta(minutes=settings.retry_minutes) * (1 << doublings), longest)


def waiting(day: LedgerDay, *, at: datetime, settings: Daemon) -> bool:
    """Whether a failing day is to be left alone for now.

    One that would have to wait for longer than the longest was written before the clock was set
    back; it is not made to wait for that.
    """
    if day.next_try_at is None or day.owner:
        return False
    longest = timedelta(hours=settings.retry_most_hours) + _SKEW
    return at < day.next_try_at <= at + longest


def hand_back_orphans(site: Site) -> tuple[date, ...]:
    """Days whose claim outlived its process are handed back as failed, and returned."""
    at = site.clock.now()
    lease = timedelta(minutes=site.settings.daemon.claim_minutes)
    found = []
    for day in site.store.days.ledger():
        if not day.owner or day.owner == site.run_owner:
            continue
        if _lease_runs(day, at=at, lease=lease) and not owner_gone(day.owner):
            continue
        Claims(site=site, owner=day.owner).failed(day.day, _ENDED)
        log.warning("claim.handed_back", day=day.day.isoformat(), owner=day.owner)
        found.append(day.day)
    return tuple(found)


def _lease_runs(day: LedgerDay, *, at: datetime, lease: timedelta) -> bool:
    return day.lease_until is not None and at < day.lease_until <= at + lease + _SKEW

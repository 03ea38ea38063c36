"""One daemon at a time: a lock in the home, and a lease in the store for daemons of other homes.

free ──taken──> held ──renewed──> held ──given back──> free
                  │
                  └── run out, or its process known to be no more: taken over
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Final

import structlog

from alerts.errors import Busy, PsdmonError
from alerts.records import Lease
from alerts.store.leasing import Applicant
from monitor.processes import gone, this_process
from monitor.wiring import Site

LOCK_NAME: Final = "daemon.lock"
_PATIENCE_SECONDS: Final = 2.0  # psdmon status holds the lock for a moment when it looks
_RENEWALS: Final = 3  # in one lease, so that two may fail

log = structlog.get_logger()


@contextmanager
def the_one_daemon(site: Site, *, lost: Callable[[], None]) -> Iterator["Tenure"]:
    """Serves a home and its store alone for as long as this lasts.

    Args:
        site: the home.
        lost: called when another daemon has taken the store over.

    Raises:
        Busy: another daemon does; says which, since when and until when.
    """
    with _locked(site):
        tenure = Tenure(site=site, lost=lost)
        tenure.begin()
        try:
            yield tenure
        finally:
            tenure.end()


@dataclass(slots=True, kw_only=True)  # it is kept up
class Tenure:
    """The lease of a store, renewed by a thread of its own."""

    site: Site
    lost: Callable[[], None]
    applicant: Applicant = field(init=False)
    lost_to: str = ""  # who serves the store now, where that is another
    over: Event = field(default_factory=Event)
    _renewing: Thread = field(init=False)

    def begin(self) -> None:
        """Take the lease.

        Raises:
            Busy: another daemon holds it.
        """
        self.applicant = Applicant(
            holder=self.site.run_owner, process=this_process(), actor=self.site.actor
        )
        lease = self.site.store.daemon_lease.take(
            self.applicant, at=self.site.clock.now(), lease=self._length, gone=gone
        )
        if lease.process != self.applicant.process:
            raise Busy(f"daemon: {_told(lease)}; possible: stop that one first, or wait until then")
        self._renewing = Thread(target=self._keep_up, name="lease", daemon=True)
        self._renewing.start()

    def end(self) -> None:
        """Give the lease back; it runs out by itself where the store cannot be reached."""
        self.over.set()
        self._renewing.join()
        try:
            self.site.store.daemon_lease.give_back(self.applicant, at=self.site.clock.now())
        except PsdmonError as trouble:
            log.warning("lease.not_given_back", trouble=str(trouble))

    @property
    def _length(self) -> timedelta:
        return timedelta(minutes=self.site.settings.daemon.lease_minutes)

    def _keep_up(self) -> None:
        while not self.over.wait(self._length.total_seconds() / _RENEWALS):
            self.renew()

    def renew(self) -> None:
        """Renew the lease once; where another has it, this daemon is told to end."""
        try:
            lease = self.site.store.daemon_lease.renew(
                self.applicant, at=self.site.clock.now(), lease=self._length
            )
        except PsdmonError as trouble:
            log.warning("lease.not_renewed", trouble=str(trouble))
            return
        if lease is None or lease.process != self.applicant.process:
            self.lost_to = _told(lease) if lease else "nobody holds the lease of this store"
            log.error("lease.lost", trouble=self.lost_to)
            self.over.set()
            self.lost()


def served_by(site: Site) -> Lease | None:
    """The lease that holds now; nothing where nobody serves the store."""
    lease = site.store.daemon_lease.held()
    if lease is None or lease.until <= site.clock.now() or gone(lease.process):
        return None
    return lease


@contextmanager
def _locked(site: Site) -> Iterator[None]:
    """The lock of one daemon in one home.

    Raises:
        Busy: another daemon holds it.
    """
    from filelock import FileLock, Timeout

    path: Path = site.home.root / LOCK_NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=_PATIENCE_SECONDS)
    except Timeout:
        raise Busy(
            f"daemon: {path} is held by another daemon of this home{_by_whom(site)};"
            " possible: stop that one first, or psdmon status"
        ) from None
    try:
        yield
    finally:
        lock.release()


def _by_whom(site: Site) -> str:
    try:
        lease = site.store.daemon_lease.held()
    except PsdmonError:
        return ""
    return f": {_told(lease)}" if lease else ""


def _told(lease: Lease) -> str:
    return (
        f"{lease.holder} serves this store since {lease.since:%Y-%m-%dT%H:%M:%SZ}"
        f" and holds it until {lease.until:%Y-%m-%dT%H:%M:%SZ}"
    )

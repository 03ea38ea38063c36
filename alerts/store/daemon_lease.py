"""Who serves the store as its one daemon: one method, one transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from alerts.records import Lease
from alerts.store import database, leasing


@dataclass(frozen=True, slots=True)
class DaemonLease:
    """The lease of the one daemon."""

    engine: Engine

    def held(self) -> Lease | None:
        """Who serves this store as its one daemon, run out or not; nothing where nobody does."""
        with database.reading(self.engine) as connection:
            return leasing.held(connection)

    def take(
        self,
        applicant: leasing.Applicant,
        *,
        at: datetime,
        lease: timedelta,
        gone: leasing.Gone,
    ) -> Lease:
        """Asks to be the one daemon, and returns the lease as it stands then: theirs or another's.

        Args:
            applicant: who asks.
            at: when.
            lease: how long it holds against others.
            gone: whether a process is known to be no more; what it held is taken over at once.
        """
        with database.writing(self.engine) as connection:
            return leasing.take(connection, applicant, at=at, lease=lease, gone=gone)

    def renew(
        self, applicant: leasing.Applicant, *, at: datetime, lease: timedelta
    ) -> Lease | None:
        """Lets the lease hold for longer, and returns it; another's or none where it was lost."""
        with database.writing(self.engine) as connection:
            return leasing.renew(connection, applicant, at=at, lease=lease)

    def give_back(self, applicant: leasing.Applicant, *, at: datetime) -> None:
        """Ends the lease; nothing when it is no longer theirs."""
        with database.writing(self.engine) as connection:
            leasing.give_back(connection, applicant, at=at)

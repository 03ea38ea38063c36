"""The run ledger as the rest of the house meets it: one method, one transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Engine

from alerts.candidates import PassedOver
from alerts.model import Alert
from alerts.records import JudgedDay, LedgerDay, PassedDay, Stored
from alerts.store import database, ledger, passing


@dataclass(frozen=True, slots=True)
class Days:
    """Each day that is judged: claimed, finished, released, and what came near an alert on it."""

    engine: Engine

    def claim(
        self,
        day: date,
        *,
        owner: str,
        at: datetime,
        lease: timedelta,
        known_seq: int | None = None,
    ) -> bool:
        """Claims a day, and returns whether it is this owner's now.

        It is, unless another owner holds a claim whose lease still runs; an owner may claim again
        to renew the lease. A day that was judged may be claimed to be judged again.

        Args:
            day: to be judged.
            owner: who judges; one process.
            at: when.
            lease: how long the claim holds against others.
            known_seq: entry up to which the owner knew the ledger when it chose the day; a day
                that somebody has judged since is not claimed.
        """
        with database.writing(self.engine) as connection:
            return ledger.claim(
                connection, day, owner=owner, at=at, lease=lease, known_seq=known_seq
            )

    def finish(  # noqa: PLR0913 a judged day has this many facts, all named
        self,
        judged: JudgedDay,
        *,
        alerts: Sequence[Alert],
        owner: str,
        at: datetime,
        known_seq: int | None = None,
        days_behind: int = 0,
        candidates: PassedOver | None = None,
    ) -> Stored:
        """Stores a judged day, its alerts and their entries together, and frees the claim.

        The same alerts again change nothing but the ledger; where only the run that says it differs
        (updated_at, settings_fingerprint, code_version, data_version), an alert is the same. Where
        an alert stands belongs to people: a handed status counts only where it is open and the
        stored one is closed, which reopens it if there is new evidence.

        Args:
            judged: what the judging saw.
            alerts: raised or extended that day, as they now stand.
            owner: of the claim.
            at: when.
            known_seq: entry up to which the judging knew the store when it read the alerts; a
                closure after it stands, and a day that anybody else judged after it has nothing
                stored. Without it, a closure after the claim stands.
            days_behind: whole days after it could have been judged; told by each entry.
            candidates: what came near an alert that day and is none.

        Raises:
            Busy: the claim is no longer this owner's, or the alerts are no longer those that the
                judging knew; nothing was stored.
        """
        with database.writing(self.engine) as connection:
            return ledger.finish(
                connection,
                judged,
                alerts=alerts,
                owner=owner,
                at=at,
                known_seq=known_seq,
                days_behind=days_behind,
                candidates=candidates,
            )

    def renew(self, day: date, *, owner: str, at: datetime, lease: timedelta) -> None:
        """Lets a claim hold for longer, while its day is at work.

        Raises:
            Busy: the claim is no longer this owner's.
        """
        with database.writing(self.engine) as connection:
            ledger.renew(connection, day, owner=owner, at=at, lease=lease)

    def release(  # noqa: PLR0913 what is given back and why, all named
        self,
        day: date,
        *,
        owner: str,
        reason: str,
        at: datetime,
        next_try_at: datetime | None = None,
        actor: str = "",
    ) -> None:
        """Gives a claim back unfinished; nothing when it is no longer this owner's.

        Args:
            day: that was claimed.
            owner: of the claim.
            reason: why, without identities.
            at: when.
            next_try_at: before which nobody tries again by themselves; given where the day failed.
            actor: who gives it back, where that is not the owner.
        """
        with database.writing(self.engine) as connection:
            ledger.release(
                connection,
                day,
                owner=owner,
                reason=reason,
                at=at,
                next_try_at=next_try_at,
                actor=actor or owner,
            )

    def mark_stale(
        self, days: Iterable[date], *, reason: str, at: datetime, actor: str = "psdmon"
    ) -> tuple[date, ...]:
        """Marks days to be judged again, and returns those that were judged or are being judged."""
        with database.writing(self.engine) as connection:
            return ledger.mark_stale(connection, tuple(days), reason=reason, actor=actor, at=at)

    def judged(self) -> dict[date, JudgedDay]:
        """The days whose judging stands; those marked to be judged again are left out."""
        return {
            entry.day: entry.judged for entry in self.ledger() if entry.judged and not entry.stale
        }

    def ledger(self) -> tuple[LedgerDay, ...]:
        """Every day that was ever claimed, in order, and how it stands."""
        with database.reading(self.engine) as connection:
            return ledger.ledger(connection)

    def candidates(
        self, *, first: date | None = None, last: date | None = None
    ) -> tuple[PassedDay, ...]:
        """What came near an alert and is none, by judged day, both ends included, latest first."""
        with database.reading(self.engine) as connection:
            return passing.passed(connection, first=first, last=last)

    def erase_candidates(
        self, *, before: date, reason: str, actor: str, at: datetime
    ) -> tuple[date, ...]:
        """Erases the candidates of every day before one, and returns the days that held any."""
        with database.writing(self.engine) as connection:
            return passing.erase(connection, before=before, reason=reason, actor=actor, at=at)

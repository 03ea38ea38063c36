"""The notices that wait or have gone: one method, one transaction."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from alerts.notices import Notice, Planned, State
from alerts.store import database, notifying
from alerts.store.happenings import Lookout


@dataclass(frozen=True, slots=True)
class Outbox:
    """Notices, and the messages they go out in."""

    engine: Engine

    def plan(
        self,
        planning: notifying.Plan,
        *,
        lookout: Lookout,
        actor: str,
        mint: notifying.Mint,
        facts: Mapping[str, object],
    ) -> int:
        """Writes the notices that a plan makes of what has happened, and returns how many.

        Args:
            planning: makes notices of happenings; may not use the store.
            lookout: the moment, and how far to look ahead.
            actor: who plans.
            mint: gives names by chance, no two alike.
            facts: what the entry tells besides.
        """
        with database.writing(self.engine) as connection:
            return notifying.plan(
                connection, planning, lookout=lookout, actor=actor, mint=mint, facts=facts
            )

    def unplanned(self, planning: notifying.Plan, *, lookout: Lookout) -> tuple[Planned, ...]:
        """The notices that planning would write now."""
        with database.reading(self.engine) as connection:
            return notifying.unplanned(connection, planning, lookout=lookout)

    def claim(  # noqa: PLR0913 a claim has this many facts, all named
        self,
        channel: str,
        choose: notifying.Choose,
        *,
        owner: str,
        actor: str,
        at: datetime,
        lease: timedelta,
        mint: notifying.Mint,
    ) -> notifying.Claimed | None:
        """Claims the next message of a channel; nothing where none may leave now.

        Args:
            channel: its name.
            choose: says which notices go together, and which are withheld; may not use the store.
            owner: who sends; one process.
            actor: who runs it.
            at: when.
            lease: how long the claim holds against others.
            mint: gives names by chance, no two alike.
        """
        with database.writing(self.engine) as connection:
            return notifying.claim(
                connection,
                channel,
                choose=choose,
                owner=owner,
                actor=actor,
                at=at,
                lease=lease,
                mint=mint,
            )

    def sent(self, message: str, *, actor: str, at: datetime, facts: Mapping[str, object]) -> None:
        """Marks a message sent; nothing where it was marked before."""
        with database.writing(self.engine) as connection:
            notifying.sent(connection, message, actor=actor, at=at, facts=facts)

    def put_off(
        self, message: str, *, trouble: str, next_try_at: datetime | None, actor: str, at: datetime
    ) -> None:
        """Writes that a try was in vain; dead where there is no next one."""
        with database.writing(self.engine) as connection:
            notifying.put_off(
                connection, message, trouble=trouble, next_try_at=next_try_at, actor=actor, at=at
            )

    def let_go(self, message: str, *, owner: str) -> None:
        """Gives a claim back untried; nothing when it is no longer this owner's."""
        with database.writing(self.engine) as connection:
            notifying.let_go(connection, message, owner=owner)

    def retry(self, messages: Iterable[str], *, actor: str, at: datetime) -> int:
        """Queues dead and withheld messages again, and returns how many."""
        with database.writing(self.engine) as connection:
            return notifying.retry(connection, tuple(messages), actor=actor, at=at)

    def notices(
        self, *, states: Collection[State] | None = None, channel: str = ""
    ) -> tuple[Notice, ...]:
        """Every notice, or those of some states or one channel, oldest first."""
        with database.reading(self.engine) as connection:
            return notifying.notices(connection, states=states, channel=channel)

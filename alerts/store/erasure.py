"""What is erased when its time is over: one method, one transaction."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from alerts.chain import Entry
from alerts.records import Erased
from alerts.store import database, erasing


@dataclass(frozen=True, slots=True)
class Erasure:
    """Alerts and words taken out for good."""

    engine: Engine

    def erase_alerts(
        self, alert_ids: Iterable[str], *, actor: str, at: datetime, facts: Mapping[str, object]
    ) -> Erased:
        """Takes alerts out for good, each with all that hangs on it; their hashes stay."""
        with database.writing(self.engine) as connection:
            done = [
                erasing.erase_alert(connection, one, actor=actor, at=at, facts=facts)
                for one in alert_ids
            ]
        return Erased(rows=sum(one.rows for one in done), words=sum(one.words for one in done))

    def words_due(self, *, before: datetime, still: AbstractSet[str]) -> tuple[Entry, ...]:
        """The entries older than a moment with what somebody typed about nothing that is kept."""
        with database.reading(self.engine) as connection:
            return tuple(erasing.words_due(connection, before=before, still=still))

    def erase_words(
        self,
        *,
        before: datetime,
        still: AbstractSet[str],
        actor: str,
        at: datetime,
        facts: Mapping[str, object],
    ) -> Erased:
        """Takes those words out for good; the entries stay, with their hashes."""
        with database.writing(self.engine) as connection:
            due = list(erasing.words_due(connection, before=before, still=still))
            return erasing.erase_words(connection, due, actor=actor, at=at, facts=facts)

    def purge(self) -> None:
        """Writes the database anew, so that nothing of what was erased is left in its files.

        Raises:
            Busy: somebody reads an older moment of it.
        """
        erasing.purge(self.engine)

"""The store as the rest of the house meets it: one method, one transaction."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from alerts.chain import Entry, Head, Verification
from alerts.gates import Deed
from alerts.lifecycle import Action, Disposition, Step
from alerts.model import Alert, PromptShown, Status
from alerts.records import (
    Allowance,
    FollowUp,
    Note,
    PromptAnswer,
    RecordedFact,
    Request,
    Settlement,
    Suppression,
    Version,
)
from alerts.store import (
    allowing,
    casework,
    database,
    entries,
    following,
    merging,
    queue,
    recording,
    roles,
    seconding,
    suppressing,
    verifying,
)
from alerts.store.daemon_lease import DaemonLease
from alerts.store.days import Days
from alerts.store.erasure import Erasure
from alerts.store.outbox import Outbox

if TYPE_CHECKING:  # what a command does not use, it does not load
    from alerts.store.copying import Copy, Filling


@dataclass(frozen=True, slots=True)
class Store:
    """Alerts, casework, run ledger, roles and chain in one database."""

    engine: Engine

    @classmethod
    def at(cls, url: str) -> "Store":
        """The store at a URL of SQLite or PostgreSQL; nothing is opened yet."""
        return cls(database.engine_at(url))

    def close(self) -> None:
        """Closes the connections that are kept open; the store can be used again."""
        self.engine.dispose()

    # what has a desk of its own

    @property
    def days(self) -> Days:
        """The run ledger: each day that is judged, and what came near an alert on it."""
        return Days(self.engine)

    @property
    def daemon_lease(self) -> DaemonLease:
        """Who serves this store as its one daemon."""
        return DaemonLease(self.engine)

    @property
    def outbox(self) -> Outbox:
        """Notices, and the messages they go out in."""
        return Outbox(self.engine)

    @property
    def erasure(self) -> Erasure:
        """What is taken out for good."""
        return Erasure(self.engine)

    # the schema, and where the chain begins

    def migrate(self) -> None:
        """Brings the schema to what this psdmon wants; nothing when it is there."""
        from alerts.store import migrating  # Alembic is slow to load and seldom needed

        migrating.migrate(self.engine)

    def schema_version(self) -> str:
        """The step at which the schema stands; empty when there is none."""
        from alerts.store import migrating  # Alembic is slow to load and seldom needed

        return migrating.version(self.engine)

    def ready(self) -> bool:
        """Whether the schema is what this psdmon wants and the chain has begun."""
        from alerts.store import migrating  # Alembic is slow to load and seldom needed

        if migrating.version(self.engine) != migrating.newest():
            return False
        with database.reading(self.engine) as connection:
            return bool(entries.home_of(connection))

    def begin(self, home_id: str, *, actor: str, at: datetime) -> None:
        """Writes entry 1 of the chain; nothing when it is there for the same home.

        Raises:
            Misused: the store belongs to another home.
        """
        with database.writing(self.engine) as connection:
            entries.begin(connection, home_id, actor=actor, at=at)

    def home_id(self) -> str:
        """The home that the chain was begun for; empty before that."""
        with database.reading(self.engine) as connection:
            return entries.home_of(connection)

    # alerts

    def alert(self, alert_id: str) -> Alert:
        """One alert.

        Raises:
            Misused: there is none of this id.
        """
        with database.reading(self.engine) as connection:
            return queue.kept(connection, alert_id).alert

    def alerts(self, *, statuses: Collection[Status] | None = None) -> list[Alert]:
        """The alerts of some statuses, or all, in the order they are offered."""
        with database.reading(self.engine) as connection:
            return list(queue.standing(connection, statuses))

    def alerts_of_users(self, user_ids: Iterable[str]) -> list[Alert]:
        """The alerts on any of some members of staff, in the order they are offered."""
        with database.reading(self.engine) as connection:
            return list(queue.naming_users(connection, user_ids))

    def alerts_of_subjects(self, subject_ids: Iterable[str]) -> list[Alert]:
        """The alerts in which any of some people were looked up, in the order they are offered."""
        with database.reading(self.engine) as connection:
            return list(queue.naming_subjects(connection, subject_ids))

    def holders(self) -> dict[str, str]:
        """Who works on each alert that somebody works on, by alert id."""
        with database.reading(self.engine) as connection:
            return queue.holders(connection)

    def versions(self, alert_id: str) -> tuple[Version, ...]:
        """An alert as it stood after each change, oldest first, for disclosure."""
        with database.reading(self.engine) as connection:
            return queue.versions(connection, alert_id)

    # casework

    def act(  # noqa: PLR0913 a step has this many facts, all named
        self,
        alert_id: str,
        action: Action,
        *,
        actor: str,
        at: datetime,
        reason: str = "",
        disposition: Disposition | None = None,
        explanation: str = "",
        to: str = "",
        legitimate_until: datetime | None = None,
        decided_as: str = "",
        also: Mapping[str, object] | None = None,
    ) -> Alert:
        """Takes one step with an alert, and returns how it stands then.

        Args:
            alert_id: of the alert.
            action: what is done.
            actor: who does it.
            at: when.
            reason: why; for a note, its text.
            disposition: of a closure.
            explanation: the work that explains it, where the disposition is explained_by_work.
            to: whom a hand-over goes to.
            legitimate_until: of a closure: until when later lookups of the same two are explained.
            decided_as: the role of whoever says so.
            also: what the entry tells besides: why one person was enough.

        Raises:
            Misused: the step does not fit, leaves something unsaid, or a question that a closure
                waits for is open; says what is possible.
        """
        step = Step(
            action=action,
            reason=reason,
            disposition=disposition,
            explanation=explanation,
            to=to,
            legitimate_until=legitimate_until,
            decided_as=decided_as,
        )
        with database.writing(self.engine) as connection:
            return casework.act(connection, alert_id, step=step, actor=actor, at=at, also=also)

    def open_questions(
        self, alert_id: str, *, disposition: Disposition | None
    ) -> tuple[PromptShown, ...]:
        """The questions that stand between an alert and its closure."""
        with database.reading(self.engine) as connection:
            alert = queue.kept(connection, alert_id).alert
            return casework.open_questions(connection, alert, disposition=disposition)

    def notes(self, alert_id: str) -> list[Note]:
        """Every action on an alert, oldest first."""
        with database.reading(self.engine) as connection:
            return list(casework.notes(connection, alert_id))

    def allowances(self, *, known_at: datetime | None = None) -> tuple[Allowance, ...]:
        """Every decision that lookups are legitimate until a day, as known at a moment, or now."""
        with database.reading(self.engine) as connection:
            return allowing.allowances(connection, known_at=known_at)

    def closings(self) -> dict[str, tuple[datetime, ...]]:
        """When each alert that ever was closed was, oldest first, by alert id."""
        with database.reading(self.engine) as connection:
            return casework.closings(connection)

    def settlements(self) -> tuple[Settlement, ...]:
        """Every closing, and every opening again by a person, of all alerts, oldest first."""
        with database.reading(self.engine) as connection:
            return casework.settlements(connection)

    def answer_prompt(  # noqa: PLR0913 an answer has this many facts, all named
        self, alert_id: str, prompt_id: str, *, answer: str, reason: str, actor: str, at: datetime
    ) -> PromptAnswer:
        """Stores an answer (done, not needed, later) beside the question as it stood.

        Raises:
            Misused: the alert does not carry the question, or the answer is none of those possible.
        """
        with database.writing(self.engine) as connection:
            return casework.answer_prompt(
                connection,
                alert_id,
                prompt_id=prompt_id,
                answer=answer,
                reason=reason,
                actor=actor,
                at=at,
            )

    def prompt_answers(self, alert_id: str) -> list[PromptAnswer]:
        """Every answer given on an alert, oldest first; the latest to a question counts."""
        with database.reading(self.engine) as connection:
            return list(casework.prompt_answers(connection, alert_id))

    def record_fact(  # noqa: PLR0913 a fact has this many parts, all named
        self,
        alert_id: str,
        name: str,
        *,
        value: str,
        reason: str,
        actor: str,
        at: datetime,
        prompts: Sequence[PromptShown] = (),
    ) -> RecordedFact:
        """Stores a fact beyond the log; the questions it calls for join those of the alert.

        Raises:
            Misused: no reason, or a fact that may not stand yet.
        """
        with database.writing(self.engine) as connection:
            return recording.record_fact(
                connection,
                alert_id,
                name=name,
                value=value,
                reason=reason,
                actor=actor,
                at=at,
                prompts=prompts,
            )

    def recorded_facts(self, alert_id: str = "") -> tuple[RecordedFact, ...]:
        """Every fact recorded about an alert, or about any, oldest first."""
        with database.reading(self.engine) as connection:
            return recording.recorded_facts(connection, alert_id)

    def merge(self, alert_id: str, *, into: str, reason: str, actor: str, at: datetime) -> None:
        """Links an alert to the one it belongs to."""
        with database.writing(self.engine) as connection:
            merging.merge(connection, alert_id, into=into, reason=reason, actor=actor, at=at)

    def unmerge(self, alert_id: str, *, reason: str, actor: str, at: datetime) -> None:
        """Lets a merged alert stand by itself again."""
        with database.writing(self.engine) as connection:
            merging.unmerge(connection, alert_id, reason=reason, actor=actor, at=at)

    def merged(self) -> dict[str, str]:
        """The alert that each merged alert belongs to, by alert id."""
        with database.reading(self.engine) as connection:
            return merging.merged(connection)

    def suppress(  # noqa: PLR0913 a suppression has this many facts, all mandatory and named
        self,
        alert_id: str,
        *,
        detector: str,
        reason: str,
        expires_at: datetime,
        actor: str,
        at: datetime,
        also: Mapping[str, object] | None = None,
    ) -> tuple[Suppression, ...]:
        """Suppresses each pair about which a detector speaks in an alert, until a time."""
        with database.writing(self.engine) as connection:
            return suppressing.suppress(
                connection,
                alert_id,
                detector=detector,
                reason=reason,
                expires_at=expires_at,
                actor=actor,
                at=at,
                also=also,
            )

    def lift_suppression(self, seq: int, *, reason: str, actor: str, at: datetime) -> None:
        """Ends a suppression before its time."""
        with database.writing(self.engine) as connection:
            suppressing.lift(connection, seq, reason=reason, actor=actor, at=at)

    def suppressions(self, *, at: datetime | None = None) -> tuple[Suppression, ...]:
        """Those in force at a moment, or all that ever were, oldest first."""
        with database.reading(self.engine) as connection:
            return suppressing.suppressions(connection, at=at)

    # a second person, and a second look

    def ask(  # noqa: PLR0913 a request has this many facts, all named
        self,
        alert_id: str,
        *,
        deed: Deed,
        asked: Mapping[str, object],
        reason: str,
        actor: str,
        at: datetime,
    ) -> Request:
        """Writes a request that waits for a second person; nothing else is done.

        Args:
            alert_id: of the alert.
            deed: what is asked for.
            asked: `disposition` and `explanation` of a closure; `detector` and `expires_at` of a
                suppression.
            reason: why.
            actor: who asks.
            at: when.
        """
        with database.writing(self.engine) as connection:
            return seconding.ask(
                connection, alert_id, deed=deed, asked=asked, reason=reason, actor=actor, at=at
            )

    def answer_request(
        self, seq: int, *, answer: str, reason: str, actor: str, at: datetime
    ) -> Request:
        """Confirms, declines or withdraws a request; an agreed deed is done at once."""
        with database.writing(self.engine) as connection:
            return seconding.answer(
                connection, seq, answer=answer, reason=reason, actor=actor, at=at
            )

    def requests(self, *, pending: bool = True) -> tuple[Request, ...]:
        """The requests that wait for a second person, or all that ever were, oldest first."""
        with database.reading(self.engine) as connection:
            found = seconding.requests(connection)
        return tuple(one for one in found if one.pending or not pending)

    def follow(
        self, alert_id: str, *, due_on: date | None, reason: str, actor: str, at: datetime
    ) -> None:
        """Sets the day an alert is to be looked at again, or takes it away."""
        with database.writing(self.engine) as connection:
            following.follow(connection, alert_id, due_on=due_on, reason=reason, actor=actor, at=at)

    def follow_ups(self) -> dict[str, FollowUp]:
        """The follow-up of each alert that has one, by alert id."""
        with database.reading(self.engine) as connection:
            return following.follow_ups(connection)

    # chain

    def record(  # noqa: PLR0913 an entry has this many facts, all named
        self,
        kind: str,
        *,
        actor: str,
        at: datetime,
        about: str = "",
        purpose: str = "",
        facts: Mapping[str, object] | None = None,
    ) -> Entry:
        """Writes an entry about a look, a start, an export, and returns it."""
        with database.writing(self.engine) as connection:
            return entries.append(
                connection, kind, actor=actor, at=at, about=about, purpose=purpose, facts=facts
            )

    def chain(
        self, *, after: int = 0, about: str = "", actor: str = "", kinds: Collection[str] = ()
    ) -> Iterator[Entry]:
        """The entries after one, in order; all, or about one thing, by one actor, of some kinds."""
        with database.reading(self.engine) as connection:
            yield from entries.entries_after(
                connection, after, about=about, actor=actor, kinds=kinds
            )

    def last_entry(self, *kinds: str, about: str = "") -> Entry | None:
        """The newest entry of some kinds, or of any, about one thing, or any; or nothing."""
        with database.reading(self.engine) as connection:
            return entries.last_entry(connection, kinds, about=about)

    def last_entries(
        self, *kinds: str, about: str = "", most: int, since: datetime | None = None
    ) -> list[Entry]:
        """The newest entries of some kinds, or of any, about one thing, or any; newest first.

        Args:
            kinds: of which; none: of any.
            about: one thing; empty: anything.
            most: how many.
            since: entries before this moment are left where they are.
        """
        with database.reading(self.engine) as connection:
            return entries.last_entries(connection, kinds, about=about, most=most, since=since)

    def head(self) -> Head:
        """Where the chain ends: what a checkpoint lodged elsewhere names."""
        with database.reading(self.engine) as connection:
            return entries.head_of(connection)

    def verify_chain(self, *, checkpoints: Iterable[Head] = ()) -> Verification:
        """Whether the chain is whole, and still holds what checkpoints name."""
        with database.reading(self.engine) as connection:
            return verifying.verify_chain(connection, checkpoints)

    def verify_alerts(self) -> Verification:
        """Whether alerts, casework, roles and ledger are what the chain tells of them."""
        with database.reading(self.engine) as connection:
            return verifying.verify_rows(connection)

    def verify(self, *, checkpoints: Iterable[Head] = ()) -> Verification:
        """Both, seen at one moment of the store."""
        with database.reading(self.engine) as connection:
            return verifying.verify(connection, checkpoints)

    # copied out whole, and filled from such a copy

    @contextmanager
    def copying(self) -> "Iterator[Copy]":
        """The store as it stands at one moment, whoever writes meanwhile."""
        from alerts.store import copying  # it knows Alembic, which is slow to load

        with database.reading(self.engine) as connection:
            yield copying.copy_of(self.engine, connection)

    def fill(self, filling: "Filling") -> Verification:
        """Fills an empty database with a copy, all of it or nothing.

        Raises:
            Misused: the database is not empty, or the copy is of a newer psdmon.
            IntegrityBroken: what was copied is not what the chain tells.
        """
        from alerts.store import copying  # it knows Alembic, which is slow to load

        return copying.fill(self.engine, filling)

    def refuse_filled(self) -> None:
        """Nothing where the database holds no table; says what it holds where it does."""
        from alerts.store import copying  # it knows Alembic, which is slow to load

        copying.emptiness_refused(self.engine)

    # roles

    def role_holders(self) -> dict[str, frozenset[str]]:
        """The roles of each operating-system user who holds any."""
        with database.reading(self.engine) as connection:
            return roles.role_holders(connection)

    def grant(self, os_user: str, role: str, *, actor: str, at: datetime) -> None:
        """Gives a role; nothing when it is held already."""
        with database.writing(self.engine) as connection:
            roles.give(connection, os_user, role=role, actor=actor, at=at)

    def revoke(self, os_user: str, role: str, *, actor: str, at: datetime) -> None:
        """Takes a role away; nothing when it is not held."""
        with database.writing(self.engine) as connection:
            roles.take_away(connection, os_user, role=role, actor=actor, at=at)

    def roles_ever_given(self) -> frozenset[str]:
        """Whoever has ever held a role: a user, `group:NAME` or `postgresql:NAME`."""
        with database.reading(self.engine) as connection:
            return roles.ever_given(connection)

    def database_roles(self) -> frozenset[str]:
        """The PostgreSQL user of this connection and every role it is a member of; else none."""
        with database.reading(self.engine) as connection:
            return roles.database_roles(connection)

"""The tables of the store.

    chain ──head──> chain_head                     everything done or read
      │ seq
      ├── alert_version ──newest── alert ── alert_user, alert_subject
      ├── note, prompt_answer, recorded_fact, merge, suppression, suppression_lift, allowance
      ├── request, request_answer, follow_up, role_change
      ├── notice                                   what somebody is to be told
      └── judged_day, candidate_day

    daemon_lease                                   operational: who serves now; the chain tells of
                                                   each taking and giving back, not of renewals

Moments are text in UTC of one width, days are text, facts are JSON text: the same bytes on every
database, sorted as they are written, and hashed as they are stored. Rows that hang on the chain by
`seq` are written once; the entry carries their SHA-256, so that they can be erased on record. Only
chain_head, alert, alert_user, alert_subject, judged_day, candidate_day and notice are ever written
over, and what they say is in the chain too, but for how a delivery goes meanwhile: tries, leases,
the last trouble (`OPERATIONAL`). Of candidates the chain has their hash and their numbers alone:
they can be erased.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
)

_NAMES: Final = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ix": "ix_%(table_name)s_%(column_0_name)s",
}

metadata = MetaData(naming_convention=_NAMES)

# Tables of the moment: not copied into a backup, and not held against the chain.
operational = MetaData(naming_convention=_NAMES)

# SQLite holds only whole numbers in a primary key of this exact name of a type.
_SEQ: Final = BigInteger().with_variant(Integer(), "sqlite")


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _entry() -> Column[int]:
    """The entry of the chain that tells of the row."""
    return Column("seq", _SEQ, ForeignKey("chain.seq"), primary_key=True, autoincrement=False)


chain = Table(
    "chain",
    metadata,
    Column("seq", _SEQ, primary_key=True, autoincrement=False),  # 1, 2, 3 and so on
    _text("at"),
    _text("kind"),
    _text("actor"),
    _text("about"),  # alert id, day, or empty
    _text("purpose"),
    _text("facts"),  # canonical JSON
    _text("prev_hash"),
    _text("hash"),
    _text("sealed"),  # what is hashed in place of the purpose; empty where it is hashed itself
    _text("salt"),  # of the seal; gone with the words
    Index(None, "about"),
    Index(None, "actor"),
    Index(None, "kind"),
)

chain_head = Table(
    "chain_head",
    metadata,
    Column("id", SmallInteger, CheckConstraint("id = 1", name="one_row"), primary_key=True),
    Column("seq", _SEQ, nullable=False),  # 0 before the chain has begun
    _text("hash"),
    _text("home_id"),
)

alert_version = Table(
    "alert_version",
    metadata,
    _entry(),
    Column("alert_id", Text, nullable=False, index=True),
    _text("line"),  # the contract's JSON
)

alert = Table(
    "alert",
    metadata,
    Column("alert_id", Text, primary_key=True),
    # The version in force.
    Column("seq", _SEQ, ForeignKey("alert_version.seq"), nullable=False, unique=True),
    _text("status"),  # as in the version; here to be found by
    _text("held_by"),  # who works on it; empty when nobody
    Index(None, "status"),
)

alert_user = Table(
    "alert_user",
    metadata,
    Column("alert_id", Text, ForeignKey("alert.alert_id"), primary_key=True),
    Column("user_id", Text, primary_key=True),
    Index(None, "user_id"),
)

alert_subject = Table(
    "alert_subject",
    metadata,
    Column("alert_id", Text, ForeignKey("alert.alert_id"), primary_key=True),
    Column("subject_id", Text, primary_key=True),
    Index(None, "subject_id"),
)

note = Table(
    "note",
    metadata,
    _entry(),
    Column("alert_id", Text, ForeignKey("alert.alert_id"), nullable=False, index=True),
    _text("at"),
    _text("actor"),
    _text("action"),
    _text("reason"),
    _text("disposition"),  # of a closure, else empty
    _text("explanation"),  # where work explains it, else empty
    _text("to_user"),  # of a hand-over, else empty
)

prompt_answer = Table(
    "prompt_answer",
    metadata,
    _entry(),
    Column("alert_id", Text, ForeignKey("alert.alert_id"), nullable=False, index=True),
    _text("prompt_id"),
    Column("version", Integer, nullable=False),
    _text("says"),  # the question as it stood
    _text("reference"),
    _text("answer"),  # done, not needed, later
    _text("reason"),
    _text("actor"),
    _text("at"),
)

recorded_fact = Table(
    "recorded_fact",
    metadata,
    _entry(),
    Column("alert_id", Text, ForeignKey("alert.alert_id"), nullable=False, index=True),
    _text("name"),
    _text("value"),  # as read: a day, a moment of one width, a word
    _text("reason"),
    _text("actor"),
    _text("at"),
)

merge = Table(
    "merge",
    metadata,
    _entry(),
    Column("alert_id", Text, ForeignKey("alert.alert_id"), nullable=False, index=True),
    _text("into_id"),  # the alert it belongs to from here on; empty: it stands by itself again
    _text("reason"),
    _text("actor"),
    _text("at"),
)

suppression = Table(
    "suppression",
    metadata,
    _entry(),
    Column("alert_id", Text, ForeignKey("alert.alert_id"), nullable=False),
    _text("user_id"),
    _text("focus_subject_id"),
    _text("detector"),
    _text("reason"),
    _text("actor"),
    _text("at"),
    _text("expires_at"),
)

suppression_lift = Table(
    "suppression_lift",
    metadata,
    _entry(),
    Column("suppression_seq", _SEQ, ForeignKey("suppression.seq"), nullable=False, unique=True),
    _text("reason"),
    _text("actor"),
    _text("at"),
)

allowance = Table(
    "allowance",
    metadata,
    _entry(),
    Column("alert_id", Text, ForeignKey("alert.alert_id"), nullable=False, index=True),
    _text("user_id"),
    _text("focus_subject_id"),
    _text("decided_as"),  # the role of whoever decided
    _text("actor"),
    _text("at"),
    _text("until_at"),  # a lookup from here on counts again
)

request = Table(
    "request",
    metadata,
    _entry(),
    Column("alert_id", Text, ForeignKey("alert.alert_id"), nullable=False, index=True),
    _text("deed"),  # close, suppress
    _text("asked"),  # canonical JSON: all that the deed needs
    _text("reason"),
    _text("actor"),
    _text("at"),
)

request_answer = Table(
    "request_answer",
    metadata,
    _entry(),
    Column("request_seq", _SEQ, ForeignKey("request.seq"), nullable=False, unique=True),
    _text("answer"),  # agreed, declined, withdrawn
    _text("reason"),
    _text("actor"),
    _text("at"),
)

follow_up = Table(
    "follow_up",
    metadata,
    _entry(),
    Column("alert_id", Text, ForeignKey("alert.alert_id"), nullable=False, index=True),
    _text("due_on"),  # YYYY-MM-DD; empty: none from here on; the latest counts
    _text("reason"),
    _text("actor"),
    _text("at"),
)

role_change = Table(
    "role_change",
    metadata,
    _entry(),
    _text("os_user"),
    _text("role"),
    Column("granted", Integer, nullable=False),  # 1 granted, 0 taken away; the latest counts
)

judged_day = Table(
    "judged_day",
    metadata,
    Column("day", Text, primary_key=True),  # UTC, YYYY-MM-DD
    _text("judged"),  # JSON of the last judging; empty before the first
    _text("stale"),  # why it must be judged again; empty when the judging stands
    Column("stale_seq", _SEQ, nullable=False),  # entry that said so; 0 for none
    _text("owner"),  # who has claimed it; empty when nobody
    _text("lease_until"),  # when the claim may be taken over; empty when there is none
    Column("claimed_seq", _SEQ, nullable=False),  # entry of the claim; 0 for none
    Column("attempts", Integer, nullable=False),  # claims since it was last judged
    _text("released"),  # why the last claim was given back; empty when it was not
    # Claims since it was last judged that ended in trouble.
    Column("failures", Integer, nullable=False, server_default="0"),
    # Before which it is not tried again by itself; empty when at once.
    Column("next_try_at", Text, nullable=False, server_default=""),
)

daemon_lease = Table(
    "daemon_lease",
    operational,
    Column("id", SmallInteger, CheckConstraint("id = 1", name="one_row"), primary_key=True),
    _text("holder"),  # actor, machine and process number
    _text("process"),  # JSON of what tells that process from every other
    _text("since"),
    _text("renewed_at"),
    _text("until"),  # when another daemon may take over
)

notice = Table(
    "notice",
    metadata,
    Column(
        "seq", _SEQ, ForeignKey("chain.seq"), primary_key=True, autoincrement=False
    ),  # the entry that tells of the planning
    Column(
        "place", Integer, primary_key=True, autoincrement=False
    ),  # in that planning, 1 and so on
    Column("id", Text, nullable=False, unique=True),  # by chance, so that no gap tells of another
    Column("key", Text, nullable=False, unique=True),  # channel and what happened: planned once
    Column("source_seq", _SEQ, nullable=False),  # the entry of what happened; 0 where a day came
    _text("channel"),
    _text("kind"),
    _text("alert_id"),  # empty where it is about no alert
    _text("priority"),
    _text("actor"),  # whose deed it tells of; empty where it is nobody's
    Column("at_once", Integer, nullable=False),  # 1: by itself; 0: with others, as a digest
    _text("due_at"),
    _text("state"),  # queued, sent, withheld, dead
    _text("withheld"),  # why, where it is
    _text("message"),  # the message it went into; empty before
    Column("attempts", Integer, nullable=False),  # tries that failed since it was last put right
    _text("next_try_at"),  # empty: as soon as it is due
    _text("trouble"),  # of the last try; names nobody
    _text("held_by"),  # who is sending it; empty when nobody
    _text("held_until"),  # when somebody else may take over
    Index(None, "channel", "state"),
    Index(None, "alert_id"),
    Index(None, "message"),
)

# How a delivery goes meanwhile: no entry tells of it, and nothing is decided by it for good.
OPERATIONAL: Final = frozenset({"attempts", "next_try_at", "trouble", "held_by", "held_until"})

candidate_day = Table(
    "candidate_day",
    metadata,
    Column("day", Text, primary_key=True),  # UTC, YYYY-MM-DD
    Column("seq", _SEQ, ForeignKey("chain.seq"), nullable=False),  # of the judging, or the erasure
    _text("line"),  # JSON of those that came near and are no alert; empty once erased
)

# Written once, each with its SHA-256 in the entry that tells of it.
SEALED: Final = (
    note,
    prompt_answer,
    recorded_fact,
    merge,
    suppression,
    suppression_lift,
    allowance,
    request,
    request_answer,
    follow_up,
    role_change,
)

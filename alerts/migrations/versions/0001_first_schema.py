"""The first schema: chain, alerts with their versions, casework, roles and the run ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make every table of the first release."""
    op.create_table(
        "chain",
        sa.Column("seq", SEQ, autoincrement=False, nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("prev_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_chain")),
    )
    op.create_index(op.f("ix_chain_about"), "chain", ["about"])
    op.create_index(op.f("ix_chain_actor"), "chain", ["actor"])
    op.create_table(
        "chain_head",
        sa.Column("id", sa.SmallInteger(), nullable=False),
        sa.Column("seq", SEQ, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("home_id", sa.Text(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_chain_head_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chain_head")),
    )
    op.create_table(
        "judged_day",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("judged", sa.Text(), nullable=False),
        sa.Column("stale", sa.Text(), nullable=False),
        sa.Column("stale_seq", SEQ, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("lease_until", sa.Text(), nullable=False),
        sa.Column("claimed_seq", SEQ, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("released", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_judged_day")),
    )
    op.create_table(
        "alert_version",
        sa.Column("seq", SEQ, autoincrement=False, nullable=False),
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["chain.seq"], name=op.f("fk_alert_version_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_alert_version")),
    )
    op.create_index(op.f("ix_alert_version_alert_id"), "alert_version", ["alert_id"])
    op.create_table(
        "role_change",
        sa.Column("seq", SEQ, autoincrement=False, nullable=False),
        sa.Column("os_user", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("granted", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["chain.seq"], name=op.f("fk_role_change_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_role_change")),
    )
    op.create_table(
        "alert",
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("seq", SEQ, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("held_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["alert_version.seq"], name=op.f("fk_alert_seq")),
        sa.PrimaryKeyConstraint("alert_id", name=op.f("pk_alert")),
        sa.UniqueConstraint("seq", name=op.f("uq_alert_seq")),
    )
    op.create_index(op.f("ix_alert_status"), "alert", ["status"])
    op.create_table(
        "alert_subject",
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alert.alert_id"], name=op.f("fk_alert_subject_alert_id")
        ),
        sa.PrimaryKeyConstraint("alert_id", "subject_id", name=op.f("pk_alert_subject")),
    )
    op.create_index(op.f("ix_alert_subject_subject_id"), "alert_subject", ["subject_id"])
    op.create_table(
        "alert_user",
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alert.alert_id"], name=op.f("fk_alert_user_alert_id")
        ),
        sa.PrimaryKeyConstraint("alert_id", "user_id", name=op.f("pk_alert_user")),
    )
    op.create_index(op.f("ix_alert_user_user_id"), "alert_user", ["user_id"])
    op.create_table(
        "merge",
        sa.Column("seq", SEQ, autoincrement=False, nullable=False),
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("into_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.alert_id"], name=op.f("fk_merge_alert_id")),
        sa.ForeignKeyConstraint(["seq"], ["chain.seq"], name=op.f("fk_merge_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_merge")),
    )
    op.create_index(op.f("ix_merge_alert_id"), "merge", ["alert_id"])
    op.create_table(
        "note",
        sa.Column("seq", SEQ, autoincrement=False, nullable=False),
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("disposition", sa.Text(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("to_user", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.alert_id"], name=op.f("fk_note_alert_id")),
        sa.ForeignKeyConstraint(["seq"], ["chain.seq"], name=op.f("fk_note_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_note")),
    )
    op.create_index(op.f("ix_note_alert_id"), "note", ["alert_id"])
    op.create_table(
        "prompt_answer",
        sa.Column("seq", SEQ, autoincrement=False, nullable=False),
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("prompt_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("says", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alert.alert_id"], name=op.f("fk_prompt_answer_alert_id")
        ),
        sa.ForeignKeyConstraint(["seq"], ["chain.seq"], name=op.f("fk_prompt_answer_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_prompt_answer")),
    )
    op.create_index(op.f("ix_prompt_answer_alert_id"), "prompt_answer", ["alert_id"])
    op.create_table(
        "suppression",
        sa.Column("seq", SEQ, autoincrement=False, nullable=False),
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("focus_subject_id", sa.Text(), nullable=False),
        sa.Column("detector", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alert.alert_id"], name=op.f("fk_suppression_alert_id")
        ),
        sa.ForeignKeyConstraint(["seq"], ["chain.seq"], name=op.f("fk_suppression_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_suppression")),
    )
    op.create_table(
        "suppression_lift",
        sa.Column("seq", SEQ, autoincrement=False, nullable=False),
        sa.Column("suppression_seq", SEQ, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["chain.seq"], name=op.f("fk_suppression_lift_seq")),
        sa.ForeignKeyConstraint(
            ["suppression_seq"],
            ["suppression.seq"],
            name=op.f("fk_suppression_lift_suppression_seq"),
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_suppression_lift")),
        sa.UniqueConstraint("suppression_seq", name=op.f("uq_suppression_lift_suppression_seq")),
    )
    # The one row that writers lock; the chain has not begun.
    op.execute(
        "INSERT INTO chain_head (id, seq, hash, home_id) VALUES (1, 0, '%s', '')" % ("0" * 64)
    )

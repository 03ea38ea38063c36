"""Deeds that wait for a second person, and days on which alerts are looked at again."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables of requests, their answers, and follow-ups."""
    op.create_table(
        "request",
        sa.Column("seq", SEQ, autoincrement=False, nullable=False),
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("deed", sa.Text(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.alert_id"], name=op.f("fk_request_alert_id")),
        sa.ForeignKeyConstraint(["seq"], ["chain.seq"], name=op.f("fk_request_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_request")),
    )
    op.create_index(op.f("ix_request_alert_id"), "request", ["alert_id"])
    op.create_table(
        "request_answer",
        sa.Column("seq", SEQ, autoincrement=False, nullable=False),
        sa.Column("request_seq", SEQ, nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["chain.seq"], name=op.f("fk_request_answer_seq")),
        sa.ForeignKeyConstraint(
            ["request_seq"], ["request.seq"], name=op.f("fk_request_answer_request_seq")
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_request_answer")),
        sa.UniqueConstraint("request_seq", name=op.f("uq_request_answer_request_seq")),
    )
    op.create_table(
        "follow_up",
        sa.Column("seq", SEQ, autoincrement=False, nullable=False),
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alert.alert_id"], name=op.f("fk_follow_up_alert_id")
        ),
        sa.ForeignKeyConstraint(["seq"], ["chain.seq"], name=op.f("fk_follow_up_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_follow_up")),
    )
    op.create_index(op.f("ix_follow_up_alert_id"), "follow_up", ["alert_id"])

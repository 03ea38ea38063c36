"""Decisions that lookups of a person by a member of staff are legitimate until a day."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table of allowances."""
    op.create_table(
        "allowance",
        sa.Column("seq", SEQ, autoincrement=False, nullable=False),
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("focus_subject_id", sa.Text(), nullable=False),
        sa.Column("decided_as", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("until_at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alert.alert_id"], name=op.f("fk_allowance_alert_id")
        ),
        sa.ForeignKeyConstraint(["seq"], ["chain.seq"], name=op.f("fk_allowance_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_allowance")),
    )
    op.create_index(op.f("ix_allowance_alert_id"), "allowance", ["alert_id"])

"""Facts beyond the log that people put on record about an alert."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table of recorded facts."""
    op.create_table(
        "recorded_fact",
        sa.Column("seq", SEQ, autoincrement=False, nullable=False),
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alert.alert_id"], name=op.f("fk_recorded_fact_alert_id")
        ),
        sa.ForeignKeyConstraint(["seq"], ["chain.seq"], name=op.f("fk_recorded_fact_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_recorded_fact")),
    )
    op.create_index(op.f("ix_recorded_fact_alert_id"), "recorded_fact", ["alert_id"])

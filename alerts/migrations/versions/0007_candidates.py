"""Candidates that came near an alert and are none, by judged day."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table of candidates."""
    op.create_table(
        "candidate_day",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("seq", SEQ, nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["chain.seq"], name=op.f("fk_candidate_day_seq")),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_candidate_day")),
    )

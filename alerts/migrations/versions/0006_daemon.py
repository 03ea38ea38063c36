"""The lease of the one daemon, and days whose judging fails: how often, and when to try again."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of the lease, and the columns of failing days."""
    op.create_table(
        "daemon_lease",
        sa.Column("id", sa.SmallInteger(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("since", sa.Text(), nullable=False),
        sa.Column("renewed_at", sa.Text(), nullable=False),
        sa.Column("until", sa.Text(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_daemon_lease_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_daemon_lease")),
    )
    op.add_column(
        "judged_day", sa.Column("failures", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column(
        "judged_day", sa.Column("next_try_at", sa.Text(), nullable=False, server_default="")
    )

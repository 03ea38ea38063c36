"""Entries of the chain found by their kind: who may see what is told from them at every look."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index the kind of an entry."""
    op.create_index(op.f("ix_chain_kind"), "chain", ["kind"])

"""Words on the chain that can be erased: beside each entry's purpose, its seal and the salt of it."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the columns; entries of before keep their words as they were hashed."""
    for name in ("sealed", "salt"):
        column = sa.Column(name, sa.Text(), nullable=False, server_default="")
        op.add_column("chain", column)

"""Runs migrations on the connection, and in the transaction, that the store hands over."""

from alembic import context

from alerts.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite changes a column by copying the table
)
with context.begin_transaction():
    context.run_migrations()

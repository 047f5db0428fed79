"""What alembic runs: the migrations, on the connection (and in the transaction) that the caller holds."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], target_metadata=None)
context.run_migrations()

"""Version 4: which runs were dry ones, whatever they ended as; of runs from before nothing says so."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column; a history is learnt again from runs/*/run.json."""
    op.add_column("runs", sa.Column("dry_run", sa.Boolean))

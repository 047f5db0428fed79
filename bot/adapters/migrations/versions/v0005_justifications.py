"""Version 5: why a person did it, in their own words, to be searched; of runs from before nothing says so."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the column; a history is learnt again from runs/*/run.json."""
    op.add_column("runs", sa.Column("justification", sa.Text))

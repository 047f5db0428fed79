"""Version 2: one row a check, for trends; a run's checks go with it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the table of checks: seconds and shares as numbers, NULL where nothing was observed."""
    op.create_table(
        "checks",
        sa.Column("repository", sa.Text, nullable=False),
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("scenario", sa.Text, nullable=False),
        sa.Column("endpoint", sa.Text),
        sa.Column("objective", sa.Text, nullable=False),
        sa.Column("limit", sa.Text, nullable=False),
        sa.Column("observed", sa.Double),
        sa.Column("low", sa.Double),
        sa.Column("high", sa.Double),
        sa.Column("samples", sa.BigInteger, nullable=False),
        sa.Column("result", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("repository", "run_id", "position", name="pk_checks"),
        sa.ForeignKeyConstraint(
            ["repository", "run_id"], ["runs.repository", "runs.run_id"], name="fk_checks_run", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_checks_objective", "checks", ["repository", "scenario", "objective"])

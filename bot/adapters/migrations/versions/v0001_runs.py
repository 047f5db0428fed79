"""Version 1: one row a run."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the table of runs; one database may serve many repositories."""
    op.create_table(
        "runs",
        sa.Column("repository", sa.Text, nullable=False),
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("trigger", sa.Text),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("reason_code", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("sha", sa.Text),
        sa.Column("base_sha", sa.Text),
        sa.Column("tag", sa.Text),
        sa.Column("slot", sa.Text),
        sa.Column("started_at", sa.Text, nullable=False),
        sa.Column("finished_at", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("repository", "run_id", name="pk_runs"),
    )
    op.create_index("ix_runs_started", "runs", ["repository", "started_at"])
    op.create_index("ix_runs_sha", "runs", ["repository", "sha"])

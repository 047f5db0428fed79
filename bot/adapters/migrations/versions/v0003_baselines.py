"""Version 3: what each run showed by profile, for baselines, and the baseline that a check was held against.

Runs from before have no observations: a history is learnt again from runs/*/run.json, and without them baselines begin
anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the table of observations: seconds and shares; a run's observations go with it."""
    op.add_column("checks", sa.Column("baseline", sa.Double))
    op.create_table(
        "observations",
        sa.Column("repository", sa.Text, nullable=False),
        sa.Column("run_id", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("scenario", sa.Text, nullable=False),
        sa.Column("endpoint", sa.Text),
        sa.Column("objective", sa.Text, nullable=False),
        sa.Column("observed", sa.Double, nullable=False),
        sa.Column("profile", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("repository", "run_id", "position", name="pk_observations"),
        sa.ForeignKeyConstraint(
            ["repository", "run_id"], ["runs.repository", "runs.run_id"], name="fk_observations_run", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_observations_profile", "observations", ["repository", "profile"])

"""Words and pictures for people; every renderer reads a run record and nothing else."""

"""Hand-made mutants of the safety core, and what runs them; see `scripts/mutants`."""

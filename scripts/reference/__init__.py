"""What writes the reference of the configuration; see `scripts/config-docs`."""

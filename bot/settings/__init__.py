"""The configuration file: its schema, and the reading that names every error at once."""

"""The stories: the only place that says "then"."""

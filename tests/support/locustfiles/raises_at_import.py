"""Cannot be imported."""

raise ValueError("no such luck")

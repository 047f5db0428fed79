"""One module a version, each with the sample rows that a database of that version may hold."""

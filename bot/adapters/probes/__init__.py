"""Where memory and CPU of the service under test come from."""

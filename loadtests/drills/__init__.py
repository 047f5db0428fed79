"""Load files of `promote selftest`: each goes wrong in its own way, so that the gate can show that it notices."""

"""Benchmarks: everything is measured beside its yardstick in the same run, because machines differ and are shared."""

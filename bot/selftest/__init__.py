"""The drill of the gate: real faults and healthy runs on the embedded service, each with the verdict it must get."""

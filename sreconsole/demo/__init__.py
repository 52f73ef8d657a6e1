"""The simulated estate, a process of its own."""

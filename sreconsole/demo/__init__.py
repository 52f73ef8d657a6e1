"""The simulated estate, a process of its own: real /metrics, a month of history and an incident that unfolds."""

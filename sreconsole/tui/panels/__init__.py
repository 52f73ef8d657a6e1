"""Panels: each takes rows from a snapshot and draws only what changed."""

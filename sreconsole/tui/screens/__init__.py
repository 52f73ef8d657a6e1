"""Screens, each with its style sheet beside it; only theme tokens in those."""

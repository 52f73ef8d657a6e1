"""Turns values into words and characters. No terminal, no colour values, no I/O."""

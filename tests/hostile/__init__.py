"""Hostile text from outside, through every way in and to every way out."""

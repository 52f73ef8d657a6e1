"""What it would take where a target is missed: said in the results beside the profile, by the name of the figure."""

from __future__ import annotations

TAKES: dict[str, str] = {}

"""`status --format text`: a table for people, without any control sequence."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sreconsole.domain.snapshot import Snapshot
from sreconsole.present.marks import glyph_set
from sreconsole.present.status_text import table


def render_text(snapshot: Snapshot, zone: ZoneInfo, refresh: float, *, unicode: bool) -> str:
    """The lines of the table with a final line break; ASCII only unless `unicode`."""
    lines = table(snapshot, zone, glyph_set("auto", unicode), refresh)
    text = "\n".join(line.rstrip() for line in lines) + "\n"
    return text if unicode else text.encode("ascii", "replace").decode("ascii")

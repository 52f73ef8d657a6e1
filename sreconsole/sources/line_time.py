"""The time in a line that somebody's script wrote: RFC 3339, or seconds or milliseconds since 1970, also in quotes."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from sreconsole.patterns import pattern

_MILLIS = 100_000_000_000.0
"""From here on a number means milliseconds: as seconds it would be the year 5138."""
_LATEST = 253_402_300_800.0
"""Unix seconds of the year 10000."""
_NUMBER = pattern(r"[0-9]{9,15}(?:\.[0-9]*)?|[0-9]{1,15}\.[0-9]*", re.ASCII)
"""A number in quotes. Eight digits are a date (`20261123`): no script of today writes a moment of 1970."""


def line_time(told: float | str) -> float | None:
    """Unix seconds; None for what is no time. One without a zone is UTC."""
    if isinstance(told, str):
        told = told.strip()
        if _NUMBER.fullmatch(told):
            return line_time(float(told))
        try:
            moment = datetime.fromisoformat(told)
            seconds = (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            return None
    else:
        seconds = told / 1000.0 if told >= _MILLIS else told
    return seconds if 0 < seconds < _LATEST else None

"""Numbers as words for table cells: short, honest, never a 0 for what is not known (`-` instead).

Every function takes a Figure, a number or None. NaN and infinities are treated as not known, so that no arithmetic
accident reaches the screen.
"""

from __future__ import annotations

import math
from datetime import datetime, tzinfo
from decimal import Decimal

from sreconsole.domain.reading import Figure
from sreconsole.patterns import pattern

UNKNOWN = "-"
"""What stands where a number is not known."""

_LARGEST = 1e18

_UTC_MOMENT = pattern(r"(?a:\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)")

Number = Figure | float | int | None


def number(value: Number) -> float | None:
    """The finite number inside, or None; sizes past 1e18 are cut there, which is beyond every cell anyway."""
    if isinstance(value, Figure):
        value = value.value
    if value is None:
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return max(-_LARGEST, min(found, _LARGEST)) if math.isfinite(found) else None


def burn(value: Number) -> str:
    """A burn rate in at most five cells: `0.1x`, `4.0x`, `14.9x`, `149x`, `12kx`; `<0.1x` for a trace, `-` unknown."""
    rate = number(value)
    if rate is None:
        return UNKNOWN
    if 0 < rate < 0.05:
        return "<0.1x"
    if rate < 99.95:
        return f"{rate if rate > 0 else 0:.1f}x"
    if rate < 9_999.5:
        return f"{rate:.0f}x"
    return f"{rate / 1000:.0f}kx" if rate < 999_500 else ">1Mx"


def percent(value: Number) -> str:
    """A share as percent in at most six cells: `31%`, `0.4%`, `99.9%` (never 100% when something is gone), `-206%`."""
    share = number(value)
    if share is None:
        return UNKNOWN
    points = share * 100
    size = abs(points)
    sign = "-" if points < 0 else ""
    if size == 0:
        return "0%"
    if size < 0.05:
        return "-0.1%" if sign else "<0.1%"
    if size < 0.95:
        return f"{sign}{size:.1f}%"
    if 99 < points < 100:
        return f"{math.floor(points * 10) / 10:.1f}%"
    if size < 999.5:
        return f"{points:.0f}%"
    return f"{sign}{_compact(size)}%"


def objective(fraction: Decimal) -> str:
    """An objective as percent without the sign and without trailing zeros: Decimal('0.9995') -> `99.95`."""
    points = (fraction * 100).normalize()
    return f"{points:f}"


def span(seconds: Number) -> str:
    """A length of time in one coarse unit and at most four cells: `45s`, `12m`, `15h`, `6d`; `-` unknown.

    Units change late (100 s, 100 min, 48 h), so that `90m` is not rounded to `2h`. Negative lengths are written as 0.
    """
    length = number(seconds)
    if length is None:
        return UNKNOWN
    length = max(0.0, length)
    for unit, size, below in (("s", 1, 99.5), ("m", 60, 99.5), ("h", 3_600, 47.5), ("d", 86_400, 999.5)):
        if length / size < below:
            return f"{length / size:.0f}{unit}"
    years = length / 31_536_000
    return f"{years:.0f}y" if years < 999.5 else ">999y"


def lasts(exhausts_in: Number, window_seconds: float) -> str:
    """How long the budget lasts at the burn of the last hour; `-` when unknown, not burning, or beyond the window."""
    length = number(exhausts_in)
    return UNKNOWN if length is None or length > window_seconds else span(length)


def age(seconds: Number) -> str:
    """An age in steps a person needs and a slow link can bear: 5 s below a minute, then `span`'s units, cut down."""
    old = number(seconds)
    if old is None:
        return UNKNOWN
    old = max(0.0, old)
    if old < 60:
        return f"{int(old // 5) * 5}s"
    if old < 3_600:
        return f"{int(old // 60)}m"
    return f"{int(old // 3_600)}h" if old < 172_800 else span(old // 86_400 * 86_400)


def clock(at: Number, zone: tzinfo) -> str:
    """Local time of day in minutes, `03:12`; `-` for what no calendar holds."""
    return _moment(at, zone, "%H:%M")


def clock_and_zone(at: Number, zone: tzinfo) -> str:
    """Local time of day and the zone's name, `03:12 CET`."""
    return _moment(at, zone, "%H:%M %Z")


def moment(at: Number, zone: tzinfo) -> str:
    """Local date and time with the zone's name, `2026-11-23 03:12 CET`."""
    return _moment(at, zone, "%Y-%m-%d %H:%M %Z")


def day_and_clock(at: Number, zone: tzinfo) -> str:
    """Local date and time, `2026-11-23 03:12`."""
    return _moment(at, zone, "%Y-%m-%d %H:%M")


def near(at: Number, now: float, zone: tzinfo) -> str:
    """A moment as short as it is clear: `05:00` within a day, else `11-26 05:00`, with the year where it differs."""
    seconds = number(at)
    if seconds is None:
        return UNKNOWN
    if abs(seconds - now) < 86_400:
        return clock(seconds, zone)
    same = _moment(seconds, zone, "%Y") == _moment(now, zone, "%Y")
    return _moment(seconds, zone, "%m-%d %H:%M" if same else "%Y-%m-%d")


def local(text: str, zone: tzinfo) -> str:
    """A sentence with its UTC moments (`2026-11-23T02:12:44Z`, as data has them) as `moment` writes them."""
    return _UTC_MOMENT.sub(lambda found: _localised(found[0], zone), text)


def count(value: Number) -> str:
    """A whole number in at most eight cells: `12,345`, from a million on `1.23M`; truncated, never rounded up."""
    whole = number(value)
    if whole is None:
        return UNKNOWN
    cut = math.trunc(whole)
    if abs(cut) < 1_000_000:
        return f"{cut:,}"
    return ("-" if cut < 0 else "") + _compact(abs(cut), 2)


def _localised(written: str, zone: tzinfo) -> str:
    try:
        at = datetime.fromisoformat(written).timestamp()
    except ValueError:  # somebody else's words that only look like a moment: 30 February
        return written
    return moment(at, zone)


def _compact(size: float, places: int = 0) -> str:
    for unit, scale in (("k", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12)):
        step = 10**places
        scaled = math.floor(size / scale * step) / step
        if scaled < 1000:
            return f"{scaled:.{places}f}{unit}"
    return ">999T"


def _moment(at: Number, zone: tzinfo, pattern: str) -> str:
    seconds = number(at)
    if seconds is None:
        return UNKNOWN
    try:
        return datetime.fromtimestamp(seconds, zone).strftime(pattern)
    except (OverflowError, ValueError, OSError):
        return UNKNOWN

"""When something that begins now is to end, as people type it: `1h30m`, or `until` and a time still to come."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sreconsole.domain.duration import parse_duration
from sreconsole.domain.moment import Moment, parse_moment
from sreconsole.patterns import pattern

PRESETS = ("30m", "1h", "2h", "4h", "until 09:00")
"""What is offered for the length of a silence."""
_UNTIL = pattern(r"until\s+(.+)", re.S)
_CLOCK = pattern(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?")


def end_of(text: str, now: float, zone: str) -> float:
    """The end (Unix seconds) that a text means, as `ending`."""
    return ending(text, now, zone).at


def ending(text: str, now: float, zone: str) -> Moment:
    """The end that a text means, and what to tell the person about the reading.

    A bare clock time is the next at which clocks of the zone show it, at most a day or two ahead where daylight saving
    begins or ends. Raises ValueError with what is accepted.
    """
    text = text.strip()
    until = _UNTIL.fullmatch(text)
    if until is None:
        return Moment(now + _length(text))
    clock = _CLOCK.fullmatch(until[1])
    moment = parse_moment(until[1], now, zone) if clock is None else _next(clock, now, zone)
    if moment.at <= now:
        raise ValueError(f"{text[:40]!r} is over already")
    return moment


def _length(text: str) -> float:
    try:
        length = parse_duration(text)
    except ValueError as error:
        raise ValueError(f"{error}; or `until 09:00`") from None
    if length <= 0:
        raise ValueError(f"{text!r} ends at once")
    return length


def _next(clock: re.Match[str], now: float, zone: str) -> Moment:
    """The first moment after now at which clocks show that time; both readings count where it exists twice."""
    parse_moment(clock[0], now, zone)  # says what is wrong with it
    hour, minute, second = (int(part or 0) for part in clock.groups())
    here = datetime.fromtimestamp(now, ZoneInfo(zone))
    found: list[Moment] = []
    for days in (0, 1, 2):
        day = (here + timedelta(days=days)).replace(hour=hour, minute=minute, second=second, microsecond=0)
        first = parse_moment(f"{day:%Y-%m-%d %H:%M:%S}", now, zone)
        second_reading = day.replace(fold=1).timestamp() if first.remark and "twice" in first.remark else first.at
        found += [first, Moment(second_reading)]
    return next(moment for moment in found if moment.at > now)

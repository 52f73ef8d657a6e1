"""A point in time as people type it (docs/words.md). Now is an argument; the zone is the configured one."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sreconsole.domain.duration import parse_duration
from sreconsole.patterns import pattern

_LOCAL = pattern(r"(?:(\d{4}-\d{2}-\d{2})[ T])?(\d{1,2}):(\d{2})(?::(\d{2}))?")
_ACCEPTED = "write RFC 3339, `YYYY-MM-DD HH:MM`, `HH:MM`, `10m ago` or `@unix`"


class Moment(NamedTuple):
    """Unix seconds, and what to tell the person about the reading (daylight saving), or None."""

    at: float
    remark: str | None = None


def parse_moment(text: str, now: float, zone: str) -> Moment:
    """The moment a text names. Raises ValueError with what is accepted.

    A bare clock time is the latest past one. Where a local time exists twice, or not at all, the earlier reading is
    taken and said.
    """
    text = text.strip()
    if text.startswith("@"):
        return Moment(_unix(text))
    if text.endswith(" ago"):
        return Moment(now - parse_duration(text[:-4]))
    local = _LOCAL.fullmatch(text)
    if local is not None:
        return _local(local, now, ZoneInfo(zone), text)
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text[:40]!r} is not a time: {_ACCEPTED}") from None
    if parsed.tzinfo is None:
        raise ValueError(f"{text[:40]!r} has no zone: {_ACCEPTED}")
    return Moment(parsed.timestamp())


def _unix(text: str) -> float:
    try:
        at = float(text[1:])
    except ValueError:
        raise ValueError(f"{text[:40]!r} is not a Unix time: {_ACCEPTED}") from None
    if not 0 <= at < 253_402_300_800:
        raise ValueError(f"{text[:40]!r} is not a Unix time in seconds")
    return at


def _local(found: re.Match[str], now: float, zone: ZoneInfo, text: str) -> Moment:
    day, hour, minute, second = found.groups()
    here = datetime.fromtimestamp(now, zone)
    try:
        wanted = datetime.fromisoformat(day) if day else datetime(here.year, here.month, here.day, tzinfo=None)  # noqa: DTZ001 - local on purpose
        wanted = wanted.replace(hour=int(hour), minute=int(minute), second=int(second or 0))
    except ValueError:
        raise ValueError(f"{text[:40]!r} is not a time: {_ACCEPTED}") from None
    moment = _resolve(wanted, zone)
    if day is None and moment.at > now:
        moment = _resolve(wanted - timedelta(days=1), zone)
    return moment


def _resolve(wanted: datetime, zone: ZoneInfo) -> Moment:
    first = wanted.replace(tzinfo=zone, fold=0).timestamp()
    second = wanted.replace(tzinfo=zone, fold=1).timestamp()
    if first == second:
        return Moment(first)
    earlier = min(first, second)
    exists = datetime.fromtimestamp(first, zone).replace(tzinfo=None) == wanted
    why = "exists twice" if exists else "does not exist"
    taken = datetime.fromtimestamp(earlier, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Moment(earlier, f"{wanted:%Y-%m-%d %H:%M} {why} in {zone.key} (daylight saving): taken as {taken}")

"""How many requests a service gets: whole numbers by the hour, split into minutes so that they add up exactly."""

from __future__ import annotations

import math
from datetime import datetime, tzinfo

from sreconsole.demo.cast import Service
from sreconsole.demo.chance import chance

MINUTES = 60
_UNIT = 1 << 20
_TABLES = 16


def _shares(table: int) -> tuple[int, ...]:
    """Cumulative shares of an hour's requests at its minutes 0..60, in units of 2^-20; table 0 is perfectly even."""
    weights = [1.0 + (0.5 * (chance(1, 77, table * MINUTES + k) - 0.5) if table else 0.0) for k in range(MINUTES)]
    total, so_far, shares = math.fsum(weights), 0.0, [0]
    for weight in weights:
        so_far += weight
        shares.append(round(_UNIT * so_far / total))
    shares[-1] = _UNIT
    return tuple(shares)


_SHARES = tuple(_shares(table) for table in range(_TABLES))


class Traffic:
    """The requests of one service as functions of the hour (hours since 1970)."""

    def __init__(self, service: Service, seed: int, stream: int, zone: tzinfo) -> None:
        self.service = service
        self._seed = seed
        self._stream = stream
        self._zone = zone
        self._hours: dict[int, int] = {}
        self._even = service.rhythm == "clock"

    def hour(self, hour: int) -> int:
        """Requests in an hour."""
        known = self._hours.get(hour)
        if known is None:
            known = self._hours[hour] = self._count(hour)
        return known

    def within(self, hour: int, minutes: int) -> int:
        """Requests in the first `minutes` (0..60) of an hour."""
        count = self.hour(hour)
        if self._even:
            return count * minutes // MINUTES
        return (count * _SHARES[1 + (hour * 7 + self._stream) % (_TABLES - 1)][minutes]) >> 20

    def _count(self, hour: int) -> int:
        if self._even:
            return round(self.service.per_hour)
        mean = self.service.per_hour * _swing(self.service.rhythm, datetime.fromtimestamp(hour * 3600, self._zone))
        mean *= 0.95 + 0.1 * chance(self._seed, self._stream, hour)
        return int(mean + chance(self._seed, self._stream + 1, hour))


def _swing(rhythm: str, local: datetime) -> float:
    """Traffic at a local time as a share of the mean."""
    weekend = local.weekday() >= 5
    clock = local.hour + local.minute / 60
    if rhythm == "office":
        return 0.0 if weekend or not 7 <= clock < 19 else 0.5 + 0.8 * math.sin(math.pi * (clock - 7) / 12)
    day = 1.0 - 0.42 * math.cos(2 * math.pi * (clock - 4) / 24)
    return day * (1.12 if weekend else 0.95)

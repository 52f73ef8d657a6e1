"""Counters of toil: any PromQL that gives one number."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from sreconsole.config.model import ToilCounter
from sreconsole.domain.reading import Figure
from sreconsole.errors import QueryRejected
from sreconsole.sources.promapi import PromApi, Vector

NO_DATA = "no data"


class PrometheusCounters:
    """The counters of one server."""

    def __init__(self, counters: Mapping[int, ToilCounter], api: Callable[[], PromApi]) -> None:
        """`counters` by their place in the config; `api` makes the connection when the first question needs it."""
        self.counters = dict(counters)
        self._api = api

    async def read(self, at: float) -> dict[int, Figure]:
        """The value of each at a moment (Unix seconds). Raises SourceError; a refused query is a reason."""
        found: dict[int, Figure] = {}
        for place, counter in self.counters.items():
            try:
                found[place] = _one(await self._api().query(counter.query, at))
            except QueryRejected as error:
                found[place] = Figure.missing(str(error))
        return found


def _one(answer: Vector) -> Figure:
    if not answer.items:
        return Figure.missing(NO_DATA)
    if len(answer.items) > 1:
        return Figure.missing(f"the query gives {len(answer.items)} numbers, not one: wrap it in sum()")
    if answer.warnings:
        return Figure.missing(answer.warnings[0])
    value = answer.items[0][1]
    return Figure.known(value) if math.isfinite(value) else Figure.missing("the query gives no finite number")

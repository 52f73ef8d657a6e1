"""Ways to ask in tests: a client that is closed again, and the error of a question that must fail."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sreconsole.config.model import HttpConfig, Secret
from sreconsole.errors import SourceError
from sreconsole.sources.http import HttpClient
from sreconsole.sources.promapi import PromApi

AT = 1_700_000_000.0

GOOD = (
    '{"status":"success","data":{"resultType":"vector","result":'
    '[{"metric":{"service":"a"},"value":[1700000000,"1.5"]}]}}'
)


def inline(value: str) -> Secret:
    """A secret that stands in the config."""
    return Secret("inline", value)


@asynccontextmanager
async def api(url: str, http: HttpConfig | None = None, cap: int = 1 << 20) -> AsyncIterator[PromApi]:
    """The API at `url` as the source `prom`."""
    made = PromApi(HttpClient("prom", url, http or HttpConfig(), cap))
    try:
        yield made
    finally:
        await made.aclose()


async def value(url: str, http: HttpConfig | None = None, timeout: float = 10.0) -> float:
    """The value of the one item answered."""
    async with api(url, http) as asked:
        ((_labels, found),) = (await asked.query("x", AT, timeout=timeout)).items
        return found


async def failure(url: str, http: HttpConfig | None = None, timeout: float = 10.0, cap: int = 1 << 20) -> SourceError:
    """The error of a query that must fail."""
    async with api(url, http, cap) as asked:
        try:
            found = await asked.query("x", AT, timeout=timeout)
        except SourceError as error:
            return error
    raise AssertionError(f"values instead of an error: {found}")

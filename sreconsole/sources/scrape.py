"""Reading the /metrics pages of a `scrape` source: all its targets at once, each with its own failure.

Our labels (`instance` and those of the config) are added where a target does not say them itself.
"""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from sreconsole.config.model import ScrapeSource
from sreconsole.domain.cleaning import clean
from sreconsole.domain.sampled import Sample
from sreconsole.errors import BadAnswer, SourceError
from sreconsole.records import dataclass, field
from sreconsole.sources.exposition import Known, read_page
from sreconsole.sources.http import HttpClient
from sreconsole.sources.meter import Meter

_AT_ONCE = 8
_LONGEST = 10.0
_ACCEPT = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=1.0,*/*;q=0.1"


@dataclass(slots=True)
class TargetRead:
    """What one target said at one scrape."""

    target: str
    """Its URL as people may see it."""
    samples: list[Sample] | None = None
    """None: it did not answer as it should, see `error`."""
    error: SourceError | None = None
    notes: list[str] = field(default_factory=list)


class ScrapeReader:
    """The targets of one source. Keeps nothing but connections."""

    def __init__(self, config: ScrapeSource, meter: Meter | None = None) -> None:
        self.config = config
        self._targets = [
            (
                HttpClient(config.name, url, config.http, config.max_answer, api="metrics page", meter=meter),
                instance_of(url),
                Known(),
            )
            for url in config.targets
        ]
        self._gate = asyncio.Semaphore(_AT_ONCE)

    async def read(self, metrics: frozenset[str], now: float) -> list[TargetRead]:
        """One scrape of every target, in their order; never raises because a target fails. `now` is its time."""
        return list(await asyncio.gather(*(self._read(*target, metrics, now) for target in self._targets)))

    async def aclose(self) -> None:
        """Close every connection."""
        for client, *_ in self._targets:
            await client.aclose()

    async def _read(
        self, client: HttpClient, instance: str, known: Known, metrics: frozenset[str], now: float
    ) -> TargetRead:
        extra = {**self.config.labels, "instance": instance}
        try:
            async with self._gate:
                limit = max(1.0, min(_LONGEST, self.config.interval))
                answer = await client.get("", timeout=limit, accept=_ACCEPT, expect="text")
                page = await read_page(answer.body, answer.content_type, metrics, now, extra=extra, known=known)
        except BadAnswer as error:
            if client.url in str(error):
                return TargetRead(client.url, error=error)
            return TargetRead(client.url, error=BadAnswer(f"{client.url}: {error}", detail=error.detail))
        except SourceError as error:
            return TargetRead(client.url, error=error)
        return TargetRead(client.url, page.samples, notes=page.notes)


def instance_of(url: str) -> str:
    """The `instance` of a target: its host and port, the scheme's port when none is written."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return clean(url, 200)
    host = parts.hostname or ""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

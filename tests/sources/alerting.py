"""Ways to ask sources of alerts in tests."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal

from sreconsole.config.model import AlertmanagerSource, HttpConfig, Severities
from sreconsole.domain.alert import Alert
from sreconsole.errors import SourceError
from sreconsole.sources.alert_reading import AlertReading
from sreconsole.sources.alertmanager import Alertmanager
from tests.servers.faults import Reply, Request, answer

Flavour = Literal["prometheus", "mimir", "grafana"]


@asynccontextmanager
async def cluster_of(
    *urls: str, flavour: Flavour = "prometheus", http: HttpConfig | None = None, cap: int = 32 << 20
) -> AsyncIterator[Alertmanager]:
    """The cluster of these members, as the source `am`."""
    made = Alertmanager(
        AlertmanagerSource("am", urls, flavour, http=http or HttpConfig(), max_answer=cap), Severities()
    )
    try:
        yield made
    finally:
        await made.aclose()


async def read(*urls: str, flavour: Flavour = "prometheus", cap: int = 32 << 20) -> AlertReading:
    """One reading."""
    async with cluster_of(*urls, flavour=flavour, cap=cap) as asked:
        return await asked.read(time.time())


async def failure(*urls: str, flavour: Flavour = "prometheus", cap: int = 32 << 20) -> SourceError:
    """The error of a reading that must fail."""
    try:
        found = await read(*urls, flavour=flavour, cap=cap)
    except SourceError as error:
        return error
    raise AssertionError(f"a reading instead of an error: {found}")


def named(reading: AlertReading, name: str) -> Alert:
    """The one alert of that name."""
    (found,) = [alert for alert in reading.alerts if alert.name == name]
    return found


def serving(groups: Any, silences: Any = ()) -> Callable[[Request], Reply]:
    """Answers of an Alertmanager: what is text goes as it is, an int is a status, the rest as JSON."""

    def respond(request: Request) -> Reply:
        path = request.target.partition("?")[0]
        assert request.method == "GET"
        return Reply(_sent(groups if path.endswith("/api/v2/alerts/groups") else silences))

    return respond


def _sent(value: Any) -> bytes:
    if isinstance(value, tuple) and value:
        status, body, *kind = value
        return answer(status, body, *kind)
    if isinstance(value, str | bytes):
        return answer(200, value)
    return answer(200, json.dumps(value if value != () else []))


def alert(labels: dict[str, str], **more: Any) -> dict[str, Any]:
    """A `gettableAlert` with all that Alertmanager's OpenAPI file requires."""
    return {
        "labels": labels,
        "annotations": {},
        "fingerprint": "",
        "startsAt": "2026-11-23T03:00:00.000Z",
        "updatedAt": "2026-11-23T03:01:00.000Z",
        "endsAt": "2026-11-23T03:05:00.000Z",
        "receivers": [{"name": "pager"}],
        "status": {"state": "active", "silencedBy": [], "inhibitedBy": []},
        **more,
    }


def group(*alerts: dict[str, Any], labels: dict[str, str] | None = None, receiver: str = "pager") -> dict[str, Any]:
    """An `alertGroup`."""
    return {"labels": labels or {}, "receiver": {"name": receiver}, "alerts": list(alerts)}


def silence(ident: str, matchers: Sequence[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """A `gettableSilence` of the last minutes."""
    return {
        "id": ident,
        "status": {"state": "active"},
        "updatedAt": at(-600),
        "matchers": list(matchers),
        "startsAt": at(-600),
        "endsAt": at(600),
        "createdBy": "ana",
        "comment": "OPS-7",
        **more,
    }


def at(seconds: float) -> str:
    """RFC 3339 of `seconds` from now."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))

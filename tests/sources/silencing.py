"""Ways to write silences in tests, and to count what came of it."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal

from sreconsole.config.model import AlertmanagerSource, HttpConfig
from sreconsole.domain.draft import Draft
from sreconsole.domain.selector import Matcher
from sreconsole.sources.silence_writer import SilenceWriter
from tests.servers.alertmanager import AlertmanagerServer

QUICK = (0.02, 0.05, 0.1)
"""Patience of tests."""
LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


def nonce() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(8))


def draft(*matchers: Matcher, seconds: float = 3600.0, comment: str = "reindexing OPS-7", by: str = "ana") -> Draft:
    """A new draft, about a service of its own unless told otherwise."""
    mark = nonce()
    ends = round(time.time() + seconds, 3)
    return Draft(matchers or (Matcher("service", "=", f"s-{mark}"),), ends, by, comment, mark)


@asynccontextmanager
async def writer_of(
    *urls: str,
    flavour: Literal["prometheus", "mimir", "grafana"] = "prometheus",
    http: HttpConfig | None = None,
    read_only: str | None = None,
    patience: Sequence[float] = QUICK,
    limits: tuple[float, float] = (2.0, 0.4),
) -> AsyncIterator[SilenceWriter]:
    """The cluster of these members, as the source `am`."""
    settings = AlertmanagerSource("am", urls, flavour, http=http or HttpConfig())
    made = SilenceWriter(settings, time.time, read_only=read_only, patience=patience, limits=limits)
    try:
        yield made
    finally:
        await made.aclose()


def silences(server: AlertmanagerServer, mark: str = "") -> list[dict[str, Any]]:
    """Those on a server whose comment holds a nonce, ended ones too."""
    return [one for one in server.ask("GET", "/api/v2/silences") if mark in one["comment"]]


def alive(server: AlertmanagerServer, mark: str = "") -> list[dict[str, Any]]:
    """Those that have not ended."""
    return [one for one in silences(server, mark) if one["status"]["state"] != "expired"]

"""The engine without a screen, on a clock that the bench moves, against a real server behind a counting proxy."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.world import folders
from sreconsole.cli.wiring import wire
from sreconsole.config.read import load
from sreconsole.engine.console import Console
from sreconsole.errors import SourceError
from tests.servers.prometheus import PrometheusServer
from tests.servers.recording import RecordingProxy, Seen

_TRIES = 5
METRICS = ("/api/v1/query", "/api/v1/query_range")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of a server for the SLOs, and what that took it."""

    requests: int
    samples: int
    cpu: float
    """Seconds of CPU of the server."""
    longest: float
    """The longest range of one request, in seconds."""
    most: int
    """Most values that the answer to one request can have had for each series."""

    @staticmethod
    def of(seen: Sequence[Seen], cpu: float) -> Asked:
        """Sum up; alerts are not counted."""
        mine = [one for one in seen if one.path in METRICS]
        ranges = [one.form for one in mine if one.path.endswith("_range")]
        spans = [float(form["end"]) - float(form["start"]) + float(form["step"]) for form in ranges]
        values = [round(span / float(form["step"])) for span, form in zip(spans, ranges, strict=True)]
        samples = sum(one.samples for one in mine)
        return Asked(len(mine), samples, cpu, max(spans, default=0.0), max(values, default=0))


class Bystander:
    """An engine on a config, at a moment that is moved by hand."""

    def __init__(self, home: Path, text: str, server: PrometheusServer, now: float) -> None:
        """`text`: the config, with `URL` for the address."""
        self.now = now
        self._home, self._server = home, server
        self._proxy = RecordingProxy(server.url, date=lambda: self.now, stats=True)
        self._text = text
        self._console: Console | None = None

    def __enter__(self) -> Bystander:
        self._proxy.__enter__()
        self._home.mkdir(parents=True, exist_ok=True)
        path = self._home / "config.yaml"
        path.write_text(self._text.replace("URL", self._proxy.url), encoding="utf-8")
        self._env = folders(self._home)
        self._config = load(path, self._env).config
        return self

    def __exit__(self, *_: object) -> None:
        self._proxy.__exit__(None, None, None)

    @property
    def seen(self) -> Sequence[Seen]:
        """Every request of the newest start or hour."""
        return self._proxy.seen

    async def start(self) -> Asked:
        """Start until nothing is left to fetch; what that took."""
        self._console = wire(self._config, lambda: self.now, self._env, trends=True)
        before = self._begin()
        said: list[str] = []
        await self._console.once(1800.0, narrate=said.append)
        (poller,) = self._console.groups.metrics.pollers.values()
        assert poller.trouble is None, poller.trouble
        for _ in range(_TRIES):  # a one-shot gives up where a console asks again
            if poller.feed.progress() is None:
                return self._end(before)
            try:
                while await poller.feed.fill():
                    pass
            except SourceError as error:
                said.append(str(error))
        raise RuntimeError(f"history is not there: {said[-3:]}")

    async def refreshes(self, seconds: float) -> tuple[Asked, int]:
        """Refresh for so long by its clock, as often as the console would; and how often that was."""
        assert self._console is not None
        (poller,) = self._console.groups.metrics.pollers.values()
        before = self._begin()
        end, steps = self.now + seconds, 0
        while self.now < end:
            self.now += poller.state().pace or self._config.refresh
            steps += 1
            await poller.once()
            assert poller.trouble is None, poller.trouble
            while await poller.feed.fill():
                pass
        return self._end(before), steps

    async def close(self) -> None:
        """End the console; what it has fetched stays in its ledger."""
        assert self._console is not None
        await self._console.aclose()

    def _begin(self) -> float:
        self._proxy.clear()
        return cpu(self._server.pid)

    def _end(self, before: float) -> Asked:
        time.sleep(0.2)
        return Asked.of(self._proxy.seen, cpu(self._server.pid) - before)


def cpu(pid: int) -> float:
    """Seconds of CPU that a process has taken so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

"""The world of a bad day: two Prometheus servers, one to suffer and one that stays well, and what they scrape."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import yaml

from tests.servers.metrics import MetricsTarget
from tests.servers.prometheus import PrometheusServer

REFRESH = 1.0
"""Seconds between two askings in these configs."""
LONGEST_BACK_OFF = 60.0
"""Seconds: the longer of two refreshes and one minute."""
MACHINE = 15.0
"""Seconds a busy machine may add to any wait."""
_SWING = 4.0
_BAD = 8


class Restless(MetricsTarget):
    """A target whose counters run with the clock: 100 events a second, bad ones in every other four seconds."""

    def __init__(self, *services: str) -> None:
        self.began = time.time() - 3600
        self.services = services
        super().__init__()

    @property
    def page(self) -> str:
        """The page as of now."""
        total = time.time() - self.began
        bad = (total // (2 * _SWING)) * _SWING + min(total % (2 * _SWING), _SWING)
        lines = ["# TYPE http_requests_total counter"]
        for service in self.services:
            for code, count in (("200", 100 * total - _BAD * bad), ("500", _BAD * bad)):
                lines.append(f'http_requests_total{{service="{service}",code="{code}"}} {int(count)}')
        return "\n".join([*lines, ""])

    @page.setter
    def page(self, page: str | bytes) -> None:
        pass


class Prometheus:
    """A Prometheus that keeps its port through everything that is done to it.

    It scrapes the same target twice, each second and every other: at mixed intervals the console asks the server for
    whole windows, so that figures on the screen move at every refresh.
    """

    def __init__(self, folder: Path, target: int, more: Mapping[str, Any] | None = None) -> None:
        self.folder, self.port = folder, own_port()
        jobs = [
            {"job_name": name, "scrape_interval": every, "static_configs": [{"targets": [f"127.0.0.1:{target}"]}]}
            for name, every in (("often", "1s"), ("seldom", "2s"))
        ]
        self._more = {"scrape_configs": jobs, **(more or {})}
        self._server: PrometheusServer | None = None

    @property
    def url(self) -> str:
        """Where it listens, or did."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> float:
        """Start it; the monotonic moment when it answers."""
        self._server = PrometheusServer(self.folder, port=self.port, more=self._more)
        self._server.__enter__()
        return time.monotonic()

    def kill(self) -> None:
        """SIGKILL."""
        if self._server is not None:
            os.kill(self._server.pid, signal.SIGKILL)
            self._server.stop()
            self._server = None

    def freeze(self) -> None:
        """SIGSTOP: connections are taken by the kernel, nothing answers."""
        assert self._server is not None
        os.kill(self._server.pid, signal.SIGSTOP)

    def thaw(self) -> float:
        """SIGCONT; the monotonic moment."""
        assert self._server is not None
        os.kill(self._server.pid, signal.SIGCONT)
        return time.monotonic()

    def forget(self) -> None:
        """Lose its data; it must be dead."""
        shutil.rmtree(self.folder)

    def stop(self) -> None:
        """End it, whatever state it is in."""
        if self._server is not None:
            os.kill(self._server.pid, signal.SIGCONT)
            self._server.stop()
            self._server = None


class Estate:
    """Everything a case has started; ends with the context."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stack = ExitStack()
        self._targets = 0

    def __enter__(self) -> Estate:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def prometheus(self, *services: str, started: bool = True, more: Mapping[str, Any] | None = None) -> Prometheus:
        """A Prometheus with the counters of these services."""
        target = self._stack.enter_context(Restless(*services))
        self._targets += 1
        made = Prometheus(self.folder / f"prometheus-{self._targets}", target.port, more)
        self._stack.callback(made.stop)
        if started:
            made.start()
        return made

    def config(self, sources: Mapping[str, str | Mapping[str, Any]], **more: Any) -> Path:
        """A config with these sources; a URL stands for a Prometheus, which measures the service of the same name."""
        made = {
            name: {"kind": "prometheus", "url": source} if isinstance(source, str) else dict(source)
            for name, source in sources.items()
        }
        metric = [name for name, source in made.items() if source["kind"] == "prometheus"]
        services = {name: {"slos": {"availability": slo(name, name)}} for name in metric if name != "flips"}
        whole = {
            "version": 1,
            "environment": "test",
            "refresh": f"{REFRESH:g}s",
            "sources": made,
            "services": services,
            **more,
        }
        path = self.folder / "config.yaml"
        path.write_text(yaml.safe_dump(whole, sort_keys=False), encoding="utf-8")
        return path


def slo(service: str, source: str) -> dict[str, Any]:
    """Availability of a service in the config's words."""
    counters = f'http_requests_total{{service="{service}"'
    return {
        "objective": 99.9,
        "source": source,
        "sli": {"bad": counters + ',code=~"5.."}', "total": counters + "}"},
    }


def own_port() -> int:
    """A port that nothing else takes while its owner is down: below those that outgoing connections get."""
    for _attempt in range(200):
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port")


def wait_all(stops: Sequence[float]) -> None:
    """Sleep until the latest of these monotonic moments."""
    time.sleep(max(0.0, max(stops) - time.monotonic()))

"""What a measured console looks at: a config, the server it asks (bench/stub.py), folders of its own."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.clock import clock
from sreconsole.cli.wiring import wire
from sreconsole.config.read import load

NOWHERE = "http://127.0.0.1:9"
"""Nothing listens there."""

_HEAD = """\
version: 1
environment: bench
refresh: {refresh}
sources:
  prom: {{kind: prometheus, url: "{url}"}}
"""
_SLI = """\
{indent}availability:
{indent}  objective: 99.9
{indent}  sli:
{indent}    bad: {metric}{{{by}code=~"5.."}}
{indent}    total: {metric}{total}
"""


def written(services: int, url: str = NOWHERE, *, metric: str = "http_requests_total", refresh: str = "15s") -> str:
    """A config with so many services, each written out by hand."""
    text = [_HEAD.format(url=url, refresh=refresh), "services:\n"]
    for number in range(services):
        by = f'service="service-{number:04d}"'
        sli = _SLI.format(indent="      ", metric=metric, by=f"{by},", total=f"{{{by}}}")
        text.append(f"  service-{number:04d}:\n    slos:\n{sli}")
    return "".join(text)


def fleet(url: str, *, metric: str = "http_requests_total", refresh: str = "15s") -> str:
    """A config with one fleet: every service the server knows."""
    sli = _SLI.format(indent="      ", metric=metric, by="", total="")
    return f"{_HEAD.format(url=url, refresh=refresh)}fleets:\n  - label: service\n    limit: 10000\n    slos:\n{sli}"


def folders(home: Path, env: Mapping[str, str] = os.environ) -> dict[str, str]:
    """An environment in which a program finds nothing but its own folders."""
    own = {f"XDG_{name}_HOME": str(home / name.lower()) for name in ("CONFIG", "CACHE", "STATE", "DATA")}
    return {**env, "HOME": str(home), **own}


def console(config: Path, *arguments: str) -> Sequence[str]:
    """The command line of our program on a config, as it was installed."""
    return (sys.executable, str(Path(sys.executable).with_name("sreconsole")), "--config", str(config), *arguments)


class World:
    """A running stub with so many services, and a folder; ends with the context."""

    def __init__(self, home: Path, services: int, *options: str, env: Mapping[str, str] = os.environ) -> None:
        """`options` are the stub's; `env` what everything in this world is started with."""
        self.home, self.env = home, folders(home, env)
        home.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "bench.stub", str(services), *options]
        self._stub = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=self.env)
        assert self._stub.stdout is not None
        self.url = f"http://127.0.0.1:{int(self._stub.stdout.readline())}"
        self.config = home / "config.yaml"

    def __enter__(self) -> World:
        return self

    def __exit__(self, *_: object) -> None:
        self._stub.terminate()
        self._stub.wait()
        assert self._stub.stdout is not None
        self._stub.stdout.close()

    def write(self, text: str) -> World:
        """Its config."""
        self.config.write_text(text, encoding="utf-8")
        return self

    def warm(self) -> World:
        """Fill the ledger: all that a console wants to know is on disk afterwards."""
        engine = wire(load(self.config, self.env).config, clock(self.env), self.env, trends=True)

        async def once() -> None:
            snapshot = await engine.once(900.0)
            await engine.aclose()
            assert all(source.state == "live" and source.progress is None for source in snapshot.sources)

        asyncio.run(once())
        return self

    def console(self, *arguments: str) -> Sequence[str]:
        """The command line of our program on this config."""
        return console(self.config, *arguments)

    def spent(self) -> float:
        """Seconds the stub took for its answers to queries since it was asked last."""
        return float(self._told()["seconds"])

    def requests(self) -> int:
        """Queries the stub answered since it was asked last."""
        return int(self._told()["requests"])

    def _told(self) -> Mapping[str, float]:
        with urllib.request.urlopen(f"{self.url}/spent") as answer:
            told: Mapping[str, float] = json.load(answer)
            return told

"""A real Prometheus on a free port of 127.0.0.1, and backfilled history for it.

with PrometheusServer(datadir) as server:
    httpx.get(server.url + "/api/v1/query", ...)
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import yaml

from tests.servers.debian import binary


class PrometheusServer:
    """A Prometheus process of our own; ends with the context.

    `datadir` holds the blocks (see `backfill`). `scrape` are `host:port` targets to scrape every `every` seconds as
    job `test`; none by default. `web_config` is Prometheus' web.config (TLS, basic auth). `retention` as in `15d`.
    `port` is one to keep over restarts; a free one by default. `more` replaces keys of its configuration file.
    """

    def __init__(
        self,
        datadir: Path,
        *,
        scrape: tuple[str, ...] = (),
        every: str = "1s",
        retention: str = "10y",
        web_config: dict[str, Any] | None = None,
        arguments: tuple[str, ...] = (),
        port: int | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        self.datadir = datadir
        self._port, self._more = port, more or {}
        self._scrape, self._every, self._retention = scrape, every, retention
        self._web_config, self._arguments = web_config, arguments
        self._process: subprocess.Popen[str] | None = None
        self._lines: list[str] = []
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        self._reader: threading.Thread | None = None
        self.port = 0

    @property
    def url(self) -> str:
        """The base URL, without a trailing slash."""
        tls = self._web_config and "tls_server_config" in self._web_config
        return f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The process id, for measuring the server's own cost."""
        assert self._process is not None
        return self._process.pid

    def __enter__(self) -> PrometheusServer:
        for _attempt in range(5):
            if self._start():
                return self
            self.stop()
        raise RuntimeError("Prometheus does not start:\n" + "".join(self._lines[-20:]))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End the process and wait for it; blocks stay in `datadir`."""
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self._reader is not None:
            self._reader.join()
            self._reader = None
        if process is not None and process.stderr is not None:
            process.stderr.close()
        if self._scratch is not None:
            self._scratch.cleanup()
            self._scratch = None

    def _start(self) -> bool:
        """Start on a port that is free now; False when it ended instead (another process took the port)."""
        self._scratch = tempfile.TemporaryDirectory(prefix="prometheus-")
        scratch = Path(self._scratch.name)
        self.port = self._port or free_port()
        self.datadir.mkdir(parents=True, exist_ok=True)
        self._process = subprocess.Popen(
            self._command(scratch),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "GOMAXPROCS": "2"},
        )
        self._lines = []
        ready = threading.Event()
        self._reader = threading.Thread(target=self._read, args=(self._process, ready), daemon=True)
        self._reader.start()
        ready.wait(timeout=60)
        return self._process.poll() is None and ready.is_set() and self._answers()

    def _command(self, scratch: Path) -> list[str]:
        config: dict[str, Any] = {"global": {"scrape_interval": self._every, "scrape_timeout": self._every}}
        if self._scrape:
            config["scrape_configs"] = [{"job_name": "test", "static_configs": [{"targets": list(self._scrape)}]}]
        (scratch / "prometheus.yml").write_text(yaml.safe_dump({**config, **self._more}))
        command = [
            str(binary("prometheus")),
            f"--config.file={scratch / 'prometheus.yml'}",
            f"--storage.tsdb.path={self.datadir}",
            f"--storage.tsdb.retention.time={self._retention}",
            f"--web.listen-address=127.0.0.1:{self.port}",
        ]
        if self._web_config is not None:
            (scratch / "web.yml").write_text(yaml.safe_dump(self._web_config))
            command.append(f"--web.config.file={scratch / 'web.yml'}")
        return [*command, *self._arguments]

    def _read(self, process: subprocess.Popen[str], ready: threading.Event) -> None:
        """Keep what it says; it is ready, or gone, when the event is set."""
        assert process.stderr is not None
        for line in process.stderr:
            self._lines.append(line)
            if "Server is ready to receive web requests" in line:
                ready.set()
        ready.set()

    def _answers(self) -> bool:
        """Whether the port takes connections (the log line comes a little before the listener on a busy machine)."""
        for _attempt in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
            except OSError:
                time.sleep(0.01)
            else:
                return True
        return False


def free_port() -> int:
    """A TCP port of 127.0.0.1 that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def backfill(datadir: Path, text: str) -> None:
    """Write OpenMetrics text (see `history.openmetrics`) as blocks into a data folder no server is using."""
    datadir.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", suffix=".om", encoding="utf-8") as handle:
        handle.write(text)
        handle.flush()
        done = subprocess.run(
            # one block: promtool reads the whole text once for each
            [
                binary("promtool"),
                "tsdb",
                "create-blocks-from",
                "--max-block-duration=9600h",
                "openmetrics",
                "--quiet",
                handle.name,
                datadir,
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(f"promtool: {done.stderr or done.stdout}")

"""A real VictoriaMetrics on a free port of 127.0.0.1.

with VictoriaMetricsServer(datadir) as server:
    server.put("http_requests_total{} 1 1790000000000\\n")
"""

from __future__ import annotations

import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

from tests.servers.debian import binary
from tests.servers.prometheus import free_port


class VictoriaMetricsServer:
    """A VictoriaMetrics process of our own; ends with the context."""

    def __init__(self, datadir: Path) -> None:
        self.datadir = datadir
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The base URL, without a trailing slash."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> VictoriaMetricsServer:
        for _attempt in range(5):
            if self._start():
                return self
            self.stop()
        raise RuntimeError("VictoriaMetrics does not start")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def put(self, chunks: Iterable[str]) -> None:
        """Import lines of the text format with timestamps in milliseconds, and wait until queries see them."""
        for chunk in chunks:
            self._post("/api/v1/import/prometheus", chunk.encode())
        self._get("/internal/force_flush")

    def stop(self) -> None:
        """End the process and wait for it."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _start(self) -> bool:
        self.port = free_port()
        self._process = subprocess.Popen(
            [
                binary("victoria-metrics"),
                f"-httpListenAddr=127.0.0.1:{self.port}",
                f"-storageDataPath={self.datadir}",
                "-retentionPeriod=100y",
                "-search.latencyOffset=0s",
                "-search.disableCache",
                "-memory.allowedBytes=512MB",
                "-loggerLevel=ERROR",
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _attempt in range(400):
            if self._process.poll() is not None:
                return False
            try:
                self._get("/health")
            except OSError:
                time.sleep(0.05)
            else:
                return True
        return False

    def _get(self, path: str) -> None:
        urllib.request.urlopen(self.url + path, timeout=60).close()

    def _post(self, path: str, body: bytes) -> None:
        request = urllib.request.Request(self.url + path, data=body, method="POST")
        urllib.request.urlopen(request, timeout=60).close()

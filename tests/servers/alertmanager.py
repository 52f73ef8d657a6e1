"""A real Alertmanager on a free port of 127.0.0.1, alone or as a cluster.

with AlertmanagerServer(tmp_path / "am") as server:
    server.fire({"alertname": "CheckoutBurn", "service": "checkout", "severity": "page"})
    id = server.silence([("service", "=", "checkout")], comment="deploy OPS-7")
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

import yaml

from tests.servers.debian import binary
from tests.servers.prometheus import free_port

CONFIG: dict[str, Any] = {
    "route": {
        "receiver": "chat",
        "group_by": ["service"],
        "group_wait": "1s",
        "group_interval": "1s",
        "repeat_interval": "1h",
        "routes": [
            # Two receivers for one alert: it stands in two groups.
            {"matchers": ['severity="page"'], "receiver": "pager", "group_by": ["alertname"], "continue": True},
            {"matchers": ['team="nights"'], "receiver": "quiet", "mute_time_intervals": ["always"]},
            {"matchers": ['severity=~".+"'], "receiver": "chat"},
        ],
    },
    "receivers": [{"name": "chat"}, {"name": "pager"}, {"name": "quiet"}],
    "inhibit_rules": [
        {"source_matchers": ['alertname="Datacentre"'], "target_matchers": ['severity="warn"'], "equal": ["dc"]}
    ],
    "time_intervals": [
        {"name": "always", "time_intervals": [{"times": [{"start_time": "00:00", "end_time": "24:00"}]}]}
    ],
}
"""Pages go to two receivers, `Datacentre` inhibits warnings of the same `dc`, team `nights` is always muted."""
_SHARE = ("share", "prometheus", "alertmanager")


class AlertmanagerServer:
    """An Alertmanager process of our own; ends with the context. `datadir` keeps silences over restarts.

    `peers` are the cluster addresses of other members; `cluster` is then one to keep over restarts (a free one by
    default), empty for a server alone. `port` likewise. `prefix` is a path prefix of its API.
    """

    def __init__(
        self,
        datadir: Path,
        *,
        config: Mapping[str, Any] | None = None,
        cluster: str = "",
        peers: Sequence[str] = (),
        port: int | None = None,
        prefix: str = "",
        arguments: Sequence[str] = (),
    ) -> None:
        self.datadir = datadir
        self.cluster, self._peers, self._prefix = cluster, tuple(peers), prefix
        self._config, self._arguments = config or CONFIG, tuple(arguments)
        self.port = port or free_port()
        self._fixed = port is not None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The base URL, without a trailing slash."""
        return f"http://127.0.0.1:{self.port}{self._prefix}"

    @property
    def pid(self) -> int:
        """The process id, to stop or to kill it."""
        assert self._process is not None
        return self._process.pid

    def __enter__(self) -> AlertmanagerServer:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start (again) and wait until it answers."""
        for _attempt in range(5):
            if self._start():
                return
            self.stop()
            if not self._fixed:
                self.port = free_port()
        log = (self.datadir / "log").read_text(errors="replace")
        raise RuntimeError("Alertmanager does not start:\n" + "\n".join(log.splitlines()[-20:]))

    def stop(self) -> None:
        """End the process and wait for it; what it knows of alerts is lost, silences are kept."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGCONT)
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def kill(self) -> None:
        """Kill the process at once."""
        process, self._process = self._process, None
        assert process is not None
        process.kill()
        process.wait()

    def freeze(self) -> None:
        """Stop it where it stands: it takes connections and never answers."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def fire(self, *alerts: Mapping[str, str], annotations: Mapping[str, str] | None = None, **more: Any) -> None:
        """Post alerts by their labels; `more` are other fields of each, as `startsAt` or `generatorURL`."""
        body = [{"labels": dict(labels), "annotations": dict(annotations or {}), **more} for labels in alerts]
        self.ask("POST", "/api/v2/alerts", body)

    def resolve(self, *alerts: Mapping[str, str]) -> None:
        """End alerts."""
        now = stamp(0)
        self.ask("POST", "/api/v2/alerts", [{"labels": dict(labels), "endsAt": now} for labels in alerts])

    def silence(
        self,
        matchers: Sequence[tuple[str, str, str]],
        *,
        comment: str = "test",
        author: str = "ana",
        starts: float = 0,
        ends: float = 3600,
    ) -> str:
        """Make a silence (name, operator, value; seconds from now); its id."""
        made = [
            {"name": name, "value": value, "isRegex": "~" in op, "isEqual": op.startswith("=")}
            for name, op, value in matchers
        ]
        body = {"matchers": made, "startsAt": stamp(starts), "endsAt": stamp(ends), "createdBy": author}
        return str(self.ask("POST", "/api/v2/silences", {**body, "comment": comment})["silenceID"])

    def expire(self, silence: str) -> None:
        """End a silence."""
        self.ask("DELETE", f"/api/v2/silence/{silence}")

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """One call of its API; what it answers, or None."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text.strip().startswith((b"{", b"[")) else None

    def _start(self) -> bool:
        """Start; False when it ended instead (another process took a port)."""
        self.datadir.mkdir(parents=True, exist_ok=True)
        (self.datadir / "alertmanager.yml").write_text(yaml.safe_dump(dict(self._config)))
        command = [
            str(_program()),
            f"--config.file={self.datadir / 'alertmanager.yml'}",
            f"--storage.path={self.datadir / 'data'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            f"--cluster.listen-address={self.cluster}",
            *(f"--cluster.peer={peer}" for peer in self._peers),
            *(["--cluster.settle-timeout=10s", "--cluster.pushpull-interval=1s"] if self.cluster else []),
            *([f"--web.route-prefix={self._prefix}"] if self._prefix else []),
            *self._arguments,
        ]
        with (self.datadir / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=_program().parents[1].joinpath(*_SHARE)
            )
        deadline = time.monotonic() + 30
        while self._process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(OSError, urllib.error.URLError):
                self.ask("GET", "/api/v2/status")
                return True
            time.sleep(0.02)
        return False


@contextlib.contextmanager
def cluster(datadir: Path, members: int = 2) -> Iterator[list[AlertmanagerServer]]:
    """Members of one cluster that see each other; alerts must be posted to each, silences to one."""
    places = [f"127.0.0.1:{free_port()}" for _ in range(members)]
    made = [
        AlertmanagerServer(
            datadir / f"member{number}",
            cluster=place,
            peers=[peer for peer in places if peer != place],
            port=free_port(),
        )
        for number, place in enumerate(places)
    ]
    with contextlib.ExitStack() as stack:
        for member in made:
            stack.enter_context(member)
        deadline = time.monotonic() + 30
        while any(len(member.ask("GET", "/api/v2/status")["cluster"]["peers"]) < members for member in made):
            if time.monotonic() > deadline:
                raise RuntimeError("the members of the cluster do not find each other")
            time.sleep(0.05)
        yield made


def _program() -> Path:
    """Alertmanager as it runs without being installed: Debian's looks for its templates in `/usr/share` only.

    The copy beside it looks in the folder it is started in.
    """
    installed = binary("prometheus-alertmanager")
    here = installed.with_name(f"{installed.name}.here")
    if not here.exists():
        place = b"/usr/" + "/".join(_SHARE).encode()
        scratch = here.with_name(f"{here.name}.{os.getpid()}")
        scratch.write_bytes(installed.read_bytes().replace(place, b"./" * (len(place) // 2)))
        scratch.chmod(0o755)
        scratch.rename(here)  # whole or not at all: others may start it at this moment
    return here


def stamp(seconds: float) -> str:
    """RFC 3339 of `seconds` from now, in UTC."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")

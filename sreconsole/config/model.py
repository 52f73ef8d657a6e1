"""The config as trusted values: frozen dataclasses, a block of the file each (config.example.yaml shows every key).

Nothing here reads files or the environment; `read` does. Names are those of the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from sreconsole.domain.burn import WindowPair
from sreconsole.domain.selector import Matcher
from sreconsole.domain.slo import Fleet, Slo
from sreconsole.errors import SourceError
from sreconsole.records import dataclass, field

SourceKind = Literal["prometheus", "scrape", "alertmanager", "file", "grafana"]


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A value that never shows: `repr` and `str` are `***`. Files and commands are read at each use, as they rotate."""

    origin: Literal["inline", "file", "command"]
    value: str = ""
    path: Path | None = None
    command: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return "***"

    def reveal(self) -> str:
        """The secret itself, without a trailing line break. Raises SourceError, never with the value."""
        if self.origin == "file" and self.path is not None:
            try:
                return self.path.read_text(encoding="utf-8").strip("\r\n")
            except (OSError, UnicodeDecodeError) as error:
                raise SourceError(f"cannot read the secret file {self.path}: {_why(error)}") from None
        if self.origin == "command":
            return self._run()
        return self.value

    def _run(self) -> str:
        import subprocess

        try:
            done = subprocess.run(self.command, capture_output=True, timeout=5, check=True, stdin=subprocess.DEVNULL)
            return done.stdout.decode("utf-8").strip("\r\n")
        except (OSError, subprocess.SubprocessError, UnicodeDecodeError) as error:
            raise SourceError(f"the secret command {self.command[0]!r} failed: {_why(error)}") from None


def _why(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return {"TimeoutExpired": "no answer in 5s", "CalledProcessError": "it exited with an error"}.get(
        type(error).__name__, type(error).__name__
    )


@dataclass(frozen=True, slots=True)
class TlsConfig:
    """Prometheus' `tls_config`."""

    ca_file: Path | None = None
    ca: str | None = None
    cert_file: Path | None = None
    cert: str | None = None
    key_file: Path | None = None
    key: Secret | None = None
    server_name: str | None = None
    insecure_skip_verify: bool = False
    min_version: Literal["TLS10", "TLS11", "TLS12", "TLS13"] | None = None
    max_version: Literal["TLS10", "TLS11", "TLS12", "TLS13"] | None = None


@dataclass(frozen=True, slots=True)
class OAuth2Config:
    """Prometheus' `oauth2`: the client-credentials grant."""

    client_id: str
    client_secret: Secret
    token_url: str
    scopes: tuple[str, ...] = ()
    endpoint_params: Mapping[str, str] = field(default_factory=dict, repr=False)
    tls: TlsConfig = TlsConfig()
    proxy_url: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class HttpConfig:
    """Prometheus' `http_config`, every key of it."""

    basic_auth: tuple[Secret | str, Secret | None] | None = None
    """User name (a Secret when it comes from `username_file`) and password."""
    authorization: tuple[str, Secret] | None = None
    """Type (`Bearer`) and credentials; `bearer_token` and `bearer_token_file` are read into this."""
    oauth2: OAuth2Config | None = None
    tls: TlsConfig = TlsConfig()
    headers: Mapping[str, tuple[str | Secret, ...]] = field(default_factory=dict)
    """`http_headers`: name to values (values, secrets and files joined in this order)."""
    proxy_url: str | None = field(default=None, repr=False)
    no_proxy: tuple[str, ...] = ()
    proxy_from_environment: bool = False
    proxy_headers: Mapping[str, tuple[str | Secret, ...]] = field(default_factory=dict)
    follow_redirects: bool = False
    """Accepted with a warning; redirects are never followed."""
    enable_http2: bool = False
    """Accepted; HTTP/1.1 is used."""


@dataclass(frozen=True, slots=True)
class PrometheusSource:
    """`kind: prometheus`: Prometheus, Thanos, Mimir, Cortex, VictoriaMetrics by the same HTTP API."""

    name: str
    url: str
    http: HttpConfig = HttpConfig()
    scrape_interval: float | None = None
    """Seconds; None: `auto`, found from raw sample spacing."""
    dialect: Literal["auto", "prometheus", "victoriametrics"] = "auto"
    external_labels: Mapping[str, str] = field(default_factory=dict)
    max_answer: int = 32 << 20
    """Bytes."""
    kind: SourceKind = "prometheus"


@dataclass(frozen=True, slots=True)
class ScrapeSource:
    """`kind: scrape`: `/metrics` endpoints read directly."""

    name: str
    targets: tuple[str, ...]
    interval: float = 15.0
    labels: Mapping[str, str] = field(default_factory=dict)
    """Added to every series read."""
    history: Path | None = None
    """JSON lines with buckets to start from."""
    http: HttpConfig = HttpConfig()
    max_answer: int = 32 << 20
    kind: SourceKind = "scrape"


@dataclass(frozen=True, slots=True)
class AlertmanagerSource:
    """`kind: alertmanager`: the members of one cluster."""

    name: str
    urls: tuple[str, ...]
    flavour: Literal["prometheus", "mimir", "grafana"] = "prometheus"
    read_only: bool = False
    http: HttpConfig = HttpConfig()
    max_answer: int = 32 << 20
    kind: SourceKind = "alertmanager"


@dataclass(frozen=True, slots=True)
class FileSource:
    """`kind: file`: deploys as JSON lines."""

    name: str
    path: Path
    kind: SourceKind = "file"


@dataclass(frozen=True, slots=True)
class GrafanaSource:
    """`kind: grafana`: annotations both ways."""

    name: str
    url: str
    http: HttpConfig = HttpConfig()
    max_answer: int = 32 << 20
    kind: SourceKind = "grafana"


Source = PrometheusSource | ScrapeSource | AlertmanagerSource | FileSource | GrafanaSource
METRIC_KINDS = ("prometheus", "scrape")


@dataclass(frozen=True, slots=True)
class Severities:
    """Which values of which label mean page and warn."""

    label: str = "severity"
    page: tuple[str, ...] = ("page", "critical")
    warn: tuple[str, ...] = ("warn", "warning", "ticket")


@dataclass(frozen=True, slots=True)
class Silences:
    """Rules for silencing."""

    strip_labels: tuple[str, ...] = ("pod", "instance")
    never_silence: tuple[tuple[Matcher, ...], ...] = ((Matcher("alertname", "=", "Watchdog"),),)
    longest: float = 86_400.0
    default: float = 3_600.0
    comment_pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Oncall:
    """Shifts and how many pages one may bring."""

    shifts: tuple[tuple[int, int], ...] = ()
    """Start and end in minutes of the local day, in the configured zone."""
    pages_per_shift: int | None = None
    sleep: tuple[int, int] | None = None
    merge: float = 300.0


@dataclass(frozen=True, slots=True)
class ToilCounter:
    """Any PromQL counted as toil."""

    title: str
    source: str
    query: str
    unit: str = ""
    minutes_each: float | None = None
    budget: float | None = None


@dataclass(frozen=True, slots=True)
class Toil:
    """The team's capacity and what is counted against it."""

    people: int | None = None
    hours_per_week: float = 40.0
    cap: float = 0.5
    """Share of working time."""
    logs: tuple[Path, ...] = ()
    counters: tuple[ToilCounter, ...] = ()


@dataclass(frozen=True, slots=True)
class DeployMetric:
    """Deploys seen as new label sets of a build_info metric."""

    source: str
    build_info: str
    service_label: str = "service"
    version_label: str = "version"


@dataclass(frozen=True, slots=True)
class Deploys:
    """Where deploys are read and which environments count."""

    prod: tuple[str, ...] = ("prod*",)
    ignore: tuple[str, ...] = ()
    metrics: tuple[DeployMetric, ...] = ()
    kubernetes: str | None = None


@dataclass(frozen=True, slots=True)
class Journal:
    """Where actions and notes are kept."""

    path: Path | None = None
    mode: int | None = None
    dsn: str | None = None
    password_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """One service under `services`."""

    name: str
    slos: tuple[Slo, ...] = ()
    tier: Literal["critical", "standard"] = "standard"
    runbook: str | None = None
    depends_on: tuple[str, ...] = ()
    match: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Config:
    """The whole file."""

    path: Path
    environment: str = ""
    refresh: float = 15.0
    timezone: str = "UTC"
    author: str | None = None
    read_only: bool = False
    theme: str = "dark"
    glyphs: Literal["auto", "unicode", "ascii"] = "auto"
    mouse: Literal["auto", "on", "off"] = "auto"
    sources: Mapping[str, Source] = field(default_factory=dict)
    severities: Severities = Severities()
    silences: Silences = Silences()
    oncall: Oncall = Oncall()
    toil: Toil = Toil()
    deploys: Deploys = Deploys()
    journal: Journal = Journal()
    alert_windows: Mapping[str, tuple[WindowPair, ...]] = field(default_factory=dict)
    """By window (`30d`, `month`): pairs for every SLO of that window without its own; already applied to the SLOs."""
    services: tuple[Service, ...] = ()
    fleets: tuple[Fleet, ...] = ()

    @property
    def tells_deploys(self) -> bool:
        """Whether any source of it tells of deploys."""
        files = any(source.kind == "file" for source in self.sources.values())
        return files or bool(self.deploys.metrics) or self.deploys.kubernetes is not None

    @property
    def counts_toil(self) -> bool:
        """Whether it says anything of toil or of load on call that can be counted."""
        toil, oncall = self.toil, self.oncall
        said = (oncall.shifts, toil.counters, toil.logs)
        return any(said) or toil.people is not None or oncall.pages_per_shift is not None

    def slos(self) -> tuple[Slo, ...]:
        """Every SLO under `services`, in config order (fleet members come while running)."""
        return tuple(slo for service in self.services for slo in service.slos)

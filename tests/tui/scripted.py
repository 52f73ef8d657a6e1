"""A scripted `Live`: an engine without sources, whose snapshots a test writes. Also a small deterministic estate."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from sreconsole.config.model import METRIC_KINDS, Config, PrometheusSource, Service
from sreconsole.domain.alert import Alert
from sreconsole.domain.burn import default_pairs, pair_state
from sreconsole.domain.counts import Counts
from sreconsole.domain.period import Rolling
from sreconsole.domain.reading import Figure
from sreconsole.domain.report import STANDARD_WINDOWS, PairReport, SloReport, Trend
from sreconsole.domain.selector import Matcher, Selector
from sreconsole.domain.silence import Silence
from sreconsole.domain.sli import CounterSli
from sreconsole.domain.slo import Slo, SloKey
from sreconsole.domain.snapshot import ServiceState, Snapshot, SourceState
from sreconsole.domain.status import Status, worst
from sreconsole.engine.live import Change

NOW = 1_795_403_564.0
"""2026-11-23 03:12:44 UTC."""
MONTH = 30 * 86_400
NAMES = (
    *("checkout", "search", "payments", "login", "cart", "catalogue", "shipping", "invoices", "mailer", "profile"),
    *("recommend", "images", "inventory", "pricing", "gateway", "notify", "audit", "reports", "ingest", "webhooks"),
    "sessions",
)
Feed = Callable[[], Snapshot]


class ScriptedLive:
    """A `Live` whose snapshots come from a test by `push`, or from `feed` every `every` seconds while it runs."""

    def __init__(self, snapshot: Snapshot, *, feed: Feed | None = None, every: float = 1.0) -> None:
        self._snapshot = snapshot
        self._feed, self._every = feed, every
        self._listeners: list[Callable[[Change], None]] = []
        self._paused = False
        self.asked: list[str | None] = []
        self.trend_window = 3_600
        self.running = False

    @property
    def snapshot(self) -> Snapshot:
        return self._snapshot

    @property
    def paused(self) -> bool:
        return self._paused

    def subscribe(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def run(self) -> None:
        self.running = True
        try:
            while True:
                await asyncio.sleep(self._every)
                if self._feed is not None and not self._paused:
                    self.push(self._feed())
        finally:
            self.running = False

    def push(self, snapshot: Snapshot) -> None:
        """Replace the snapshot and tell everybody."""
        self._snapshot = snapshot
        change = Change(snapshot, frozenset(), frozenset())
        for listener in list(self._listeners):
            listener(change)

    def refresh(self, source: str | None = None) -> None:
        self.asked.append(source)

    def pause(self, paused: bool) -> None:
        self._paused = paused

    def trend(self, key: SloKey, seconds: int, width: int | None = None) -> Trend | None:
        width = width or max(60, seconds // 240)
        count = seconds // width
        start = int(NOW // width - count) * width
        return Trend(start, width, tuple(wave(key, index / count) for index in range(count)))

    def counts(self, key: SloKey, seconds: int, width: int) -> Counts | None:
        trend = self.trend(key, seconds, width)
        budget = next(
            (float(1 - slo.objective) for s in self._snapshot.services for slo in s.slos if slo.key == key), 0.001
        )
        if trend is None:
            return None
        bad = [0.0 if burn is None else burn * budget * 10 * width for burn in trend.burns]
        return Counts(trend.start, trend.width, bad, [None if burn is None else 10.0 * width for burn in trend.burns])

    def set_trend_window(self, seconds: int) -> None:
        self.trend_window = seconds


def wave(key: SloKey, place: float) -> float | None:
    """A burn rate that belongs to an SLO and a place 0..1 in its trend."""
    seed = sum(map(ord, key.service + key.slo))
    if place < 0.05 and seed % 3 == 0:
        return None
    height = 14.9 * max(0.0, place - 0.6) * 2.5 if key.service == "checkout" else 0.4
    return height + 0.3 * abs(math.sin(seed + place * 20))


def report(service: str, slo: str = "availability", burn: float | None = 0.2, **changes: object) -> SloReport:
    """A report that burns at about one rate in all windows; `changes` are fields to replace."""
    key = SloKey(service, slo)
    objective = changes.pop("objective", Decimal("0.999"))
    assert isinstance(objective, Decimal)
    budget = float(1 - objective)
    if burn is None:
        unknown = Figure.missing("no data")
        burns = dict.fromkeys([name for name, _ in STANDARD_WINDOWS] + ["window"], unknown)
        values = dict.fromkeys(("remaining", "full", "seconds", "events", "exhausts", "coverage"), unknown)
    else:
        rates = {name: burn * (1 - index * 0.12) for index, (name, _) in enumerate(STANDARD_WINDOWS)}
        burns = {name: Figure.known(round(rate, 3)) for name, rate in rates.items()}
        burns["window"] = Figure.known(round(min(1.5, burn / 20), 4))
        left = 1 - (burns["window"].value or 0.0)
        exhausts = left * MONTH / burn if burn > 0 and left > 0 else None
        values = {
            "remaining": Figure.known(left),
            "full": Figure.known(left),
            "seconds": Figure.known(math.trunc(left * budget * MONTH)),
            "events": Figure.known(math.trunc(left * 40_000)),
            "exhausts": Figure.missing("no burn") if exhausts is None else Figure.known(exhausts),
            "coverage": Figure.known(1.0),
        }
    pairs = tuple(_pair(pair, burns) for pair in default_pairs(MONTH)[0])
    firing = [pair.pair.severity for pair in pairs if pair.state == "firing"]
    status = (
        Status.UNKNOWN if burn is None else Status.PAGE if "page" in firing else Status.WARN if firing else Status.OK
    )
    made = SloReport(
        key=key,
        status=status,
        reasons=_reasons(status, burn),
        objective=objective,
        window_label="30d",
        window_seconds=MONTH,
        error_ratio={
            name: figure if figure.value is None else Figure.known(figure.value * budget)
            for name, figure in burns.items()
        },
        burn_rate=burns,
        remaining=values["remaining"],
        remaining_full_window=values["full"],
        seconds_left=values["seconds"],
        events_left=values["events"],
        exhausts_in=values["exhausts"],
        coverage=values["coverage"],
        weighting="events",
        pairs=pairs,
        trend=None
        if burn is None
        else Trend(int(NOW // 60 - 60) * 60, 60, tuple(wave(key, i / 60) for i in range(60))),
        newest=None if burn is None else NOW - 20,
        known_seconds=None if burn is None else float(MONTH),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def _pair(pair: object, burns: dict[str, Figure]) -> PairReport:
    from sreconsole.domain.burn import WindowPair

    assert isinstance(pair, WindowPair)
    names = {seconds: name for name, seconds in STANDARD_WINDOWS}
    long, short = burns[names[pair.long]], burns[names[pair.short]]
    return PairReport(pair, pair_state(pair, long.value, short.value), long, short, True, 120)


def _reasons(status: Status, burn: float | None) -> tuple[str, ...]:
    if burn is None:
        return ("waiting for prom",)
    return (f"{burn:.1f}x over 1h and {burn:.1f}x over 5m, limit 14.4x",) if status is Status.PAGE else ()


def snapshot(
    reports: Iterable[SloReport],
    *,
    sources: Iterable[SourceState] | None = None,
    at: float = NOW,
    alerts: Iterable[Alert] = (),
    silences: Iterable[Silence] = (),
    alert_sources: Iterable[SourceState] | None = None,
    **more: object,
) -> Snapshot:
    """A snapshot of these reports, grouped by service, and of these alerts; `more` are fields of it."""
    services: dict[str, list[SloReport]] = {}
    for made in reports:
        services.setdefault(made.key.service, []).append(made)
    states = (live(),) if sources is None else tuple(sources)
    shown = Snapshot(
        at,
        tuple(
            ServiceState(
                name, worst(slo.status for slo in slos), tuple(slos), runbook=f"https://runbooks.example/{name}"
            )
            for name, slos in services.items()
        ),
        states,
        tuple(sorted(alerts, key=lambda one: one.rank)),
        tuple(silences),
        (manager(),) if alert_sources is None else tuple(alert_sources),
        slo_sources=tuple(state for state in states if state.kind in METRIC_KINDS),
    )
    return replace(shown, **more)  # type: ignore[arg-type]


def live(name: str = "prom", at: float = NOW - 5) -> SourceState:
    """A source that answered a moment ago."""
    return SourceState(name, "prometheus", "live", at)


def manager(name: str = "am", **changes: object) -> SourceState:
    """An Alertmanager that answered a moment ago."""
    return replace(SourceState(name, "alertmanager", "live", NOW - 5), **changes)  # type: ignore[arg-type]


def alert(name: str, service: str | None = None, severity: str = "page", **changes: object) -> Alert:
    """An alert that has fired for 12 minutes; `changes` are fields to replace."""
    labels = {"alertname": name, "severity": severity} | ({"service": service} if service else {})
    made = Alert(
        name,
        "firing",
        severity if severity in ("page", "warn") else "other",  # type: ignore[arg-type]
        "am",
        f"{abs(hash((name, service))) % 16**16:016x}",
        labels,
        labels,
        since=NOW - 720,
        service=service,
        receivers=("pager",),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def silence(ident: str = "5e1f0000-0000-4000-8000-000000000001", **changes: object) -> Silence:
    """A silence of search until 05:00."""
    made = Silence(
        ident,
        "am",
        "active",
        (Matcher("service", "=", "search"),),
        "ana",
        "reindexing OPS-7",
        NOW - 3_600,
        NOW + 6_436,
        mutes_now=1,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def night() -> tuple[list[Alert], list[Silence]]:
    """Alerts of every state, and silences: one that mutes, one that mutes nothing, one to come, one that has ended."""
    held = silence()
    what = {"summary": "checkout spends its error budget 14.9 times too fast", "team": "payments"}
    burn = alert(
        "CheckoutBurn",
        "checkout",
        annotations=what,
        groups=({"alertname": "CheckoutBurn"},),
        generator="http://prom:9090/graph?g0.expr=burn",
        runbook="https://runbooks.example/checkout/" + "long-" * 30 + "end",
    )
    alerts = [
        burn,
        alert("SearchSlow", "search", state="silenced", silenced_by=(held.id,), since=NOW - 7_200),
        alert("NodeFull", None, "warn", receivers=("team",), since=NOW - 93_600),
        alert("QueueSlow", "payments", "warn", state="inhibited", inhibited_by=(burn.fingerprint,)),
        alert("BackupLate", None, "info", state="muted", muted_by=("nights",)),
        alert("CertSoon", "gateway", "warn", state="pending", since=NOW - 40, receivers=()),
        alert("Heartbeat", None, "none", since=None, receivers=("deadman",)),
    ]
    silences = [
        held,
        silence(ident="5e1f0000-0000-4000-8000-000000000002", mutes_now=0, created_by="ben", comment="forgotten"),
        silence(
            ident="5e1f0000-0000-4000-8000-000000000003",
            state="pending",
            starts_at=NOW + 3_600,
            ends_at=NOW + 90_000,
            mutes_now=0,
        ),
        silence(ident="5e1f0000-0000-4000-8000-000000000004", state="expired", ends_at=NOW - 600, mutes_now=0),
    ]
    return alerts, silences


def down(name: str = "prom", error: str = "connection refused by 127.0.0.1:9090") -> SourceState:
    """A source that does not answer."""
    detail = "POST /api/v1/query\nconnect: connection refused\n" + "trying again\n" * 40
    return SourceState(name, "prometheus", "down", NOW - 240, error, detail, next_try=NOW + 20)


def estate(count: int = 42) -> list[SloReport]:
    """Some SLOs: one pages, one warns, one is unknown, the others are well."""
    made = []
    for index in range(count):
        name = NAMES[index // 2 % len(NAMES)] + (f"-{index // 42}" if index >= 42 else "")
        slo, objective = (("availability", Decimal("0.999")), ("latency", Decimal("0.99")))[index % 2]
        burn: float | None = {0: 14.9, 2: 4.1, 9: None}.get(index, 0.05 + index % 7 / 10)
        changes: dict[str, object] = {"objective": objective}
        if burn is not None and index == 0:
            changes["remaining"] = Figure.known(0.31)
            changes["exhausts_in"] = Figure.known(53_927.0)
        made.append(report(name, slo, burn, **changes))
    return made


def config(
    reports: Iterable[SloReport] = (), *, path: Path = Path("/nonexistent/config.yaml"), **changes: object
) -> Config:
    """A config whose services are those of the reports."""
    sli = CounterSli(total=Selector("requests_total"), bad=Selector("errors_total"))
    services: dict[str, list[Slo]] = {}
    for made in reports:
        name, slo = made.key
        services.setdefault(name, []).append(Slo(name, slo, made.objective, Rolling(MONTH), sli, "prom"))
    base = Config(
        path=path,
        environment="prod",
        author="ana",
        sources={"prom": PrometheusSource("prom", "http://127.0.0.1:9090")},
        services=tuple(Service(name, tuple(slos)) for name, slos in services.items()),
    )
    return replace(base, **changes)  # type: ignore[arg-type]

"""A real Prometheus and a real Alertmanager whose every text is hostile, or, for comparison, harmless.

What their databases do not take (odd label names, warnings) is put into their answers on the way.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from tests.bad_days.flipping import forward
from tests.hostile.corpus import SENDABLE, TEXTS
from tests.servers.alert_history import Rule, evaluate
from tests.servers.alertmanager import CONFIG, AlertmanagerServer
from tests.servers.faults import FaultServer, Request, answer
from tests.servers.history import Series, openmetrics
from tests.servers.metrics import MetricsTarget
from tests.servers.prometheus import PrometheusServer, backfill

ALL = "".join(text for name, text in SENDABLE.items() if "long" not in name)
"""Every short text in one."""
HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class World:
    """Where a config and its home are."""

    config: Path
    home: Path
    names: Mapping[str, str]
    """The texts that are used, by kind."""


@contextmanager
def world(folder: Path, *, harmless: bool = False) -> Iterator[World]:
    """Everything running, figures and alerts there."""
    texts = {name: f"plain-{number}" if harmless else text for number, (name, text) in enumerate(SENDABLE.items())}
    swaps = {} if harmless else {"oddname": ALL, "pager": ALL}
    with ExitStack() as stack:
        target = stack.enter_context(MetricsTarget(_page(texts)))
        backfill(folder / "prometheus", _past(texts, time.time() // 60 * 60))
        _write(folder / "deploys.jsonl", _deploy_lines(texts, time.time()), harmless)
        _write(folder / "toil.jsonl", _toil_lines(texts, time.time()), harmless)
        prometheus = stack.enter_context(PrometheusServer(folder / "prometheus", scrape=(f"127.0.0.1:{target.port}",)))
        am = stack.enter_context(AlertmanagerServer(folder / "am", config=CONFIG))
        _trouble(am, texts)
        metrics = stack.enter_context(_swapping(prometheus.url, swaps, [] if harmless else [ALL, *texts.values()]))
        alerts = stack.enter_context(_swapping(am.url, swaps, None))
        broken = stack.enter_context(FaultServer(lambda request: _refusal(request, harmless)))
        config = folder / "config.yaml"
        config.write_text(_config(metrics.url, alerts.url, broken.url, harmless), encoding="utf-8")
        for turn in range(1, 4):  # counters that grow over three scrapes give figures
            target.page = _page(texts, 100 * turn)
            seen = target.asked
            while target.asked < seen + 2:
                time.sleep(0.05)
        yield World(config, folder / "home", texts)


def _page(texts: Mapping[str, str], count: int = 100) -> str:
    lines = ["# TYPE http_requests_total counter"]
    for text in texts.values():
        lines.append(f'app_build_info{{service="{_escaped(text)}",version="{_escaped(text)}"}} 1')
        for code, number in (("200", count * 9), ("500", count)):
            lines.append(f'http_requests_total{{service="{_escaped(text)}",code="{code}"}} {number}')
    return "\n".join([*lines, ""])


def _past(texts: Mapping[str, str], now: float) -> str:
    """Versions that went out, and pages that fired."""
    series: list[Series] = []
    for text in texts.values():
        for version, start, end in (("v0", now - 6 * HOUR, now - 3 * HOUR), (text, now - 3 * HOUR, now)):
            times = [start + 60 * step for step in range(int(end - start) // 60)]
            labels = {"service": text, "version": version, "instance": text}
            series.append(Series("app_build_info", labels, [(at, 1.0) for at in times]))
    holds = [(now - (4 - turn) * HOUR, now - (4 - turn) * HOUR + 600) for turn in range(3)]
    rules = [Rule(text, holds, {"service": text, "pod": text}) for text in texts.values()]
    alerts, _ = evaluate(rules, now - 6 * HOUR, now - HOUR, 60.0)
    return openmetrics([*series, *alerts, Series("up", {}, [(now - 60 * n, 1.0) for n in range(15_000, 60, -1)])])


def _deploy_lines(texts: Mapping[str, str], now: float) -> Iterator[Mapping[str, Any]]:
    for number, text in enumerate(texts.values()):
        every = dict.fromkeys(("environment", "status", "kind", "actor", "url", "message", "sha", "id", text), text)
        at = now - 60 * number
        yield {"ts": at, "service": text, "version": text, **every}
        yield {"ts": at, "service": "own", "version": text, "message": text, "url": f"https://ci.example/{text}"}
        subject = {"id": text, "content": {"environment": {"id": text}, "artifactId": f"pkg:oci/{text}@1?tag={text}"}}
        context = {"type": "dev.cdevents.service.deployed.0.1.0", "timestamp": at, "id": text + "event"}
        yield {"context": context, "subject": subject}
        yield {"ts": text, "service": text, "version": text}


def _toil_lines(texts: Mapping[str, str], now: float) -> Iterator[Mapping[str, Any]]:
    for number, text in enumerate(texts.values()):
        at, words = now - 60 * number, {"category": text, "text": text, "service": text, "by": text}
        yield {"ts": at, "minutes": 5, **words}
        yield {"ts": text, "minutes": text, **words}


def _write(path: Path, lines: Iterator[Mapping[str, Any]], harmless: bool) -> None:
    """Lines of a log; among hostile ones also such as no program should write."""
    found = [json.dumps(line, ensure_ascii=bool(number % 2)).encode() for number, line in enumerate(lines)]
    if not harmless:
        found += [text.encode("utf-8", "surrogatepass") for text in TEXTS.values()]
        found += [b'{"ts": 1, "x": ' + b"[" * 30_000, b"x" * (1 << 20), b"\xff\xfe\x9b31m"]
    path.write_bytes(b"\n".join([*found, b""]))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _trouble(am: AlertmanagerServer, texts: Mapping[str, str]) -> None:
    for text in texts.values():
        notes = {"summary": text, "runbook_url": f"https://runbooks.example/{text}", "dashboard_url": text}
        labels = {"alertname": text, "service": text, "severity": "page", "oddname": text}
        am.fire(labels, annotations=notes, generatorURL=f"https://prometheus.example/{'x'}")
        am.silence([("service", "=", text), ("pod", "!=", text)], comment=text, author=text)


def _swapping(upstream: str, swaps: Mapping[str, str], warnings: list[str] | None) -> FaultServer:
    host = urlsplit(upstream).netloc

    def respond(request: Request) -> bytes:
        status, kind, body = forward(host, request)
        if body.startswith((b"{", b"[")):
            whole = _swapped(json.loads(body), swaps)
            if warnings and isinstance(whole, dict) and request.target.endswith("/query"):
                whole["warnings"] = warnings
            body = json.dumps(whole).encode()
        return answer(status, body, kind)

    return FaultServer(respond)


def _swapped(value: Any, swaps: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        for old, new in swaps.items():
            value = value.replace(old, new)
        return value
    if isinstance(value, dict):
        return {_swapped(key, swaps): _swapped(inner, swaps) for key, inner in value.items()}
    return [_swapped(inner, swaps) for inner in value] if isinstance(value, list) else value


def _refusal(request: Request, harmless: bool) -> bytes:
    """A server whose error bodies and content types are hostile too, another one at each request.

    It has no alerts, so that those of the other one are known to be all.
    """
    if "/rules" in request.target or "/label/" in request.target or b"ALERTS" in request.body:
        data = {"resultType": "matrix", "result": [], "groups": []}
        return answer(200, json.dumps({"status": "success", "data": [] if "/label/" in request.target else data}))
    text = "no" if harmless else ALL
    if harmless or request.target.endswith("query"):
        return answer(500, json.dumps({"status": "error", "errorType": text, "error": text}))
    return answer(500, f"<title>{text}</title>", "text/html")


def _config(metrics: str, alerts: str, broken: str, harmless: bool) -> str:
    # What else is odd is refused in a config: tests/hostile/test_refusals.py.
    odd = "plain" if harmless else "".join(SENDABLE[name] for name in ("click", "closing", "wide", "opening"))
    sli = {"bad": 'http_requests_total{code=~"5.."}', "total": "http_requests_total"}
    own = {"bad": 'http_requests_total{service="own",code=~"5.."}', "total": 'http_requests_total{service="own"}'}
    return yaml.safe_dump(
        {
            "version": 1,
            "environment": odd,
            "author": odd,
            "refresh": "1s",
            "deploys": {"metrics": [{"source": "prom", "build_info": "app_build_info"}]},
            "oncall": {"shifts": ["00:00-12:00", "12:00-00:00"], "pages_per_shift": 2},
            "toil": {
                "people": 4,
                "logs": ["toil.jsonl"],
                "counters": [
                    {"title": odd, "source": source, "query": "sum(http_requests_total)", "unit": odd, "budget": 1}
                    for source in ("prom", "broken")
                ],
            },
            "sources": {
                "prom": {"kind": "prometheus", "url": metrics},
                "broken": {"kind": "prometheus", "url": broken},
                "am": {"kind": "alertmanager", "urls": [alerts]},
                "ci": {"kind": "file", "path": "deploys.jsonl"},
                "broken-am": {"kind": "alertmanager", "urls": [broken]},
            },
            "services": {
                odd: {
                    "runbook": "https://runbooks.example/[red]x[/]",
                    "slos": {odd: {"objective": 99.9, "source": "broken", "sli": own}},
                }
            },
            "fleets": [
                {"label": "service", "slos": {"availability": {"objective": 99.9, "source": "prom", "sli": sli}}}
            ],
        },
        allow_unicode=False,
    )

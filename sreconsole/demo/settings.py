"""The config file of the estate: what a person would write for it, by the same keys and the same kind of source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sreconsole.demo.cast import SAMPLE, Promise, Service
from sreconsole.demo.pages import selectors

HISTORY_FILE = "past.jsonl"
"""Beside the config."""

_HEAD = """\
# The simulated estate of `sreconsole demo`: nothing here is real, and everything is gone when it ends.
version: 1
environment: simulated
refresh: {sample}s
timezone: {zone}
journal: {{path: journal.db}}

sources:
  estate:
    kind: scrape
    targets:
{targets}
    interval: {sample}s
    history: {history}
  am:
    kind: alertmanager
    urls: [{alerting}]

services:
"""


def zone(env: Mapping[str, str]) -> tuple[str, tzinfo]:
    """The zone that $TZ names, else UTC."""
    name = env.get("TZ", "").removeprefix(":")
    try:
        return (name, ZoneInfo(name)) if name else ("UTC", UTC)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "UTC", UTC


def settings(services: Sequence[Service], targets: Sequence[str], alerting: str, zone_name: str) -> str:
    """The YAML text; `targets` are the /metrics pages, `alerting` is the URL of the Alertmanager."""
    head = _HEAD.format(
        sample=SAMPLE,
        zone=f'"{zone_name}"',
        targets="\n".join(f"      - {target}" for target in targets),
        history=HISTORY_FILE,
        alerting=alerting,
    )
    return head + "".join(line + "\n" for service in services for line in _service(service))


def _service(service: Service) -> Iterator[str]:
    yield f"  {service.name}:"
    yield f"    tier: {service.tier}"
    yield f"    runbook: https://runbooks.example/{service.name}"
    if service.depends_on:
        yield f"    depends_on: [{', '.join(service.depends_on)}]"
    yield f"    match: {{{f'job: {service.job}' if service.job else f'service: {service.name}'}}}"
    if service.promises:
        yield "    slos:"
    for promise in service.promises:
        yield from _promise(service, promise)


def _promise(service: Service, promise: Promise) -> Iterator[str]:
    yield f"      {promise.name}:"
    yield f"        objective: {promise.objective}"
    yield f"        window: {'{calendar: month}' if promise.window == 'month' else promise.window}"
    yield "        sli:"
    for key, value in selectors(service, promise).items():
        yield f"          {key}: '{value}'"

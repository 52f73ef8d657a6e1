"""The config file of the estate: what a person would write for it, by the same keys and the same kind of source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sreconsole.demo.cast import SAMPLE, Promise, Service
from sreconsole.demo.logs import DEPLOYS_FILE, TOIL_FILE
from sreconsole.demo.pages import selectors
from sreconsole.demo.story import Story
from sreconsole.records import dataclass

HISTORY_FILE = "past.jsonl"
"""Beside the config."""
TICKETS_QUERY = 'sum(increase(tickets_total{team="shop"}[7d]))'

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
  ci:
    kind: file
    path: {deploys}
  prom:
    kind: prometheus
    url: {history_of_alerts}

oncall:
  shifts: [{shifts}]
  pages_per_shift: 2
toil:
  people: 3
  logs: [{toil}]
  counters:
    - title: tickets
      source: prom
      query: '{tickets}'
      unit: tickets
      minutes_each: 20
      budget: 10

services:
"""


def zone(env: Mapping[str, str]) -> tuple[str, tzinfo]:
    """The zone that $TZ names, else UTC."""
    name = env.get("TZ", "").removeprefix(":")
    try:
        return (name, ZoneInfo(name)) if name else ("UTC", UTC)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "UTC", UTC


@dataclass(frozen=True, slots=True)
class Estate:
    """Where its servers are."""

    targets: Sequence[str]
    """The /metrics pages."""
    alerting: str
    """URL of the Alertmanager."""
    history: str
    """URL of the Prometheus."""
    zone_name: str


def settings(story: Story, estate: Estate) -> str:
    """The YAML text."""
    head = _HEAD.format(
        sample=SAMPLE,
        zone=f'"{estate.zone_name}"',
        targets="\n".join(f"      - {target}" for target in estate.targets),
        history=HISTORY_FILE,
        alerting=estate.alerting,
        deploys=DEPLOYS_FILE,
        history_of_alerts=estate.history,
        toil=TOIL_FILE,
        tickets=TICKETS_QUERY,
        shifts=", ".join(f'"{shift}"' for shift in shifts(story.origin, story.zone)),
    )
    return head + "".join(line + "\n" for service in story.services for line in _service(service))


def shifts(origin: float, zone: tzinfo) -> tuple[str, str]:
    """Two shifts of twelve hours, handed over four to six hours before the origin: one is well under way."""
    begun = (datetime.fromtimestamp(origin, UTC).astimezone(zone).hour - 4) // 2 * 2 % 24
    first, second = f"{begun:02}:00", f"{(begun + 12) % 24:02}:00"
    return f"{first}-{second}", f"{second}-{first}"


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
    yield "        source: estate"
    yield "        sli:"
    for key, value in selectors(service, promise).items():
        yield f"          {key}: '{value}'"

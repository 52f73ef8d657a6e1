"""The /metrics pages: what a fleet's exporters would say at a moment, in the Prometheus text format 0.0.4."""

from __future__ import annotations

from collections.abc import Iterator

from sreconsole.demo.cast import Promise, Service
from sreconsole.demo.story import HISTORY, Story

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BOUNDS = (0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.5)
"""Upper bounds of the latency buckets in seconds; every threshold is one of them."""

_HEADS = (
    ("app_build_info", "gauge", "Version that runs."),
    ("http_request_duration_seconds", "histogram", "Time to answer a request."),
    ("http_requests_total", "counter", "Requests answered."),
    ("probe_success", "gauge", "Whether the last probe succeeded."),
    ("process_start_time_seconds", "gauge", "Start time of the process since the Unix epoch in seconds."),
)


def nodes(story: Story) -> tuple[int, ...]:
    """The numbers of the pages."""
    return tuple(sorted({service.node for service in story.services}))


def page(story: Story, node: int, at: float) -> str:
    """The page of one node at a moment (Unix seconds)."""
    lines: dict[str, list[str]] = {name: [] for name, _, _ in _HEADS}
    for service in story.services:
        if service.node == node:
            _describe(story, service, at, lines)
    text: list[str] = []
    for name, kind, meaning in _HEADS:
        if lines[name]:
            text += (f"# HELP {name} {meaning}", f"# TYPE {name} {kind}", *lines[name])
    return "\n".join(text) + "\n"


def _describe(story: Story, service: Service, at: float, lines: dict[str, list[str]]) -> None:
    label = f'service="{service.name}"'
    running = story.releases.running(service.name, at)
    lines["app_build_info"].append(f'app_build_info{{{label},version="{running}"}} 1')
    lines["process_start_time_seconds"].append(f"process_start_time_seconds{{{label}}} {story.origin - HISTORY}")
    for promise in service.promises:
        track = story.tracks.get((service.name, promise.name))
        if track is None:
            continue
        if promise.kind == "availability":
            lines["http_requests_total"] += _requests(label, *track.counters(at))
        elif promise.kind == "latency":
            lines["http_request_duration_seconds"] += _durations(label, promise, *track.counters(at))
        else:
            lines["probe_success"].append(f"probe_success{{{label}}} {track.gauge(at)}")


def _requests(label: str, bad: int, total: int) -> Iterator[str]:
    """Counters by method and code; those with a code of 5xx add up to `bad`, all of them to `total`."""
    good = total - bad
    posted = good * 3 // 10
    missed = (good - posted) // 50
    broken = bad // 4
    for method, code, count in (
        ("GET", "200", good - posted - missed),
        ("GET", "404", missed),
        ("GET", "503", bad - broken),
        ("POST", "201", posted),
        ("POST", "500", broken),
    ):
        yield f'http_requests_total{{{label},method="{method}",code="{code}"}} {count}'


def _durations(label: str, promise: Promise, bad: int, total: int) -> Iterator[str]:
    """Buckets in which exactly `bad` events lie above the promise's threshold."""
    name, threshold, good = "http_request_duration_seconds", float(promise.threshold), total - bad
    for bound in BOUNDS:
        if bound < threshold:
            count = good * int(1000 * (bound / threshold) ** 0.5) // 1000
        else:
            count = good + bad * int(1000 * (1 - (threshold / bound) ** 2)) // 1000
        yield f'{name}_bucket{{{label},le="{bound}"}} {count}'
    yield f'{name}_bucket{{{label},le="+Inf"}} {total}'
    yield f"{name}_sum{{{label}}} {good * threshold * 0.4 + bad * threshold * 2.5:.3f}"
    yield f"{name}_count{{{label}}} {total}"


def selectors(service: Service, promise: Promise) -> dict[str, str]:
    """The `sli` keys of the config that read a promise from the pages."""
    label = f'service="{service.name}"'
    if promise.kind == "probe":
        return {"gauge": f"probe_success{{{label}}}"}
    if promise.kind == "latency":
        millis = round(float(promise.threshold) * 1000)
        return {"histogram": f"http_request_duration_seconds{{{label}}}", "threshold": f"{millis}ms"}
    if service.mute:
        return {
            "bad": f'fraud_decisions_total{{{label},outcome="error"}}',
            "total": f"fraud_decisions_total{{{label}}}",
        }
    return {"bad": f'http_requests_total{{{label},code=~"5.."}}', "total": f"http_requests_total{{{label}}}"}

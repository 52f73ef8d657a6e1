"""The /metrics pages: readable by prometheus-client, named as OpenMetrics wants, and equal to the story's counts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC

import pytest
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse
from prometheus_client.samples import Sample

from sreconsole.demo.pages import nodes, page, selectors
from sreconsole.demo.story import Story
from sreconsole.domain.selector import parse_selector

ORIGIN = 1_795_444_680
AT = ORIGIN + 100.5
STORY = Story(2, ORIGIN, UTC)


def samples(at: float) -> Iterator[Sample]:
    for node in nodes(STORY):
        for family in parse(page(STORY, node, at)):
            yield from family.samples


def strictly(text: str) -> list[Metric]:
    return list(parse_openmetrics(text))  # type: ignore[no-untyped-call]


def total_of(selector: str, at: float) -> float | None:
    wanted = parse_selector(selector)
    found = [s.value for s in samples(at) if s.name == wanted.metric and wanted.matches(s.labels)]
    return sum(found) if found else None


def test_every_page_has_known_kinds_and_clean_names() -> None:
    for node in nodes(STORY):
        families = list(parse(page(STORY, node, AT)))
        assert families
        for family in families:
            assert family.type in ("counter", "gauge", "histogram")
            assert re.fullmatch("[a-z][a-z0-9_]*", family.name)
            assert all(s.name.endswith("_total") == (family.type == "counter") for s in family.samples)
            series = [(s.name, tuple(sorted(s.labels.items()))) for s in family.samples]
            assert len(series) == len(set(series))
            assert all(s.value >= 0 for s in family.samples)


@pytest.mark.parametrize("node", nodes(STORY))
def test_the_strict_openmetrics_parser_agrees(node: int) -> None:
    """It checks names by kind, whole and ordered buckets, +Inf equal to count, grouping and repetition."""
    text = page(STORY, node, AT).replace("http_requests_total counter", "http_requests counter")
    text = text.replace("# HELP http_requests_total", "# HELP http_requests") + "# EOF\n"
    strict = {(s.name, *s.labels.values()): s.value for family in strictly(text) for s in family.samples}
    assert strict == {
        (s.name, *s.labels.values()): s.value for family in parse(page(STORY, node, AT)) for s in family.samples
    }


PROBE = STORY.tracks["edge", "probe"]
FAILING = next(start + 1.0 for start in range(ORIGIN, ORIGIN + 90_000, 60) if PROBE.bucket(start, 60)[0])


@pytest.mark.parametrize("at", [AT, ORIGIN + 3.0, ORIGIN + 5000.0, FAILING])
def test_the_selectors_of_the_config_read_the_story(at: float) -> None:
    for service in STORY.services:
        for promise in service.promises:
            keys = selectors(service, promise)
            track = STORY.tracks.get((service.name, promise.name))
            if track is None:
                assert total_of(keys["bad"], at) is None
                assert total_of(keys["total"], at) is None
            elif promise.kind == "probe":
                assert total_of(keys["gauge"], at) == track.gauge(at)
            elif promise.kind == "latency":
                bad, total = track.counters(at)
                label = f'{{service="{service.name}",le="{float(promise.threshold)}"}}'
                name = "http_request_duration_seconds"
                assert total_of(name + "_bucket" + label, at) == total - bad
                assert total_of(keys["histogram"].replace(name, name + "_count"), at) == total
            else:
                assert (total_of(keys["bad"], at), total_of(keys["total"], at)) == track.counters(at)


def test_no_series_ever_falls() -> None:
    before: dict[tuple[str, ...], float] = {}
    for step in range(60):
        for sample in samples(ORIGIN - 240 + 5 * step):
            if sample.name in ("probe_success", "app_build_info"):
                continue
            key = (sample.name, *sample.labels.values())
            assert sample.value >= before.get(key, 0), key
            before[key] = sample.value

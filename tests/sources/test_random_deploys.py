"""Fleets to which anything happens, at a real Prometheus: every deploy is found, nothing else, in three ways alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from sreconsole.domain.deploy import Deploy
from tests.servers.history import openmetrics
from tests.servers.prometheus import PrometheusServer, backfill
from tests.sources.deploying import BUILD_INFO, NOW, asking, cold, followed, whole
from tests.sources.random_fleet import HOUR, Event, Story, rolled

pytestmark = pytest.mark.xdist_group("prometheus-deploys")


def matches(deploy: Deploy, event: Event) -> bool:
    """Whether they are the same, its times as near as samples allow."""
    assert deploy.started_at is not None
    assert deploy.finished_at is not None
    named = (deploy.service, deploy.version, deploy.status) == (event.service, event.version, event.status)
    begun = abs(deploy.started_at - event.start) <= 121 + deploy.margin
    return named and begun and abs(deploy.finished_at - event.finish) <= 181 + deploy.margin


async def compare(tmp_path: Path, story: Story, hours: float) -> None:
    kube, events = rolled(story, story.seed)
    backfill(tmp_path / "data", openmetrics([*story.fleet.series, *kube.series]))
    with PrometheusServer(tmp_path / "data") as server:
        deploys = asking(server.url, [BUILD_INFO], kubernetes=True)
        found = whole(await cold(deploys))
        await deploys.aclose()
        metric = sorted((one for one in found if one.service.startswith("svc-")), key=lambda one: (one.service, one.at))
        left = [event for event in story.events if not any(matches(one, event) for one in metric)]
        invented = [one for one in metric if not any(matches(one, event) for event in story.events)]
        assert (left, invented) == ([], [])
        assert len(metric) == len(story.events)

        sets = sorted((one.service, round(one.started_at or 0), one.version) for one in found if one not in metric)
        assert len(sets) == len(events)
        for (service, started, version), (name, at, code) in zip(sets, sorted(events), strict=True):
            assert (service, version) == (name, code)
            assert abs(started - at) <= 181

        again = asking(server.url, [BUILD_INFO], kubernetes=True)
        earlier = whole(await cold(again, NOW - 9 * HOUR))
        await again.aclose()
        ended = [one for one in earlier if not one.running and one.at < NOW - 11 * HOUR]
        assert ended == [one for one in found if one.at < NOW - 11 * HOUR]

        running = asking(server.url, [BUILD_INFO], kubernetes=True)
        assert whole(await followed(running, NOW - hours * HOUR, every=180.0)) == found
        await running.aclose()


@pytest.mark.prove
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(12))
async def test_whatever_happens(tmp_path: Path, seed: int) -> None:
    await compare(tmp_path, Story(seed), 30)


async def test_one_of_them(tmp_path: Path) -> None:
    await compare(tmp_path, Story(100, days=2.5, services=4), 6)

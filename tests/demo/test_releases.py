"""The releases: a month that a reader can make sense of, and an incident that a release begins and a rollback ends."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from sreconsole.demo.cast import CAST
from sreconsole.demo.crew import PIPELINES
from sreconsole.demo.releases import PAST, Release, Releases
from sreconsole.demo.scenes import begins, incident
from sreconsole.demo.story import Story

ORIGIN = 1_795_444_680  # 2026-11-23, a Monday afternoon
DAY = 86_400


def releases(seed: int = 2, origin: int = ORIGIN) -> Releases:
    return Story(seed, origin, UTC).releases


def of(service: str, until: float = ORIGIN) -> list[Release]:
    return [release for release in releases().until(until) if release.service == service]


def test_it_does_not_matter_how_often_and_when_is_asked() -> None:
    often = releases()
    for minute in range(0, 600, 7):
        often.until(ORIGIN + minute * 60)
    once = releases().until(ORIGIN + 36_000)
    assert often.until(ORIGIN + 36_000) == once
    assert often.until(ORIGIN) == [release for release in once if release.started <= ORIGIN]
    assert once == sorted(once, key=lambda release: release.started)
    keys = [(release.service, release.run) for release in once]
    assert len(set(keys)) == len(keys)


def test_every_service_is_released_by_somebody_but_those_that_never_are() -> None:
    assert [pipeline.service for pipeline in PIPELINES] == [service.name for service in CAST]
    past = [release for release in releases().until(ORIGIN) if release.started < ORIGIN - 3600]
    assert {release.service for release in past} == {pipeline.service for pipeline in PIPELINES if pipeline.daily}
    assert 100 < len(past) < 250
    assert min(release.started for release in past) > ORIGIN - (PAST + 1) * DAY
    assert all(release.finished > release.started and release.actor and release.message for release in past)
    assert {release.outcome for release in past} == {"succeeded", "failed", "cancelled"}
    assert {"canary", "config"} <= {release.kind for release in past}
    assert {release.environment for release in past} == {"prod", "staging"}
    assert any(release.actor.endswith("[bot]") for release in past)


@pytest.mark.parametrize("seed", range(6))
def test_the_past_ends_with_the_version_that_runs(seed: int) -> None:
    told = Story(seed, ORIGIN, UTC).releases
    for pipeline in PIPELINES:
        if pipeline.daily and any(release.service == pipeline.service for release in told.until(ORIGIN - 600)):
            assert told.running(pipeline.service, ORIGIN - 600) == f"v{pipeline.version}", pipeline.service


def test_people_release_by_day_in_their_own_zone() -> None:
    zone = ZoneInfo("Asia/Tokyo")
    outages = {pipeline.service for pipeline in PIPELINES if pipeline.outages}
    past = Story(2, ORIGIN, zone).releases.until(ORIGIN - 3600)
    times = [datetime.fromtimestamp(release.started, zone) for release in past if release.service not in outages]
    assert all(time.weekday() < 5 and 8 <= time.hour < 19 for time in times)


def test_a_bad_release_begins_each_incident_and_a_rollback_ends_it() -> None:
    told = releases()
    for number in range(20):
        begun = ORIGIN + begins(2, number) * 60
        assert incident(2, begins(2, number) - 1) == 0 < incident(2, begins(2, number))
        bad, back = [one for one in told.until(begun + 600) if one.service == "checkout"][-2:]
        assert (bad.version, back.version) == (f"v{42 + number}", "v41")
        assert begun - 300 < bad.started < bad.finished <= begun < back.started < back.finished < begun + 300
        assert [told.running("checkout", begun + at) for at in (-61, -1, 200, 300)] == [
            *("v41", bad.version, bad.version, "v41")
        ]


def test_outages_of_the_past_were_releases_too() -> None:
    flares = {service.name: service.promises[0].flares for service in CAST if service.promises}
    for pipeline in PIPELINES:
        known = {(flare.days, flare.minutes) for flare in flares.get(pipeline.service, ())}
        for days, minutes in pipeline.outages:
            assert (days, minutes) in known
            begun = ORIGIN - round(days * 1440) * 60
            near = [one for one in of(pipeline.service) if begun - 600 < one.started < begun + minutes * 60]
            assert len(near) == 2
            assert near[0].finished <= begun < near[1].started < near[1].finished == begun + minutes * 60
            ran = [one.version for one in of(pipeline.service) if one.goes_live and one.finished < begun - 60]
            assert near[1].version == ran[-1] != near[0].version


def test_the_first_screen_has_one_that_runs_and_there_are_more_to_come() -> None:
    under_way = [one for one in releases().until(ORIGIN) if one.finished > ORIGIN]
    assert sorted(one.service for one in under_way) == ["checkout", "recommendations"]
    later = [one for one in releases().until(ORIGIN + 12 * 3600) if one.started > ORIGIN + 600]
    assert len({one.service for one in later}) > 8
    assert {"failed", "succeeded"} == {one.outcome for one in later}

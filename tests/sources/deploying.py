"""Fleets with a known past, as a Prometheus would have scraped them, and the ways to ask for their deploys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sreconsole.config.model import DeployMetric, HttpConfig, PrometheusSource
from sreconsole.domain.deploy import Deploy
from sreconsole.sources.http import HttpClient
from sreconsole.sources.promapi import PromApi
from sreconsole.sources.prometheus_deploys import PrometheusDeploys
from tests.servers.history import Series

NOW = 1_790_001_034.0
"""A moment that is no step's end."""
BUILD_INFO = DeployMetric("prom", "app_build_info")
Told = tuple[str, str, str, str, str]
"""Service, environment (or namespace), version, kind, status."""


@dataclass
class Fleet:
    """Instances of services: each is scraped from its birth to its death."""

    every: float = 30.0
    until: float = NOW
    series: list[Series] = field(default_factory=list)
    _count: int = 0

    def instance(
        self,
        service: str,
        version: str,
        start: float,
        end: float | None = None,
        *,
        gaps: Sequence[tuple[float, float]] = (),
        labels: Mapping[str, str] | None = None,
        name: str = "",
    ) -> None:
        """One instance; no sample is written within `gaps`; `name` where it is one that was there before."""
        self._count += 1
        phase = self._count * 7.3 % self.every
        own = {"service": service, "version": version, "instance": name or f"pod-{self._count}", **(labels or {})}
        end = self.until if end is None else end
        first = start - start % self.every + phase
        times: list[float] = []
        at = first if first >= start else first + self.every
        while at <= min(end, self.until):
            if not any(since <= at < till for since, till in gaps):
                times.append(at)
            at += self.every
        self.series.append(Series("app_build_info", own, [(each, 1.0) for each in times]))

    def rolling(
        self,
        service: str,
        at: float,
        before: Iterable[tuple[str, float]],
        after: str,
        until: float | None = None,
        *,
        count: int = 3,
        takes: float = 240.0,
        labels: Mapping[str, str] | None = None,
    ) -> None:
        """`before` are (version, birth) of the instances that `after` takes over from, one by one from `at` on."""
        for index, (version, born) in enumerate(before):
            self.instance(service, version, born, at + takes * (index + 1) / count, labels=labels)
        for index in range(count):
            self.instance(service, after, at + takes * index / count, until, labels=labels)


def asking(url: str, metrics: Iterable[DeployMetric] = (BUILD_INFO,), kubernetes: bool = False) -> PrometheusDeploys:
    """What asks a server for its deploys."""
    settings = PrometheusSource("prom", url)
    return PrometheusDeploys(
        settings, metrics, kubernetes, lambda: PromApi(HttpClient("prom", url, HttpConfig(), 32 << 20))
    )


async def cold(deploys: PrometheusDeploys, now: float = NOW) -> Sequence[Deploy]:
    """All that is found at a start."""
    await deploys.poll(now)
    while await deploys.fill():
        pass
    return deploys.deploys()


async def followed(
    deploys: PrometheusDeploys,
    start: float,
    now: float = NOW,
    every: float = 60.0,
    wait: Mapping[float, float] | None = None,
) -> Sequence[Deploy]:
    """All that is found by one that runs since `start`."""
    await cold(deploys, start)
    at = start + every
    while at < now:
        await deploys.poll(at)
        at += every
    return await cold(deploys, now)


def told(deploys: Iterable[Deploy]) -> list[Told]:
    """What happened, in the order of beginning."""
    ordered = sorted(deploys, key=lambda one: (one.started_at or 0, one.service))
    return [(one.service, one.environment or one.namespace, one.version, one.kind, one.status) for one in ordered]


def whole(deploys: Iterable[Deploy]) -> list[Deploy]:
    """Everything about them, in one order."""
    return sorted(deploys, key=lambda one: (one.started_at or 0, one.id))


@dataclass
class Cluster:
    """ReplicaSets as kube-state-metrics tells of them; `metrics` are its lives: its address, from when, until when."""

    lives: Sequence[tuple[str, float, float]]
    every: float = 30.0
    ready: bool = True
    """Whether it tells how many replicas are ready."""
    series: list[Series] = field(default_factory=list)

    def replicaset(
        self,
        deployment: str,
        code: str,
        created: float,
        replicas: Sequence[tuple[float, int]],
        *,
        image: str | None = None,
        lag: float = 40.0,
        removed: float = NOW,
        namespace: str = "prod",
        kind: str = "Deployment",
        labels: Mapping[str, str] | None = None,
    ) -> None:
        """`replicas` are (from when, how many it is to have); more are ready `lag` seconds later, fewer at once."""
        name = f"{deployment}-{code}"
        common = {"namespace": namespace, "replicaset": name, **(labels or {})}
        pod = {
            "namespace": namespace,
            "pod": f"{name}-x{len(self.series)}",
            "container": deployment,
            "image": image or "",
        }
        for instance, since, until in self.lives:
            first = since - since % self.every + 11.7
            times = [first + n * self.every for n in range(int((until - first) // self.every) + 1)]
            times = [at for at in times if max(created, since) <= at <= min(removed, until)]
            own = {"instance": instance, "job": "kube-state-metrics"}

            def series(metric: str, labels: Mapping[str, str], samples: list[tuple[float, float]]) -> None:
                if samples:
                    self.series.append(Series(metric, {**labels, **own}, samples))  # noqa: B023

            owner = {"owner_kind": kind, "owner_name": deployment, "owner_is_controller": "true"}
            series("kube_replicaset_created", common, [(at, float(int(created))) for at in times])
            series("kube_replicaset_owner", {**common, **owner}, [(at, 1.0) for at in times])
            wanted = [(at, float(_count(replicas, at))) for at in times]
            series("kube_replicaset_spec_replicas", common, wanted)
            if self.ready:
                done = [(at, float(min(_count(replicas, at), _count(replicas, at - lag)))) for at in times]
                series("kube_replicaset_status_ready_replicas", common, done)
            if image:
                series("kube_pod_container_info", pod, [(at, 1.0) for at, some in wanted if some])


def _count(replicas: Sequence[tuple[float, int]], at: float) -> int:
    return next((count for since, count in reversed(replicas) if since <= at), 0)

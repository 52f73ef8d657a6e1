"""What a real Prometheus is asked: requests and samples of a refresh, of a start, of the first start of all."""

from __future__ import annotations

import asyncio
import json
import statistics
import tempfile
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from bench.engine import Asked, Bystander, cpu
from bench.figures import Chapter, Figure
from bench.month import DAY, END, STEP, Month
from bench.server_cost import breakdown
from bench.world import fleet, written
from tests.servers.prometheus import PrometheusServer

WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d", "30d")
SECONDS = (300, 1800, 3600, 7200, 21_600, DAY, 3 * DAY, 30 * DAY)
FEW = 20
HOUR = 3600.0
REFRESHED = HOUR
"""Seconds of refreshes that are counted."""
_LOWEST = 5.0
"""Seconds of server CPU below which the two are too short to be compared by the ticks of the kernel's clock."""


@dataclass(frozen=True, slots=True)
class Measured:
    """All of it."""

    naive: list[Asked]
    first: list[Asked]
    second: Asked
    hour: tuple[Asked, int]
    """An hour of refreshes, and how many they were."""
    few: tuple[Asked, int]
    many: tuple[Asked, int]
    kinds: str
    """The first start by kind of request."""


def measure(runs: int, month: Month) -> Chapter:
    """The chapter on data; the two costs that are times in `runs` runs, counts once."""
    with tempfile.TemporaryDirectory() as folder, month.server() as server:
        _naive(server)  # what the disk has to give is in memory afterwards, for both
        found = asyncio.run(_measured(Path(folder), server, runs, month.small))
    return _chapter(found, month, runs)


async def _measured(home: Path, server: PrometheusServer, runs: int, many: int) -> Measured:
    naive, first = [], []
    for run in range(runs):
        naive.append(_naive(server))
        with Bystander(home / f"run-{run}", fleet("URL"), server, END) as world:
            first.append(await world.start())
            seen = world.seen
            await world.close()
            if run == runs - 1:
                world.now += 290
                second = await world.start()
                hour = await world.refreshes(REFRESHED)
                await world.close()
    hours = []
    for services in (FEW, many):
        text = written(services, "URL", metric="small_requests_total")
        with Bystander(home / f"small-{services}", text, server, END) as world:
            await world.start()
            hours.append(await world.refreshes(REFRESHED))
            await world.close()
    few, most = hours
    return Measured(naive, first, second, hour, few, most, breakdown(server, seen))


def _naive(server: PrometheusServer) -> Asked:
    """All eight windows of failures and totals, evaluated anew: one request a window."""
    before, samples = cpu(server.pid), 0
    for window in WINDOWS:
        parts = [f"sum by (service) (increase(http_requests_total{{{by}}}[{window}]))" for by in ('code=~"5.."', "")]
        marked = [f'label_replace({part}, "part", "{name}", "", "")' for part, name in zip(parts, "bt", strict=True)]
        form = {"query": " or ".join(marked), "time": str(END), "stats": "all"}
        body = urllib.parse.urlencode(form).encode()
        with urllib.request.urlopen(f"{server.url}/api/v1/query", body) as answer:
            samples += json.load(answer)["data"]["stats"]["samples"]["totalQueryableSamples"]
    return Asked(len(WINDOWS), samples, cpu(server.pid) - before, 0.0, 0)


def _chapter(found: Measured, month: Month, runs: int) -> Chapter:
    many = month.small
    # the whole windows, whatever part of them there is data for; a fifth of the series are failures, asked twice
    naive = month.series * 1.4 * sum(SECONDS) / STEP
    each = found.hour[0].samples / found.hour[1]
    few, many_each = (asked.requests / steps for asked, steps in (found.few, found.many))
    asked = found.naive[-1].samples
    whole = month.days >= 30
    costs = [first.cpu / max(0.01, plain.cpu) for first, plain in zip(found.first, found.naive, strict=True)]
    ours, theirs = (statistics.median(one.cpu for one in each) for each in (found.first, found.naive))
    cold = found.first[-1]

    def count(name: str, ours: float, theirs: float, target: float | None, unit: str = "samples") -> Figure:
        return Figure(name, f"{ours:,.0f} {unit}", f"{theirs:,.0f} {unit}", ours / theirs, target, counted=True)

    figures = [
        _requests(FEW, few),
        _requests(many, many_each),
        Figure(
            f"requests a refresh, {many:,} services against {FEW}",
            f"{many_each:.2f}",
            f"{few:.2f}",
            many_each / few,
            1.0,
            counted=True,
        ),
        count("samples touched by a refresh, against eight windows", each, asked if whole else naive, 1 / 500),
        count("samples touched by the second start, against the first", found.second.samples, cold.samples, 1 / 20),
        count(
            "samples touched by the first start, against one naive refresh",
            cold.samples,
            asked,
            1.5 if whole else None,
        ),
        Figure(
            "CPU of the server for the first start, against one naive refresh",
            f"{ours:.1f} s",
            f"{theirs:.1f} s",
            statistics.median(costs),
            1.5 if whole and theirs > _LOWEST else None,
            spread=(min(costs), max(costs)),
        ),
        Figure(
            "longest range of one request", f"{cold.longest / HOUR:.1f} h", "-", cold.longest / HOUR, 24.0, "h", True
        ),
    ]
    return Chapter(
        "Data",
        f"A real Prometheus with {month.days} days of {month.services} services with 20 series each (scraped every "
        f"{STEP} s, {month.series:,} series; `bench/month.py`) and a day of {many:,} with two. Requests and samples "
        "(`stats=all`) are counted by a proxy, of the SLOs' queries; a refresh is the mean of an hour of them, "
        f"as far apart as the console has them, on a clock that is moved ({found.hour[1]} refreshes, with whatever "
        "closing buckets, cross-checks and looks at scrape intervals ask besides). The eight windows: one request each "
        "for failures and totals of all services"
        + ("" if whole else ", computed for whole windows")
        + ". First start: no ledger, until nothing is left to fetch; second: 290 s later. CPU of the server from "
        f"/proc, {runs} runs in turns.",
        figures,
        profile=lambda: found.kinds,
    )


def _requests(services: int, mean: float) -> Figure:
    return Figure(f"requests a refresh, {services:,} services", f"{mean:.2f}", "-", mean, 2.0, "requests", True)

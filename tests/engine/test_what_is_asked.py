"""Which source is asked for what, and that each part of a snapshot names the sources behind it, and no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from sreconsole.cli.wiring import Wiring
from sreconsole.config.read import load
from sreconsole.domain.snapshot import Snapshot, SourceState
from sreconsole.engine.console import Console

NOW = 1_763_856_000.0
CONFIG = """\
version: 1
sources:
  prom: {kind: prometheus, url: "http://127.0.0.1:9"}
  builds: {kind: prometheus, url: "http://127.0.0.1:10"}
  idle: {kind: prometheus, url: "http://127.0.0.1:11"}
MORE
deploys: {metrics: [{source: builds, build_info: build_info, service_label: s, version_label: v}]}
services:
  shop:
    slos:
      good: {objective: 99, source: prom, sli: {bad: e_total, total: r_total}}
"""
MANAGER = '  am: {kind: alertmanager, urls: ["http://127.0.0.1:12"]}'


def console(folder: Path, text: str, *, past: bool = False) -> Console:
    (folder / "config.yaml").write_text(text)
    config = load(folder / "config.yaml", {}).config
    return Wiring(config, lambda: NOW, {"HOME": str(folder)}, trends=True, past=past).console()


def parts(snapshot: Snapshot) -> dict[str, list[str]]:
    states: dict[str, tuple[SourceState, ...]] = {
        "all": snapshot.sources,
        "slos": snapshot.slo_sources,
        "alerts": snapshot.alert_sources,
        "deploys": snapshot.deploy_sources,
        "toil": snapshot.toil_sources,
    }
    return {part: [state.name for state in of] for part, of in states.items()}


@pytest.mark.parametrize("past", [False, True])
async def test_a_prometheus_without_slos_is_no_source_of_slos(tmp_path: Path, past: bool) -> None:
    made = console(tmp_path, CONFIG.replace("MORE", MANAGER), past=past)
    alerts = ["prom", "builds", "idle"] if past else ["am"]
    expected = {"all": ["prom", "builds", "idle", "am"], "slos": ["prom"], "alerts": alerts, "deploys": ["builds"]}
    assert parts(made.snapshot) == {**expected, "toil": []}
    # What is asked for nothing else is asked for metrics, so that it is known how it does.
    assert list(made.feeds) == (["prom"] if past else ["prom", "idle"])
    made.groups.begin()
    assert list(made.feeds) == (["prom"] if past else ["prom", "idle"])
    assert parts(await made.snapshots.make()) == {**expected, "toil": []}
    await made.aclose()


async def test_what_is_filled_is_named(tmp_path: Path) -> None:
    text = CONFIG.replace("MORE", "") + "oncall: {pages_per_shift: 2}\n"
    made = console(tmp_path, text)
    assert parts(made.snapshot)["toil"] == ["prom", "builds", "idle"]
    made.groups.begin()
    snapshot = await made.snapshots.make()
    assert {state.filling for state in snapshot.slo_sources} == {"ledger"}
    assert {state.filling for state in (*snapshot.deploy_sources, *snapshot.toil_sources)} == {"history"}
    await made.aclose()


async def test_toil_that_no_source_tells_of_is_reported_with_reasons(tmp_path: Path) -> None:
    scraped = "version: 1\nsources: {app: {kind: scrape, targets: [http://127.0.0.1:9/metrics]}}\n"
    made = console(tmp_path, scraped + "toil: {people: 4}\nservices: {shop: {}}\n")
    assert parts(made.snapshot) == {"all": ["app"], "slos": [], "alerts": [], "deploys": [], "toil": []}
    report = (await made.snapshots.make()).toil
    assert report is not None
    assert report.cap == 4 * 40 * 60 * 0.5
    assert "no Prometheus is configured" in (report.weeks[0].pages.reason or "")
    await made.aclose()

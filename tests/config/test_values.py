"""What a good file becomes: exact values, defaults, and every SLI kind."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from sreconsole.config.model import (
    AlertmanagerSource,
    Config,
    DeployMetric,
    FileSource,
    GrafanaSource,
    Journal,
    PrometheusSource,
    ScrapeSource,
    ToilCounter,
)
from sreconsole.domain.burn import WindowPair
from sreconsole.domain.period import Calendar, Rolling
from sreconsole.domain.selector import Matcher, parse_selector
from sreconsole.domain.sli import CounterSli, GaugeSli, HistogramSli, QuerySli, RatioSli, Sli
from tests.config.files import HEAD, SMALL, loaded

FULL = """\
version: 1
environment: prod
refresh: 20s
timezone: Europe/Berlin
author: ana
read_only: true
theme: light
glyphs: ascii
mouse: off
sources:
  prom:
    kind: prometheus
    url: http://127.0.0.1:9090/prefix/
    scrape_interval: 30s
    dialect: victoriametrics
    external_labels: {dc: eu1}
    max_answer: 1GB
  local:
    kind: scrape
    targets: [http://127.0.0.1:8000/metrics]
    interval: 1m30s
    labels: {cluster: bastion}
  am: {kind: alertmanager, urls: [http://a:9093, http://b:9093], flavour: mimir, read_only: true, max_answer: 64kb}
  ci: {kind: file, path: deploys.jsonl}
  graf: {kind: grafana, url: http://127.0.0.1:3000}
severities: {label: sev, page: ["1"], warn: [2, 3]}
silences: {strip_labels: [pod], never_silence: ['a="b",c=~"d"', '{e="f"}'], longest: 12h, default: 2h}
oncall: {shifts: ["08:00-20:00", 20:00-08:00], pages_per_shift: 0, sleep: "22:00-24:00", merge: 0s}
toil:
  people: 4
  hours_per_week: 37.5
  cap: 12.5%
  logs: [toil.jsonl, /var/toil.jsonl]
  counters: [{title: tickets, query: 'sum(x)', unit: tickets, minutes_each: 20, budget: 10}]
deploys: {prod: [live], ignore: ["review/*"], metrics: [{source: local, build_info: info}], kubernetes: prom}
journal: {path: j.db, mode: 0660}
alert_windows:
  month: [{long: 2h, short: 10m, factor: 10, severity: page}]
  168h: [{long: 3h, short: 15m, factor: 5.5, severity: warn}]
services:
  checkout:
    tier: critical
    runbook: https://r.example/checkout?x=1#top
    depends_on: [payments]
    match: {app: checkout, team: ""}
    slos:
      rolling: {objective: 99.95, source: prom, sli: {gauge: up}}
      week: {objective: 99, window: 7d, source: prom, sli: {gauge: up}}
      month: {objective: 99, window: {calendar: month}, source: local, sli: {gauge: up}}
      own:
        objective: 99
        window: 7d
        source: prom
        alert_windows: [{long: 1h, short: 5m, factor: 14.4, severity: page}]
        sli: {gauge: up}
  payments: {}
fleets:
- label: service
  except: ["test-*"]
  slos:
    availability: {objective: 99.9, window: 7d, source: local, sli: {good: g, total: t}}
"""


@pytest.fixture(name="full")
def _full(tmp_path: Path) -> Config:
    return loaded(tmp_path, FULL).config


def test_the_keys_at_the_top(full: Config, tmp_path: Path) -> None:
    assert full.path == tmp_path / "config.yaml"
    assert (full.environment, full.refresh, full.timezone, full.author) == ("prod", 20.0, "Europe/Berlin", "ana")
    assert (full.read_only, full.theme, full.glyphs, full.mouse) == (True, "light", "ascii", "off")


def test_the_sources(full: Config, tmp_path: Path) -> None:
    assert full.sources == {
        "prom": PrometheusSource(
            "prom",
            "http://127.0.0.1:9090/prefix",
            scrape_interval=30.0,
            dialect="victoriametrics",
            external_labels={"dc": "eu1"},
            max_answer=1 << 30,
        ),
        "local": ScrapeSource("local", ("http://127.0.0.1:8000/metrics",), 90.0, {"cluster": "bastion"}),
        "am": AlertmanagerSource("am", ("http://a:9093", "http://b:9093"), "mimir", True, max_answer=64 << 10),
        "ci": FileSource("ci", tmp_path / "deploys.jsonl"),
        "graf": GrafanaSource("graf", "http://127.0.0.1:3000"),
    }


def test_the_people(full: Config, tmp_path: Path) -> None:
    assert (full.severities.label, full.severities.page, full.severities.warn) == ("sev", ("1",), ("2", "3"))
    assert full.silences.never_silence == (
        (Matcher("a", "=", "b"), Matcher("c", "=~", "d")),
        (Matcher("e", "=", "f"),),
    )
    assert (full.silences.longest, full.silences.default, full.silences.comment_pattern) == (43200.0, 7200.0, None)
    assert full.oncall.shifts == ((480, 1200), (1200, 480))
    assert (full.oncall.pages_per_shift, full.oncall.sleep, full.oncall.merge) == (0, (1320, 1440), 0.0)
    assert (full.toil.people, full.toil.hours_per_week, full.toil.cap) == (4, 37.5, 0.125)
    assert full.toil.logs == (tmp_path / "toil.jsonl", Path("/var/toil.jsonl"))
    assert full.toil.counters == (ToilCounter("tickets", "prom", "sum(x)", "tickets", 20.0, 10.0),)


def test_the_records(full: Config, tmp_path: Path) -> None:
    assert full.deploys.metrics == (DeployMetric("local", "info"),)
    assert (full.deploys.prod, full.deploys.ignore, full.deploys.kubernetes) == (("live",), ("review/*",), "prom")
    assert full.journal == Journal(tmp_path / "j.db", 0o660)


def test_the_services(full: Config) -> None:
    checkout, payments = full.services
    assert (checkout.tier, checkout.runbook) == ("critical", "https://r.example/checkout?x=1#top")
    assert (checkout.depends_on, checkout.match) == (("payments",), {"app": "checkout", "team": ""})
    assert (payments.slos, payments.tier, payments.match) == ((), "standard", {"service": "payments"})
    assert [(slo.service, slo.name, slo.source) for slo in full.slos()] == [
        ("checkout", "rolling", "prom"),
        ("checkout", "week", "prom"),
        ("checkout", "month", "local"),
        ("checkout", "own", "prom"),
    ]


def test_alert_windows_reach_the_slos_of_their_window(full: Config) -> None:
    month = (WindowPair(7200, 600, 10.0, "page"),)
    week = (WindowPair(10800, 900, 5.5, "warn"),)
    own = (WindowPair(3600, 300, 14.4, "page"),)
    assert full.alert_windows == {"month": month, "7d": week}
    assert [slo.alert_windows for slo in full.slos()] == [None, week, month, own]
    assert full.fleets[0].slos[0].alert_windows == week


def test_objectives_and_windows_are_exact(full: Config) -> None:
    rolling, week, month, _ = full.slos()
    assert (rolling.objective, rolling.budget) == (Decimal("0.9995"), Decimal("0.0005"))
    assert (rolling.window, week.window) == (Rolling(30 * 86400), Rolling(7 * 86400))
    assert month.window == Calendar("month", "Europe/Berlin")


def test_a_fleet_holds_templates_without_a_service(full: Config) -> None:
    (fleet,) = full.fleets
    assert (fleet.label, fleet.except_, fleet.limit) == ("service", ("test-*",), 5000)
    assert [(slo.service, slo.name, slo.source) for slo in fleet.slos] == [("", "availability", "local")]


BAD, TOTAL = parse_selector('b{code=~"5.."}'), parse_selector("t")
SLIS: dict[str, Sli] = {
    "{bad: 'b{code=~\"5..\"}', total: t}": CounterSli(TOTAL, bad=BAD),
    "{good: t, total: 'b{code=~\"5..\"}'}": CounterSli(BAD, good=TOTAL),
    "{histogram: h, threshold: 300ms}": HistogramSli(parse_selector("h"), Decimal("0.3")),
    "{histogram: h, threshold: 1h}": HistogramSli(parse_selector("h"), Decimal(3600)),
    "{histogram: h, threshold: 0.25}": HistogramSli(parse_selector("h"), Decimal("0.25")),
    "{histogram: h, threshold: 1e3}": HistogramSli(parse_selector("h"), Decimal(1000)),
    "{gauge: 'b{code=~\"5..\"}'}": GaugeSli(BAD),
    "{bad_query: 'x[{{window}}]', total_query: 'y[{{.window}}]'}": QuerySli("x[{{window}}]", "y[{{.window}}]"),
    "{bad_query: 'x[{{window}}]', total_query: 'y[{{window}}]', query_unit: count}": QuerySli(
        "x[{{window}}]", "y[{{window}}]", "count"
    ),
    "{ratio_query: 'r{{.window}}'}": RatioSli("r{{.window}}"),
}


@pytest.mark.parametrize("text", SLIS)
def test_every_kind_of_sli(tmp_path: Path, text: str) -> None:
    config = loaded(tmp_path, SMALL.replace("{bad: bad_total, total: all_total}", text)).config
    assert config.slos()[0].sli == SLIS[text]


def test_what_is_absent_is_the_default_of_the_model(tmp_path: Path) -> None:
    config = loaded(tmp_path, HEAD + "services: {a: {}}\n").config
    bare = Config(config.path, sources=config.sources, services=config.services)
    assert config == bare
    assert config.sources["prom"] == PrometheusSource("prom", "http://127.0.0.1:9090")


def test_the_one_metrics_source_is_taken_when_none_is_named(tmp_path: Path) -> None:
    text = SMALL.replace("services:", "  am: {kind: alertmanager, urls: ['http://h']}\nservices:")
    assert [slo.source for slo in loaded(tmp_path, text).config.slos()] == ["prom"]


def test_anchors_and_merge_keys_say_things_once(tmp_path: Path) -> None:
    text = HEAD + (
        "services:\n  a: {slos: {up: &up {objective: 99, sli: {gauge: up}}}}\n"
        "  b: {slos: {up: {<<: *up, objective: 98}}}\n"
    )
    assert [str(slo.objective) for slo in loaded(tmp_path, text).config.slos()] == ["0.99", "0.98"]

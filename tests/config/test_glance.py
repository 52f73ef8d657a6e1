"""What is seen of a config at a glance is what is in it, or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from sreconsole.config.glance import glance
from sreconsole.config.read import load
from sreconsole.engine.unasked import measuring

SOURCES = """\
version: 1
sources:
  prom:
    kind: prometheus
    url: http://127.0.0.1:9
{more}  am:
    kind: alertmanager
    urls: [http://127.0.0.1:9]
toil:
  people: 4
  counters: [{{title: tickets, source: prom, query: up, unit: tickets}}]
"""
ALONE = SOURCES.format(more="")
TWO = SOURCES.format(more="  local:\n    kind: scrape\n    targets: [http://127.0.0.1:9/metrics]\n")
SLO = """\
services:
  shop:
    slos:
      good:
        objective: 99
{more}        sli: {{bad: e_total, total: r_total}}
"""
FLOW = """\
services:
  shop:
    slos:
      good: {{objective: 99, source: {name}, sli: {{bad: e_total, total: r_total}}}}
"""
FLEET = """\
fleets:
- label: job
  slos:
    fine:
      objective: 99
      source: {name}
      sli: {{bad: a, total: b}}
"""
BARE = "services:\n  shop:\n    runbook: https://runbooks.example/slos\n"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        (ALONE + SLO.format(more=""), ["prom"]),
        (ALONE + SLO.format(more="        source: prom\n"), ["prom"]),
        (ALONE + BARE, []),
        (ALONE + BARE + "    # slos: later\n", []),
        (TWO + SLO.format(more="        source: local\n"), ["local"]),
        (TWO + SLO.format(more="        source: 'prom'  # not local\n"), ["prom"]),
        (TWO + FLOW.format(name="local"), ["local"]),
        (TWO + FLEET.format(name="prom"), ["prom"]),
        (TWO + FLEET.format(name="prom") + FLOW.format(name="local"), ["prom", "local"]),
        (FLOW.format(name="local") + TWO, ["local"]),
    ],
)
def test_sources_that_measure_slos_are_those_of_the_config(text: str, seen: list[str], tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    config = load(path, {}).config
    assert [name for name in config.sources if name in measuring(config)] == seen
    assert glance(text).metric_sources() == seen


def test_a_source_that_is_not_understood_is_left_out() -> None:
    assert glance(TWO + SLO.format(more="        source: &one prom\n")).metric_sources() is None

"""The config of the estate: the keys a user would write, selectors that parse, names that exist."""

from __future__ import annotations

from datetime import UTC

import yaml

from sreconsole.demo.settings import settings
from sreconsole.demo.story import Story
from sreconsole.domain.duration import parse_duration
from sreconsole.domain.selector import parse_selector

STORY = Story(2, 1_795_444_680, UTC)
TARGETS = ["http://127.0.0.1:1/metrics", "http://127.0.0.1:2/metrics"]
CONFIG = yaml.load(settings(STORY.services, TARGETS, "http://127.0.0.1:3", "Europe/Berlin"), yaml.BaseLoader)


def test_it_is_a_simulation_read_by_the_source_a_user_has() -> None:
    assert (CONFIG["version"], CONFIG["environment"], CONFIG["timezone"]) == ("1", "simulated", "Europe/Berlin")
    assert parse_duration(CONFIG["refresh"]) == 5
    assert CONFIG["sources"] == {
        "estate": {"kind": "scrape", "targets": TARGETS, "interval": "5s", "history": "past.jsonl"},
        "am": {"kind": "alertmanager", "urls": ["http://127.0.0.1:3"]},
    }


def test_a_dozen_services_with_one_or_two_promises_each() -> None:
    services = CONFIG["services"]
    assert list(services) == [service.name for service in STORY.services]
    assert len(services) >= 12
    for name, service in services.items():
        assert set(service) <= {"tier", "runbook", "depends_on", "match", "slos"}
        assert service["tier"] in ("critical", "standard")
        assert set(service.get("depends_on", ())) <= set(services) - {name}
        assert service["match"] == ({"job": "backup"} if name == "backups" else {"service": name})
        assert (1 <= len(service["slos"]) <= 2) if name != "backups" else "slos" not in service
        for slo in service.get("slos", {}).values():
            assert 0 < float(slo["objective"]) < 100
            assert slo["window"] in ("30d", {"calendar": "month"})


def test_every_selector_parses_and_the_kinds_are_those_a_scrape_can_read() -> None:
    kinds = set()
    for service in CONFIG["services"].values():
        for slo in service.get("slos", {}).values():
            sli = dict(slo["sli"])
            kinds.add(tuple(sorted(sli)))
            if "threshold" in sli:
                assert 0 < parse_duration(sli.pop("threshold")) < 1
            for text in sli.values():
                assert parse_selector(text).metric
    assert kinds == {("bad", "total"), ("histogram", "threshold"), ("gauge",)}


def test_one_window_is_a_calendar_month() -> None:
    windows = [slo["window"] for service in CONFIG["services"].values() for slo in service.get("slos", {}).values()]
    assert windows.count({"calendar": "month"}) == 1

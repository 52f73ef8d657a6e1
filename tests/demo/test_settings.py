"""The config of the estate: the keys a user would write, selectors that parse, names that exist."""

from __future__ import annotations

from datetime import UTC

import yaml

from sreconsole.demo.settings import TICKETS_QUERY, Estate, settings, shifts
from sreconsole.demo.story import Story
from sreconsole.domain.duration import parse_duration
from sreconsole.domain.selector import parse_selector

ORIGIN = 1_795_444_680
STORY = Story(2, ORIGIN, UTC)
TARGETS = ["http://127.0.0.1:1/metrics", "http://127.0.0.1:2/metrics"]
ESTATE = Estate(TARGETS, "http://127.0.0.1:3", "http://127.0.0.1:4", "Europe/Berlin")
CONFIG = yaml.load(settings(STORY, ESTATE), yaml.BaseLoader)


def test_it_is_a_simulation_read_by_the_source_a_user_has() -> None:
    assert (CONFIG["version"], CONFIG["environment"], CONFIG["timezone"]) == ("1", "simulated", "Europe/Berlin")
    assert parse_duration(CONFIG["refresh"]) == 5
    assert CONFIG["sources"] == {
        "estate": {"kind": "scrape", "targets": TARGETS, "interval": "5s", "history": "past.jsonl"},
        "am": {"kind": "alertmanager", "urls": ["http://127.0.0.1:3"]},
        "ci": {"kind": "file", "path": "deploys.jsonl"},
        "prom": {"kind": "prometheus", "url": "http://127.0.0.1:4"},
    }
    assert CONFIG["oncall"] == {"shifts": ["10:00-22:00", "22:00-10:00"], "pages_per_shift": "2"}
    (counter,) = CONFIG["toil"].pop("counters")
    assert CONFIG["toil"] == {"people": "3", "logs": ["toil.jsonl"]}
    assert (counter["source"], counter["query"]) == ("prom", TICKETS_QUERY)


def test_a_shift_is_well_under_way_at_any_time_of_the_day() -> None:
    for hour in range(24):
        first, second = shifts(ORIGIN + hour * 3600, UTC)
        assert (first[:5], first[6:]) == (second[6:], second[:5])
        assert first[:5] != second[:5]
        begun = [(time_of(ORIGIN + hour * 3600) - time_of_text(shift)) % 24 for shift in (first, second)]
        assert sum(4 <= hours < 6 for hours in begun) == 1


def time_of(at: float) -> float:
    return at % 86_400 / 3600


def time_of_text(shift: str) -> float:
    return int(shift[:2])


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
            assert slo["source"] == "estate", "the Prometheus knows alerts and tickets only"
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

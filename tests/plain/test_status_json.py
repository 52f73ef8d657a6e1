"""The JSON contract: every key, every null with its reason, no number that JSON cannot say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sreconsole.domain.assess import assess
from sreconsole.domain.evidence import Evidence
from sreconsole.domain.period import Rolling
from sreconsole.domain.reading import Missing, Reading, WindowReading
from sreconsole.domain.selector import parse_selector
from sreconsole.domain.sli import CounterSli
from sreconsole.domain.slo import Slo
from sreconsole.domain.snapshot import ServiceState, Snapshot, SourceState
from sreconsole.plain.status_json import document, render

NOW = 1_790_001_034.7
WINDOWS = {"5m": 300, "30m": 1800, "1h": 3600, "2h": 7200, "6h": 21_600, "1d": 86_400, "3d": 259_200}
SLO = Slo(
    "checkout",
    "availability",
    Decimal("0.999"),
    Rolling(2_592_000),
    CounterSli(parse_selector("total"), parse_selector("bad")),
    "prom",
)


def snapshot(windows: dict[int, WindowReading], full: WindowReading, filling: float | None = None) -> Snapshot:
    """One service with one SLO, judged from these readings."""
    report = assess(Evidence(SLO, NOW, windows, full, NOW - 20, filling=filling))
    sources = (
        SourceState("prom", "prometheus", "live", NOW - 3),
        SourceState("late", "prometheus", "down", None, "no answer within 10s", None, 0.123, NOW + 4.2),
        SourceState("new", "scrape", "waiting"),
    )
    return Snapshot(NOW, (ServiceState("checkout", report.status, (report,)),), sources)


FIRING = snapshot({seconds: Reading(20.0, 1000.0, float(seconds)) for seconds in WINDOWS.values()},
                  Reading(690.0, 1_000_000.0, 2_592_000.0))  # fmt: skip


def test_the_document_has_the_keys_of_the_contract() -> None:
    made = json.loads(render(FIRING))
    assert list(made)[:12] == [
        "schema", "at", "status", "counts", "services", "alerts", "silences", "deploys", "toil", "notes", "changes",
        "sources",
    ]  # fmt: skip
    assert made["schema"] == "sreconsole.status/1"
    assert made["at"] == "2026-09-21T14:30:34Z"
    assert made["status"] == "page"
    assert made["counts"] == {"page": 1, "warn": 0, "unknown": 0, "stale": 0, "ok": 0}
    nothing = {"pages": {"shift": None, "budget": None}, "minutes": {"week": None, "cap": None}, "counters": []}
    assert made["toil"] == nothing
    assert {"toil.pages", "toil.minutes"} <= set(made["missing"])
    for name in ("alerts", "silences", "deploys", "notes", "changes"):
        assert made[name] == []
    found = made["services"][0]["slos"][0]
    assert set(found) >= {
        "name", "status", "objective", "window_seconds", "error_ratio", "burn_rate", "budget", "exhausts_in_seconds",
        "coverage", "weighting", "firing", "missing", "reasons",
    }  # fmt: skip
    assert set(found["error_ratio"]) == {*WINDOWS, "window"} == set(found["burn_rate"])
    assert found["objective"] == 0.999
    assert found["error_ratio"]["5m"] == 0.02
    assert found["burn_rate"]["5m"] == 20.0
    assert found["burn_rate"]["window"] == 0.69
    assert found["budget"] == {
        "remaining": 0.31, "remaining_full_window": 0.31, "seconds_left": 803, "events_left": 310,
    }  # fmt: skip
    assert found["exhausts_in_seconds"] == 40_176
    assert found["coverage"] == 1.0
    assert found["weighting"] == "events"
    assert found["firing"][0] == {"severity": "page", "long": "1h", "short": "5m", "factor": 14.4}
    assert found["missing"] == {}
    assert found["reasons"][0] == "20.0x over 1h and 20.0x over 5m, limit 14.4x"


def test_sources_say_their_state_in_the_words_of_the_contract() -> None:
    live, down, waiting = document(FIRING)["sources"]
    assert live == {"name": "prom", "kind": "prometheus", "state": "live", "age_seconds": 3, "error": None,
                    "progress": None, "next_try_seconds": None, "notes": [],
                    "latency_seconds": None, "requests_per_minute": None, "last_error": None,
                    "last_error_at": None}  # fmt: skip
    assert (down["state"], down["age_seconds"], down["progress"], down["next_try_seconds"]) == ("down", None, 0.123, 5)
    assert (waiting["state"], waiting["error"]) == ("down", "not asked yet")


_READING = st.one_of(
    st.builds(Missing, st.sampled_from(["no data", "no answer"])),
    st.builds(Reading, *(st.floats(allow_nan=True, allow_infinity=True) for _ in range(3))),
)


@given(
    st.dictionaries(st.sampled_from(sorted(WINDOWS.values())), _READING),
    _READING,
    st.one_of(st.none(), st.floats(0, 1)),
)
def test_every_null_of_an_slo_has_its_reason_and_every_reason_its_null(
    windows: dict[int, WindowReading], full: WindowReading, filling: float | None
) -> None:
    text = render(snapshot(windows, full, filling))
    found = json.loads(text, parse_constant=_refuse)["services"][0]["slos"][0]
    missing = found.pop("missing")
    assert {path for path, value in _leaves(found) if value is None} == set(missing)
    assert all(isinstance(reason, str) and reason for reason in missing.values())


def _refuse(constant: str) -> float:
    raise AssertionError(f"{constant} is not JSON")


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else key)
    elif not isinstance(value, list):
        yield path, value

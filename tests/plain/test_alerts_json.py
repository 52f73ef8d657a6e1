"""Alerts, silences and changes in `status --format json` and text: the contract, and nothing raw in it."""

from __future__ import annotations

import json
from dataclasses import replace
from zoneinfo import ZoneInfo

from hypothesis import given

from sreconsole.domain.alert import Alert
from sreconsole.domain.change import StatusChange
from sreconsole.domain.selector import Matcher
from sreconsole.domain.silence import Silence
from sreconsole.domain.slo import SloKey
from sreconsole.domain.snapshot import ServiceState, Snapshot, SourceState
from sreconsole.domain.status import Status
from sreconsole.plain.status_json import document, render
from sreconsole.plain.status_text import render_text
from tests.present.reports import texts

NOW = 1_790_001_034.7
LABELS = {"alertname": "CheckoutBurn", "severity": "page", "service": "checkout"}
BURN = Alert(
    "CheckoutBurn", "firing", "page", "am", "00ff", LABELS, LABELS | {"raw": "\x1b[31m"}, {"summary": "burns"},
    NOW - 720, "checkout", receivers=("pager",), groups=({"alertname": "CheckoutBurn"},),
    generator="http://prom/graph", runbook="https://runbooks.example/checkout",
)  # fmt: skip
SLOW = replace(BURN, name="SearchSlow", state="silenced", fingerprint="01", service=None, since=None,
               silenced_by=("5e1f",), inhibited_by=("00ff",), muted_by=("nights",))  # fmt: skip
HELD = Silence(
    "5e1f", "am", "active", (Matcher("service", "=", "checkout"), Matcher("dc", "!~", "eu.*")), "ana", "reindexing",
    NOW - 60, NOW + 3_600, 1,
)  # fmt: skip
AM = SourceState("am", "alertmanager", "live", NOW)
WHOLE = Snapshot(
    NOW,
    (ServiceState("checkout", Status.PAGE, (), reason="alert CheckoutBurn fires"),),
    (AM,),
    (BURN, SLOW),
    (HELD,),
    (AM,),
    (StatusChange(SloKey("checkout", "availability"), None, Status.PAGE, NOW - 600, "14.9x"),),
)
DOWN = replace(AM, state="down", error="connection refused")


def test_an_alert_has_the_keys_of_the_contract() -> None:
    burn, slow = json.loads(render(WHOLE))["alerts"]
    assert burn == {
        "name": "CheckoutBurn", "severity": "page", "state": "firing", "service": "checkout",
        "since": "2026-09-21T14:18:34Z", "source": "am", "fingerprint": "00ff", "labels": LABELS,
        "annotations": {"summary": "burns"}, "silenced_by": [], "inhibited_by": [], "muted_by": [],
        "receivers": ["pager"], "groups": [{"alertname": "CheckoutBurn"}], "generator": "http://prom/graph",
        "runbook": "https://runbooks.example/checkout", "dashboard": None,
    }  # fmt: skip
    assert (slow["service"], slow["since"], slow["state"]) == (None, None, "silenced")
    assert (slow["silenced_by"], slow["inhibited_by"], slow["muted_by"]) == (["5e1f"], ["00ff"], ["nights"])


def test_a_silence_has_the_keys_of_the_contract() -> None:
    assert document(WHOLE)["silences"] == [
        {
            "id": "5e1f", "source": "am", "state": "active", "matchers": ['service="checkout"', 'dc!~"eu.*"'],
            "created_by": "ana", "comment": "reindexing", "starts_at": "2026-09-21T14:29:34Z",
            "ends_at": "2026-09-21T15:30:34Z", "updated_at": None, "mutes_now": 1,
        }
    ]  # fmt: skip
    unknown = replace(WHOLE, silences=(replace(HELD, mutes_now=None),))
    assert document(unknown)["silences"][0]["mutes_now"] is None


def test_changes_and_the_reason_of_a_service() -> None:
    made = document(WHOLE)
    assert made["changes"] == [
        {"service": "checkout", "slo": "availability", "from": None, "to": "page", "at": "2026-09-21T14:20:34Z",
         "reason": "14.9x"}
    ]  # fmt: skip
    assert made["services"][0]["reason"] == "alert CheckoutBurn fires"
    assert made["status"] == "page"
    assert set(made["missing"]) == {"deploys", "toil.pages", "toil.minutes", "toil.counters"}


def test_lists_that_are_not_whole_say_why_and_hold_what_is_known() -> None:
    made = document(replace(WHOLE, alert_sources=(AM, DOWN)))
    assert made["missing"]["alerts"] == made["missing"]["silences"] == "am: connection refused"
    assert len(made["alerts"]) == 2
    waiting = SourceState("am", "alertmanager", "waiting")
    assert document(replace(WHOLE, alert_sources=(waiting,)))["missing"]["alerts"] == "am: not asked yet"
    stale = replace(AM, state="stale")
    assert document(replace(WHOLE, alert_sources=(stale,)))["missing"]["alerts"] == "am: stale"
    none = document(Snapshot(NOW))
    assert (none["alerts"], none["missing"]["alerts"]) == ([], "no source of alerts configured")
    assert none["missing"]["silences"] == "no source of alerts configured"


def test_a_cluster_of_which_a_member_is_down_is_whole() -> None:
    partial = replace(AM, state="partial", error="1 of 2 members answer", parts=(1, 2))
    assert "alerts" not in document(replace(WHOLE, alert_sources=(partial,)))["missing"]


def test_a_prometheus_knows_alerts_but_no_silences() -> None:
    alone = (SourceState("prom", "prometheus", "live", NOW),)
    made = document(replace(WHOLE, silences=(), sources=alone, alert_sources=alone))
    assert "alerts" not in made["missing"]
    assert made["missing"]["silences"] == "no Alertmanager configured"


def test_moments_that_no_calendar_holds_are_null() -> None:
    made = document(replace(WHOLE, alerts=(replace(BURN, since=1e30),), silences=(replace(HELD, ends_at=1e300),)))
    assert made["alerts"][0]["since"] is None
    assert made["silences"][0]["ends_at"] is None


@given(texts)
def test_ids_and_matchers_are_cleaned_whatever_comes_in(text: str) -> None:
    held = replace(HELD, id=text, matchers=(Matcher(text, "=~", text),))
    alert = replace(BURN, fingerprint=text, silenced_by=(text,), inhibited_by=(text,))
    made = document(replace(WHOLE, alerts=(alert,), silences=(held,)))
    for said in (made["silences"][0]["id"], *made["silences"][0]["matchers"], made["alerts"][0]["fingerprint"]):
        assert all(char >= " " and char not in "\x7f\x9b\u202e\u200b" for char in said)


def text(snapshot: Snapshot) -> list[str]:
    return render_text(snapshot, ZoneInfo("Europe/Berlin"), 15.0, unicode=True).splitlines()


def test_the_text_has_pages_first_and_counts_silences() -> None:
    lines = text(WHOLE)
    assert lines[0] == "PAGE: no SLOs, 1 page firing, 1 silenced at 2026-09-21 16:30 CEST"
    start = lines.index("alerts: 1 firing, 1 silenced; 1 silence active")
    assert lines[start + 1 : start + 3] == [
        "PAGE  CheckoutBurn  checkout   12m  pager  burns",
        "mute  SearchSlow    -            -  ana until 17:30: reindexing  burns",
    ]
    assert "PAGE  checkout: no SLOs, alert CheckoutBurn fires" in lines


def test_the_text_has_ten_alerts_at_most() -> None:
    many = tuple(replace(BURN, fingerprint=str(number)) for number in range(14))
    lines = text(replace(WHOLE, alerts=many))
    assert sum(line.startswith("PAGE  CheckoutBurn") for line in lines) == 10
    assert "and 4 more" in lines


def test_the_text_says_no_alerts_only_when_that_is_known() -> None:
    assert "alerts: no alerts" in text(replace(WHOLE, alerts=(), silences=()))
    failed = text(replace(WHOLE, alerts=(), silences=(), alert_sources=(DOWN,)))
    assert "alerts: unknown (am: connection refused)" in failed
    assert not any("no alerts" in line for line in failed)

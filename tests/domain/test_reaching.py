"""What a silence would mute, and what is dangerous about it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sreconsole.config.model import Severities
from sreconsole.domain.alert import Alert, severity_of
from sreconsole.domain.alert_rule import AlertRule
from sreconsole.domain.draft import Draft
from sreconsole.domain.matching import filter_text, parse_matcher
from sreconsole.domain.reach import QuietReceiver, Reach
from sreconsole.domain.reaching import reach
from sreconsole.domain.reading import Figure
from sreconsole.domain.report import SloReport
from sreconsole.domain.selector import Matcher
from sreconsole.domain.silence import Silence
from sreconsole.domain.slo import SloKey
from sreconsole.domain.status import Status
from sreconsole.sources.fingerprint import fingerprint
from tests.servers.alertmanager import AlertmanagerServer

NOW = 1_800_000_000.0
WATCHDOG = (Matcher("alertname", "=", "Watchdog"),)
LABELS: list[dict[str, str]] = [
    {"alertname": "CheckoutBurn", "service": "checkout", "severity": "page", "dc": "eu1"},
    {"alertname": "CheckoutSlow", "service": "checkout", "severity": "warn", "dc": "eu1"},
    {"alertname": "SearchSlow", "service": "search", "severity": "warn", "dc": "us1"},
    {"alertname": "Watchdog", "severity": "none"},
    {"alertname": "Odd", "text": 'quo"te\nnew\\line é', "severity": "info"},
    {"alertname": "Odd", "text": "raгe", "severity": "info"},
]


def _alert(labels: Mapping[str, str], source: str = "am", **more: Any) -> Alert:
    severity = severity_of(labels.get("severity", ""), ["page"], ["warn"])
    name = labels.get("alertname", "")
    return Alert(name, "firing", severity, source, fingerprint(labels), dict(labels), dict(labels), **more)


ALERTS = [_alert(labels, service=labels.get("service")) for labels in LABELS]


def _draft(*texts: str, length: float = 3600.0) -> Draft:
    return Draft(tuple(parse_matcher(text) for text in texts), NOW + length, "ana", "OPS-7", "abcdefgh")


def _reach(*texts: str, alerts: list[Alert] = ALERTS, **more: Any) -> Reach:
    given = {"severities": Severities(), "never": [WATCHDOG], **more}
    return reach(_draft(*texts), alerts, given.pop("silences", ()), source="am", now=NOW, **given)


def _rule(name: str, source: str = "prom", firing: bool = False, templated: str = "", **labels: str) -> AlertRule:
    return AlertRule(source, "group", name, {"alertname": name, **labels}, firing, frozenset(templated.split()))


# --- what is muted ----------------------------------------------------------------------------------------------------
VALUES = st.sampled_from(["", "a", "b", "ab", "a\nb", "é"])
SETS = st.dictionaries(st.sampled_from("xyz"), VALUES.filter(bool), max_size=3)
PATTERNS = st.sampled_from(["a", "a|b", "a.*", ".+", ".*", "a.b", "[ab]+", "", "é?"])


@st.composite
def _any_matcher(draw: st.DrawFn) -> Matcher:
    op = draw(st.sampled_from(["=", "!=", "=~", "!~"]))
    return Matcher(draw(st.sampled_from("xyz")), op, draw(PATTERNS if "~" in op else VALUES))


def _by_hand(matcher: Matcher, labels: Mapping[str, str]) -> bool:
    value = labels.get(matcher.name, "")
    equal = value == matcher.value if "~" not in matcher.op else bool(re.fullmatch(matcher.value, value))
    return equal != matcher.op.startswith("!")


@given(st.lists(_any_matcher(), min_size=1, max_size=3), st.lists(SETS, max_size=8))
def test_reach_is_what_a_look_at_every_alert_finds(matchers: list[Matcher], sets: list[dict[str, str]]) -> None:
    alerts = [_alert(labels) for labels in sets] + [_alert(labels, source="other") for labels in sets]
    draft = Draft(tuple(matchers), NOW + 60, "ana", "x", "abcdefgh")
    found = reach(draft, alerts, (), source="am", now=NOW, severities=Severities())
    expected = {fingerprint(labels) for labels in sets if all(_by_hand(matcher, labels) for matcher in matchers)}
    assert found.fingerprints == expected
    assert len(found.muted) == len(expected) == found.count
    assert found.of == len({fingerprint(labels) for labels in sets})


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AlertmanagerServer]:
    folder: Path = tmp_path_factory.mktemp("am")
    with AlertmanagerServer(folder / "am") as running:
        running.fire(*LABELS)
        yield running


@pytest.mark.parametrize(
    "texts",
    [
        ["service=checkout"],
        ["service=checkout", "severity!=page"],
        ['alertname=~".+"'],
        ['nosuch!="x"'],
        ['alertname!~"zzz"'],
        ['alertname!=""'],
        ['service=""', "severity=info"],
        ['alertname=~".*"', 'service=~"check.*|sea"'],
        ["alertname=~Slow"],
        ["alertname=~.*Slow"],
        ['text="quo\\"te\\nnew\\\\line é"'],
        ["text=~quo.*"],
        ['text=~"(?s)quo.*"'],
        ['text=~".*new\\\\\\\\line.*"'],
        ["text=rage"],
        ['text="ra\\u0433e"'],
        ["service=~(?i)CHECKOUT"],
        [r"service=~\w+"],
        ["dc=~[a-f]+[0-9]"],
        ["text=~^raгe$"],
    ],
)
def test_a_real_server_mutes_the_same(server: AlertmanagerServer, texts: list[str]) -> None:
    matchers = _draft(*texts).matchers
    query = urlencode([("filter", filter_text(matcher)) for matcher in matchers])
    asked = {alert["fingerprint"] for alert in server.ask("GET", f"/api/v2/alerts?{query}") or []}
    silence = server.silence([(matcher.name, matcher.op, matcher.value) for matcher in matchers])
    listed = server.ask("GET", "/api/v2/alerts")
    server.expire(silence)
    silenced = {alert["fingerprint"] for alert in listed if silence in alert["status"]["silencedBy"]}
    found = _reach(*texts)
    assert found.fingerprints == asked == silenced
    assert found.of == len(listed)


def test_pages_stand_first_and_each_alert_once() -> None:
    found = _reach("service=checkout", alerts=[*reversed(ALERTS), *ALERTS])
    assert [alert.name for alert in found.muted] == ["CheckoutBurn", "CheckoutSlow"]
    assert (found.count, found.of) == (2, 6)


def test_what_only_the_server_understands_is_left_to_it() -> None:
    with pytest.raises(ValueError, match="only the server understands"):
        _reach(r'alertname=~"\\p{Greek}+"')
    known, unknown = ALERTS[2].fingerprint, "0123456789abcdef"
    found = _reach(r'alertname=~"\\p{Latin}+"', matched=frozenset({known, unknown}))
    assert found.fingerprints == {known}
    assert (found.count, found.of, found.unlisted) == (2, 7, 1)


# --- receivers, silences, budgets -------------------------------------------------------------------------------------
def test_receivers_that_go_quiet() -> None:
    alerts = [
        _alert(LABELS[0], receivers=("chat", "pager")),
        _alert(LABELS[1], receivers=("chat",)),
        _alert(LABELS[2], receivers=("chat",)),
    ]
    found = _reach("service=checkout", alerts=alerts)
    assert found.receivers == (QuietReceiver("pager", 1, 1), QuietReceiver("chat", 2, 3))


def _silence(id_: str, *texts: str, state: Any = "active", source: str = "am", ends: float = 60.0) -> Silence:
    matchers = tuple(parse_matcher(text) for text in texts)
    return Silence(id_, source, state, matchers, "bob", "x", NOW - 60, NOW + ends)


def test_what_mutes_all_of_them_already() -> None:
    silences = [
        _silence("same", "service=checkout"),
        _silence("wider", "dc=~eu.", ends=600.0),
        _silence("narrower", "service=checkout", "severity=page"),
        _silence("pending", "service=checkout", state="pending"),
        _silence("expired", "service=checkout", state="expired"),
        _silence("elsewhere", "service=checkout", source="other"),
        _silence("strange", r'service=~"\\p{Latin}+"'),
    ]
    assert _reach("service=checkout", silences=silences).covered_by == ("wider", "same")
    assert _reach("service=nothing", silences=silences).covered_by == ()
    told = [_alert(labels, silenced_by=("strange",)) for labels in LABELS]
    assert _reach("service=search", alerts=told, silences=silences).covered_by == ("strange",)


def _report(service: str, slo: str, burn: Figure, window: int = 2_592_000) -> SloReport:
    none = Figure.missing("x")
    empty: dict[str, Figure] = {}
    return SloReport(
        SloKey(service, slo), Status.OK, (), Decimal("0.999"), "30d", window, empty, {"1h": burn},
        none, none, none, none, none, none, "events", (), None, None,
    )  # fmt: skip


def test_what_burns_unseen() -> None:
    slos = [
        _report("checkout", "latency", Figure.known(1.0)),
        _report("checkout", "availability", Figure.known(28.8)),
        _report("checkout", "new", Figure.missing("no data")),
        _report("search", "availability", Figure.known(500.0)),
    ]
    found = _reach("service=checkout", slos=slos)
    assert found.unseen == pytest.approx(0.04)  # 28.8 x 1h / 30d
    assert found.unseen_slo == "checkout/availability"
    nothing = _reach("alertname=Odd", slos=slos)
    assert (nothing.unseen, nothing.unseen_slo) == (None, "")
    unknown = _reach("service=checkout", slos=slos[2:3])
    assert unknown.unseen is None


def test_a_service_that_is_named_in_full_is_concerned_before_anything_fires() -> None:
    slos = [_report("checkout", "availability", Figure.known(7.2))]
    match = {"checkout": {"service": "checkout", "dc": "eu1"}}
    named = _reach("service=checkout", "dc=eu1", "severity=page", alerts=[], slos=slos, matches=match)
    assert named.unseen == pytest.approx(0.01)
    assert _reach("service=checkout", alerts=[], slos=slos, matches=match).unseen is None
    assert _reach("service=checkout", alerts=[], slos=slos, matches={"checkout": {}}).unseen is None


# --- rules ------------------------------------------------------------------------------------------------------------
RULES = [
    _rule("CheckoutSlow", service="checkout", severity="warn", dc="eu1"),
    _rule("CheckoutBurn", service="checkout", severity="page", dc="eu1"),
    _rule("CheckoutDown", service="checkout", severity="page", dc="eu1", firing=True),
    _rule("PodDown", severity="warn", dc="eu1"),
    _rule("SearchSlow", service="search", severity="warn", dc="us1"),
    _rule("Templated", service="{{ $labels.job }}", severity="warn", templated="service", dc="eu1"),
]


def test_rules_that_would_be_muted() -> None:
    found = _reach("service=checkout", rules=RULES)
    assert [(rule.name, rule.severity) for rule in found.rules] == [("CheckoutBurn", "page"), ("CheckoutSlow", "warn")]
    assert [rule.name for rule in found.rules_maybe] == ["PodDown", "Templated"]
    by_external = _reach("dc=us1", rules=RULES)
    assert [rule.name for rule in by_external.rules] == ["SearchSlow"]
    assert by_external.rules_maybe == ()


def test_a_label_that_series_bring_is_not_known() -> None:
    found = _reach("alertname=PodDown", "pod=x1", rules=RULES)
    assert found.rules == ()
    assert [rule.name for rule in found.rules_maybe] == ["PodDown"]
    negative = _reach("alertname=PodDown", "pod!=x1", rules=RULES)
    assert (negative.rules, len(negative.rules_maybe)) == ((), 1)


def test_rules_that_are_not_known() -> None:
    assert _reach("service=checkout", rules_missing="prom is down").rules_missing == "prom is down"
    assert _reach("service=checkout", rules=[], rules_missing="prom is down").rules_missing is None


# --- dangers ----------------------------------------------------------------------------------------------------------
WARN = [alert for alert in ALERTS if alert.severity == "warn"]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["service=search"], ()),
        (["service=checkout"], ("page",)),
        (['alertname=~".+"'], ("everything", "page", "never", "any name")),
        (['nosuch!="x"'], ("everything", "page", "never", "negative")),
        (['alertname!~"zzz"'], ("everything", "page", "never", "negative")),
        (['alertname!=""'], ("everything", "page", "never", "negative")),
        (['foo=""'], ("everything", "page", "never", "negative")),
        (['foo=~".*"'], ("everything", "page", "never", "negative")),
        (['alertname=~".*"'], ("everything", "page", "never", "negative", "any name")),
        (["severity=none"], ("never",)),
        (['service=""', "alertname!=Watchdog"], ("negative",)),
        (["service=search", "dc!=eu1"], ()),
        (["alertname=~[A-Z].*", "service=search"], ("any name",)),
        (["alertname=~.*Slow", "service=search"], ()),
        (["service=serach"], ("nothing",)),
    ],
)
def test_dangers(texts: list[str], expected: tuple[str, ...]) -> None:
    assert _reach(*texts).dangers == expected


def test_the_only_alert_is_not_everything() -> None:
    assert _reach("service=search", alerts=WARN[1:]).dangers == ()
    assert _reach("severity=warn", alerts=WARN).dangers == ("everything",)
    unlisted = _reach("service=search", alerts=WARN[1:], matched={WARN[1].fingerprint, "0" * 16})
    assert unlisted.dangers == ("everything",)


def test_a_rule_speaks_against_a_typing_error() -> None:
    assert _reach("service=cart", rules=[_rule("CartDown", service="cart")]).dangers == ()
    assert _reach("alertname=PodDown", "pod=x", rules=RULES).dangers == ()  # what series bring is not known
    assert _reach("alertname=CheckoutDown", "pod=x", rules=RULES).dangers == ()  # it fires, elsewhere
    assert _reach("pod=x", rules=RULES).dangers == ("nothing",)
    assert _reach("service=cart", rules=RULES[:2]).dangers == ("nothing",)


def test_a_dead_mans_switch_that_does_not_fire_is_never_silenced_either() -> None:
    alerts = [alert for alert in ALERTS if alert.name != "Watchdog"]
    rules = [_rule("Watchdog", severity="none")]
    assert "never" in _reach("severity=none", alerts=alerts, rules=rules).dangers
    assert "never" not in _reach("severity=none", alerts=alerts).dangers
    assert "never" not in _reach("pod=x", alerts=alerts, rules=rules).dangers


def test_what_is_never_silenced_and_cannot_be_told_is_taken_to_be_meant() -> None:
    strange = (Matcher("alertname", "=~", r"\p{Latin}+"),)
    assert "never" in _reach("service=search", never=[strange]).dangers
    assert "never" not in _reach("service=search", never=[()]).dangers


def test_alerts_of_others_and_pending_ones_do_not_count() -> None:
    pending = Alert("Soon", "pending", "page", "am", "f" * 16, LABELS[0], LABELS[0])
    found = _reach("service=checkout", alerts=[pending, _alert(LABELS[0], source="other"), *WARN])
    assert [alert.name for alert in found.muted] == ["CheckoutSlow"]
    assert found.of == 2

"""What names a kept bucket: everything that changes its number, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from sreconsole.domain.identity import measure, query_identity, server_scope
from sreconsole.domain.selector import parse_selector
from sreconsole.domain.sli import CounterSli, GaugeSli, HistogramSli, QuerySli, RatioSli, Sli

URL = "http://prom.example:9090/tenant"
TOTAL = parse_selector('requests_total{service="a"}')
BAD = parse_selector('requests_total{service="a",code="500"}')
COUNTER = CounterSli(TOTAL, BAD)


def _named(
    url: str = URL,
    headers: dict[str, list[str]] | None = None,
    user: str = "",
    sli: Sli = COUNTER,
    label: str = "",
    value: str = "",
    dialect: str = "prometheus",
    widened: float = 15.0,
) -> bytes:
    scope = server_scope(url, {"X-Scope-OrgID": ["one"]} if headers is None else headers, user)
    return query_identity(measure(scope, sli, label, value), dialect, widened)


DIFFERENT: dict[str, Callable[[], bytes]] = {
    "host": lambda: _named(url=URL.replace("prom", "other")),
    "port": lambda: _named(url=URL.replace("9090", "9091")),
    "path": lambda: _named(url=URL + "2"),
    "scheme": lambda: _named(url=URL.replace("http", "https")),
    "tenant": lambda: _named(headers={"X-Scope-OrgID": ["two"]}),
    "no tenant": lambda: _named(headers={}),
    "another header": lambda: _named(headers={"X-Scope-OrgID": ["one"], "AccountID": ["7"]}),
    "user": lambda: _named(user="4711"),
    "selector": lambda: _named(sli=CounterSli(TOTAL, parse_selector('requests_total{service="a",code="501"}'))),
    "label value": lambda: _named(sli=CounterSli(parse_selector('requests_total{service="b"}'), BAD)),
    "operator": lambda: _named(sli=CounterSli(parse_selector('requests_total{service=~"a"}'), BAD)),
    "good instead of bad": lambda: _named(sli=CounterSli(TOTAL, good=BAD)),
    "gauge": lambda: _named(sli=GaugeSli(TOTAL)),
    "histogram": lambda: _named(sli=HistogramSli(TOTAL, Decimal("0.3"))),
    "threshold": lambda: _named(sli=HistogramSli(TOTAL, Decimal("0.31"))),
    "query": lambda: _named(sli=QuerySli("a[{{window}}]", "b")),
    "unit of a query": lambda: _named(sli=QuerySli("a[{{window}}]", "b", "count")),
    "ratio": lambda: _named(sli=RatioSli("a[{{window}}]")),
    "fleet label": lambda: _named(label="service", value="a"),
    "fleet value": lambda: _named(label="service", value="b"),
    "other fleet label": lambda: _named(label="team", value="a"),
    "dialect": lambda: _named(dialect="victoriametrics"),
    "scrape interval": lambda: _named(widened=30),
    "unknown interval": lambda: _named(widened=0),
}


def test_whatever_changes_a_number_changes_the_name() -> None:
    names = {what: made() for what, made in DIFFERENT.items()} | {"": _named()}
    assert len(set(names.values())) == len(names)
    assert {len(name) for name in names.values()} == {16}


@pytest.mark.parametrize(
    "same",
    [
        lambda: _named(url="HTTP://Prom.Example:9090/tenant/"),
        lambda: _named(url="http://ana:secret@prom.example:9090/tenant"),
        lambda: _named(headers={"x-scope-orgid": ["one"]}),
        lambda: _named(headers={"X-Scope-OrgID": ["one"], "Authorization": ["Bearer x"]}),
        lambda: _named(sli=replace(COUNTER, bad=parse_selector('requests_total{code="500",service="a"}'))),
    ],
)
def test_what_changes_no_number_changes_no_name(same: Callable[[], bytes]) -> None:
    assert same() == _named()


def test_one_address_has_one_spelling() -> None:
    assert server_scope("https://prom:443/", {}) == server_scope("https://prom", {})
    assert server_scope("http://[::1]:9090", {}) != server_scope("http://[::2]:9090", {})
    assert server_scope("http://prom:443", {}) != server_scope("http://prom", {})


def test_thresholds_are_numbers() -> None:
    assert _named(sli=HistogramSli(TOTAL, Decimal("0.30"))) == _named(sli=HistogramSli(TOTAL, Decimal("0.3")))


def test_no_tenant_can_be_read_from_a_name() -> None:
    assert b"one" not in server_scope(URL, {"X-Scope-OrgID": ["one"]})

"""Failures that are some of the total's series are counted with it, in one look at each."""

from __future__ import annotations

import math
from array import array

import pytest

from sreconsole.domain.selector import parse_selector
from sreconsole.domain.sli import CounterSli
from sreconsole.domain.slo import SloKey
from sreconsole.records import replace
from sreconsole.sources.base import Grid
from sreconsole.sources.promjson import Matrix, Series
from sreconsole.sources.promql import MARK, Part, Span, parts, share
from sreconsole.sources.shapes import BOTH, Group, Place
from sreconsole.sources.sorting import columns

TOTAL = 'http_requests_total{service="checkout"}'
KEY = SloKey("checkout", "availability")
SPAN = Span(300, 60.0, 180.0)


def group(bad: str, total: str = TOTAL) -> Group:
    sli = CounterSli(parse_selector(total), bad=parse_selector(bad))
    places = [Place(part, ()) for part in parts(sli)]
    for place in places:
        place.members[()] = [KEY]
    return Group(sli, places, 60.0, {KEY: None})


def part(selector: str, function: str = "increase") -> Part:
    return Part("bad", function, parse_selector(selector))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("bad", "total"),
    [
        ('other_total{service="checkout",code=~"5.."}', TOTAL),
        ('http_requests_total{service="checkout",code=~"5..",method="GET"}', TOTAL),
        ('http_requests_total{code=~"5.."}', TOTAL),
        (TOTAL, TOTAL),
        ('http_requests_total{code=~"5.."}', 'http_requests_total{code!=""}'),
    ],
)
def test_only_what_one_matcher_tells_apart_shares_a_look(bad: str, total: str) -> None:
    assert share(part(bad), part(total)) is None
    assert len(group(bad, total).expressions(0, SPAN)) == 2


def test_brief_plain_increases_are_looked_at_apart() -> None:
    found = group('http_requests_total{service="checkout",code=~"5.."}')
    assert [len(found.expressions(0, Span(seconds, 60.0))) for seconds in (60, 300, 3600)] == [2, 2, 1]


def test_order_does_not_matter_nor_a_matcher_on_the_same_label() -> None:
    found = share(part('x_total{code=~"5..",code!="",a="b"}'), part('x_total{a="b",code!=""}'))
    assert found is not None
    assert str(found) == 'code=~"5.."'


@pytest.mark.parametrize(
    ("matcher", "value", "named"),
    [('=~"5.."', "5..", "3.2"), ('!~"2.."', "2..", "3.1"), ('="5.0"', "5\\\\.0", "3.2"), ('!="5.0"', "5\\\\.0", "3.1")],
)
def test_the_series_are_marked_as_the_matcher_takes_them(matcher: str, value: str, named: str) -> None:
    (text,) = group(f'http_requests_total{{service="checkout",code{matcher}}}').expressions(3, SPAN)
    assert f'"{MARK}", "{named}", "code", "{value}")' in text
    assert text.count("last_over_time") == 2
    assert text.count("code") == 2, "the server reads all series of the total once, without the matcher"


async def test_what_is_both_counts_in_the_total_too() -> None:
    found, grid = group('http_requests_total{service="checkout",code=~"5.."}'), Grid(0, 900, 300)

    def series(index: int, times: list[float], values: list[float]) -> Series:
        return Series({MARK: f"0.{index}"}, array("d", times), array("d", values))

    answer = Matrix([series(BOTH, [300.0], [2.0]), series(1, [300.0, 600.0], [40.0, 50.0])])
    made, several = await columns([found], [SPAN], answer, grid)
    assert not several
    assert list(made[KEY].bad) == [2.0, 0.0, 0.0]
    assert list(made[KEY].total)[:2] == [42.0, 50.0]
    assert math.isnan(made[KEY].total[2])


def test_of_an_hour_by_its_ends_no_value_between_is_looked_up() -> None:
    hour = Span(3600, 60.0, 180.0)
    selector = parse_selector("x_total")
    assert "min_over_time" in hour.growth(selector)
    near = replace(hour, ends=True).growth(selector)
    assert "min_over_time" not in near
    assert near.count("last_over_time(x_total[180000ms]") == 2
    mixed = replace(hour, ends=True, mixed=True).growth(selector)
    assert "max_over_time" in mixed, "with mixed intervals no plain increase stands in"

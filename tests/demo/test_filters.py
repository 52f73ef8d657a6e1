"""Matchers as `filter=` spells them."""

from __future__ import annotations

import pytest

from sreconsole.demo.filters import parse_filter
from sreconsole.domain.selector import Matcher


@pytest.mark.parametrize(
    ("text", "matcher"),
    [
        ("a=b", Matcher("a", "=", "b")),
        (' a != "b c" ', Matcher("a", "!=", "b c")),
        ('a=~"b\\\\d\\"\\n"', Matcher("a", "=~", 'b\\d"\n')),
        ("a!~b.*", Matcher("a", "!~", "b.*")),
        ("a=", Matcher("a", "=", "")),
        ('"http.status"="500"', Matcher("http.status", "=", "500")),
        ('"a\\"b"=c', Matcher('a"b', "=", "c")),
    ],
)
def test_what_it_says(text: str, matcher: Matcher) -> None:
    assert parse_filter(text) == matcher


@pytest.mark.parametrize("text", ["", "a", "=b", "a-b=c", 'a="b', 'a=b"', 'a="b"c"', "a=~("])
def test_what_it_refuses(text: str) -> None:
    with pytest.raises(ValueError, match=r"bad matcher|unescaped|missing|\)"):
        parse_filter(text)

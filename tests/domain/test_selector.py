"""PromQL selectors: what is read prints to something that reads the same, mistakes name their column."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sreconsole.domain.selector import Matcher, Selector, _Parser, _plain, parse_selector, quote

values = st.text(st.characters(codec="utf-8"), max_size=20)
label_names = st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,8}", fullmatch=True).filter(lambda name: name != "__name__")
metrics = st.from_regex(r"[a-zA-Z_:][a-zA-Z0-9_:]{0,12}", fullmatch=True)
matchers = st.builds(Matcher, label_names | values.filter(bool), st.sampled_from(["=", "!="]), values).filter(
    lambda m: m.name != "__name__"
) | st.builds(
    Matcher, label_names, st.sampled_from(["=~", "!~"]), st.sampled_from(["5..", "a|b", "GET|POST", "\\d+", "", ".*"])
)
selectors = st.builds(Selector, metrics | values.filter(bool), st.lists(matchers, max_size=4).map(tuple))


@given(selectors)
def test_a_printed_selector_reads_back_as_itself(selector: Selector) -> None:
    assert parse_selector(str(selector)) == selector


pieces = st.sampled_from(
    [*"{},=! \n'\"\\", "=~", "!~", "up", "a", "b_1", ":c", '""', '"x"', '"5.."', '"("', '"\\\\d"', "__name__", "é"]
)
nearly = st.lists(
    st.sampled_from(['a="x"', 'b=~"5.."', 'c!="é"', "d!~'x'", '__name__="y"', 'e="\\n"', ' f = "z"', 'g=~"["'])
)


@given(
    st.lists(pieces, max_size=12).map("".join)
    | nearly.map(lambda parts: "up{" + ",".join(parts) + "}")
    | selectors.map(str)
)
def test_the_short_way_reads_the_same(text: str) -> None:
    if (short := _plain(text)) is not None:
        assert short == _Parser(text).selector()


@pytest.mark.parametrize("text", ["up", "up{}", 'up{a="b"}', 'a:b{c=~"5..",d!="",e!~"x|y",}'])
def test_the_usual_spellings_go_the_short_way(text: str) -> None:
    assert _plain(text) == _Parser(text).selector()


@given(values)
def test_a_quoted_text_is_what_go_reads(text: str) -> None:
    literal = quote(text)
    assert parse_selector("m{a=" + literal + "}").matchers == (Matcher("a", "=", text),)
    assert literal.isprintable() or any(ord(char) > 0x9F for char in literal), "no control in what is sent"
    assert not re.search(r"\\x[89a-fA-F]", literal), "in Go \\x80 and above is a byte, no character"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("up", Selector("up")),
        (" up ", Selector("up")),
        ("up{}", Selector("up")),
        ("job:rate:5m", Selector("job:rate:5m")),
        ('up{job="a"}', Selector("up", (Matcher("job", "=", "a"),))),
        ('up { job = "a" , }', Selector("up", (Matcher("job", "=", "a"),))),
        ("up{job='a'}", Selector("up", (Matcher("job", "=", "a"),))),
        ("up{job=`a\\d`}", Selector("up", (Matcher("job", "=", "a\\d"),))),
        ('{__name__="up"}', Selector("up")),
        ('{__name__="up",job!="a"}', Selector("up", (Matcher("job", "!=", "a"),))),
        ('{"http.requests",code=~"5.."}', Selector("http.requests", (Matcher("code", "=~", "5.."),))),
        ('{"http.status"="500"}', Selector("", (Matcher("http.status", "=", "500"),))),
        ('{job="a"}', Selector("", (Matcher("job", "=", "a"),))),
        (r'm{a="\a\b\f\n\r\t\v\\\""}', Selector("m", (Matcher("a", "=", '\a\b\f\n\r\t\v\\"'),))),
        (r'm{a="\xc3\xa9"}', Selector("m", (Matcher("a", "=", "é"),))),
        (r'm{a="\303\251"}', Selector("m", (Matcher("a", "=", "é"),))),
        (r'm{a="\u00e9\U0001F525"}', Selector("m", (Matcher("a", "=", "é🔥"),))),
        (r'm{a="\\d"}', Selector("m", (Matcher("a", "=", r"\d"),))),
    ],
)
def test_spellings(text: str, expected: Selector) -> None:
    assert parse_selector(text) == expected


@pytest.mark.parametrize(
    ("text", "column", "word"),
    [
        ("", 1, "metric name"),
        ("{}", 3, "metric name"),
        ("9up", 1, "unexpected"),
        ("up[5m]", 3, "range"),
        ("rate(up)", 5, "function"),
        ("up{job}", 7, "one of ="),
        ("up{job=a}", 8, "quoted"),
        ('up{job="a}', 8, "not closed"),
        ('up{job="a"', 11, "missing }"),
        ('up{job="a" b="c"}', 12, ","),
        ('up{9="a"}', 4, "label name"),
        ('up{job=~"("}', 9, "regular expression"),
        (r'up{job="\d"}', 8, r"\d"),
        (r'up{job="\xff"}', 8, "UTF-8"),
        (r'up{job="\400"}', 8, "character"),
        (r'up{job="\ud800"}', 8, "character"),
        ('up{__name__="other"}', 21, "twice"),
        ('{"a","b"}', 9, "twice"),
        ('{__name__="a",__name__="b"}', 28, "twice"),
        ('{job=~".*"}', 12, "empty string"),
        ('{job=""}', 9, "empty string"),
        ('up{job="a"} extra', 13, "unexpected"),
        ("up offset 5m", 4, "unexpected"),
    ],
)
def test_a_mistake_is_named_with_its_column(text: str, column: int, word: str) -> None:
    with pytest.raises(ValueError, match=f"at column {column} of") as caught:
        parse_selector(text)
    assert word in str(caught.value)


@given(st.text(max_size=30) | st.text("up{}=~!\"'`\\xu0,ab[(", max_size=20))
def test_any_text_is_a_selector_or_a_sentence(text: str) -> None:
    try:
        selector = parse_selector(text)
    except ValueError as caught:
        sentence = str(caught)
    else:
        assert parse_selector(str(selector)) == selector
        return
    assert "at column" in sentence


@pytest.mark.parametrize(
    ("matcher", "value", "expected"),
    [
        (Matcher("a", "=", "x"), "x", True),
        (Matcher("a", "=", ""), "", True),
        (Matcher("a", "!=", "x"), "", True),
        (Matcher("a", "=~", "5.."), "500", True),
        (Matcher("a", "=~", "5.."), "5000", False),
        (Matcher("a", "=~", "a|bc"), "abc", False),
        (Matcher("a", "!~", "a|b"), "a", False),
        (Matcher("a", "!~", "a|b"), "ab", True),
        (Matcher("a", "=~", "a.b"), "a\nb", True),
        (Matcher("a", "=~", "a$"), "a\n", False),
    ],
)
def test_matching(matcher: Matcher, value: str, expected: bool) -> None:
    assert matcher.matches(value) is expected


def test_a_selector_matches_absent_labels_as_empty() -> None:
    selector = parse_selector('m{a="",b!="x"}')
    assert selector.matches({})
    assert selector.matches({"a": "", "b": "y"})
    assert not selector.matches({"a": "1"})
    assert not selector.matches({"b": "x"})


def test_adding_and_renaming() -> None:
    selector = parse_selector('m{a="1"}')
    assert str(selector.renamed("n").adding(Matcher("le", "=", "0.3"))) == 'n{a="1",le="0.3"}'

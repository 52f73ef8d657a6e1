"""Matchers as people write, read and confirm them."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sreconsole.demo.filters import parse_filter
from sreconsole.domain.alert import Alert
from sreconsole.domain.matching import (
    abridged,
    alternation,
    broken,
    filter_text,
    holds,
    looks_like_another,
    parse_matcher,
    parse_matchers,
    shown,
    suggested,
)
from sreconsole.domain.selector import Matcher

OPS = st.sampled_from(["=", "!=", "=~", "!~"])
NASTY = (
    "\"\\\n\r\t\0\x1b\x9b\u202e\u200b\ufeff\u00a0 \u3000ab=~!{},'`é\u0301аеоpagerуи8ЗÐĐ"
    "口ロニ二カ力メー一へヘ漢字🔥\u2028\u0130ıſµμ"
)
TEXTS = st.text(max_size=30) | st.text(NASTY, max_size=12)
NAMES = TEXTS.filter(bool) | st.sampled_from(["alertname", "http.status", "Προμ", "_x", "9"])


@st.composite
def _matchers(draw: st.DrawFn) -> Matcher:
    op, value = draw(OPS), draw(TEXTS)
    return Matcher(draw(NAMES), op, alternation([value]) if "~" in op else value)


MATCHERS = _matchers()
LONG = "x\n\"\\é'" * 1700


@given(MATCHERS)
@example(Matcher("a", "=", LONG))
@example(Matcher("a", "=~", re.escape("x" * 10_000)))
def test_what_is_shown_is_read_back(matcher: Matcher) -> None:
    text = shown(matcher)
    assert parse_matcher(text) == matcher
    assert text.isprintable()


@given(MATCHERS)
@example(Matcher("a", "=", LONG))
def test_what_is_asked_for_is_read_back(matcher: Matcher) -> None:
    assert parse_matcher(filter_text(matcher)) == matcher
    assert parse_filter(filter_text(matcher)) == matcher  # as the classic parser does


ALIKE = str.maketrans(
    "аеорсухіјАВЕКМНОРСТУХΑΒΕΖΗΙΚΜΝΟΡΤΥΧοαινωёїάόίђłӏкґЛПГФп",
    "aeopcyxijABEKMHOPCTYXABEZHIKMNOPTYXoaivwëïáóíđłlкґΛΠΓΦπ",
)
WIDE = str.maketrans("ロニカエハタトーヘベイ", "口二力工八夕卜一へべ亻")


def _looks(text: str) -> str:
    """What an eye makes of a line on a terminal: another table than the one under test."""
    text = unicodedata.normalize("NFKC", text).translate(ALIKE).translate(WIDE).replace("Đ", "Ð")
    text = "".join(char for char in text if unicodedata.category(char) not in ("Cf", "Cc", "Mn"))
    return re.sub(r"\s", " ", text)


WORDS = st.text("аaеeоopрcсyуиb -口ロ二ニ力カメ漢へヘぬάáїïïi\u0301ÐĐ\u200b0", max_size=5)


@given(WORDS, WORDS)
@example("page", "раgе")
@example("cop", "сор")
@example("аи", "aи")
@example("カメ", "力メ")
@example("é", "e\u0301")
@example("a b", "a\u00a0b")
@example("ab", "a\u200bb")
@example("ij", "ĳ")
@example("s", "ſ")
@example("\\u0430", "а")
def test_two_that_differ_never_look_alike(one: str, other: str) -> None:
    first, second = shown(Matcher("a", "=", one)), shown(Matcher("a", "=", other))
    assert (_looks(first) == _looks(second)) == (one == other), (first, second)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("checkout", "checkout"),
        ("café Zürich", "café Zürich"),
        ("платёж", "платёж"),
        ("λόγος", "λόγος"),
        ("決済サービス", "決済サ\\u30fcビス"),
        ("결제", "결제"),
        ("раgе", "\\u0440\\u0430g\\u0435"),
        ("сор", "\\u0441\\u043e\\u0440"),
        ("a\u202eb", "a\\u202eb"),
        ("a\x1b[2Jb", "a\\u001b[2Jb"),
        ("🔥", "\\U0001f525"),
        ("שלום", "\\u05e9\\u05dc\\u05d5\\u05dd"),
        ('a"\\b\n', 'a\\"\\\\b\\n'),
    ],
)
def test_what_stands_as_itself(value: str, expected: str) -> None:
    assert shown(Matcher("a", "=", value)) == f'a="{expected}"'


def test_matchers_that_could_be_taken_for_others() -> None:
    plain, disguised = Matcher("service", "=", "page"), Matcher("service", "=", "раgе")
    assert looks_like_another([plain, disguised, Matcher("a", "=", "x\n")]) == (disguised,)


def test_what_is_cut_stays_apart() -> None:
    one, other = abridged("x" * 10_000 + "a" + "x" * 10, 60), abridged("x" * 10_000 + "b" + "x" * 10, 60)
    assert len(one) == len(other) == 60
    assert one != other
    assert abridged("short", 60) == "short"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("severity=warn", Matcher("severity", "=", "warn")),
        ('severity != "warn"', Matcher("severity", "!=", "warn")),
        (" a =~ b.*|c ", Matcher("a", "=~", "b.*|c")),
        (r"host=~db-\d+\.eu", Matcher("host", "=~", r"db-\d+\.eu")),
        ("summary=disk full", Matcher("summary", "=", "disk full")),
        (r'a="x\ny\\d\u00e9"', Matcher("a", "=", "x\ny\\dé")),
        ('"http.status"="500"', Matcher("http.status", "=", "500")),
        ('a=""', Matcher("a", "=", "")),
        ("a=b=c", Matcher("a", "=", "b=c")),
        (r'a=~"\\p{Greek}"', Matcher("a", "=~", r"\p{Greek}")),  # only a server knows
        ("a=~x{2,3}", Matcher("a", "=~", "x{2,3}")),
    ],
)
def test_spellings(text: str, expected: Matcher) -> None:
    assert parse_matcher(text) == expected


@pytest.mark.parametrize(
    ("text", "column", "word"),
    [
        ("", 1, "name of a label"),
        ("HighErr", 8, "nor an alertname"),
        ("alertname HighErr", 10, "one of ="),
        ("=x", 1, "name of a label"),
        ("http.status=500", 1, "double quotes"),
        ('""="x"', 1, "empty"),
        ("a=", 3, "no value"),
        ("a=   ", 6, "no value"),
        ("a==b", 3, "begins with ="),
        ("a='b'", 3, "begins with '"),
        ('a=b"', 4, "double quotes"),
        ('a="b" c', 6, "behind the value"),
        ('a="b",c="d"', 6, "one argument"),
        ("a=b,c=d", 4, "one argument"),
        ('{a="b"}', 1, "name of a label"),
        ('a="b', 3, "not closed"),
        (r'a="\d"', 3, "unknown escape"),
        ("a=b\u200bc", 4, r"\u200b"),
        ("a=b\nc", 4, r"\n"),
        ("a=\udcff", 1, "UTF-8"),
        ("alertname=~(bad", 12, "does not compile"),
        ("alertname=~*Error", 12, "does not compile"),
        ("alertname=~(?!x)y", 12, "lookaround"),
        ('a!~"("', 4, "does not compile"),
    ],
)
def test_a_mistake_is_named_with_its_column(text: str, column: int, word: str) -> None:
    with pytest.raises(ValueError, match=rf"\(column {column} of ") as caught:
        parse_matcher(text)
    assert word in str(caught.value)
    assert str(caught.value).isprintable()


@given(st.text(max_size=20) | st.text("a=~!\"'\\u{},( \n", max_size=14))
def test_any_text_is_a_matcher_or_a_sentence(text: str) -> None:
    try:
        matcher = parse_matcher(text)
    except ValueError as error:
        sentence = str(error)
    else:
        assert parse_matcher(shown(matcher)) == matcher
        return
    assert "(column " in sentence


def test_one_label_equal_twice_is_refused() -> None:
    assert len(parse_matchers(["a=1", "a!=2", "a=~3", "b=1"])) == 4
    with pytest.raises(ValueError, match="a is to be equal to two values"):
        parse_matchers(["a=1", "b=1", "a=2"])
    with pytest.raises(ValueError, match="stands there twice"):
        parse_matchers(["a=1", 'a="1"'])


@pytest.mark.parametrize(
    ("matcher", "value", "expected"),
    [
        (Matcher("a", "=", ""), "", True),
        (Matcher("a", "!=", "x"), "", True),
        (Matcher("a", "=~", "b"), "abc", False),
        (Matcher("a", "=~", "a.c"), "a\nc", False),  # unlike Prometheus 3
        (Matcher("a", "=~", "(?s)a.c"), "a\nc", True),
        (Matcher("a", "!~", "zzz"), "", True),
        (Matcher("a", "=~", "a$"), "a\n", False),
    ],
)
def test_holding(matcher: Matcher, value: str, expected: bool) -> None:
    assert holds(matcher, value) is expected


@pytest.mark.parametrize("pattern", ["(a+)+b", "(a|aa)*b", ".*.*.*.*.*x", "(a?){30}a{30}", "(.*)(.*)*x"])
def test_a_text_from_outside_cannot_stop_us(pattern: str) -> None:
    matcher = Matcher("a", "=~", pattern)
    with pytest.raises(ValueError, match="only the server understands"):
        holds(matcher, "a" * 500)


def test_long_values_are_matched_where_that_is_quick() -> None:
    assert holds(Matcher("a", "=~", "x*"), "x" * 100_000)
    assert holds(Matcher("a", "=~", ".*foo.*"), "x" * 1000 + "foo")


@pytest.mark.parametrize("pattern", [r"\p{Greek}+", "(?m)a", "a(?i)b", r"\Qa", "^*"])
def test_what_only_the_server_understands_is_not_called_broken(pattern: str) -> None:
    assert broken(Matcher("a", "=~", pattern)) is None
    with pytest.raises(ValueError, match="only the server understands"):
        holds(Matcher("a", "=~", pattern), "x")


def _alert(**labels: str) -> Alert:
    return Alert(labels.get("alertname", ""), "firing", "page", "am", "0", labels, labels)


def test_suggested() -> None:
    one = _alert(alertname="A.b", service="x", pod="p1", zone="1", only="here")
    other = _alert(alertname="C", service="x", pod="p1", zone="2")
    assert suggested([], ()) == ()
    assert [str(m) for m in suggested([one], ["pod"])] == ['alertname="A.b"', 'only="here"', 'service="x"', 'zone="1"']
    both = suggested([one, other], ["pod"])
    assert both == (Matcher("alertname", "=~", r"A\.b|C"), Matcher("service", "=", "x"), Matcher("zone", "=~", "1|2"))
    many = suggested([_alert(service="x", zone=str(n)) for n in range(21)], ())
    assert many == (Matcher("service", "=", "x"),)


LABELS = st.dictionaries(st.sampled_from(["alertname", "b", "pod"]), TEXTS.filter(bool))


@given(st.lists(LABELS, min_size=1, max_size=4))
def test_a_suggestion_holds_for_every_alert_it_was_made_of(labels: list[dict[str, str]]) -> None:
    for matcher in suggested([_alert(**one) for one in labels], ["pod"]):
        assert matcher.name != "pod"
        assert all(holds(matcher, one[matcher.name]) for one in labels)
        assert not holds(matcher, "something else entirely")

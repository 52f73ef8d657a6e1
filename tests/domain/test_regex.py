"""Regular expressions of matchers: judged as a real Prometheus judges them."""

from __future__ import annotations

import json
import random
import re
import urllib.error
import urllib.request
import warnings
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sreconsole.domain.regex import compile_re2
from sreconsole.domain.selector import Matcher, Selector, parse_selector
from tests.servers.history import Series, openmetrics
from tests.servers.prometheus import PrometheusServer, backfill

T = 1_700_000_000 - 1_700_000_000 % 7200
VALUES = [
    *("a", "b", "ab", "abc", "aB", "AB", "ba", "aa", "aaa", "aaaaa", "500", "503", "5000", "GET", "POST", "a.b", "a-b"),
    *(
        "a b",
        "a|b",
        "[a]",
        "a]",
        "a{,5}",
        "{",
        "}",
        "a{2}",
        "(a)",
        "$",
        "^",
        "a$",
        r"\d",
        "\\",
        '"',
        "'",
        "`",
        "_",
        "-",
    ),
    *(
        "é",
        "É",
        "ß",
        "ſ",
        "K",
        "漢字",
        "🔥",
        "٣",
        "\u0085",
        "\x01",
        "\x7f",
        "\t",
        "\u00a0",
        "&&",
        "~",
        "#",
        "a#b",
        "0",
        ".",
    ),
    *("prod-eu-1", "prod-us-22", "x" * 200, "\u200b", "a\\b", "\u0378", "Aé9_"),
]
PATTERNS = [
    *(
        "",
        "a",
        "a|b",
        "ab?",
        "a*",
        "a+?",
        "(a|b)+",
        "5..",
        "[45]..",
        "GET|POST",
        "a.b",
        r"a\.b",
        ".*",
        ".+",
        "(?:a|b)c?",
    ),
    *(
        "[a-c]+",
        "[^a]",
        "[]a]+",
        "[^]a]+",
        "[a-]+",
        "[-a]+",
        "[[a]+",
        "[a\\]]+",
        "[[:alpha:]]+",
        "[[:^alpha:]]+",
        "[[:word:]]+",
    ),
    *(
        r"\d",
        r"\d+",
        r"\D+",
        r"\w+",
        r"\W+",
        r"\s+",
        r"\S+",
        r"[\d_]+",
        r"[^\w]+",
        r"[\W\d]+",
        "[[:punct:]]",
        "[[:space:]]+",
    ),
    *(
        r"\pL+",
        r"\p{Lu}+",
        r"\PL+",
        r"\p{^L}+",
        r"[\pL\d]+",
        r"\pN",
        "(?i)ab",
        "(?i:a)b",
        "(?i)k",
        "(?i)s",
        "(?i)é",
        "(?s).+",
    ),
    *(
        "a{2}",
        "a{2,}",
        "a{,5}",
        "{",
        "a{",
        "a{2",
        "}",
        "a{1,3}?",
        "a{0}",
        "a{1001}",
        "a{2}{2}",
        "a**",
        "a*?",
        "a*+",
        "a++",
        "a???",
    ),
    *(
        "^a$",
        "^",
        "$",
        "a$b",
        "^a|b$",
        "(^a)",
        r"\Aa\z",
        r"a\Z",
        r"\bab\b",
        r"a\bb",
        r"\Bb",
        r"a\B.*",
        r"\x41B",
        r"\x{1F525}",
    ),
    *(
        r"\Qa.b\E",
        r"\Qa|b",
        r"\Q\E",
        r"\Qa\Eb",
        r"\Q{\E",
        r"\.",
        r"\-",
        r"\_",
        r"\"",
        r"\/",
        r"\ ",
        r"\a",
        r"\t",
        r"\v",
        r"\07",
    ),
    *(
        "(?=a)",
        "(?!a)",
        "(?<=a)b",
        "(?<!a)b",
        r"(a)\1",
        "(?P<x>a)",
        "(?<x>a)b?",
        "(?P<x>a)(?P<x>b)",
        "(?P=x)",
        "(?>a)",
        "(?#c)a",
    ),
    *(
        "(",
        ")",
        "(a",
        "a)",
        "[a",
        "a]",
        "[b-a]",
        "*a",
        "+",
        "?",
        "|",
        "a|",
        "||",
        "()",
        "(|a)b",
        "\\",
        r"\q",
        r"\e",
        r"\h",
        r"\u0041",
    ),
    *(
        "a&&b",
        "[a&&b]",
        "[a--b]",
        "[a||b]",
        "[~~]",
        "&&",
        "#",
        "a#b",
        "(?x)a",
        "(?U)a+",
        "(?i-s)ab",
        "(?-i)ab",
        "(?i)a)(b",
        "(?a)a",
        "(?L)a",
    ),
    *(
        "prod-(eu|us)-[0-9]+",
        ".*-1",
        "x+",
        "x{200}",
        "x{100}x{100}",
        r"[\x00-\x7f]+",
        r"[^\x00-\x7f]+",
        "[é-ü]",
        "é|É",
        "[漢字]+",
    ),
    *(
        "[[:foo:]]",
        "[:alpha:]",
        r"\8",
        r"\0",
        r"\p{Greek}",
        r"\pX",
        r"\p{Foo}",
        "a{5,2}",
        "(?i)(?s)a",
        r"[\Q]\E]",
        r"[\b]",
        "a{1}b{1}",
    ),
]
NARROWER = {r"\p{Greek}"}
"""Scripts, which Prometheus knows and we refuse."""
NEWER = {"(?<x>a)b?"}
"""What Prometheus knows since it is built with Go 1.22."""


def ask(server: PrometheusServer, selector: str) -> set[str] | None:
    """The values of label v that the server finds, None when it refuses the selector."""
    body = urlencode({"query": selector, "time": T + 60}).encode()
    try:
        with urllib.request.urlopen(server.url + "/api/v1/query", body, timeout=10) as answer:
            return {item["metric"]["v"] for item in json.load(answer)["data"]["result"]}
    except urllib.error.HTTPError as error:
        error.close()
        if error.code != 400:
            raise
        return None


def ours(pattern: str) -> set[str] | None:
    """The values that we find, None when we refuse the pattern."""
    try:
        found = compile_re2(pattern)
    except ValueError:
        return None
    return {value for value in VALUES if found.fullmatch(value)}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrometheusServer]:
    folder: Path = tmp_path_factory.mktemp("regex")
    backfill(folder, openmetrics([Series("m", {"v": value}, [(T + 60.0, 1.0)]) for value in VALUES]))
    with PrometheusServer(folder) as running:
        yield running


def test_patterns_find_what_prometheus_finds_and_are_refused_where_it_refuses(server: PrometheusServer) -> None:
    wrong = {}
    for pattern in PATTERNS:
        theirs, mine = ask(server, str(Selector("m", (Matcher("v", "=~", pattern),)))), ours(pattern)
        if theirs != mine and pattern not in NARROWER | NEWER:
            wrong[pattern] = (theirs, mine)
    assert wrong == {}


def test_random_patterns_never_find_something_else(server: PrometheusServer) -> None:
    chance = random.Random(9)
    parts = [
        "a",
        "b",
        "B",
        "5",
        ".",
        "|",
        "*",
        "+",
        "?",
        "(",
        ")",
        "(?:",
        "[ab]",
        "[^a]",
        "[a-",
        "]",
        "{2}",
        "{",
        "}",
        ",",
    ]
    parts += [r"\d", r"\w", r"\.", r"\b", "^", "$", "(?i)", "(?i:", "é", "-", "&", "[[:alpha:]]", r"\pL", "0", r"\x61"]
    wrong = {}
    for _ in range(400):
        pattern = "".join(chance.choices(parts, k=chance.randint(1, 6)))
        theirs, mine = ask(server, str(Selector("m", (Matcher("v", "=~", pattern),)))), ours(pattern)
        if mine is not None and theirs != mine:
            wrong[pattern] = (theirs, mine)
    assert wrong == {}


def test_every_printed_value_is_read_by_prometheus_as_meant(server: PrometheusServer) -> None:
    for value in VALUES:
        assert ask(server, str(Selector("m", (Matcher("v", "=", value),)))) == {value}
        assert ask(server, str(Selector("m", (Matcher("v", "!=", value),)))) == set(VALUES) - {value}


def test_selectors_are_refused_where_prometheus_refuses_them(server: PrometheusServer) -> None:
    texts = [
        *(
            "m",
            "m{}",
            "{}",
            'm{v="a"}',
            'm{v="a",}',
            'm{,v="a"}',
            "m{v='a'}",
            "m{v=`a`}",
            'm{v=="a"}',
            'm{v="a"',
            'm{v="a" w="b"}',
        ),
        *(
            r'm{v="\d"}',
            r'm{v="\\d"}',
            r'm{v="\x61"}',
            r'm{v="\141"}',
            r'm{v="\u00e9"}',
            r"m{v='\"'}",
            r'm{v="\'"}',
        ),
        *(
            'm{__name__="m"}',
            '{__name__="m"}',
            '{__name__=~"m"}',
            '{v=""}',
            '{v=~".*"}',
            '{v!=""}',
            '{v=~".+"}',
            'm{v="a\nb"}',
        ),
        *(
            "m{v}",
            "m{v=a}",
            'm{1="a"}',
            "1m",
            "m m",
            " m ",
            'm{v=~"("}',
            r'm{v="\400"}',
            r'm{v="\ud800"}',
        ),
    ]
    wrong = []
    for text in texts:
        try:
            parse_selector(text)
            mine = True
        except ValueError:
            mine = False
        if mine != (ask(server, text) is not None):
            wrong.append((text, mine))
    assert wrong == []


@given(st.text("ab()[]{}|*+?.^$\\-,:=!<>PpiQEdwsbzZx0159&~#é \n", max_size=12))
def test_any_text_is_a_pattern_or_a_sentence(pattern: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            found = compile_re2(pattern)
        except ValueError as caught:
            sentence = str(caught)
        else:
            found.fullmatch("ab")
            return
    assert sentence


def test_plain_text_matches_itself_only() -> None:
    for value in VALUES:
        assert compile_re2(re.escape(value) if value.isascii() else value).fullmatch(value)


def test_a_dot_is_any_character_and_the_end_is_the_end() -> None:
    assert compile_re2("a.b").fullmatch("a\nb")
    assert not compile_re2("a$").fullmatch("a\n")
    assert not compile_re2("a$.*").fullmatch("a\n")

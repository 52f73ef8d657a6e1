"""Pages of /metrics as they come: both formats, what is dropped, what is wrong with them."""

from __future__ import annotations

import asyncio
import math
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from sreconsole.errors import BadAnswer
from sreconsole.sources import exposition
from sreconsole.sources.exposition import OPENMETRICS, Known, Page, read_page

NOW = 1_763_856_000.0
EVERYTHING = frozenset({""})


def read(text: str | bytes, *metrics: str, kind: str = "text/plain", now: float = NOW) -> Page:
    body = text.encode() if isinstance(text, str) else text
    return asyncio.run(read_page(body, kind, frozenset(metrics) or EVERYTHING, now))


def values(page: Page) -> dict[tuple[str, ...], float]:
    return {(s.name, *(f"{k}={v}" for k, v in sorted(s.labels.items()))): s.value for s in page.samples}


def refused(text: str | bytes, *metrics: str, kind: str = "text/plain") -> str:
    with pytest.raises(BadAnswer) as caught:
        read(text, *metrics, kind=kind)
    return str(caught.value)


TEXT = """\
# HELP http_requests_total Requests.
# TYPE http_requests_total counter
http_requests_total{code="200",path="/a b\\"c\\\\d\\ne"} 10
http_requests_total{code="500",} 1e3
# TYPE http_requests counter
http_requests{code="200"} 4

  spaced_total   7
# TYPE lat histogram
lat_bucket{le="0.5"} 1
lat_bucket{le="+Inf"} 2
lat_sum 0.75
lat_count 2
nothing NaN
most +Inf
stamped 5 1763856000000
{"quoted.name",a="b"} 3
"""


def test_the_text_format_keeps_names_and_labels_as_they_are() -> None:
    page = read(TEXT)
    assert values(page) == {
        ("http_requests_total", "code=200", 'path=/a b"c\\d\ne'): 10,
        ("http_requests_total", "code=500"): 1000,
        ("http_requests", "code=200"): 4,
        ("spaced_total",): 7,
        ("lat_bucket", "le=0.5"): 1,
        ("lat_bucket", "le=+Inf"): 2,
        ("lat_sum",): 0.75,
        ("lat_count",): 2,
        ("nothing",): pytest.approx(math.nan, nan_ok=True),
        ("most",): math.inf,
        ("stamped",): 5,
        ("quoted.name", "a=b"): 3,
    }
    assert page.notes == []


def test_only_wanted_metrics_reach_the_parser() -> None:
    seen: list[str] = []

    def listening(lines: list[str]) -> object:
        for line in lines:
            seen.append(line)
            yield from text_string_to_metric_families(line)

    with patch.object(exposition, "read_text", listening):
        page = read(TEXT, "lat_count", "http_requests", "quoted.name", "spaced_total")
    assert seen == [
        'http_requests{code="200"} 4\n',
        "  spaced_total   7\n",
        "lat_count 2\n",
        '{"quoted.name",a="b"} 3\n',
    ]
    assert len(page.samples) == 4


def test_malformed_lines_that_nobody_asked_for_do_no_harm() -> None:
    assert len(read('broken{a="\nfine 1\n', "fine").samples) == 1


OPEN = """\
# TYPE http_requests counter
# HELP http_requests Requests.
http_requests_total{code="200"} 10 # {trace="x"} 1.0
http_requests_created{code="200"} 1.7e9
# TYPE other gauge
other 3
# TYPE lat histogram
# UNIT lat
lat_bucket{le="0.5"} 1
lat_bucket{le="+Inf"} 2
lat_sum 0.75
lat_count 2
# EOF
"""
OPEN = OPEN.replace("# UNIT lat\n", "")


def test_openmetrics_is_read_with_its_own_rules() -> None:
    page = read(OPEN, "http_requests_total", "lat_bucket", "lat_count", kind=OPENMETRICS)
    assert values(page) == {
        ("http_requests_total", "code=200"): 10,
        ("lat_bucket", "le=0.5"): 1,
        ("lat_bucket", "le=+Inf"): 2,
        ("lat_count",): 2,
    }


def test_an_exemplar_does_not_hide_the_name_before_it() -> None:
    text = '# TYPE req counter\nreq_total 3 # {trace="x"} 1.0\n# EOF\n'
    assert values(read(text, "req_total", kind=OPENMETRICS)) == {("req_total",): 3}


def page_lines() -> st.SearchStrategy[str]:
    """Lines of a page, good and odd, few enough series that pages share them."""
    heads = ["a", " a", "a ", 'b{x="1"}', 'b{ x="1" }', 'b{x="1",}', 'b{x="}",y="{"}', 'b{x="} 5"}', '{"a"}', "a{}"]
    tails = [
        "1",
        "1.5e3",
        "+7",
        "-2",
        "NaN",
        "+Inf",
        "1_0",
        "1 2",
        "1.2.3",
        "1e",
        "",
        "0x1",
        "1 }",
        "١",
        "1e999",
        "٣.5",
    ]
    return st.builds("{} {}".format, st.sampled_from(heads), st.sampled_from(tails))


@given(st.lists(st.lists(page_lines(), max_size=6), min_size=2, max_size=4))
def test_knowing_the_last_page_changes_nothing(pages: list[list[str]]) -> None:
    known = Known()
    for lines in pages:
        body = ("\n".join(lines) + "\n").encode()
        results = []
        for memory in (known, None):
            try:
                page = asyncio.run(read_page(body, "text/plain", EVERYTHING, NOW, known=memory))
                results.append(f"{values(page)} {page.notes}")
            except BadAnswer as error:
                results.append(str(error))
        assert results[0] == results[1]


def test_known_series_do_not_reach_the_parser_again() -> None:
    known, body = Known(), b'req{a="1"} 1\nreq{a="2"} 2\n'
    asyncio.run(read_page(body, "text/plain", EVERYTHING, NOW, known=known, extra={"z": "9"}))
    with patch.object(exposition, "read_text", lambda lines: iter([line for line in lines if line == "no"])):
        page = asyncio.run(read_page(body.replace(b" 2", b" 5"), "text/plain", EVERYTHING, NOW, known=known))
    assert values(page) == {("req", "a=1", "z=9"): 1, ("req", "a=2", "z=9"): 5}


def test_openmetrics_cut_at_any_byte_is_never_half_believed() -> None:
    body = OPEN.encode()
    for length in range(len(body) - 1):  # the last line break alone may be missing
        with pytest.raises(BadAnswer):
            read(body[:length], "http_requests_total", kind=OPENMETRICS)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('ok 1\nbad{a="x 1\n', "line 2 is malformed"),
        ("ok 1\n\n# note\nbad one two three\n", "line 4 is malformed"),
        ("ok 1\n1bad 2\n", "line 2 is malformed"),
        ('bad{a="1",a="2"} 1\n', "line 1 is malformed"),
        ("bad\n", "line 1 is malformed"),
        ("bad{a=1} 1\n", "line 1 is malformed"),
        ("bad 1_000\n", "line 1 is malformed"),
        (b"ok 1\nbad\xff{} 1\n", "line 2 is not UTF-8"),
        ("<!DOCTYPE html><title>Sign in</title>", "a web page came instead of metrics"),
        ('{\n"status": "ok"}', "JSON came instead of metrics"),
        (b"\x0a\x00\x01\x02", "binary format"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str | bytes, words: str) -> None:
    assert words in refused(text)


def test_hostile_lines_are_cleaned_in_the_sentence() -> None:
    said = refused("bad\x1b[31m\u202e 1 2 3\n")
    assert "\x1b" not in said
    assert "\u202e" not in said
    assert len(said) < 400


def test_line_numbers_hold_on_long_pages() -> None:
    filler = "".join(f'pad{{n="{number}"}} 1\n' for number in range(20_000))
    assert refused(filler + "bad{\n", "bad").startswith("line 20001 is malformed")
    assert refused(filler + "bad{\n" + filler, "bad", "pad").startswith("line 20001 is malformed")


def test_a_big_page_is_read_while_the_loop_goes_on() -> None:
    body = "".join(f'req{{n="{number}"}} 1\n' for number in range(20_000)).encode()

    async def both() -> tuple[Page, int]:
        turns = 0

        async def count() -> None:
            nonlocal turns
            while True:
                await asyncio.sleep(0)
                turns += 1

        other = asyncio.create_task(count())
        page = await read_page(body, "text/plain", frozenset({"req"}), NOW)
        other.cancel()
        return page, turns

    page, turns = asyncio.run(both())
    assert len(page.samples) == 20_000
    assert turns > 10


def test_of_series_that_stand_twice_the_first_counts_and_it_is_said() -> None:
    page = read('a 1\nb{x="1",y="2"} 5\nb{y="2",x="1"} 6\na 2\n')
    assert values(page) == {("a",): 1, ("b", "x=1", "y=2"): 5}
    assert page.notes == ["2 series stand twice (line 3): the first of each counts"]


def test_a_stamp_that_is_not_now_makes_a_sample_unusable() -> None:
    ms = int(NOW * 1000)
    page = read(f"old 1 {ms - 301_000}\nfresh 2 {ms - 299_000}\nahead 3 {ms + 601_000}\n")
    assert values(page) == {("fresh",): 2}
    assert page.notes == ["2 samples carry a time that is not now: they are not used"]


def test_of_stamped_samples_of_a_series_the_newest_counts() -> None:
    text = f"# TYPE a gauge\na 1 {NOW - 10}\na 2 {NOW - 5}\n# EOF\n"
    assert values(read(text, kind=OPENMETRICS)) == {("a",): 2}


@given(st.binary(max_size=300))
def test_no_page_breaks_us(body: bytes) -> None:
    for kind in ("text/plain", OPENMETRICS):
        said, samples = "", []
        try:
            samples = read(body + b"\n# EOF\n", kind=kind).samples
        except BadAnswer as error:
            said = str(error)
        assert not said or said.isprintable()
        assert all(isinstance(sample.value, float) for sample in samples)


@given(
    st.lists(
        st.builds(
            lambda name, label, value: f'{name}{{a="{label}"}} {value}',
            st.sampled_from(["req", "req_total", "re"]),
            st.text(st.characters(exclude_characters='"\\\n', exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=5),
            st.integers(0, 10**12),
        ),
        max_size=20,
    )
)
def test_dropping_lines_first_changes_nothing_for_those_kept(lines: list[str]) -> None:
    text = "\n".join(lines) + "\n"
    all_of_them = [sample for sample in read(text).samples if sample.name == "req"]
    assert read(text, "req").samples == all_of_them

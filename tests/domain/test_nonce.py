"""Names made of random bytes: nonces and ULIDs."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sreconsole.domain.draft import Draft
from sreconsole.domain.nonce import nonce, nonce_of, unsigned
from sreconsole.domain.selector import Matcher
from sreconsole.domain.ulid import moment_of, ulid, ulid_after

FIVE, TEN = st.binary(min_size=5, max_size=5), st.binary(min_size=10, max_size=10)
TIMES = st.integers(0, (1 << 48) - 1).map(lambda millis: millis / 1000)


@given(FIVE, FIVE)
def test_a_nonce_is_eight_characters(one: bytes, other: bytes) -> None:
    assert re.fullmatch("[a-z2-7]{8}", nonce(one))
    assert (nonce(one) == nonce(other)) == (one == other)


@given(st.text(max_size=30), FIVE)
def test_a_comment_is_found_by_its_nonce(comment: str, random: bytes) -> None:
    draft = Draft((Matcher("a", "=", "b"),), 1.0, "ana", comment, nonce(random))
    assert nonce_of(draft.signed) == draft.nonce
    assert unsigned(draft.signed) == comment


@pytest.mark.parametrize(
    "comment", ["", "OPS-7", "[sc:short]", "[sc:abcdefgh] and more", "[sc:ABCDEFGH]", "[sc:abcdefg1]"]
)
def test_what_is_no_nonce(comment: str) -> None:
    assert nonce_of(comment) is None
    assert unsigned(comment) == comment


def test_a_nonce_of_too_few_bytes() -> None:
    with pytest.raises(ValueError, match="5 bytes"):
        nonce(b"1234")


@given(TIMES, TIMES, TEN, TEN)
def test_a_ulid_sorts_by_time(one: float, other: float, first: bytes, second: bytes) -> None:
    a, b = ulid(one, first), ulid(other, second)
    assert len(a) == len(b) == 26
    assert moment_of(a) == pytest.approx(one, abs=0.001)
    if abs(one - other) > 0.001:
        assert (a < b) == (one < other)
    assert (a == b) == (first == second and round(one * 1000) == round(other * 1000))


@given(TIMES, TEN, TEN)
def test_one_writer_never_goes_back(at: float, first: bytes, second: bytes) -> None:
    before = ulid(at, first)
    if moment_of(before) < 1:
        return
    assert ulid_after(before, at - 1, second) > before
    assert ulid_after(before, at, second) > before


def test_the_example_of_the_specification() -> None:
    assert ulid(1469918176.385, b"\0" * 10)[:10] == "01ARYZ6S41"
    assert moment_of("01ARYZ6S41TSV4RRFFQ69G5FAV") == 1469918176.385


@pytest.mark.parametrize("text", ["", "01ARYZ6S41TSV4RRFFQ69G5FA", "01ARYZ6S41TSV4RRFFQ69G5FAU", "8" * 26])
def test_what_is_no_ulid(text: str) -> None:
    with pytest.raises(ValueError, match="no ULID"):
        moment_of(text)


def test_a_moment_that_no_ulid_has() -> None:
    for at in (-1.0, 2.0**48):
        with pytest.raises(ValueError, match="1970"):
            ulid(at, b"\0" * 10)

"""Forms are encoded as the standard library does it."""

from __future__ import annotations

import random
from urllib.parse import urlencode

import pytest

from sreconsole.sources.forms import encoded

EVERY = "".join(map(chr, range(0x80)))


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"query": 'sum by (service) (increase(x{code=~"5..|a+b"}[1m])) * 100 % 3'},
        {"query": EVERY, EVERY: "1"},
        {"query": "%41+ %2B", "time": "1.5"},
        {"match[]": "größe{ä='€'}", "end": ""},
    ],
)
def test_a_form_reads_as_the_library_writes_it(form: dict[str, str]) -> None:
    assert encoded(form) == urlencode(form).encode()


def test_any_text_reads_as_the_library_writes_it() -> None:
    chance = random.Random(7)
    for _ in range(300):
        form = {"query": "".join(chr(chance.randrange(chance.choice((0x80, 0x3000)))) for _ in range(30))}
        assert encoded(form) == urlencode(form).encode()

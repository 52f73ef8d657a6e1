"""Which silences concern a service."""

from __future__ import annotations

import pytest

from sreconsole.domain.selector import Matcher
from sreconsole.domain.silence import Silence, concerns

MATCH = {"service": "checkout", "dc": "eu1"}
CASES = [
    ([("service", "=", "checkout")], True),
    ([("service", "=", "checkout"), ("pod", "=", "x")], True),
    ([("service", "=~", "check.*|cart")], True),
    ([("dc", "!=", "us1")], True),
    ([("service", "=", "checkout"), ("dc", "=", "us1")], False),
    ([("service", "=", "cart")], False),
    ([("service", "!~", "check.*")], False),
    ([("alertname", "=", "X")], False),
    ([("service", "=~", "(?=check).*")], True),
    ([], False),
]


@pytest.mark.parametrize(("matchers", "wanted"), CASES)
def test_it_names_a_label_of_the_service_and_contradicts_none(
    matchers: list[tuple[str, str, str]], wanted: bool
) -> None:
    silence = Silence("s", "am", "active", tuple(Matcher(*one) for one in matchers), "ana", "", 0.0, 1.0)
    assert concerns(silence, MATCH) is wanted

"""What is refused, what must be typed, and what moved between preview and confirmation."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sreconsole.config.model import Silences
from sreconsole.domain.alert import Alert
from sreconsole.domain.draft import Draft
from sreconsole.domain.guards import LONGEST_COMMENT, Drift, changed, needs_count, refusals
from sreconsole.domain.reach import Danger, Reach
from sreconsole.domain.selector import Matcher
from sreconsole.records import replace

NOW = 1_800_000_000.0
GOOD = Draft((Matcher("service", "=", "checkout"),), NOW + 3600, "ana", "OPS-7 reindexing", "abcdefgh")
RULES = Silences(comment_pattern="OPS-[0-9]+")
NOTHING = Reach("am", (), 3)


def _alert(number: int) -> Alert:
    labels = {"alertname": f"A{number}"}
    return Alert(f"A{number}", "firing", "warn", "am", f"{number:016x}", labels, labels)


def _reach(*numbers: int, dangers: tuple[Danger, ...] = (), unlisted: int = 0) -> Reach:
    return Reach("am", tuple(_alert(number) for number in numbers), 9, dangers=dangers, unlisted=unlisted)


def test_nothing_speaks_against_an_ordinary_one() -> None:
    assert refusals(GOOD, NOTHING, RULES, NOW) == []
    assert refusals(GOOD, None, RULES, NOW) == []
    exactly = replace(GOOD, ends_at=NOW + 86_400, comment="OPS-7 " + "é" * 509)
    assert refusals(exactly, NOTHING, RULES, NOW) == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"matchers": ()}, "no matchers"),
        ({"matchers": (Matcher("foo", "=", ""),)}, "matches the empty string"),
        ({"matchers": (Matcher("foo", "=~", ".*"),)}, "matches the empty string"),
        ({"matchers": (Matcher("foo", "=~", "a*"), Matcher("bar", "=", ""))}, "matches the empty string"),
        ({"matchers": (Matcher("foo", "=~", "(bad"),)}, "does not compile"),
        ({"matchers": (Matcher("foo", "=~", "*Error"),)}, "nothing stands before"),
        ({"matchers": (Matcher("foo", "=~", "(?!x)y"),)}, "lookaround"),
        ({"matchers": (Matcher("", "=", "x"),)}, "names no label"),
        ({"matchers": (Matcher("a", "=", "x"), Matcher("a", "=", "y"))}, "two values"),
        ({"matchers": (Matcher("a", "=", "\udcff"),)}, "not UTF-8"),
        ({"matchers": (Matcher("a", "=", "x" * 70_000),)}, "longer than 64 kB"),
        ({"ends_at": NOW}, "end before it begins"),
        ({"ends_at": NOW - 60}, "end before it begins"),
        ({"ends_at": NOW + 86_400 + 60}, "longer than the longest silence, 1d; silences.longest"),
        ({"created_by": " "}, "nobody"),
        ({"comment": ""}, "comment is required"),
        ({"comment": " \n"}, "comment is required"),
        ({"comment": "OPS-7 " + "é" * 510}, f"1026 bytes, {LONGEST_COMMENT} are allowed"),
        ({"comment": "OPS-x"}, "OPS-[0-9]+"),
        ({"comment": "OPS-7 \x1b[2J"}, r"\u001b"),
        ({"comment": "OPS-7 \u202e"}, r"\u202e"),
        ({"comment": "OPS-7 \udcff"}, "not UTF-8"),
    ],
)
def test_each_refusal(change: dict[str, Any], why: str) -> None:
    said = refusals(replace(GOOD, **change), NOTHING, RULES, NOW)
    assert len(said) == 1
    assert why in said[0]
    assert said[0].isprintable()


@pytest.mark.parametrize(
    "matchers",
    [
        (Matcher("foo", "!=", "x"),),
        (Matcher("alertname", "!~", "zzz"),),
        (Matcher("alertname", "=~", ".+"),),
        (Matcher("foo", "=~", ".*"), Matcher("service", "=", "x")),
        (Matcher("a", "=", "x" * 10_000),),
        (Matcher("a", "=", 'quo"te\n\\é'),),
    ],
)
def test_what_a_server_takes_is_not_refused_but_asked_for(matchers: tuple[Matcher, ...]) -> None:
    assert refusals(replace(GOOD, matchers=matchers), NOTHING, RULES, NOW) == []


def test_what_nobody_has_understood_is_refused() -> None:
    strange = replace(GOOD, matchers=(Matcher("a", "=~", r"\p{Greek}"),))
    assert "only the server understands" in refusals(strange, None, RULES, NOW)[0]
    assert refusals(strange, NOTHING, RULES, NOW) == []


def test_all_that_is_wrong_is_said_at_once() -> None:
    assert len(refusals(Draft((), NOW, "", "", "abcdefgh"), NOTHING, RULES, NOW)) == 4


def test_a_comment_may_have_lines() -> None:
    assert refusals(replace(GOOD, comment="OPS-7\n\tmore \u200d🔥"), NOTHING, RULES, NOW) == []
    assert refusals(replace(GOOD, comment="anything"), NOTHING, Silences(), NOW) == []


def test_what_must_be_typed() -> None:
    assert needs_count(_reach(1, 2)) is None
    assert needs_count(_reach(1, 2, dangers=("page",))) == 2
    assert needs_count(_reach(dangers=("nothing",))) == 0
    assert needs_count(_reach(1, unlisted=2)) == 3


def test_what_moved() -> None:
    assert changed(_reach(1, 2), _reach(2, 1)) is None
    assert changed(_reach(1, 2), _reach(2, 3)) == Drift((_alert(3),), (_alert(1),), ())
    assert changed(_reach(1), _reach(1, dangers=("page",))) == Drift((), (), ("page",))
    assert changed(_reach(1, dangers=("page",)), _reach(1)) is None
    assert changed(_reach(1), _reach(1, unlisted=1)) == Drift((), (), ())


NUMBERS = st.sets(st.integers(0, 6))


@given(NUMBERS, NUMBERS)
def test_the_difference_is_all_of_it(before: set[int], after: set[int]) -> None:
    found = changed(_reach(*before), _reach(*after))
    added = {int(alert.fingerprint, 16) for alert in found.added} if found else set()
    gone = {int(alert.fingerprint, 16) for alert in found.gone} if found else set()
    assert (before | added) - gone == after
    assert (added, gone) == (after - before, before - after)

"""Marks in the list of silences, and announcements of their end."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sreconsole.domain.alert import Alert
from sreconsole.domain.reading import Figure
from sreconsole.domain.report import SloReport
from sreconsole.domain.selector import Matcher
from sreconsole.domain.silence import Silence
from sreconsole.domain.silence_marks import Marked, Told, about_to_end, marked
from sreconsole.domain.slo import SloKey
from sreconsole.domain.snapshot import ServiceState
from sreconsole.domain.status import Status

NOW = 1_800_000_000.0


def _now(_: str) -> float:
    return NOW


def _silence(id_: str = "s", ends: float = 7200.0, mutes: int | None = 1, **more: Any) -> Silence:
    state = more.pop("state", "active")
    starts = more.pop("starts", -7200.0)
    return Silence(id_, "am", state, (Matcher("a", "=", "b"),), "ana", "x", NOW + starts, NOW + ends, mutes)


def _service(name: str, *statuses: Status) -> ServiceState:
    none = Figure.missing("x")
    empty: dict[str, Figure] = {}
    slos = tuple(
        SloReport(
            SloKey(name, f"slo{place}"), status, (), Decimal("0.999"), "30d", 2_592_000, empty, empty,
            none, none, none, none, none, none, "events", (), None, None,
        )
        for place, status in enumerate(statuses)
    )  # fmt: skip
    return ServiceState(name, Status.OK, slos)


def _alert(service: str | None, *by: str, source: str = "am") -> Alert:
    return Alert("A", "silenced", "page", source, "0" * 16, {}, {}, service=service, silenced_by=by)


@pytest.mark.parametrize(
    ("silence", "expected"),
    [
        (_silence(), None),
        (_silence(mutes=0), Marked(("mutes nothing",))),
        (_silence(mutes=None), None),
        (_silence(ends=3599.0), Marked(("ends soon",))),
        (_silence(ends=3600.0), None),
        (_silence(ends=60.0, mutes=0), Marked(("mutes nothing", "ends soon"))),
        (_silence(ends=60.0, mutes=0, state="expired"), None),
        (_silence(ends=60.0, mutes=0, state="pending"), None),
    ],
)
def test_marks(silence: Silence, expected: Marked | None) -> None:
    assert marked([silence], [], [], _now).get(("am", "s")) == expected


def test_one_that_hides_a_burning_slo() -> None:
    services = [
        _service("checkout", Status.OK, Status.PAGE, Status.WARN),
        _service("search", Status.OK, Status.UNKNOWN, Status.STALE),
    ]
    alerts = [
        _alert("checkout", "s"),
        _alert("search", "t"),
        _alert(None, "t"),
        _alert("checkout", "t", source="other"),
    ]
    found = marked([_silence("s"), _silence("t")], alerts, services, _now)
    assert found == {
        ("am", "s"): Marked(("hides a burning SLO",), (SloKey("checkout", "slo1"), SloKey("checkout", "slo2")))
    }


def test_the_time_is_that_at_its_source() -> None:
    assert marked([_silence(ends=3700.0)], [], [], lambda source: NOW + 200.0)


def _announced(silence: Silence, *after: float) -> list[float]:
    """What is left at each announcement, when it is looked at after so many seconds."""
    told: Told = frozenset()
    said = []
    for seconds in after:
        found, told = about_to_end([silence], lambda _, at=NOW + seconds: at, told)  # type: ignore[misc]
        said += [one.left for one in found]
    return said


def test_each_warning_is_given_once() -> None:
    assert _announced(_silence(ends=1000.0), *range(0, 1100, 10)) == [900.0, 300.0]


def test_one_that_is_first_seen_late_is_announced_once() -> None:
    assert _announced(_silence(ends=200.0), 0, 10, 20, 150) == [200.0]


def test_one_that_mutes_nothing_is_not_announced() -> None:
    assert _announced(_silence(ends=200.0, mutes=0), 0, 10) == []
    assert _announced(_silence(ends=200.0, mutes=None), 0, 10) == []
    assert _announced(_silence(ends=200.0, state="pending"), 0, 10) == []


def test_a_short_one_is_not_announced_as_soon_as_it_is_made() -> None:
    assert _announced(_silence(starts=0.0, ends=600.0), *range(0, 600, 10)) == [300.0]
    assert _announced(_silence(starts=0.0, ends=300.0), *range(0, 300, 10)) == []


def test_one_that_begins_to_mute_late_is_announced_then() -> None:
    quiet, told = about_to_end([_silence(ends=800.0, mutes=0)], _now)
    assert (quiet, told) == ([], frozenset())
    loud, _ = about_to_end([_silence(ends=800.0)], _now, told)
    assert [one.left for one in loud] == [800.0]


def test_one_that_was_extended_is_announced_anew() -> None:
    _, told = about_to_end([_silence(ends=200.0)], _now)
    again, told = about_to_end([_silence(ends=250.0)], _now, told)
    assert len(again) == 1
    assert len(told) == 2


def test_what_is_gone_is_forgotten() -> None:
    _, told = about_to_end([_silence(ends=200.0)], _now)
    assert about_to_end([], _now, told) == ([], frozenset())


@given(st.lists(st.integers(0, 3000), min_size=1, max_size=30), st.integers(1000, 2500))
def test_nobody_is_told_more_than_twice(moments: list[int], ends: int) -> None:
    said = _announced(_silence(ends=float(ends)), *sorted(moments))
    assert len(said) <= 2
    assert len(said) == len({left <= 300 for left in said})
    seen = [ends - moment for moment in moments if 0 < ends - moment <= 900]
    assert bool(said) == bool(seen)

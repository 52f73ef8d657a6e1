"""What the ledger says beyond a report: agrees with the report, and says nothing of what it does not know."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sreconsole.domain.counts import Counts, Past
from sreconsole.domain.depth import NOTHING, depth
from sreconsole.domain.reading import Figure
from sreconsole.domain.report import SloReport
from sreconsole.domain.status import Status
from tests.tui import scripted

DAY, HOUR = 86_400, 3_600
END = int(scripted.NOW // HOUR) * HOUR
MONTH = 30 * DAY


def ledger(burn: float, hours: int = 720) -> Past:
    """A steady burn of a 99.9 % promise: 10,000 events an hour."""
    wide = Counts(END - hours * HOUR, HOUR, [burn * 10.0] * hours, [10_000.0] * hours)
    return Past.of(wide, Counts(END - HOUR, 60, [burn / 6] * 60, [10_000 / 60] * 60))


def steady(burn: float, **changes: object) -> SloReport:
    """Its report: as much of the budget is gone as the window burnt."""
    made = scripted.report("checkout", burn=burn)
    burns = {name: Figure.known(burn) for name in made.burn_rate}
    return replace(made, burn_rate=burns, remaining=Figure.known(1 - burn), **changes)  # type: ignore[arg-type]


def test_the_course_ends_at_the_remaining_of_the_report() -> None:
    told = depth(steady(0.5), ledger(0.5), END + 30.0, None)
    (begin, whole), *_, (at, share) = told.course
    assert begin == END - MONTH
    assert whole == 1
    assert at == END
    assert share == pytest.approx(0.5)
    assert told.span == (END - MONTH, END)


def test_at_a_steady_burn_as_much_comes_back_as_goes() -> None:
    for look in depth(steady(0.5), ledger(0.5), END, None).ahead:
        assert look.back.value == pytest.approx(look.spent.value)
        assert look.left.value == pytest.approx(0.5)


def test_nothing_comes_back_of_a_calendar_period() -> None:
    told = depth(steady(0.5, window_label="month"), ledger(0.5, 360), END, (END - 15 * DAY, END + 15 * DAY))
    assert told.ideal == 0.5
    assert [look.back.value for look in told.ahead] == [0.0, 0.0, 0.0]
    assert told.ahead[2].left.value == pytest.approx(0.5 - 0.5 / 30)
    assert told.course[-1][1] == pytest.approx(1 - 0.25)


def test_what_the_ledger_does_not_know_is_not_told() -> None:
    report = steady(0.5)
    assert depth(report, Past(()), END, None) == NOTHING
    young = depth(report, ledger(0.5, 48), END, None)
    assert [look.back.value for look in young.ahead] == [None, None, None]
    assert {look.back.reason for look in young.ahead} == {"not measured then"}
    filling = replace(report, remaining=Figure.missing("ledger 12 % filled"))
    assert depth(filling, ledger(0.5), END, None).ahead == ()
    stale = depth(replace(report, status=Status.STALE), ledger(0.5), END, None)
    assert stale.next is None
    assert stale.newest_burn is None


def test_pairs_that_the_ledger_tells_otherwise_are_left_out() -> None:
    """A report may know more than the buckets, as where short windows are the server's own answers."""
    report = steady(20.0)
    told = depth(report, ledger(20.0), END, None)
    assert told.newest_burn == pytest.approx(20.0)
    assert told.next is not None
    firing = {pair.pair: pair.state for pair in report.pairs}
    assert set(told.next) == {pair for pair, state in firing.items() if state == "firing"}
    assert set(told.next.values()) == {None}, "it never ends at this burn"
    assert depth(report, ledger(0.1), END, None).next == {}


def test_events_behind_the_windows() -> None:
    told = depth(
        replace(steady(0.5), bad=Figure.known(3_600.0), total=Figure.known(7_200_000.0)), ledger(0.5), END, None
    )
    assert told.events["1h"] == pytest.approx((5.0, 10_000.0))
    assert told.events["1d"] == pytest.approx((120.0, 240_000.0))
    assert told.events["window"] == (3_600.0, 7_200_000.0)
    assert depth(replace(steady(0.5), weighting="time-weighted"), ledger(0.5), END, None).events == {}

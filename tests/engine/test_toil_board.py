"""What sources tell of toil, put together: weeks, minutes measured and assumed, offenders, what is not known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from sreconsole.config.model import Config, Oncall, PrometheusSource, ScrapeSource, Service, Toil, ToilCounter
from sreconsole.domain.load import UNASKED, Entry, ToilPart, week_starts
from sreconsole.domain.reading import Figure
from sreconsole.domain.selector import parse_selector
from sreconsole.domain.sli import CounterSli
from sreconsole.domain.slo import Fleet
from sreconsole.domain.spell import Spell
from sreconsole.domain.toil import ToilReport
from sreconsole.engine.feed import ToilFeed
from sreconsole.engine.toil_board import ToilBoard
from sreconsole.engine.toil_log_feed import LogToil
from sreconsole.errors import Unreachable
from tests.engine.estate import slo

HOUR, DAY = 3600.0, 86_400.0
SHIFTS = Oncall(((480, 1200), (1200, 480)), 2)
LOGS = (Path("toil.jsonl"),)
PROM = {"prom": PrometheusSource("prom", "http://127.0.0.1:9")}


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin")).timestamp()


NOW = at("2026-11-25T03:12")
"""A Wednesday night."""


def board(*parts: ToilPart, **more: Any) -> ToilBoard:
    keys = {"timezone": "Europe/Berlin", "sources": PROM, "oncall": SHIFTS, "toil": Toil(logs=LOGS), **more}
    feeds = {
        str(place): cast(ToilFeed, SimpleNamespace(part=lambda part=part: part)) for place, part in enumerate(parts)
    }
    return ToilBoard(Config(Path("x.yaml"), **keys), feeds, lambda: NOW)


async def report(*parts: ToilPart, now: float = NOW, **more: Any) -> ToilReport:
    made = board(*parts, **more)
    await made.take(now)
    assert made.report is not None
    return made.report


def pages(*spells: Spell, since: float = 0.0, why: str | None = None) -> ToilPart:
    return ToilPart(spells, since, why)


def page(start: float, end: float | None = None, alert: str = "Burn", **labels: str) -> Spell:
    return Spell(f"{alert} {labels}", alert, start, start + 600 if end is None else end, labels)


def log(*entries: Entry, **more: Any) -> ToilPart:
    return ToilPart(entries=entries, **more)


async def test_the_week_begins_on_monday_in_the_configured_zone() -> None:
    starts = week_starts("Europe/Berlin", NOW)
    assert starts[:3] == [at("2026-11-30T00:00"), at("2026-11-23T00:00"), at("2026-11-16T00:00")]
    assert len(starts) == 9
    # the week in which clocks go back is an hour longer
    assert starts[4] - starts[5] == 7 * DAY
    assert starts[5] - starts[6] == 7 * DAY + HOUR
    found = await report(pages(page(at("2026-11-23T00:01")), page(at("2026-11-22T23:59"))))
    assert [week.pages.value for week in found.weeks] == [1, 1, 0, 0, 0, 0, 0, 0]


async def test_measured_and_assumed_are_told_apart() -> None:
    found = await report(
        pages(page(at("2026-11-24T10:00")), page(at("2026-11-24T12:00"))),
        log(
            Entry(at("2026-11-20T10:00"), 45, "reboots"),
            Entry(at("2026-11-24T10:30"), 90, "Page", "the first of them"),
            Entry(at("2026-11-24T13:00"), 30, "reboots"),
            Entry(NOW + 60, 500, "tomorrow"),
        ),
        ToilPart(counters={0: Figure.known(7.0)}),
        toil=Toil(people=4, logs=LOGS, counters=(ToilCounter("tickets", "prom", "x", minutes_each=20.0),)),
    )
    week, before = found.weeks[:2]
    # one of two incidents was written down; seven tickets of 20 minutes
    assert (week.measured.value, week.assumed.value, week.total.value) == (120, 30 + 140, 290)
    assert (before.measured.value, before.assumed.value) == (45, 0)
    assert found.weeks[2].measured.reason == "the log begins later"
    assert found.cap == 4 * 40 * 60 * 0.5


async def test_tickets_written_down_one_by_one_are_not_counted_twice() -> None:
    counter = ToilCounter("Tickets", "prom", "x", minutes_each=20.0)
    entries = [Entry(NOW - 60 * place, 5, "tickets") for place in range(3)]
    for value, left in ((4.0, 20.0), (3.0, 0.0), (2.0, 0.0), (0.0, 0.0)):
        found = await report(
            pages(), log(*reversed(entries)), ToilPart(counters={0: Figure.known(value)}),
            toil=Toil(logs=LOGS, counters=(counter,)),
        )  # fmt: skip
        assert found.weeks[0].assumed.value == pytest.approx(left)


async def test_what_is_later_counts_when_its_time_has_come() -> None:
    made = board(pages(), log(Entry(NOW + 60, 500, "soon")))
    await made.take(NOW)
    assert made.report is not None
    first = made.report
    assert first.weeks[0].measured.value == 0
    await made.take(NOW + 30)
    assert made.report is first
    await made.take(NOW + 61)
    assert made.report.weeks[0].measured.value == 500


async def test_a_shift_hands_over_and_a_week_ends_without_any_news() -> None:
    made = board(pages(page(NOW - 60)))
    await made.take(NOW)
    first = made.report
    assert first is not None
    assert (first.pages.value, first.shift and first.shift.end) == (1, at("2026-11-25T08:00"))
    await made.take(at("2026-11-25T07:59"))
    assert made.report is first
    await made.take(at("2026-11-25T08:00"))
    assert made.report is not None
    assert (made.report.pages.value, made.report.incidents) == (0, ())
    await made.take(at("2026-11-30T00:00"))
    assert [week.pages.value for week in made.report.weeks[:2]] == [0, 1]


async def test_offenders_leave_when_a_week_has_passed_since() -> None:
    often = [page(NOW - 6 * DAY + place * DAY, service="checkout") for place in range(3)]
    made = board(pages(*often), services=(Service("checkout", match={"service": "checkout"}),))
    await made.take(NOW)
    assert made.report is not None
    assert [(o.alert, o.service, o.count, o.minutes) for o in made.report.offenders] == [("Burn", "checkout", 3, 90.0)]
    await made.take(NOW + DAY + 1)
    assert made.report.offenders == ()


async def test_alerts_of_a_fleet_belong_to_its_members() -> None:
    template = slo("", "availability", CounterSli(total=parse_selector("a"), bad=parse_selector("b")))
    found = await report(pages(page(NOW - 60, app="shop-1")), fleets=(Fleet("app", (template,)),))
    assert found.incidents[0].services == ("shop-1",)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([UNASKED], "not asked yet"),
        ([], "not asked yet"),
        ([pages(since=NOW - HOUR, why="prom has no data from before")], "prom has no data from before"),
        ([ToilPart(pages_missing="no rules there", ruleless=True)], "no rules there"),
        ([ToilPart(pages_missing="no rules there", ruleless=True), pages()], None),
        ([UNASKED, pages()], "not asked yet"),
    ],
)
async def test_pages_are_known_when_every_server_with_rules_told_all(
    parts: Sequence[ToilPart], said: str | None
) -> None:
    found = await report(*parts)
    assert found.pages == (Figure.known(0) if said is None else Figure.missing(said))
    assert found.weeks[0].pages.reason == said
    assert any("who pages again and again is not known" in remark for remark in found.remarks) == (said is not None)


async def test_without_a_prometheus_nobody_knows_of_pages_and_minutes_are_those_of_the_log() -> None:
    sources = {"local": ScrapeSource("local", ("http://127.0.0.1:9/metrics",))}
    found = await report(log(Entry(NOW - 60, 15, "reboots")), sources=sources)
    assert found.pages.reason == "no Prometheus is configured that could tell which alerts fired"
    assert (found.weeks[0].total.value, found.weeks[0].assumed.value) == (15, None)


async def test_a_config_that_counts_nothing_has_no_report() -> None:
    made = board(pages(), oncall=Oncall(), toil=Toil())
    await made.take(NOW)
    assert made.report is None


async def test_only_part_of_the_logs_is_said() -> None:
    found = await report(
        pages(),
        log(Entry(NOW - 60, 15, "reboots")),
        ToilPart(entries_missing="b.jsonl cannot be read: Permission denied"),
        toil=Toil(logs=(*LOGS, Path("b.jsonl"))),
    )
    assert found.weeks[0].measured.value == 15
    assert "b.jsonl cannot be read: Permission denied" in found.remarks
    found = await report(pages(), ToilPart(entries_missing="a.jsonl is not there"))
    assert found.weeks[0].measured.reason == "a.jsonl is not there"


async def test_a_log_is_followed_and_what_was_known_stays_when_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "toil.jsonl"
    feed = LogToil("toil.jsonl", path, "UTC", lambda: NOW)
    with pytest.raises(Unreachable, match="is not there"):
        await feed.step()
    assert (feed.part().entries, feed.part().entries_missing) == (None, f"{path} is not there")
    path.write_text(f'{{"ts": {NOW - 60}, "minutes": 5, "category": "c", "text": "t"}}\nnonsense\n')
    await feed.step()
    known = feed.part()
    assert (len(known.entries or ()), known.entries_missing) == (1, None)
    assert feed.notes() == known.remarks
    assert "1 bad line in" in known.remarks[0]
    await feed.step()
    assert feed.part() is known
    path.unlink()
    with pytest.raises(Unreachable):
        await feed.step()
    assert feed.part().entries == known.entries
    await feed.aclose()

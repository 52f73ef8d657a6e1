"""Pages from a real Prometheus with backfilled histories of alerts: what really fired is counted, and nothing else."""

from __future__ import annotations

import random
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sreconsole.config.model import Config, HttpConfig, Oncall, PrometheusSource, Service, Severities, Toil, ToilCounter
from sreconsole.domain.incident import groups
from sreconsole.domain.spell import Spell
from sreconsole.domain.toil import ToilReport
from sreconsole.engine.toil_board import ToilBoard
from sreconsole.engine.toil_feed import PrometheusToil
from sreconsole.errors import Unreachable
from sreconsole.sources.http import HttpClient
from sreconsole.sources.promapi import PromApi
from sreconsole.sources.prometheus_counters import PrometheusCounters
from sreconsole.sources.prometheus_pages import PrometheusPages
from tests.servers.alert_history import Fired, Rule, evaluate
from tests.servers.history import Series, openmetrics
from tests.servers.prometheus import PrometheusServer, backfill, free_port
from tests.servers.recording import RecordingProxy
from tests.servers.victoriametrics import VictoriaMetricsServer

pytestmark = pytest.mark.xdist_group("toil-pages")

NOW = 1_795_403_564.0
"""2026-11-23T03:12:44Z, a Monday night."""
HOUR, DAY, WEEK = 3600.0, 86_400.0, 7 * 86_400.0
ONCALL = Oncall(((480, 1200), (1200, 480)), 2)
COUNTERS = (
    ToilCounter("tickets", "prom", "sum(tickets)", "tickets", 20.0, 10.0),
    ToilCounter("each", "prom", "tickets"),
    ToilCounter("none", "prom", "sum(nothing_like_it)", minutes_each=5.0),
    ToilCounter("text", "prom", 'tickets{team="a"', minutes_each=5.0),
    ToilCounter("nan", "prom", "sum(tickets) / 0 * 0"),
    ToilCounter("number", "prom", "scalar(sum(tickets)) * 2"),
)


def ago(seconds: float) -> float:
    """Evaluations are 15 s apart and 5 s off the minute."""
    return NOW - 44 + 5 - seconds


SEARCH = {"service": "search"}
RULES = [
    # this shift (it began at 20:00 UTC, seven hours ago)
    Rule("Burn", [(ago(1800), ago(600))], {"service": "checkout"}, wait=120),
    Rule("Still", [(ago(300), NOW + DAY)], {"service": "checkout"}, "critical"),
    Rule("Flapping", [(ago(3 * HOUR - 240 * n), ago(3 * HOUR - 240 * n - 60)) for n in range(6)], SEARCH),
    Rule("Pending", [(ago(2 * HOUR), ago(2 * HOUR - 120))], wait=600),
    Rule("Ticket", [(ago(2 * HOUR), ago(HOUR))], severity="ticket"),
    Rule("Short", [(ago(5 * HOUR), ago(5 * HOUR - 15))]),
    # before it
    Rule("Weekly", [(ago(d * DAY + 9 * HOUR), ago(d * DAY + 8 * HOUR)) for d in range(1, 45, 3)], SEARCH),
    # over a restart at 12 h ago that took ten minutes
    Rule("Kept", [(ago(14 * HOUR), ago(11 * HOUR))], wait=900),
    Rule("Forgotten", [(ago(14 * HOUR), ago(11 * HOUR))], {"pod": "a"}),
    Rule("Forever", [(0, NOW + DAY)], {"service": "old"}),
]  # fmt: skip
DOWN = [(ago(12 * HOUR), ago(12 * HOUR - 240))]


def up(start: float, end: float) -> Series:
    return Series("up", {"job": "test"}, [(at, 1.0) for at in _range(start, end, 60.0)])


def _range(start: float, end: float, step: float) -> list[float]:
    return [start + step * number for number in range(int((end - start) // step) + 1)]


@dataclass
class Past:
    """A server and what fired there."""

    server: PrometheusServer
    fired: list[Fired]


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Past]:
    data = tmp_path_factory.mktemp("toil-pages")
    often, fired = evaluate(RULES, ago(2 * DAY), NOW + HOUR, 15.0, DOWN)
    rarely, before = evaluate(RULES, ago(46 * DAY), ago(2 * DAY + 60), 60.0)
    tickets = [Series("tickets", {"team": team}, [(at, 3.5) for at in _range(NOW - 300, NOW, 60.0)]) for team in "ab"]
    joined: dict[Any, Series] = {}
    for each in (*rarely, *often):
        key = each.name, tuple(sorted(each.labels.items()))
        samples = [*joined[key].samples, *each.samples] if key in joined else list(each.samples)
        joined[key] = Series(each.name, each.labels, samples)
    backfill(data, openmetrics([*joined.values(), *tickets, up(ago(45 * DAY), NOW)]))
    with PrometheusServer(data) as running:
        yield Past(running, [*before, *fired])


class Estate:
    """A feed and a board over one server."""

    def __init__(self, url: str, *, history: bool, oncall: Oncall = ONCALL, cap: int = 32 << 20, **more: Any) -> None:
        self.now = NOW
        settings = PrometheusSource("prom", url, **more)
        services = tuple(Service(name, match={"service": name}) for name in ("checkout", "search"))
        self.config = Config(
            Path("x.yaml"),
            timezone="UTC",
            sources={"prom": settings},
            oncall=oncall,
            toil=Toil(people=4, counters=COUNTERS),
            services=services,
        )
        client = HttpClient("prom", url, HttpConfig(), cap)
        api = PromApi(client)
        self.feed = PrometheusToil(
            self.config,
            PrometheusPages(settings, Severities(), lambda: api, lambda: client),
            PrometheusCounters(dict(enumerate(COUNTERS)), lambda: api),
            lambda: self.now,
            history=history,
        )
        self.board = ToilBoard(self.config, {"prom": self.feed}, lambda: self.now)

    async def report(self) -> ToilReport:
        await self.board.take(self.now)
        assert self.board.report is not None
        return self.board.report

    @property
    def spells(self) -> tuple[Spell, ...]:
        return self.feed.part().spells


@asynccontextmanager
async def estate(url: str, *, history: bool = True, **more: Any) -> AsyncIterator[Estate]:
    made = Estate(url, history=history, **more)
    try:
        yield made
    finally:
        await made.feed.aclose()


def agree(found: list[Spell], fired: list[Fired], until: float) -> None:
    """Every spell is one that fired, to the minute; `until`: the end of what was asked."""
    expected = sorted(fired, key=lambda each: (each.name, each.labels, each.first))
    found = sorted(found, key=lambda spell: (spell.alert, sorted(spell.labels.items()), spell.start))
    assert [spell.alert for spell in found] == [each.name for each in expected]
    for spell, each in zip(found, expected, strict=True):
        assert each.first - 60 <= spell.start <= each.first, (spell, each)
        if spell.end is None:
            assert each.last > until - 60, (spell, each)
        else:
            assert each.last <= spell.end < each.last + 60, (spell, each)


def exact(fired: list[Fired]) -> list[Spell]:
    """The spells themselves."""
    return [
        Spell(str(each.labels), each.name, each.first, each.last if each.last < NOW - 104 else None) for each in fired
    ]


async def test_pages_of_the_shift_are_what_fired_in_it(past: Past) -> None:
    async with estate(past.server.url) as made:
        assert (await made.report()).pages.reason == "not asked yet"
        await made.feed.step()
        report = await made.report()
        began = ago(7.2 * HOUR)
        # one that fires for weeks began in no minute of it
        mine = [each for each in past.fired if each.first >= began and dict(each.labels)["severity"] != "ticket"]
        agree([spell for spell in made.spells if spell.start >= began], [f for f in mine if f.first <= NOW - 44], NOW)
        assert {each.name for each in mine} == {"Burn", "Still", "Flapping", "Short"}
    assert report.shift is not None
    assert (report.shift.label, report.pages_budget, report.cap) == ("20:00-08:00", 2, 4800.0)
    assert report.pages.value == 4
    assert [(i.alerts, i.services, i.pages, i.end is None) for i in report.incidents] == [
        (("Still",), ("checkout",), 1, True),
        (("Burn",), ("checkout",), 1, False),
        (("Flapping",), ("search",), 6, False),
        (("Short",), (), 1, False),
    ]
    assert report.silenced_included


async def test_a_restart_that_forgets_is_another_spell_of_the_same_incident(past: Past) -> None:
    async with estate(past.server.url) as made:
        await made.feed.step()
        spells = [spell for spell in made.spells if spell.alert in ("Kept", "Forgotten")]
        assert sorted(spell.alert for spell in spells) == ["Forgotten", "Forgotten", "Kept"]
        assert sorted(len(group) for group in groups([s for s in spells if s.alert == "Forgotten"], 300.0)) == [2]
        assert len(groups([s for s in spells if s.alert == "Forgotten"], 60.0)) == 2


async def test_eight_weeks_are_fetched_newest_first_and_only_as_far_as_the_server_has_data(past: Past) -> None:
    async with estate(past.server.url) as made:
        await made.feed.step()
        first = await made.report()
        assert (first.weeks[0].pages.value, first.weeks[1].pages.reason) == (3, "history is being fetched")
        assert first.offenders == ()
        assert 0 < (made.feed.progress() or 0) < 0.1
        pieces = 1
        while await made.feed.fill():
            pieces += 1
        assert 49 <= pieces <= 50
        assert made.feed.progress() is None
        assert abs((made.feed.part().pages_since or 0) - ago(46 * DAY)) <= HOUR  # alerts are data too
        report = await made.report()
        agree(
            [spell for spell in made.spells if spell.start > ago(45 * DAY)],
            [f for f in past.fired if f.first > ago(45 * DAY) and dict(f.labels)["severity"] != "ticket"
             and f.first <= NOW - 44],
            NOW,
        )  # fmt: skip
    assert len(report.weeks) == 8
    for week, end in zip(report.weeks[1:6], report.weeks, strict=False):
        mine = [f for f in past.fired if week.start <= f.first < end.start and dict(f.labels)["severity"] != "ticket"]
        expected = len(groups(exact(mine), 300.0))
        assert 2 <= expected <= 8
        assert (week.pages.value, week.assumed.value) == (expected, expected * 30)
    assert report.weeks[7].pages.reason == "prom has no data from before"
    assert report.weeks[7].total.value is None
    assert report.weeks[0].measured.reason == "no log is configured (toil.logs)"


async def test_counters_are_one_number_or_say_why_not(past: Past) -> None:
    async with estate(past.server.url) as made:
        await made.feed.step()
        report = await made.report()
    tickets, each, none, text, nan, number = report.counters
    assert (tickets.value.value, tickets.minutes.value, tickets.unit, tickets.budget) == (7.0, 140.0, "tickets", 10.0)
    assert each.value.reason == "the query gives 2 numbers, not one: wrap it in sum()"
    assert each.minutes.reason == "no minutes each are configured"
    assert (none.value.reason, none.minutes.reason) == ("no data", "no data")
    assert "refused the query" in (text.value.reason or "")
    assert nan.value.reason == "the query gives no finite number"
    assert number.value.value == 14.0
    # three incidents since midnight and seven tickets
    assert report.weeks[0].assumed.value == 3 * 30 + 140


async def test_a_one_shot_asks_for_the_week_at_once_and_no_more(past: Past) -> None:
    with RecordingProxy(past.server.url) as proxy:
        async with estate(proxy.url, history=False) as made:
            await made.feed.step()
            assert not await made.feed.fill()
            report = await made.report()
            asked = len(proxy.seen)
    assert asked == 2 + len(COUNTERS)
    assert report.pages.value == 4
    assert report.weeks[0].pages.value == 3
    assert report.weeks[1].pages.reason == "not asked for by a one-shot"
    assert [(each.alert, each.count) for each in report.offenders] == []  # Weekly paged twice


async def test_an_answer_that_is_too_large_is_asked_for_in_halves(past: Past) -> None:
    async with estate(past.server.url, history=False) as made:
        await made.feed.step()
    with RecordingProxy(past.server.url) as proxy:
        async with estate(proxy.url, history=False, cap=64 << 10) as parts:
            await parts.feed.step()
    assert sum(seen.path == "/api/v1/query_range" for seen in proxy.seen) > 6
    assert parts.spells == made.spells


async def test_what_goes_on_asks_for_the_newest_minutes_only_and_finds_what_is_new(past: Past) -> None:
    with RecordingProxy(past.server.url) as proxy:
        async with estate(proxy.url) as made:
            made.now = NOW - 1200  # Burn fires, Still does not
            await made.feed.step()
            before = made.feed.part()
            burning = next(spell for spell in before.spells if spell.alert == "Burn")
            assert burning.end is None
            made.now += 60
            await made.feed.step()
            assert made.feed.part() is before
            report = await made.report()
            made.now += 5
            assert await made.report() is report
            asked = len(proxy.seen)
            made.now = NOW
            await made.feed.step()
            assert len(proxy.seen) - asked <= 1 + len(COUNTERS)
            assert {"Still"} == {s.alert for s in made.spells} - {s.alert for s in before.spells}
            ended = next(spell for spell in made.spells if spell.alert == "Burn")
            assert ended.end is not None


async def test_after_a_long_sleep_pages_are_asked_for_anew(past: Past) -> None:
    async with estate(past.server.url) as made:
        made.now = NOW - 20 * DAY
        await made.feed.step()
        made.now = NOW
        await made.feed.step()
        assert (await made.report()).pages.value == 4


async def test_at_a_moment_of_the_past_nothing_later_is_known(past: Past) -> None:
    async with estate(past.server.url, history=False) as made:
        made.now = ago(1000)
        await made.feed.step()
        report = await made.report()
    assert [(i.alerts[0], i.end is None) for i in report.incidents] == [
        ("Burn", True),
        ("Flapping", False),
        ("Short", False),
    ]


async def test_nobody_on_call_is_said(past: Past) -> None:
    async with estate(past.server.url, oncall=Oncall(((540, 1020),), 2)) as made:
        await made.feed.step()
        report = await made.report()
    assert (report.shift, report.pages.reason) == (None, "nobody is on call now")
    async with estate(past.server.url, oncall=Oncall((), 2)) as made:
        await made.feed.step()
        report = await made.report()
    assert report.pages.reason == "no shifts are configured (oncall.shifts)"


async def test_external_labels_find_the_service_and_name_the_alert(past: Past) -> None:
    async with estate(past.server.url, external_labels={"service": "search", "dc": "eu1"}) as made:
        await made.feed.step()
        report = await made.report()
    assert report.incidents[-1].services == ("search",)


async def test_a_server_without_rules_knows_no_pages_and_one_with_rules_knows_that_there_are_none(
    tmp_path: Path,
) -> None:
    with PrometheusServer(tmp_path / "bare") as server:
        async with estate(server.url) as made:
            await made.feed.step()
            report = await made.report()
    assert report.pages.reason == f"{server.url} has no alerting rules, and no history of alerts"
    assert report.weeks[0].pages.value is None
    rules = tmp_path / "rules.yml"
    rules.write_text('groups: [{name: g, rules: [{alert: A, expr: "vector(0) > 1", labels: {severity: page}}]}]')
    with PrometheusServer(tmp_path / "quiet", more={"rule_files": [str(rules)]}) as server:
        async with estate(server.url) as made:
            await made.feed.step()
            report = await made.report()
    assert (report.pages.value, report.incidents) == (0, ())


async def test_a_history_without_the_moments_since_is_no_history(tmp_path: Path) -> None:
    series, _ = evaluate(RULES[:2], ago(HOUR), NOW, 15.0)
    backfill(tmp_path, openmetrics([each for each in series if each.name == "ALERTS"]))
    with PrometheusServer(tmp_path) as server:
        async with estate(server.url) as made:
            await made.feed.step()
            assert "keeps ALERTS without ALERTS_FOR_STATE" in ((await made.report()).pages.reason or "")


async def test_a_victoriametrics_tells_the_same(tmp_path: Path) -> None:
    series, fired = evaluate(RULES[:3], ago(DAY), NOW, 15.0)
    with VictoriaMetricsServer(tmp_path) as server:
        # as OpenMetrics, but for seconds where milliseconds belong, and the end
        text = openmetrics([*series, up(ago(DAY), NOW)]).removesuffix("# EOF\n")
        server.put([re.sub(r"\.(\d{3})$", r"\1", text, flags=re.MULTILINE)])
        async with estate(server.url) as made:
            await made.feed.step()
            agree(list(made.spells), fired, NOW)


async def test_a_server_that_fails_keeps_what_was_known(past: Past) -> None:
    async with estate(f"http://127.0.0.1:{free_port()}") as made:
        with pytest.raises(Unreachable):
            await made.feed.step()
        report = await made.report()
        assert "nothing listens" in (report.pages.reason or "")
        assert all("nothing listens" in (counter.value.reason or "") for counter in report.counters)


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(4))
async def test_whatever_happened_what_fired_is_counted(tmp_path: Path, seed: int) -> None:
    """Random flapping, gaps and restarts, on a grid that leaves no doubt at the edges of a minute."""
    chance = random.Random(seed)
    start, every = ago(3 * DAY), chance.choice([15.0, 30.0, 60.0])
    grid = [start + 900.0 * step for step in range(int(3 * DAY / 900))]
    rules = []
    for number in range(25):
        moments = sorted(chance.sample(grid, 2 * chance.randint(1, 30)))
        holds = [(a, b) for a, b in zip(moments[::2], moments[1::2], strict=True)]
        wait = chance.choice([0.0, 0.0, 120.0, 900.0])
        rules.append(
            Rule(f"A{number % 8}", holds, {"pod": str(number)}, chance.choice(["page", "critical", "warn"]), wait)
        )
    down = [(at, at + chance.choice([900.0, 3600.0])) for at in chance.sample(grid, 4)]
    series, fired = evaluate(rules, start, NOW, every, down)
    backfill(tmp_path, openmetrics([*series, up(start, NOW)]))
    pages = [each for each in fired if dict(each.labels)["severity"] != "warn" and each.first <= NOW - 44]
    with PrometheusServer(tmp_path) as server:
        async with estate(server.url) as made:
            await made.feed.step()
            while await made.feed.fill():
                pass
            agree(list(made.spells), pages, NOW)
            assert len(groups(made.spells, 200.0)) == len(groups(exact(pages), 200.0))

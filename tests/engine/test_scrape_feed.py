"""A scrape source end to end: real pages, a real history.db, a clock that the test sets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from sreconsole.config.model import ScrapeSource
from sreconsole.domain.period import Rolling
from sreconsole.domain.reading import Missing, Reading
from sreconsole.domain.sampled import Sample
from sreconsole.domain.selector import parse_selector
from sreconsole.domain.sli import CounterSli
from sreconsole.domain.slo import Fleet, Slo, SloKey
from sreconsole.engine.feed import Feed
from sreconsole.engine.scrape_feed import ScrapeFeed
from sreconsole.errors import SourceError, Unreachable
from sreconsole.ledger.book import Book
from sreconsole.ledger.fine import cut
from sreconsole.ledger.fine_log import FineLog
from sreconsole.ledger.history import History
from sreconsole.ledger.store import Store
from sreconsole.ledger.tables import LAYOUT
from sreconsole.sources.scrape import ScrapeReader, TargetRead
from tests.servers.metrics import MetricsTarget

T0 = 1_763_856_000.0  # a full hour
SLI = CounterSli(total=parse_selector("req_total"), bad=parse_selector('req_total{code="500"}'))
KEY = SloKey("shop", "availability")


def slo(service: str = "shop", sli: CounterSli = SLI, name: str = "availability") -> Slo:
    return Slo(service, name, Decimal("0.999"), Rolling(30 * 86_400), sli, "local")


class Clock:
    def __init__(self) -> None:
        self.now = T0

    def __call__(self) -> float:
        return self.now


def page(good: int, bad: int, labels: str = "") -> str:
    more = f",{labels}" if labels else ""
    return f'req_total{{code="200"{more}}} {good}\nreq_total{{code="500"{more}}} {bad}\n'


class Shop:
    """A feed with its book, on a history of its own or shared."""

    def __init__(self, feed: ScrapeFeed, book: Book, clock: Clock) -> None:
        self.feed, self.book, self.clock = feed, book, clock

    async def run(
        self, target: MetricsTarget, start: int, end: int, text: Callable[[int], str], step: int = 15
    ) -> None:
        """Steps from T0+start to T0+end; the page says how far the story is."""
        for at in range(start, end + 1, step):
            self.clock.now = T0 + at
            target.page = text(at)
            await self.feed.step()

    async def step(self, at: float) -> bool:
        """One step at T0+at; whether it asked the targets."""
        self.clock.now = T0 + at
        await self.feed.step()
        return self.feed.scraped

    def partial(self) -> str | None:
        return self.feed.partial

    def hours(self, start: float, end: float, key: SloKey = KEY) -> tuple[float, float, float]:
        return self.book.entry(key).rings[3600].sums(T0 + start, T0 + end)

    def reading(self, start: float, end: float, key: SloKey = KEY) -> tuple[float, float, float] | str:
        got = self.book.reading(key, T0 + start, T0 + end)
        return got.reason if isinstance(got, Missing) else (got.bad, got.total, got.known)


@asynccontextmanager
async def opened(
    path: Path | None,
    *targets: str,
    clock: Clock | None = None,
    slos: tuple[Slo, ...] = (slo(),),
    fleets: tuple[Fleet, ...] = (),
    history: Path | None = None,
    scrapes: bool = True,
    tidy: bool = True,
    interval: float = 15.0,
    reader: type[ScrapeReader] = ScrapeReader,
    past: bool = False,
) -> AsyncIterator[Shop]:
    clock = clock or Clock()
    book, config = Book(), ScrapeSource("local", targets, interval=interval, history=history)
    kept, pages = History.open(path), reader(config)
    feed = ScrapeFeed(config, slos, fleets, book, kept, pages, clock, scrapes=scrapes, past=past)
    try:
        yield Shop(feed, book, clock)
    finally:
        await (feed.aclose() if tidy else pages.aclose())
        kept.close()


def at(seconds: float) -> Clock:
    clock = Clock()
    clock.now = T0 + seconds
    return clock


def steady(at: int) -> str:
    return page(10 * at, at)


async def test_scrapes_become_buckets_and_windows() -> None:
    with MetricsTarget() as target:
        async with opened(None, target.url) as shop:
            contract: Feed = shop.feed
            assert contract.horizon(KEY) is None
            await contract.load()
            await shop.run(target, 0, 600, steady)
            assert shop.feed.scraped
            assert shop.feed.changed == {KEY}
            assert shop.feed.horizon(KEY) == T0 + 600
            assert shop.reading(0, 600) == pytest.approx((600, 6600, 600))
            assert shop.reading(300, 600) == pytest.approx((300, 3300, 300))
            assert shop.book.newest(KEY) == T0 + 600
            assert shop.feed.failures == {}
            assert shop.feed.last_good == T0 + 600
    assert target.asked == 41


async def test_a_bucket_waits_for_the_scrape_after_its_end() -> None:
    with MetricsTarget() as target:
        async with opened(None, target.url) as shop:
            await shop.run(target, 0, 115, steady)
            assert shop.reading(0, 120) == pytest.approx((60, 660, 60))
            assert shop.feed.horizon(KEY) == T0 + 60
            await shop.run(target, 120, 120, steady)
            assert shop.reading(0, 120) == pytest.approx((120, 1320, 120))


async def test_refreshes_between_two_scrapes_ask_nobody() -> None:
    with MetricsTarget(page(1, 1)) as target:
        async with opened(None, target.url) as shop:
            for at in (0, 5, 10, 15, 20, 29.9, 30):
                shop.clock.now = T0 + at
                await shop.feed.step()
        assert target.asked == 3


async def test_a_gap_leaves_short_windows_unknown_and_hours_whole() -> None:
    with MetricsTarget() as target:
        async with opened(None, target.url) as shop:
            await shop.run(target, 0, 60, steady)
            await shop.run(target, 7200, 7260, steady)
            assert shop.reading(60, 7200) == "no data"
            assert shop.reading(0, 3600) == pytest.approx((60, 660, 60))
            assert shop.hours(0, 7200) == pytest.approx((7200, 79_200, 7200))
            assert shop.reading(-14_400, 7200) == pytest.approx((7200, 79_200, 7200))


async def test_one_target_down_is_partial_and_all_down_an_error() -> None:
    with MetricsTarget(page(1, 1)) as one, MetricsTarget(page(1, 1)) as two:
        async with opened(None, one.url, two.url) as shop:
            await shop.run(one, 0, 0, steady)
            assert shop.partial() is None
            two.status = 503
            await shop.run(one, 15, 15, steady)
            assert (shop.partial() or "").startswith("1 of 2 targets answer; ")
            assert two.url in (shop.partial() or "")
            assert shop.feed.failures == {KEY: "counting has begun, first figures within 2m"}
            one.status = 500
            shop.clock.now = T0 + 30
            with pytest.raises(SourceError, match="none of 2 targets answers; "):
                await shop.feed.step()
            assert shop.feed.last_good == T0 + 15
            one.status = two.status = 200
            await shop.run(one, 45, 120, steady)
            assert shop.partial() is None
            assert shop.reading(0, 60) == pytest.approx((60, 660, 60))  # 15..45 is no gap


async def test_an_slo_without_series_says_so_and_its_neighbour_lives() -> None:
    ghost = slo("ghost", CounterSli(total=parse_selector("ghost_total"), bad=parse_selector("ghost_bad")))
    with MetricsTarget() as target:
        async with opened(None, target.url, slos=(slo(), ghost)) as shop:
            await shop.run(target, 0, 60, steady)
            assert shop.feed.failures == {ghost.key: "no series matches ghost_total"}
            assert shop.reading(0, 60) == pytest.approx((60, 660, 60))
            assert shop.reading(0, 60, ghost.key) == "no data"


async def test_a_restart_goes_on_where_the_last_one_was_killed(tmp_path: Path) -> None:
    with MetricsTarget() as target:
        async with opened(tmp_path / "h.db", target.url, tidy=False) as shop:  # killed: nothing is given back
            await shop.run(target, 0, 105, steady)
        async with opened(tmp_path / "h.db", target.url, clock=Clock()) as shop:
            shop.clock.now = T0 + 120
            await shop.feed.load()
            assert shop.reading(0, 60) == pytest.approx((60, 660, 60))
            assert shop.feed.horizon(KEY) == T0 + 60
            await shop.run(target, 165, 240, steady, step=15)  # the old lease has run out
            assert shop.reading(0, 240) == pytest.approx(
                (120, 1320, 120)
            )  # 105..165 was a gap: two minutes are not known
            await shop.run(target, 255, 600, steady)
            await shop.run(target, 3600, 3600, steady)
            hour = shop.hours(0, 3600)
            assert hour == pytest.approx((3600, 39_600, 3600))  # not one event lost or doubled


async def test_a_restart_over_the_end_of_an_hour_keeps_what_the_hour_had(tmp_path: Path) -> None:
    history = tmp_path / "history.db"
    with MetricsTarget() as target:
        async with opened(history, target.url) as shop:
            await shop.run(target, 0, 3000, steady)
        async with opened(history, target.url) as shop:
            await shop.run(target, 4200, 4260, steady)
            assert shop.hours(0, 3600) == pytest.approx((3600, 11 * 3600, 3600))
        async with opened(history, target.url) as shop:
            shop.clock.now = T0 + 4290
            await shop.feed.load()
            assert shop.hours(0, 3600) == pytest.approx((3600, 11 * 3600, 3600)), "on disk as well"


async def test_a_restart_within_two_intervals_loses_no_minute(tmp_path: Path) -> None:
    with MetricsTarget() as target:
        async with opened(tmp_path / "h.db", target.url) as shop:
            await shop.run(target, 0, 90, steady)
        async with opened(tmp_path / "h.db", target.url) as shop:
            shop.clock.now = T0 + 100
            await shop.feed.load()
            await shop.run(target, 120, 300, steady)
            assert shop.reading(0, 300) == pytest.approx((300, 3300, 300))


class Halves(ScrapeReader):
    """Breaks the step off while the samples of its page are being counted."""

    async def read(self, metrics: frozenset[str], now: float) -> list[TargetRead]:
        reads = await super().read(metrics, now)
        if now == T0 + 75:
            for read in reads:
                read.samples = [*(read.samples or ()), *(Sample("other", {"n": str(n)}, 1) for n in range(5000))]
            task = asyncio.current_task()
            assert task is not None
            task.cancel()  # arrives at the next turn of the loop, between two slices of samples
        return reads


async def test_a_round_broken_off_is_not_saved_by_halves(tmp_path: Path) -> None:
    with MetricsTarget() as target:
        async with opened(tmp_path / "h.db", target.url, reader=Halves) as shop:
            await shop.run(target, 0, 60, steady)
            with pytest.raises(asyncio.CancelledError):
                await shop.run(target, 75, 75, steady)
        async with opened(tmp_path / "h.db", target.url) as shop:
            await shop.run(target, 90, 180, steady)
            assert shop.reading(60, 180) == pytest.approx((120, 1320, 120))


async def test_of_two_consoles_one_scrapes_and_both_know(tmp_path: Path) -> None:
    clock = Clock()
    with MetricsTarget() as target:
        async with (
            opened(tmp_path / "h.db", target.url, clock=clock) as one,
            opened(tmp_path / "h.db", target.url, clock=clock) as two,
        ):
            await one.feed.load()
            await two.feed.load()
            for at in range(0, 301, 15):
                clock.now, target.page = T0 + at, steady(at)
                await one.feed.step()
                await two.feed.step()
                assert (one.feed.scraped, two.feed.scraped) == (True, False)
            assert target.asked == 21
            assert two.reading(0, 300) == pytest.approx((300, 3300, 300))
            assert two.feed.horizon(KEY) == T0 + 300
            assert two.feed.changed == {KEY}

            await one.feed.aclose()  # the first goes: the other takes over without losing a minute
            for at in range(315, 601, 15):
                clock.now, target.page = T0 + at, steady(at)
                await two.feed.step()
                assert two.feed.scraped
            assert two.reading(0, 600) == pytest.approx((600, 6600, 600))


async def test_a_holder_that_hangs_is_taken_over_and_follows_when_it_wakes(tmp_path: Path) -> None:
    clock = Clock()
    with MetricsTarget() as target:
        async with (
            opened(tmp_path / "h.db", target.url, clock=clock) as one,
            opened(tmp_path / "h.db", target.url, clock=clock) as two,
        ):
            await one.run(target, 0, 60, steady)
            assert not await two.step(90)
            target.page = steady(105)
            assert await two.step(105)
            await two.run(target, 120, 120, steady)
            assert not await one.step(121)
            await two.run(target, 135, 300, steady)
            assert not await one.step(301)
            assert one.reading(120, 300) == two.reading(120, 300) == pytest.approx((180, 1980, 180))


async def test_a_one_shot_reads_and_never_scrapes(tmp_path: Path) -> None:
    with MetricsTarget() as target:
        async with opened(tmp_path / "h.db", target.url) as shop:
            await shop.run(target, 0, 300, steady)
            async with opened(tmp_path / "h.db", target.url, clock=shop.clock, scrapes=False) as shot:
                await shot.feed.load()
                await shot.feed.step()
                assert shot.reading(0, 300) == pytest.approx((300, 3300, 300))
                shop.clock.now = T0 + 900
                with pytest.raises(Unreachable, match="keep a console"):
                    await shot.feed.step()
        assert target.asked == 21


async def test_an_earlier_moment_is_told_from_what_was_known_then(tmp_path: Path) -> None:
    past = tmp_path / "past.jsonl"
    past.write_text("".join(history_line(at, 60, 1, 11) for at in range(-600, 0, 60)))
    with MetricsTarget() as target:
        async with opened(tmp_path / "h.db", target.url) as shop:
            await shop.run(target, 0, 600, steady)
        for at, horizon in ((330, 300), (-45, -60)):
            async with opened(tmp_path / "h.db", target.url, scrapes=False, history=past) as then:
                then.clock.now = T0 + at
                await then.feed.load()
                await then.feed.step()
                assert then.feed.horizon(KEY) == then.book.newest(KEY) == T0 + horizon


async def test_an_edit_of_the_config_keeps_the_history_of_what_stays(tmp_path: Path) -> None:
    more = slo("more", CounterSli(total=parse_selector("more_total"), bad=parse_selector("more_bad")))
    with MetricsTarget() as target:
        async with opened(tmp_path / "h.db", target.url, interval=60.0) as shop:
            await shop.run(target, 0, 300, steady, step=60)
        renamed = slo("renamed")
        async with opened(tmp_path / "h.db", target.url, slos=(renamed, more), interval=60.0) as shop:
            shop.clock.now = T0 + 310
            await shop.feed.load()
            assert shop.reading(0, 300, renamed.key) == pytest.approx((300, 3300, 300))
            await shop.run(target, 330, 3630, steady, step=60)
            hour = shop.hours(0, 3600, renamed.key)
            assert hour == pytest.approx((3570, 39_270, 3600))  # the first sample after the edit is a baseline


def history_line(start: int, width: int, bad: float, total: float, service: str = "shop") -> str:
    return json.dumps({"service": service, "slo": "availability", "start": int(T0) + start, "width": width, "bad": bad,
                       "total": total}) + "\n"  # fmt: skip


async def test_the_history_file_is_loaded_followed_and_goes_before_a_partial_count(tmp_path: Path) -> None:
    past = tmp_path / "past.jsonl"
    past.write_text(
        "".join(history_line(at, 60, 1, 11) for at in range(-3600, 0, 60)) + history_line(-7200, 3600, 7, 77)
    )
    with MetricsTarget() as target:
        async with opened(None, target.url, history=past) as shop:
            await shop.feed.load()
            assert shop.feed.horizon(KEY) == T0
            assert shop.reading(-3600, 0) == pytest.approx((60, 660, 3600))
            assert shop.hours(-7200, -3600) == pytest.approx((7, 77, 3600))
            await shop.run(target, 30, 90, steady)
            with past.open("a") as out:  # early, by a clock ahead of ours
                out.write(history_line(0, 3600, 5, 500) + history_line(120, 60, 0, 99) + "nonsense\n")
            await shop.run(target, 105, 165, steady)
            assert shop.reading(60, 180) == pytest.approx((60, 660, 60))
            await shop.run(target, 195, 195, steady)
            assert shop.reading(60, 180) == pytest.approx((120, 1320, 120))  # watched whole: ours
            with past.open("a") as out:
                out.write(history_line(120, 60, 0, 99))
            await shop.run(target, 210, 210, steady)
            assert shop.reading(60, 180) == pytest.approx((120, 1320, 120))  # also when the file comes later
            await shop.run(target, 3585, 3615, steady)
            assert shop.hours(0, 3600)[:2] == (5, 500)  # whole, while ours began at :30
            assert any("1 bad line" in note for note in shop.feed.notes())
            past.unlink()
            await shop.run(target, 3630, 3630, steady)
            assert any("cannot be read" in note for note in shop.feed.notes())


async def test_a_fleet_finds_members_while_running_and_remembers_them(tmp_path: Path) -> None:
    fleet = Fleet("service", (slo(""),), except_=("test-*",))

    def fleet_page(*services: str) -> Callable[[int], str]:
        return lambda at: "".join(page(at, 0, f'service="{name}"') for name in services)

    with MetricsTarget() as target:
        async with opened(tmp_path / "h.db", target.url, slos=(), fleets=(fleet,)) as shop:
            await shop.run(target, 0, 60, fleet_page("one", "test-x"))
            assert [s.service for s in shop.feed.slos()] == ["one"]
            await shop.run(target, 75, 195, fleet_page("one", "two"))
            assert [s.service for s in shop.feed.slos()] == ["one", "two"]
            assert shop.reading(120, 180, SloKey("two", "availability")) == pytest.approx((0, 60, 60))
            await shop.run(target, 210, 600, fleet_page("two"))
            assert shop.feed.gone() == {"one"}
        async with opened(tmp_path / "h.db", target.url, slos=(), fleets=(fleet,), scrapes=False) as shop:
            shop.clock.now = T0 + 610
            await shop.feed.load()
            assert [s.service for s in shop.feed.slos()] == ["one", "two"]
            assert isinstance(shop.book.reading(SloKey("two", "availability"), T0 + 120, T0 + 600), Reading)


async def test_a_member_is_forgotten_after_a_day() -> None:
    fleet = Fleet("service", (slo(""),))
    with MetricsTarget() as target:
        async with opened(None, target.url, slos=(), fleets=(fleet,)) as shop:
            await shop.run(target, 0, 15, lambda at: page(at, 0, 'service="old"'))
            await shop.run(target, 30, 99_100, lambda at: page(at, 0, 'service="new"'), step=9_000)
            assert [member.service for member in shop.feed.members()] == ["new"]


async def test_the_limit_of_members_is_said() -> None:
    fleet = Fleet("service", (slo(""),), limit=1)
    with MetricsTarget(page(1, 1, 'service="one"') + page(1, 1, 'service="two"')) as target:
        async with opened(None, target.url, slos=(), fleets=(fleet,)) as shop:
            await shop.feed.step()
            assert "limit of 1 members reached for service: more exist and are left out" in shop.feed.notes()


async def test_without_a_disk_it_works_from_memory_and_says_so() -> None:
    with MetricsTarget() as target:
        async with opened(Path("/proc/nowhere/history.db"), target.url) as shop:
            await shop.feed.load()
            await shop.run(target, 0, 60, steady)
            assert shop.reading(0, 60) == pytest.approx((60, 660, 60))
            assert "in memory only" in (shop.feed._keeper.history.notice or "")
            assert not shop.feed.notes(), "it is a notice of the console, said once"


async def test_good_ahead_of_total_is_clamped_and_remarked() -> None:
    sli = CounterSli(total=parse_selector("all"), good=parse_selector("fine"))
    with MetricsTarget() as target:
        async with opened(None, target.url, slos=(slo(sli=sli),)) as shop:
            await shop.run(target, 0, 60, lambda at: f"all {at}\nfine {2 * at}\n")
            assert shop.reading(0, 60) == pytest.approx((0, 60, 60))
            await shop.run(target, 75, 120, lambda at: f"all {at}\nfine {90 + at // 2}\n")
            assert shop.reading(0, 120) == pytest.approx((30, 120, 120))  # the surplus forgives nothing
            assert shop.feed.remarks == {KEY: ("good exceeded total in 1 bucket: counted as no errors",)}


async def test_odd_values_and_doubled_series_are_notes() -> None:
    with MetricsTarget('req_total{code="200"} NaN\nreq_total{code="500"} 1\nreq_total{code="500"} 1\n') as target:
        async with opened(None, target.url) as shop:
            await shop.feed.step()
            assert any("no usable numbers" in note for note in shop.feed.notes())
            assert any("stand twice" in note for note in shop.feed.notes())


async def test_what_was_kept_around_a_change_is_there_at_that_moment_when_fine_counts_are_gone(tmp_path: Path) -> None:
    path, since = tmp_path / "h.db", {60: 0, 300: 0}
    with MetricsTarget() as target:
        async with opened(path, target.url) as shop:
            await shop.run(target, 0, 1500, steady)
            then = [shop.reading(start, 1500) for start in (0, 600, 1200)]
            (fine,) = (await shop.feed.final([KEY], since)).values()
            store = Store.open(path, LAYOUT)
            assert fine.interval == 15.0
            assert FineLog(store).keep(cut(fine, ((0, 1 << 40),), 1 << 40), T0 + 1500) > 1
            with store.writing() as connection:
                connection.execute("DELETE FROM counts WHERE width < 3600")
            store.close()
        async with opened(path, target.url, clock=at(1500), scrapes=False, past=True) as later:
            await later.feed.load()
            await later.feed.step()
            assert [later.reading(start, 1500) for start in (0, 600, 1200)] == then
            assert later.book.newest(KEY) == T0 + 1500
            assert later.feed.interval(KEY) == 60.0, "that of minutes, not of hours"
        async with opened(path, target.url, clock=at(900), scrapes=False, past=True) as earlier:
            await earlier.feed.load()
            assert earlier.book.newest(KEY) == T0 + 900

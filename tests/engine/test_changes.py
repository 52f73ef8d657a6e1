"""Status changes: recorded once however many see them, told from the start of another run, never a stall."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from sreconsole.config.model import Config, PrometheusSource, Service
from sreconsole.domain.change import StatusChange
from sreconsole.domain.report import SloReport
from sreconsole.domain.slo import Slo, SloKey
from sreconsole.domain.snapshot import ServiceState, Snapshot
from sreconsole.domain.status import Status
from sreconsole.engine.changes import Changes
from sreconsole.engine.feed import Feed
from sreconsole.engine.unasked import Unasked
from sreconsole.ledger.store import Store
from sreconsole.ledger.tables import LAYOUT
from tests.engine.estate import NOW, availability
from tests.present.reports import report

OK, PAGE, STALE, UNKNOWN = Status.OK, Status.PAGE, Status.STALE, Status.UNKNOWN


class Told(Unasked):
    """A feed that says how far its history is."""

    share: float | None = None

    def filling(self, key: SloKey) -> float | None:
        return self.share


class Seen:
    """One console: its SLOs have the statuses it is told."""

    def __init__(self, path: Path | None, names: tuple[str, ...] = ("a",), url: str = "http://prom:9090") -> None:
        self.slos: list[Slo] = [availability(name) for name in names]
        source = PrometheusSource("prom", url)
        services = tuple(Service(slo.service, (slo,)) for slo in self.slos)
        self.config = Config(Path("x.yaml"), sources={"prom": source}, services=services)
        self.feed = Told("prom", "prometheus", self.slos)
        self.feeds: Mapping[str, Feed] = {"prom": self.feed}
        self.now = NOW
        self.changes = Changes(lambda: Store.open(path, LAYOUT), lambda: self.now)

    def show(self, *statuses: Status, after: float = 60.0) -> None:
        self.now += after
        reports: list[SloReport] = [
            replace(report(), key=slo.key, status=status, reasons=(f"it is {status.value}",))
            for slo, status in zip(self.slos, statuses, strict=True)
        ]
        services = tuple(ServiceState(each.key.service, each.status, (each,)) for each in reports)
        self.changes.take(Snapshot(self.now, services), self.config, self.feeds)

    async def flush(self) -> list[tuple[Status | None, Status]]:
        """What is recorded, oldest first."""
        await self.changes.flush()
        return [(change.before, change.after) for change in reversed(self.changes.recent)]


async def test_a_change_says_from_what_to_what_when_and_why(tmp_path: Path) -> None:
    console = Seen(tmp_path / "history.db")
    console.show(OK)
    assert await console.flush() == [], "the first time that an SLO is well is no change"
    console.show(PAGE)
    await console.flush()
    assert console.changes.recent == (StatusChange(SloKey("a", "availability"), OK, PAGE, NOW + 120, "it is page"),)
    same = console.changes.recent
    console.show(PAGE)
    await console.flush()
    assert console.changes.recent is same
    await console.changes.aclose()


async def test_three_consoles_record_a_change_once_and_a_fourth_reads_it(tmp_path: Path) -> None:
    consoles = [Seen(tmp_path / "history.db") for _ in range(3)]
    for status in (OK, PAGE, OK):
        for console in consoles:
            console.show(status)
        await asyncio.gather(*(console.changes.flush() for console in consoles))
    late = Seen(tmp_path / "history.db")
    late.show(OK)
    assert await late.flush() == [(OK, PAGE), (PAGE, OK)]
    for console in (*consoles, late):
        await console.changes.aclose()


async def test_a_start_records_what_changed_meanwhile_but_no_ignorance(tmp_path: Path) -> None:
    first = Seen(tmp_path / "history.db")
    first.show(OK)
    await first.changes.flush()
    await first.changes.aclose()
    second = Seen(tmp_path / "history.db")
    for status in (UNKNOWN, STALE, UNKNOWN):
        second.show(status)
        assert await second.flush() == []
    second.show(PAGE)
    assert await second.flush() == [(OK, PAGE)]
    second.show(STALE)
    assert await second.flush() == [(OK, PAGE), (PAGE, STALE)], "while running it is a change"
    await second.changes.aclose()


async def test_while_history_is_fetched_only_a_page_is_recorded(tmp_path: Path) -> None:
    console = Seen(tmp_path / "history.db")
    console.feed.share = 0.5
    console.show(Status.WARN)
    assert await console.flush() == []
    console.show(PAGE)
    assert await console.flush() == [(None, PAGE)]
    console.show(OK)
    assert await console.flush() == [(None, PAGE)]
    console.feed.share = None
    console.show(OK)
    assert await console.flush() == [(None, PAGE), (PAGE, OK)]
    await console.changes.aclose()


async def test_two_configs_with_the_same_names_do_not_mix(tmp_path: Path) -> None:
    one, other = Seen(tmp_path / "history.db"), Seen(tmp_path / "history.db", url="http://staging:9090")
    for console in (one, other):
        console.show(OK)
        await console.changes.flush()
    one.show(PAGE)
    assert await one.flush() == [(OK, PAGE)]
    assert await other.flush() == []
    await one.changes.aclose()
    await other.changes.aclose()


async def test_changes_older_than_a_day_are_not_shown(tmp_path: Path) -> None:
    console = Seen(tmp_path / "history.db")
    console.show(OK)
    console.show(PAGE)
    await console.changes.flush()
    console.show(PAGE, after=86_400 + 60)
    assert await console.flush() == []
    await console.changes.aclose()


async def test_a_disk_that_cannot_be_used_is_said_and_memory_serves(tmp_path: Path) -> None:
    (tmp_path / "history.db").mkdir()
    console = Seen(tmp_path / "history.db")
    console.show(OK)
    console.show(PAGE)
    assert await console.flush() == [(OK, PAGE)]
    assert "memory only" in console.changes.notices()[0]
    await console.changes.aclose()


async def test_five_hundred_changes_a_second_are_written_together_and_shown_in_bounds(tmp_path: Path) -> None:
    console = Seen(tmp_path / "history.db", tuple(f"s{number}" for number in range(500)))
    console.show(*[OK] * 500)
    await console.changes.flush()
    running = asyncio.create_task(console.changes.run())
    for second in range(4):
        console.show(*[(PAGE, OK)[second % 2]] * 500, after=1.0)
        await asyncio.sleep(0.5)
    running.cancel()
    await console.changes.flush()
    assert len(console.changes.recent) == 1000
    await console.changes.aclose()
    store = Store.open(tmp_path / "history.db", LAYOUT)
    assert store.read(lambda connection: connection.execute("SELECT count(*) FROM changes").fetchone()[0]) == 2500
    store.close()

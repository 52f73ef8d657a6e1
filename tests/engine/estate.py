"""A real Prometheus with four days of known history, and the engine on top of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path

from sreconsole.config.model import Config, HttpConfig, PrometheusSource, Service
from sreconsole.domain.period import Period, Rolling
from sreconsole.domain.report import SloReport
from sreconsole.domain.selector import parse_selector
from sreconsole.domain.sli import CounterSli, Sli
from sreconsole.domain.slo import Fleet, Slo, SloKey
from sreconsole.domain.snapshot import Snapshot
from sreconsole.engine.console import Console
from sreconsole.engine.fine_recall import FineRecall
from sreconsole.engine.prometheus_feed import PrometheusFeed
from sreconsole.ledger.book import Book
from sreconsole.ledger.ledger_file import LedgerFile
from sreconsole.ledger.store import Store
from sreconsole.ledger.tables import LAYOUT
from sreconsole.sources.http import HttpClient
from sreconsole.sources.promapi import PromApi
from sreconsole.sources.prometheus import PrometheusSource as Client
from tests.servers.history import Series, counter

NOW = 1_790_001_034.0
"""A moment that is no bucket's boundary."""
MONTH = Rolling(30 * 86_400)


def counters(service: str, *, every: float, phase: float = 3.0, days: float = 4.0, until: float = NOW) -> list[Series]:
    """Ten good requests a second and one error in 200, with an incident of 30 min before `NOW` and a reset."""

    def errors(at: float) -> float:
        return 1.0 if at > NOW - 1800 else 0.05

    start = NOW - days * 86_400 + phase
    resets = [NOW - 9000.0]
    good = counter("http_requests_total", {"service": service, "code": "200"}, start=start, end=until, every=every,
                   rate=10.0, resets=resets)  # fmt: skip
    bad = counter("http_requests_total", {"service": service, "code": "500"}, start=start, end=until, every=every,
                  rate=errors, resets=resets)  # fmt: skip
    return [good, bad]


def truth(seconds: float) -> float:
    """Error ratio of `counters` over the last `seconds`."""
    bad = min(seconds, 1800.0) + max(0.0, seconds - 1800) * 0.05
    return bad / (bad + 10 * seconds)


def availability(service: str, window: Period = MONTH) -> Slo:
    """The availability of one service of `counters`."""
    return slo(
        service,
        "availability",
        CounterSli(
            total=parse_selector(f'http_requests_total{{service="{service}"}}'),
            bad=parse_selector(f'http_requests_total{{service="{service}",code=~"5.."}}'),
        ),
        window=window,
    )


def slo(service: str, name: str, sli: Sli, objective: str = "0.999", window: Period = MONTH) -> Slo:
    """An SLO measured by the source `prom`."""
    return Slo(service, name, Decimal(objective), window, sli, "prom")


class Engine:
    """The engine over one Prometheus at `url`, with a clock that tests move; `cache` is the file of its ledger,
    `history` what is read at a moment of the past."""

    def __init__(
        self,
        url: str,
        slos: Sequence[Slo],
        fleets: Sequence[Fleet] = (),
        *,
        trends: bool = True,
        cache: Path | None = None,
        now: float = NOW,
        still: bool = False,
        history: Path | None = None,
    ) -> None:
        self.now = now
        settings = PrometheusSource("prom", url)
        names = dict.fromkeys(slo.service for slo in slos)
        services = tuple(Service(name, tuple(s for s in slos if s.service == name)) for name in names)
        config = Config(Path("x.yaml"), sources={"prom": settings}, services=services, fleets=tuple(fleets))
        self.book = Book(31 * 86_400)
        self.client = Client(settings, slos, fleets, PromApi(HttpClient("prom", url, HttpConfig(), 32 << 20)))
        clock: Callable[[], float] = lambda: self.now  # noqa: E731
        self.feed = PrometheusFeed(
            self.client, self.book, clock, refresh=15, trends=trends, still=still,
            opened=lambda: LedgerFile.open(cache),
            recall=(lambda: FineRecall(lambda: Store.open(history, LAYOUT))) if still and history is not None else None,
        )  # fmt: skip
        self.console = Console(config, self.book, [self.feed], clock, past=still)

    async def once(self, timeout: float = 60.0) -> Snapshot:
        """A cold one-shot."""
        return await self.console.once(timeout)

    async def warm(self) -> None:
        """Ask until the minutes that short windows need are there."""
        await self.feed.step()
        while any(made.plan.lacks(60, 0) for made in self.feed.backfill.progress.values()):
            await self.feed.fill()

    async def close(self) -> None:
        """End the connections."""
        await self.console.aclose()


def reports(snapshot: Snapshot) -> dict[SloKey, SloReport]:
    """Reports by key."""
    return {report.key: report for service in snapshot.services for report in service.slos}

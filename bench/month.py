"""A month of counters for a real Prometheus, made once into the cache folder: `python -m bench.month` makes it now.

Two metrics: `http_requests_total` of many services with 20 series each (2 pods, 2 methods, 5 codes) over the whole of
it, and `small_requests_total` of others with two series each over its last day. Scraped every minute, each pod at its
own second; pods restart every few days.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.servers.prometheus import PrometheusServer, backfill

END = 1_790_001_000
"""Unix seconds at which the benches begin to look; a whole minute, no whole hour."""
AFTER = 7200
"""Seconds of data beyond that, for an hour of refreshes."""
STEP = 60
DAY = 86_400
CACHE = Path(__file__).resolve().parents[1] / ".cache" / "bench"
_PIECE = 36 * 3600
"""Seconds written at once; a process of its own needs about 1.5 GB for it."""
_SHARES = (("200", 0.9), ("201", 0.06), ("404", 0.039), ("500", 0.0007), ("503", 0.0003))


@dataclass(frozen=True, slots=True)
class Month:
    """Which data: so many services of the first metric over so many days, so many of the second."""

    services: int
    days: int
    small: int

    @property
    def folder(self) -> Path:
        """Where it lies; the name says what it holds."""
        return CACHE / f"month-1-{self.services}-{self.days}-{self.small}"

    @property
    def series(self) -> int:
        """Series of the first metric."""
        return self.services * 20

    def made(self) -> Path:
        """The folder, made when it is not there yet; some minutes for a whole month."""
        if not self.folder.exists():
            scratch = self.folder.with_suffix(".new")
            shutil.rmtree(scratch, ignore_errors=True)
            begin, end = END - self.days * DAY, END + AFTER
            pieces = [(start, min(start + _PIECE, end)) for start in range(begin, end, _PIECE)]
            with ProcessPoolExecutor(2) as pool:
                list(pool.map(_write, *zip(*((self, scratch, *piece) for piece in pieces), strict=True)))
            scratch.rename(self.folder)
        return self.folder

    def server(self) -> PrometheusServer:
        """A server on it that leaves its blocks as they are."""
        alone = ("--storage.tsdb.min-block-duration=2h", "--storage.tsdb.max-block-duration=2h")
        return PrometheusServer(self.made(), arguments=alone)


MONTH = Month(200, 30, 1_000)
QUICK = Month(20, 2, 200)


def _write(month: Month, folder: Path, start: int, end: int) -> None:
    lines = [*_large(month, start, end), *_small(month, max(start, END - DAY), end), "# EOF\n"]
    backfill(folder, "".join(lines))


def _large(month: Month, start: int, end: int) -> Iterator[str]:
    for service in range(month.services):
        rate = 1 + service % 17 * 3
        for pod in range(2):
            phase = (service * 7919 + pod * 104_729) % STEP
            lived = 5 * DAY + (service * 3571 + pod * 997) % (2 * DAY)
            for method, weight in (("GET", 0.8), ("POST", 0.2)):
                for code, share in _SHARES:
                    head = f'http_requests_total{{service="service-{service:04d}",pod="{pod}",'
                    head += f'method="{method}",code="{code}"}}'
                    yield _counter(head, rate * weight * share, phase, lived, start, end)


def _small(month: Month, start: int, end: int) -> Iterator[str]:
    for service in range(month.small if start < end else 0):
        for code, rate in (("200", 10.0), ("500", 0.004)):
            head = f'small_requests_total{{service="service-{service:04d}",code="{code}"}}'
            yield _counter(head, rate, service * 7919 % STEP, 1 << 40, start, end)


def _counter(head: str, rate: float, phase: int, lived: int, start: int, end: int) -> str:
    """Lines of one series: events come at `rate` a second, in bunches as they do, from zero after each restart."""
    noise = random.Random(f"{head}{start}")
    wobble = [noise.random() for _ in range(64)]
    out = []
    for number, at in enumerate(range(start + phase, end, STEP)):
        events = int(rate * (at % lived + STEP * wobble[number % 64]))
        out.append(f"{head} {events} {at}\n")
    return "".join(out)


if __name__ == "__main__":
    print(MONTH.made())

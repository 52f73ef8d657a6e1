"""`make bench`: everything in one go, into bench/results.md; exit code 1 when a target is missed.

With --quick: few rounds on smaller worlds, nothing written, and only counts (bytes, requests, samples) fail: a time may
be the machine's fault. Names of chapters measure only these.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bench import apart, data, deploys, keys, memory, oneshot, refresh, start, watch
from bench.figures import Chapter, machine, page
from bench.month import MONTH, QUICK
from bench.takes import TAKES

RESULTS = Path(__file__).parent / "results.md"
RUNS = 3

Measure = Callable[[], Chapter]

FULL: dict[str, Measure] = {
    "start": lambda: start.measure(RUNS, 7),
    "oneshot": lambda: oneshot.measure(RUNS, 9),
    "refresh": lambda: refresh.measure(RUNS, 9),
    "apart": lambda: apart.measure(15),
    "watch": lambda: watch.measure(60.0),
    "deploys": lambda: deploys.measure(RUNS, 9),
    "keys": lambda: keys.measure(RUNS, 11),
    "data": lambda: data.measure(RUNS, MONTH),
    "memory": lambda: memory.measure(RUNS),
}
SMALL: dict[str, Measure] = {
    "start": lambda: start.measure(1, 3, members=200),
    "oneshot": lambda: oneshot.measure(1, 3),
    "refresh": lambda: refresh.measure(1, 2),
    "apart": lambda: apart.measure(3),
    "watch": lambda: watch.measure(10.0, beside=False),
    "deploys": lambda: deploys.measure(1, 2),
    "keys": lambda: keys.measure(1, 2, keys=60, services=50, blocks=2),
    "data": lambda: data.measure(1, QUICK),
    "memory": lambda: memory.measure(1, services=100, refreshes=50, alerts=1_000, rest=2.0),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds, write nothing")
    parser.add_argument("chapters", nargs="*", metavar="CHAPTER", help=", ".join(FULL))
    given = parser.parse_args()
    logging.getLogger("sreconsole").addHandler(logging.NullHandler())
    where, began = machine(), time.monotonic()
    measures = SMALL if given.quick else FULL
    chapters = []
    for name in given.chapters or measures:
        print(f"{time.monotonic() - began:.0f} s: {name}", file=sys.stderr, flush=True)
        try:
            chapters.append(_measured(measures[name], profiled=not given.quick))
        except Exception:  # noqa: BLE001 - the other chapters took long; this one is said to have failed
            broken = traceback.format_exc()
            print(broken, file=sys.stderr, flush=True)
            chapters.append(
                Chapter(name, f"Could not be measured: `{broken.strip().splitlines()[-1][:300]}`", failed=True)
            )
    minutes = (time.monotonic() - began) / 60
    text = page(chapters, where, f"{datetime.now(UTC):%Y-%m-%d}, {minutes:.0f} minutes")
    print(text)
    if not given.quick and not given.chapters:
        RESULTS.write_text(text, encoding="utf-8")
    figures = [figure for chapter in chapters for figure in chapter.figures]
    missed = [figure for figure in figures if not figure.met]
    for figure in missed:
        print(f"missed: {figure.name}", file=sys.stderr)
    failed = any(chapter.failed for chapter in chapters)
    return 1 if failed or any(figure.counted or not given.quick for figure in missed) else 0


def _measured(measure: Measure, *, profiled: bool) -> Chapter:
    """One chapter, with what is to be said of what it missed."""
    chapter = measure()
    missed = [figure.name for figure in chapter.figures if not figure.met]
    parts = [chapter.found] if chapter.found else []
    parts += [f"**{name}**: {TAKES[name]}" for name in missed if name in TAKES]
    if missed and profiled and chapter.profile is not None:
        parts.append(chapter.profile())
    chapter.found = "\n\n".join(parts)
    return chapter


if __name__ == "__main__":
    sys.exit(main())

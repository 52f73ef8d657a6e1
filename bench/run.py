"""`make bench`: everything in one go, into bench/results.md. With --quick: fewer rounds, nothing written, and an exit
code of 1 when a target is missed."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from bench import apart, refresh, start
from bench.figures import machine, page

RESULTS = Path(__file__).parent / "results.md"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds, write nothing, fail on a missed target")
    quick = parser.parse_args().quick
    where = machine()
    chapters = [
        start.measure(5 if quick else 15),
        refresh.measure(5 if quick else 21),
        apart.measure(5 if quick else 15),
    ]
    text = page(chapters, where, f"{datetime.now(UTC):%Y-%m-%d}")
    print(text)
    if not quick:
        RESULTS.write_text(text, encoding="utf-8")
    missed = [figure.name for chapter in chapters for figure in chapter.figures if not figure.met]
    for name in missed:
        print(f"missed: {name}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

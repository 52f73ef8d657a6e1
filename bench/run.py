"""`make bench`: everything in one go, into bench/results.md; exit code 1 when a target is missed.

With --quick: few rounds, nothing written, and a target counts as missed only when it is missed by half: that is a
mistake in the code, less may be the machine.
"""

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
    parser.add_argument("--quick", action="store_true", help="few rounds, write nothing")
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
    figures = [figure for chapter in chapters for figure in chapter.figures]
    missed = [figure.name for figure in figures if not figure.met_within(1.5 if quick else 1.0)]
    for name in missed:
        print(f"missed: {name}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

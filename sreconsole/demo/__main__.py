"""`python -m sreconsole.demo`: an estate alone, as `sreconsole demo --serve`, with options for tests and pictures."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from sreconsole.demo.estate import SEED, Options, serve


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the options and run until ended."""
    parser = argparse.ArgumentParser(prog="python -m sreconsole.demo", description=__doc__, allow_abbrev=False)
    parser.add_argument("--seed", type=int, default=SEED, help="which story")
    parser.add_argument("--started-ago", type=float, default=0.0, metavar="SECONDS", help="position in the story")
    parser.add_argument("--directory", type=Path, help="where the files go (kept at the end)")
    parser.add_argument(
        "--console", type=int, metavar="PID", help="end with this parent, or when standard input, a pipe, does"
    )
    given = parser.parse_args(arguments)
    return serve(Options(given.seed, given.started_ago, given.directory, given.console))


if __name__ == "__main__":
    raise SystemExit(main())

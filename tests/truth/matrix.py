"""`make truth`: every setting, several seeds, three and thirty days; the result is written to docs/truth.md.

python -m tests.truth.matrix [SEED ...]     (seeds are drawn at random when none is given)
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.truth.measure import ENOUGH, LEAST, LIMITS, NOISE, SLACK
from tests.truth.past import BURSTS, MISSED, RESTARTS, ROLLOUTS, SETTINGS
from tests.truth.trial import Trial, verdict

PAGE = Path(__file__).resolve().parents[2] / "docs" / "truth.md"
SEEDS = 2


def main(arguments: list[str]) -> int:
    """Run the matrix and write the page; 1 when something is not as promised."""
    seeds = [int(text) for text in arguments] or [random.SystemRandom().randrange(10**6) for _ in range(SEEDS)]
    began = time.monotonic()
    tables, complaints = [], []
    for trial in _trials(seeds):
        shown, said = verdict(trial, trial.run())
        tables.append(shown)
        complaints += [f"{trial}: {each}" for each in said]
        sys.stderr.write(f"{time.monotonic() - began:.0f} s: {trial}: {'; '.join(said) or 'as promised'}\n")
    PAGE.write_text(_page(seeds, tables, complaints, time.monotonic() - began))
    return 1 if complaints else 0


def _trials(seeds: list[int]) -> Iterator[Trial]:
    for seed in seeds:
        for setting in SETTINGS:
            yield Trial("prometheus", setting, seed, 3, 10, 6)
            yield Trial("victoriametrics", setting, seed, 3, 10, 6)
    for setting in SETTINGS:
        yield Trial("prometheus", setting, seeds[0], 30, 20 if setting.intervals == (60.0,) else 5, 3)


def _page(seeds: list[int], tables: list[str], complaints: list[str], seconds: float) -> str:
    limits = ", ".join(f"{window} {100 * limit:g} %" for window, limit in LIMITS.items())
    said = "\n".join(f"- {each}" for each in complaints) or "Everything is as promised."
    blocks = "\n\n".join(f"### {name}\n\n{rest}" for name, _, rest in (table.partition("\n") for table in tables))
    return f"""# The figures against the truth

Written by `make truth` at commit {_commit()}, seeds {", ".join(map(str, seeds))}, {seconds / 60:.0f} minutes.

A known past is written into a real server: counters of services with several targets at random phases,
{100 * MISSED:g} % of scrapes missed, {RESTARTS:g} restart a day and target, {ROLLOUTS:g} rollout a day (old series
end, new ones begin), {BURSTS:g} bursts of errors a day. Truth is what the scrapes saw: increments between consecutive
samples of a series, dated at the later one; a series' first sample counts nothing. The engine looks at random moments,
as a one-shot and as a console that goes on for four minutes; the server is asked for its own `increase` over the same
windows. Compared are error ratios, relative to the true one, over windows with at least {LEAST} bad events. A window of
a console ends with its newest closed minute; a one-shot's, and one of mixed intervals, at the moment itself.

Promised: at p95 (of {ENOUGH} windows and more) within {limits}; the median up to 1 d, with mixed intervals up to 3 d,
not worse than the server's own (within a factor of {SLACK:g} or {100 * NOISE:g} %).

{said}

{blocks}
"""


def _commit() -> str:
    done = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

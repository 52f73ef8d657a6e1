"""Random trials that can be done again: the seed is printed, `LEDGER_SEED=N` takes it."""

from __future__ import annotations

import os
import random


def seed() -> int:
    """The seed of this run."""
    number = int(os.environ.get("LEDGER_SEED") or random.SystemRandom().randrange(10**9))
    print(f"LEDGER_SEED={number}")  # noqa: T201 - shown with a test that fails
    return number

"""The console's figures against what really happened: within the limits promised, and not worse than PromQL's own.

Seeds are drawn at random and printed; `TRUTH_SEED=...` replays one.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable

import pytest

from tests.truth.past import SETTINGS, Setting
from tests.truth.trial import Trial, verdict

pytestmark = [pytest.mark.xdist_group("truth"), pytest.mark.timeout(900)]
SIXTY, MIXED = SETTINGS[2], SETTINGS[3]


@pytest.fixture
def seed() -> int:
    return int(os.environ.get("TRUTH_SEED") or random.SystemRandom().randrange(10**6))


def hold(trial: Trial, record: Callable[[str, object], None]) -> None:
    """Run a trial, show its table at the end of the run, and fail with what is not as promised."""
    shown, complaints = verdict(trial, trial.run())
    record("figures", shown)
    assert not complaints, f"{shown}\n" + "\n".join(complaints)


def test_a_day_of_mixed_intervals(seed: int, record_property: Callable[[str, object], None]) -> None:
    hold(Trial("prometheus", MIXED, seed, 1, 5, 3), record_property)


@pytest.mark.prove
@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_three_days(setting: Setting, seed: int, record_property: Callable[[str, object], None]) -> None:
    hold(Trial("prometheus", setting, seed, 3, 10, 6), record_property)


@pytest.mark.prove
def test_thirty_days_of_twenty_services(seed: int, record_property: Callable[[str, object], None]) -> None:
    hold(Trial("prometheus", SIXTY, seed, 30, 20, 3), record_property)


@pytest.mark.prove
@pytest.mark.parametrize("setting", [SIXTY, MIXED], ids=lambda setting: setting.name)
def test_three_days_in_victoriametrics(
    setting: Setting, seed: int, record_property: Callable[[str, object], None]
) -> None:
    hold(Trial("victoriametrics", setting, seed, 3, 10, 6), record_property)

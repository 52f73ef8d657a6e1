"""The list of bad days, and what each of them measured: one JSON file a case, from which the page is written.

@bad_day("Prometheus is killed", "it is started again with its data after six seconds")
def test_killed(day: Day) -> None: ...
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

import pytest

RESULTS = Path(__file__).resolve().parents[2] / ".cache" / "bad_days"
MEMORY_LIMIT = 60.0
"""MB by which a console may grow at its worst moment on a bad day, where a case does not say otherwise."""

Test = TypeVar("Test", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class Case:
    """One bad day."""

    id: str
    title: str
    """What happens, in a few words."""
    ends: str
    """How the bad day ends."""


CASES: dict[str, Case] = {}
"""By the name of its test; complete once every test module is imported."""


@dataclass(slots=True)
class Result:
    """What a person saw and what was measured."""

    id: str
    sees: str = ""
    """The sentence on the screen."""
    recovery: float | None = None
    """Seconds from the end of the cause until the screen is right again; None: nothing has to recover."""
    keys: float | None = None
    """Slowest answer to a key in the worst moment, in seconds."""
    memory: float | None = None
    """MB of growth at the worst moment; None: not measured."""
    remark: str = ""


def bad_day(title: str, ends: str, *, long: bool = True) -> Callable[[Test], Test]:
    """Enter a test into the list; a `long` one belongs to the long proofs."""

    def enter(test: Test) -> Test:
        name = test.__name__
        if name in CASES:
            raise ValueError(f"two cases called {name}")
        CASES[name] = Case(name, title, ends)
        return pytest.mark.prove(test) if long else test

    return enter


def keep(result: Result) -> None:
    """Write what a case measured, for the page."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    result.sees = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", result.sees)
    (RESULTS / f"{result.id}.json").write_text(json.dumps(asdict(result), ensure_ascii=False) + "\n", encoding="utf-8")


def kept() -> dict[str, Result]:
    """Every result there is, by case."""
    found = (json.loads(path.read_text(encoding="utf-8")) for path in sorted(RESULTS.glob("*.json")))
    return {one["id"]: Result(**one) for one in found}

"""A bad day in a test: its servers, its person, and what it measured."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.bad_days.cases import MEMORY_LIMIT, Result, keep
from tests.bad_days.estate import LONGEST_BACK_OFF, MACHINE, REFRESH, Estate, Prometheus
from tests.bad_days.person import Person


class Day:
    """One case: what is started ends with it, what is measured is kept if the case holds."""

    def __init__(self, name: str, folder: Path, estate: Estate, calm: Prometheus, stack: ExitStack) -> None:
        self.folder, self.estate, self.calm = folder, estate, calm
        self.result = Result(name)
        self.memory_limit = MEMORY_LIMIT
        self._stack = stack
        self.people: list[Person] = []

    def person(self, config: Path, **more: object) -> Person:
        """Somebody who starts the console; with the folders of this case unless told otherwise."""
        made = Person(config, **{"home": self.folder / "home", **more})  # type: ignore[arg-type]
        self.people.append(made)
        return self._stack.enter_context(made)

    def recovers(self, person: Person, words: str, since: float, longest: float | None = None) -> None:
        """Wait for what shows that all is well again, counted from when the cause was gone (monotonic seconds).

        The next try comes after the longest back-off at the latest, what it brings shows a refresh later.
        """
        limit = (LONGEST_BACK_OFF + REFRESH if longest is None else longest) + MACHINE
        person.sees(words, within=max(0.1, since + limit - time.monotonic()))
        self.result.recovery = round(time.monotonic() - since, 1)

    def ends_well(self, person: Person) -> None:
        """Memory stayed within its limit; the program ends in order. Keeps the figures."""
        self.result.memory = round(max(self.result.memory or 0.0, person.growth), 1)
        assert self.result.memory <= self.memory_limit, f"memory grew by {self.result.memory} MB"
        person.leaves()
        self.result.keys = round(person.slowest_key, 2) if person.slowest_key else None


@pytest.fixture(scope="session")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A Prometheus that stays well, for all cases."""
    with Estate(tmp_path_factory.mktemp("calm")) as estate:
        yield estate.prometheus("calm")


@pytest.fixture
def day(request: pytest.FixtureRequest, tmp_path: Path, calm: Prometheus) -> Iterator[Day]:
    """The case that runs; its measurements are kept when it holds."""
    with ExitStack() as stack:
        estate = stack.enter_context(Estate(tmp_path))
        made = Day(request.node.name, tmp_path, estate, calm, stack)
        yield made
    if not request.node.stash.get(_FAILED, False):
        keep(made.result)


_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Remember whether a case held."""
    report = yield
    if report.when == "call" and report.failed:  # type: ignore[attr-defined]
        item.stash[_FAILED] = True
    return report

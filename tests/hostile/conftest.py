"""The hostile world and its harmless twin."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hostile.world import World, world


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Every text hostile."""
    with world(tmp_path_factory.mktemp("hostile")) as made:
        yield made


@pytest.fixture(scope="session")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Every text harmless."""
    with world(tmp_path_factory.mktemp("twin"), harmless=True) as made:
        yield made

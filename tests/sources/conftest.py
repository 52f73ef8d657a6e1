"""What the tests of sources share."""

from __future__ import annotations

import pytest

from sreconsole.sources import wire


@pytest.fixture(params=[True, False], ids=["direct", "library"])
def carrier(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same over each way to carry an exchange."""
    monkeypatch.setattr(wire, "DIRECT", request.param)

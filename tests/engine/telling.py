"""A source of alerts that tells what a test lets it tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sreconsole.config.model import Config
from sreconsole.domain.alert import Alert, AlertState
from sreconsole.domain.selector import Matcher
from sreconsole.domain.silence import Silence, SilenceState
from sreconsole.engine.unasked import UnaskedAlerts
from sreconsole.errors import SourceError


class Telling(UnaskedAlerts):
    """Tells `told` and `quiet`; fails with `error` when there is one."""

    silences_missing = None
    parts: tuple[int, int] | None = None  # type: ignore[assignment]
    partial: str | None = None  # type: ignore[assignment]

    def __init__(self, name: str = "am", kind: str = "alertmanager", told: Sequence[Alert] = ()) -> None:
        super().__init__(name, kind)
        self.told: tuple[Alert, ...] = tuple(told)
        self.quiet: tuple[Silence, ...] = ()
        self.error: SourceError | None = None

    def alerts(self) -> Sequence[Alert]:
        """As told."""
        return self.told

    def silences(self) -> Sequence[Silence]:
        """As told."""
        return self.quiet

    async def step(self) -> None:
        """Fail, where the test wants it."""
        if self.error is not None:
            raise self.error


def alert(
    name: str, labels: Mapping[str, str] | None = None, state: AlertState = "firing", source: str = "am", **more: Any
) -> Alert:
    """A page alert, known by its name."""
    raw = {"alertname": name, **(labels or {})}
    fields: dict[str, Any] = {"severity": "page", "fingerprint": f"{name}{sorted(raw.items())}", "since": 0.0, **more}
    return Alert(name=name, state=state, source=source, labels=raw, raw=raw, **fields)


def silence(ident: str, state: SilenceState = "active", starts: float = 0.0, ends: float = 100.0) -> Silence:
    """A silence of the source `am`."""
    return Silence(ident, "am", state, (Matcher("a", "=", "b"),), "ana", "", starts, ends)


def config(**more: Any) -> Config:
    """A config without a file."""
    return Config(Path("x.yaml"), **more)

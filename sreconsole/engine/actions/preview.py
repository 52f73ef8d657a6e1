"""What a silence would do, before it is made, extended or ended: what people confirm is one of these values."""

from __future__ import annotations

from typing import Literal

from sreconsole.domain.alert import Alert
from sreconsole.domain.draft import Draft
from sreconsole.domain.guards import Drift, changed
from sreconsole.domain.reach import Reach
from sreconsole.domain.silence import Silence
from sreconsole.records import dataclass


@dataclass(frozen=True, slots=True)
class At:
    """A preview at one cluster."""

    source: str
    reach: Reach | None
    """None: it cannot be told, see `error`."""
    error: str | None = None
    """Why it cannot; one cleaned sentence."""
    silences: tuple[Silence, ...] = ()
    """Those of the cluster, of which `reach.covered_by` names some."""


@dataclass(frozen=True, slots=True)
class Preview:
    """A draft at every cluster that it is meant for."""

    draft: Draft
    at: tuple[At, ...]
    length: float
    """Seconds for which it lasts."""
    refusals: tuple[str, ...] = ()
    """Why it cannot be made, whatever is typed; empty: it can."""
    count: int | None = None
    """The number that must be typed; None: an ordinary confirmation will do."""
    made_at: float = 0.0
    """Unix seconds."""

    @property
    def reaches(self) -> tuple[Reach, ...]:
        """Those that are known."""
        return tuple(one.reach for one in self.at if one.reach is not None)

    @property
    def matched(self) -> int:
        """Alerts that it mutes now, at all clusters."""
        return sum(reach.count for reach in self.reaches)

    @property
    def of(self) -> int:
        """All alerts there are now."""
        return sum(reach.of for reach in self.reaches)

    @property
    def errors(self) -> tuple[str, ...]:
        """Why some cluster cannot be told of; nothing is sent then."""
        return tuple(f"{one.source}: {one.error}" for one in self.at if one.error is not None)

    @property
    def silences(self) -> tuple[Silence, ...]:
        """Those of all its clusters."""
        return tuple(silence for one in self.at for silence in one.silences)


@dataclass(frozen=True, slots=True)
class Amendment:
    """A change of a silence that is there."""

    kind: Literal["extend", "expire"]
    silence: Silence
    ends_at: float
    """Unix seconds: the new end, of `expire` now."""
    muted: tuple[Alert, ...] = ()
    """What it mutes now, page severity first."""
    of: int = 0
    """All alerts of its cluster."""
    heard: tuple[Alert, ...] = ()
    """Of `expire`: alerts that notify as soon as it ends, as they were first seen under it."""
    refusals: tuple[str, ...] = ()
    over: bool = False
    """It has ended already: nothing is to be done."""

    @property
    def matched(self) -> int:
        """Alerts that it mutes now."""
        return len(self.muted)

    @property
    def pages(self) -> tuple[Alert, ...]:
        """Those that page somebody as soon as it ends."""
        return tuple(alert for alert in self.heard if alert.severity == "page")


def drifted(before: Preview, after: Preview) -> dict[str, Drift]:
    """What differs between what was shown and what is, by cluster; empty: nothing that matters."""
    shown = {one.source: one.reach for one in before.at}
    found: dict[str, Drift] = {}
    for one in after.at:
        was = shown.get(one.source)
        if was is not None and one.reach is not None and (drift := changed(was, one.reach)) is not None:
            found[one.source] = drift
    return found

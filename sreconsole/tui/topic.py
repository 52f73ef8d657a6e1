"""What keys that act are about: the row under the cursor, or the view that is open."""

from __future__ import annotations

from sreconsole.domain.alert import Alert
from sreconsole.domain.silence import Silence
from sreconsole.records import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """Alerts, or a silence, or a service; nothing of them where there is no row."""

    alerts: tuple[Alert, ...] = ()
    silence: Silence | None = None
    service: str | None = None
    slo: str | None = None
    at: float | None = None
    """The moment it is about, Unix seconds; None: now."""

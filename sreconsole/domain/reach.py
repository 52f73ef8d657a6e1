"""The reach of a silence, as shown before it is made: what it mutes now, later, and what nobody will hear of."""

from __future__ import annotations

from typing import Literal

from sreconsole.domain.alert import Alert
from sreconsole.records import dataclass

Danger = Literal["everything", "page", "never", "negative", "any name", "nothing"]
"""All alerts there are (of two or more); one of page severity; one that is never to be silenced, also by a rule that
does not fire; only negative matchers, or such as an absent label satisfies; any alertname (`.+`); nothing at all, now
or by any rule: likely a typing error."""


@dataclass(frozen=True, slots=True)
class QuietRule:
    """An alerting rule not firing now whose alerts would be muted."""

    source: str
    group: str
    name: str
    severity: str


@dataclass(frozen=True, slots=True)
class QuietReceiver:
    """A receiver and how many of its alerts go quiet."""

    name: str
    muted: int
    of: int


@dataclass(frozen=True, slots=True)
class Reach:
    """What a draft would do at one cluster."""

    source: str
    muted: tuple[Alert, ...]
    """Page severity first, then by name; each alert once."""
    of: int
    """All alerts the cluster has now."""
    receivers: tuple[QuietReceiver, ...] = ()
    rules: tuple[QuietRule, ...] = ()
    rules_missing: str | None = None
    """Why the rules are not known; None: they are."""
    covered_by: tuple[str, ...] = ()
    """Ids of active silences with the same or wider effect on the alerts muted now."""
    dangers: tuple[Danger, ...] = ()
    unseen: float | None = None
    """Share of the error budget (1 is all of it) that burns while it lasts, at the burn of the last hour, of the worst
    SLO concerned; None: not known or no SLO concerned."""
    unseen_slo: str = ""
    """That SLO, `service/slo`."""
    rules_maybe: tuple[QuietRule, ...] = ()
    """Rules whose alerts are muted if their series bring labels that the matchers want."""
    unlisted: int = 0
    """Alerts that the server says it would mute and that are not known here yet; `of` counts them, too."""

    @property
    def count(self) -> int:
        """How many alerts it mutes now: what is typed where Enter will not do."""
        return len(self.muted) + self.unlisted

    @property
    def fingerprints(self) -> frozenset[str]:
        """Of the alerts muted now: what is frozen between preview and confirmation."""
        return frozenset(alert.fingerprint for alert in self.muted)

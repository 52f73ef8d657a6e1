"""The rows of the alert panel: alerts, and below them the silences."""

from __future__ import annotations

from typing import ClassVar, Literal

from sreconsole.domain.alert import Alert, AlertState
from sreconsole.domain.silence import Silence
from sreconsole.domain.snapshot import Snapshot
from sreconsole.present import alert_words, marks
from sreconsole.present.alert_table import ORDERS
from sreconsole.present.alert_words import References
from sreconsole.tui.panels.rows import Rank, Rows

AlertKey = tuple[Literal["alert", "silence"], str, str]
"""Alert or silence, its source, its fingerprint or id."""
_STATES = ("active", "pending", "expired")


class AlertRows(Rows[AlertKey, Alert | Silence]):
    """One row an alert, worst first; one row a silence, what ends first first."""

    ORDERS: ClassVar[tuple[str, ...]] = ORDERS

    def __init__(self) -> None:
        super().__init__()
        self.known = References()
        self.states: dict[AlertState, int] = {}
        """How many alerts are in each state."""
        self.pages: dict[AlertState, int] = {}
        """The same of page alerts."""
        self.silences = 0
        """How many silences there are, ended ones included."""
        self.ended = 0
        """How many of them have ended."""
        self.marked: set[AlertKey] = set()
        """Alerts that a person has marked, to do something with all of them. Those that are gone count no more."""
        self._taken: tuple[object, object] = ((), ())

    def take(self, snapshot: Snapshot, now: float) -> bool:
        """Take a snapshot's alerts and silences; whether they are others than before. The same cost nothing."""
        taken = (snapshot.alerts, snapshot.silences)
        if taken[0] is self._taken[0] and taken[1] is self._taken[1]:
            return False
        self._taken = taken
        self.known = References(snapshot.alerts, snapshot.silences)
        items: dict[AlertKey, Alert | Silence] = {key_of(alert): alert for alert in snapshot.alerts}
        items.update({key_of(silence): silence for silence in snapshot.silences})
        self.marked &= items.keys()
        self.replace(items, now)
        return True

    def mark(self) -> bool:
        """Mark the alert under the cursor, or take its mark away; False where there is none."""
        if self.cursor is None or self.cursor[0] != "alert":
            return False
        self.marked ^= {self.cursor}
        return True

    @property
    def chosen(self) -> tuple[Alert, ...]:
        """The marked alerts; without any the one under the cursor."""
        keys = [key for key in self.items if key in self.marked] or ([self.cursor] if self.cursor is not None else [])
        return tuple(item for key in keys if isinstance(item := self.items.get(key), Alert))

    @property
    def alerts(self) -> int:
        """How many alerts there are."""
        return len(self.items) - self.silences

    def rank(self, item: Alert | Silence) -> Rank:
        """Silences stand below alerts in every order."""
        if isinstance(item, Silence):
            until = item.starts_at if item.state == "pending" else item.ends_at
            return 1, _STATES.index(item.state), -until if item.state == "expired" else until, item.source, item.id
        if self.order == "age":
            return 0, -(item.since or 0.0), item.rank
        if self.order == "name":
            return 0, item.name, item.rank
        if self.order == "service":
            return 0, item.service is None, item.service or "", item.rank
        return 0, item.rank, item.source

    def is_fault(self, item: Alert | Silence) -> bool:
        """Only what notifies."""
        return isinstance(item, Alert) and item.state == "firing"

    def searched(self, item: Alert | Silence) -> str:
        """All that names it."""
        if isinstance(item, Silence):
            said = ("silence", item.state, item.created_by, item.comment, item.source, alert_words.matchers(item))
        else:
            labels = " ".join(f"{name}={value}" for name, value in item.labels.items())
            words = (marks.alert_word(item), item.name, item.service or "", item.state, item.severity, item.source)
            said = (*words, labels, " ".join(item.receivers), alert_words.what(item))  # type: ignore[assignment]
        return " ".join(said).lower()

    def replaced(self, old: Alert | Silence | None, new: Alert | Silence | None) -> None:
        """Keep the counts."""
        for item, step in ((old, -1), (new, 1)):
            if isinstance(item, Silence):
                self.silences += step
                self.ended += step * (item.state == "expired")
            elif item is not None:
                self.states[item.state] = self.states.get(item.state, 0) + step
                if item.severity == "page":
                    self.pages[item.state] = self.pages.get(item.state, 0) + step


def key_of(item: Alert | Silence) -> AlertKey:
    """What identifies an alert or a silence among all sources."""
    if isinstance(item, Silence):
        return "silence", item.source, item.id
    return "alert", item.source, item.fingerprint

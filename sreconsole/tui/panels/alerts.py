"""Panel 2: every alert, and the silences."""

from __future__ import annotations

from typing import ClassVar

from sreconsole.domain.snapshot import SourceState
from sreconsole.present import alert_words
from sreconsole.present.cells import settle
from sreconsole.tui.panels.alert_rows import key_of
from sreconsole.tui.panels.alert_table import AlertTable
from sreconsole.tui.panels.panel import Panel
from sreconsole.tui.screens.base import ConsoleScreen
from sreconsole.tui.session import Session
from sreconsole.tui.topic import Topic

_STEP_ROWS = 3
"""Room is taken by so many rows at once: an alert that comes and goes must not lay the screen out anew each time."""
_ORDERS = {"age": "newest first", "name": "by name", "service": "by service"}


class AlertPanel(Panel):
    """The alerts, what notifies first; below them the silences."""

    NUMBER: ClassVar[int] = 2
    NAME: ClassVar[str] = "Alerts"
    THING: ClassVar[str] = "alert"

    def __init__(self, session: Session) -> None:
        self.table = AlertTable(session)
        super().__init__(session, self.table, self.table.rows)

    def take(self) -> None:
        """Show the newest snapshot."""
        self.table.take(self.session.snapshot)
        self.retitle()

    def states(self) -> tuple[SourceState, ...]:
        """Those that alerts come from."""
        return self.session.snapshot.alert_sources

    def shown(self) -> tuple[str, ...]:
        """`3 firing · 1 silenced · 2 silences`, then what is left out and what is off the screen."""
        rows, dot, whole = self.table.rows, f" {self.session.glyphs.dot} ", self.session.snapshot.alerts_whole
        beyond = self.table.beyond()
        ends = [said for said in (_ORDERS.get(rows.order), beyond) if said]
        last = [beyond] if "page" in beyond else []
        if len(rows.keys) != len(rows.items) or rows.needle:
            said = f"{len(rows.keys)} of {len(rows.items)}{' firing only' * rows.faults}"
            chosen = f"{said} /{rows.needle}" if rows.needle else said
            return dot.join([chosen, *ends]), *last, chosen
        full, short = (alert_words.tally(rows.states, whole, self.session.glyphs.dot, brief) for brief in (False, True))
        lasting = rows.silences - rows.ended
        silences = [f"{lasting} silence{'s' * (lasting > 1)}"] if lasting else []
        return (
            dot.join([full, *silences, *ends]),
            dot.join([short, *silences, *ends]),
            dot.join([short, *ends]),
            *last,
            short,
        )

    def wanted(self) -> int:
        """Room for all rows, in steps."""
        rows = len(self.table.rows.keys)
        return len(self.head_lines()) + (-(-rows // _STEP_ROWS) * _STEP_ROWS or 1)

    def least(self) -> int:
        """Title, messages and a step of rows."""
        return min(self.wanted(), len(self.head_lines()) + _STEP_ROWS)

    def says_failures(self) -> bool:
        """Without any row their place says it."""
        return bool(self.table.rows.keys)

    def opened(self) -> ConsoleScreen | None:
        """The alert or silence in full."""
        item = self.table.rows.current
        if item is None:
            return None
        from sreconsole.tui.screens.alert import AlertScreen

        self.table.rows.hold()
        view = self.views.of(AlertScreen)
        view.turn_to(key_of(item), self.step)
        return view

    def topic(self) -> Topic:
        """The marked alerts, else what is under the cursor."""
        from sreconsole.domain.silence import Silence

        item, chosen = self.table.rows.current, self.table.rows.chosen
        if isinstance(item, Silence) and not self.table.rows.marked:
            return Topic(silence=item)
        services = {alert.service for alert in chosen}
        return Topic(alerts=chosen, service=services.pop() if len(services) == 1 else None)

    def mark(self) -> bool:
        """Mark the alert under the cursor and go on to the next."""
        if not self.table.rows.mark():
            return False
        self.table.tick()
        self.table.move(1)
        return True

    def as_text(self) -> str:
        """The alert or silence under the cursor in a sentence."""
        from sreconsole.domain.silence import Silence
        from sreconsole.present import alert_detail

        session, item, rows = self.session, self.table.rows.current, self.table.rows
        if item is None:
            return ""
        now, zone = session.snapshot.time_at(item.source, session.clock()), session.zone
        if isinstance(item, Silence):
            return settle(alert_detail.silence_summary(item, now, zone), session.glyphs)
        return settle(alert_detail.summary(item, rows.known, now, zone), session.glyphs)

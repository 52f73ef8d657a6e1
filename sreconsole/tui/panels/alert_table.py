"""The table of the alert panel."""

from __future__ import annotations

from collections.abc import Hashable

from sreconsole.domain.alert import Alert
from sreconsole.domain.silence import Silence
from sreconsole.domain.snapshot import Snapshot
from sreconsole.present import alert_table, alert_words
from sreconsole.present.cells import Span
from sreconsole.tui.panels.alert_rows import AlertKey, AlertRows
from sreconsole.tui.panels.line_table import LineTable
from sreconsole.tui.session import Session
from sreconsole.tui.strips import Line

_FAILING = ("down", "auth", "stale")


class AlertTable(LineTable[AlertKey, Alert | Silence], inherit_bindings=False):
    """The rows of all alerts and silences."""

    def __init__(self, session: Session) -> None:
        self.rows = AlertRows()
        super().__init__(session, self.rows)
        self._layout = alert_table.layout(80, ())
        self._failing: frozenset[str] = frozenset()

    def take(self, snapshot: Snapshot) -> None:
        """Show a new snapshot."""
        self._failing = frozenset(source.name for source in snapshot.alert_sources if source.state in _FAILING)
        self.show_taken(self.rows.take(snapshot, self._session.clock()))

    def draw(self, key: AlertKey, item: Alert | Silence) -> Line:
        """One alert or silence."""
        session, stale = self._session, item.source in self._failing
        now, zone = session.snapshot.time_at(item.source, session.clock()), session.zone
        if isinstance(item, Silence):
            said = alert_words.when(item, now, zone)
            return alert_table.silence_row(item, said, self._layout, session.glyphs, stale)
        note = alert_words.note(item, self.rows.known, now, zone)
        since, marked = alert_words.since(item, now), key in self.rows.marked
        return alert_table.alert_row(item, note, since, self._layout, session.glyphs, stale, marked)

    def facts(self, key: AlertKey, item: Alert | Silence) -> Hashable:
        """Whether its source fails, how old it is, what it is silenced by."""
        session = self._session
        now, zone = session.snapshot.time_at(item.source, session.clock()), session.zone
        stale = item.source in self._failing
        if isinstance(item, Silence):
            return stale, alert_words.when(item, now, zone)
        quiet = alert_words.why_quiet(item, self.rows.known, now, zone)
        return stale, alert_words.since(item, now), quiet, key in self.rows.marked

    def nothing(self) -> Line:
        """Why there is no row; `no alerts` only when every source said so."""
        session, rows = self._session, self.rows
        snapshot = session.snapshot
        if rows.needle and rows.items:
            return [Span(f"nothing matches /{rows.needle}", "foreground"), Span("  esc clears", "dim")]
        if not snapshot.alerts_whole:
            said = alert_words.none_known(
                snapshot.alert_sources, session.clock(), session.config.refresh, self.columns, session.glyphs
            )
            return [Span(said, "unknown")]
        if rows.faults and rows.items:
            return [Span(f"nothing notifies: none of {rows.alerts} alerts fires", "ok"), Span("  f shows them", "dim")]
        return [Span("no alerts", "ok")]

    def told(self, away: range) -> str:
        """How many pages fire among the lines off the screen; how many they are where none does."""
        rows = self.rows
        items = (rows.items[rows.keys[line]] for line in away) if rows.pages.get("firing") else ()
        pages = sum(isinstance(item, Alert) and item.pages for item in items)
        return f"{pages} page{'s' * (pages > 1)}" if pages else super().told(away)

    def lay_out(self) -> bool:
        """Choose the columns for the width and the names."""
        alerts = (item for item in self.rows.items.values() if isinstance(item, Alert))
        layout = alert_table.layout(self.columns, alerts, len(self._session.snapshot.alert_sources))
        before, self._layout = self._layout, layout
        return layout != before

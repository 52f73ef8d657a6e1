"""The table of the SLO panel."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from itertools import takewhile

from sreconsole.domain.report import SloReport
from sreconsole.domain.slo import SloKey
from sreconsole.domain.snapshot import Snapshot
from sreconsole.present import alert_words, slo_table
from sreconsole.present.absence import CHANGED
from sreconsole.present.cells import Span
from sreconsole.present.deploy_ticks import tick_line
from sreconsole.tui.panels.line_table import LineTable
from sreconsole.tui.panels.slo_rows import SloRows
from sreconsole.tui.panels.slo_ticks import Ticks
from sreconsole.tui.session import Session
from sreconsole.tui.strips import Line

_FAILING = ("down", "auth", "stale")


class SloTable(LineTable[SloKey, SloReport], inherit_bindings=False):
    """The rows of all SLOs."""

    def __init__(self, session: Session) -> None:
        self.rows = SloRows()
        super().__init__(session, self.rows)
        self._layout = slo_table.layout(80, ())
        self._trend_length = 0
        self._failing: frozenset[str] = frozenset()
        self._all_failing = False
        self._alerts: object = ()
        self._paging: dict[str, str] = {}
        """Of each service a page alert that fires."""
        self._ticks = Ticks()
        self.whole = False
        """Whether the panel has the whole screen."""

    @property
    def heading(self) -> Line:
        """The column titles for the present width."""
        return slo_table.header(self._layout, self._session.glyphs)

    def take(self, snapshot: Snapshot) -> None:
        """Show a new snapshot."""
        count = len(self.rows.items)
        sources = self._session.metric_sources()
        self._failing = frozenset(source.name for source in sources if source.state in _FAILING)
        self._all_failing = bool(sources) and len(self._failing) == len(sources)
        self._take_pages(snapshot)
        changed = self.rows.take(snapshot, self._session.clock())
        trend = next((item.trend for item in self.rows.items.values() if item.trend), None)
        self._ticks.take(snapshot.deploys, trend, changed)
        self.show_taken(len(self.rows.items) != count or self._trends_grew(changed))

    def draw(self, key: SloKey, item: SloReport) -> Line:
        """One SLO."""
        session = self._session
        line = slo_table.row(
            item, self._layout, session.glyphs, self._dimmed(key), session.zone, self._paging.get(key.service)
        )
        if key in session.away.changed and self._layout.columns[0].key == "mark":
            line[0] = Span(CHANGED + line[0].text[1:], "bold mark")
        return line

    def facts(self, key: SloKey, item: SloReport) -> Hashable:
        """Whether its source fails, which page alert of its service fires, whether it changed while nobody looked."""
        return self._dimmed(key), self._paging.get(key.service), key in self._session.away.changed

    def noted(self) -> frozenset[SloKey]:
        """Those whose service was deployed within the time of the trends."""
        cells = slo_table.trend_place(self._layout)[1]
        return self._ticks.rows(self.rows.keys, self.rows.items, cells, self.size.height, self.whole)

    def note(self, key: SloKey, item: SloReport) -> Line:
        """The deploys under the trend."""
        session, (lead, cells) = self._session, slo_table.trend_place(self._layout)
        deploys = self._ticks.of(item, cells)
        if not deploys or item.trend is None:
            return ()
        now, zone = session.clock(), session.zone
        return tick_line(deploys, item.trend, lead, cells, self._layout.width, now, zone, session.glyphs)

    def nothing(self) -> Line:
        """Why there is no row."""
        rows = self.rows
        if not rows.items:
            return [Span("no SLOs yet: none in the config and no fleet member seen", "dim")]
        if rows.needle:
            return [Span(f"nothing matches /{rows.needle}", "foreground"), Span("  esc clears", "dim")]
        return [Span(f"no faults: all {len(rows.items)} are ok", "ok"), Span("  f shows them", "dim")]

    def lay_out(self) -> bool:
        """Choose the columns for the width, the names and the length of the trends."""
        layout = slo_table.layout(self.columns, self.rows.items.values())
        before, self._layout = self._layout, layout
        return layout != before

    def _take_pages(self, snapshot: Snapshot) -> None:
        """Which services have a page alert that fires; the same alerts as before cost nothing."""
        if snapshot.alerts is self._alerts:
            return
        self._alerts, self._paging = snapshot.alerts, {}
        for alert in takewhile(lambda alert: alert.pages, snapshot.alerts):  # these stand first
            if alert.service is not None:
                self._paging.setdefault(alert.service, alert_words.name(alert))

    def _dimmed(self, key: SloKey) -> bool:
        if not self._failing:
            return False
        return self._all_failing or self._session.source_of(key) in self._failing

    def _trends_grew(self, changed: Collection[SloKey]) -> bool:
        """Whether trends have another number of buckets than the layout was made for."""
        trend = next((self.rows.items[key].trend for key in changed if self.rows.items[key].trend), None)
        length = len(trend.burns) if trend else self._trend_length
        grew, self._trend_length = length != self._trend_length, length
        return grew

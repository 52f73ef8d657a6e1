"""The table of the deploy panel."""

from __future__ import annotations

from collections.abc import Hashable

from sreconsole.domain.deploy import Deploy
from sreconsole.domain.snapshot import Snapshot
from sreconsole.present import deploy_table, deploy_words
from sreconsole.present.cells import Span
from sreconsole.tui.panels.deploy_rows import DeployRows
from sreconsole.tui.panels.line_table import LineTable
from sreconsole.tui.session import Session
from sreconsole.tui.strips import Line

_FAILING = ("down", "auth", "stale")


class DeployTable(LineTable[str, Deploy], inherit_bindings=False):
    """The rows of all deploys."""

    def __init__(self, session: Session) -> None:
        self.rows = DeployRows()
        super().__init__(session, self.rows)
        self._layout = deploy_table.layout(39, self.rows.needs)
        self._failing: frozenset[str] = frozenset()

    def take(self, snapshot: Snapshot) -> None:
        """Show a new snapshot."""
        self._failing = frozenset(source.name for source in snapshot.deploy_sources if source.state in _FAILING)
        self.show_taken(self.rows.take(snapshot, self._session.clock()))

    def draw(self, key: str, item: Deploy) -> Line:
        """One deploy."""
        session = self._session
        now, stale = session.clock(), self._stale(item)
        return deploy_table.row(item, now, session.zone, self._layout, session.glyphs, stale)

    def facts(self, key: str, item: Deploy) -> Hashable:
        """Whether its sources fail, when it was in words, how long it takes."""
        now, zone = self._session.clock(), self._session.zone
        when = deploy_table.moment(item, now, zone, self._layout)
        return self._stale(item), when, deploy_words.took(item, now)

    def nothing(self) -> Line:
        """Why there is no row; `no deploys` only when every source said so."""
        session, rows = self._session, self.rows
        snapshot = session.snapshot
        if rows.needle and rows.items:
            return [Span(f"nothing matches /{rows.needle}", "foreground"), Span("  esc clears", "dim")]
        if not deploy_words.whole(snapshot):
            now, refresh = session.clock(), session.config.refresh
            return [Span(deploy_words.none_known(snapshot, now, refresh, self.columns, session.glyphs), "unknown")]
        if rows.faults and rows.items:
            return [Span(f"all {len(rows.items)} went well", "ok"), Span("  f shows them", "dim")]
        return [Span("no deploys in 30 days", "ok")]

    def lay_out(self) -> bool:
        """Choose the columns for the width and the names."""
        layout = deploy_table.layout(self.columns, self.rows.needs, len(self._session.snapshot.deploy_sources))
        before, self._layout = self._layout, layout
        return layout != before

    def _stale(self, item: Deploy) -> bool:
        """Whether everybody who tells of it fails."""
        return bool(self._failing) and bool(item.sources) and self._failing.issuperset(item.sources)

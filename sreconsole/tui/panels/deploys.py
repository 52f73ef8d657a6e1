"""Panel 3: every deploy of the last 30 days."""

from __future__ import annotations

from typing import ClassVar

from sreconsole.domain.snapshot import SourceState
from sreconsole.present import deploy_words
from sreconsole.present.cells import settle
from sreconsole.tui.panels.deploy_table import DeployTable
from sreconsole.tui.panels.panel import Panel
from sreconsole.tui.screens.base import ConsoleScreen
from sreconsole.tui.session import Session
from sreconsole.tui.topic import Topic

_LEAST_ROWS = 2
_ORDERS = {"service": "by service", "longest": "longest first"}


class DeployPanel(Panel):
    """The deploys, what runs first, then the newest."""

    NUMBER: ClassVar[int] = 3
    NAME: ClassVar[str] = "Deploys"
    THING: ClassVar[str] = "deploy"

    def __init__(self, session: Session) -> None:
        self.table = DeployTable(session)
        super().__init__(session, self.table, self.table.rows)

    def take(self) -> None:
        """Show the newest snapshot."""
        self.table.take(self.session.snapshot)
        self.retitle()

    def states(self) -> tuple[SourceState, ...]:
        """Those that deploys come from."""
        return self.session.snapshot.deploy_sources

    def shown(self) -> tuple[str, ...]:
        """`2 running · 14 in 7d`, then what is off the screen, then what cannot be read of the files."""
        rows, dot = self.table.rows, f" {self.session.glyphs.dot} "
        ends = [said for said in (_ORDERS.get(rows.order), self.table.beyond()) if said]
        if len(rows.keys) != len(rows.items) or rows.needle:
            said = f"{len(rows.keys)} of {len(rows.items)}{' not well' * rows.faults}"
            chosen = f"{said} /{rows.needle}" if rows.needle else said
            return dot.join([chosen, *ends]), chosen, f"{len(rows.keys)} of {len(rows.items)}"
        whole, week = deploy_words.whole(self.session.snapshot), rows.since(self.session.clock() - deploy_words.WEEK)
        full, short = deploy_words.tally(rows.running, week, whole, self.session.glyphs.dot)
        if bad := deploy_words.bad_lines(self.states()):
            shorter = f"{short}, {bad}", f"{short}, {bad.split()[0]} bad", bad, short
            return dot.join([full, *ends, bad]), dot.join([full, bad]), *shorter
        return dot.join([full, *ends]), full, short

    def least(self) -> int:
        """Title, messages and some rows."""
        return len(self.head_lines()) + min(_LEAST_ROWS, max(1, len(self.table.rows.keys)))

    def says_failures(self) -> bool:
        """Without any row their place says it."""
        return bool(self.table.rows.keys)

    def opened(self) -> ConsoleScreen | None:
        """The deploy in full."""
        deploy = self.table.rows.current
        if deploy is None:
            return None
        from sreconsole.tui.screens.deploy import DeployScreen

        self.table.rows.hold()
        view = self.views.of(DeployScreen)
        view.turn_to(deploy.id, self.step)
        return view

    def topic(self) -> Topic:
        """The service that was deployed, and when."""
        deploy = self.table.rows.current
        return Topic() if deploy is None else Topic(service=deploy.service, at=deploy.at)

    def as_text(self) -> str:
        """The deploy under the cursor in a sentence."""
        from sreconsole.present import deploy_detail

        session, deploy = self.session, self.table.rows.current
        if deploy is None:
            return ""
        return settle(deploy_detail.summary(deploy, session.clock(), session.zone), session.glyphs)

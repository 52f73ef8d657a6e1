"""One deploy in full."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import BindingType

from sreconsole.domain.deploy import Deploy
from sreconsole.domain.snapshot import Snapshot
from sreconsole.present import deploy_detail, deploy_words, titles
from sreconsole.present.cells import Span, plain, wrap
from sreconsole.tui.keys import Place
from sreconsole.tui.screens.base import bindings
from sreconsole.tui.screens.page import PageScreen
from sreconsole.tui.session import Session
from sreconsole.tui.strips import Line
from sreconsole.tui.topic import Topic

Step = Callable[[int], str | None]
_COPIED_CELLS = 100


class DeployScreen(PageScreen, inherit_bindings=False):
    """The deploy it is turned to."""

    PLACE: Place = "deploy"
    BINDINGS: ClassVar[list[BindingType]] = bindings("deploy")

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._key = ""
        self._step: Step = lambda _: None
        self._last: Deploy | None = None
        self._looked_into: Snapshot | None = None
        self._gone = False

    def turn_to(self, key: str, step: Step) -> None:
        """Show this one; `step(1)` gives the next."""
        self._step = step
        self._show(key)
        self.begin()

    def title_spans(self) -> Sequence[Span]:
        """What it is."""
        deploy = self._find()
        if deploy is None:
            return [Span("deploy", "bold foreground")]
        return [Span(f"{deploy.service} {deploy.version}", "bold foreground"), Span(" deploy", "dim")]

    def title_end(self) -> str:
        """How it stands."""
        deploy = self._find()
        said = "gone" if deploy is None or self._gone else deploy_words.word(deploy)
        return f"paused, {said}" if self.session.live.paused else said

    def lines(self, width: int, height: int) -> Sequence[Line]:
        """All that is known; of what is gone, the last that was, faint."""
        deploy = self._find()
        if deploy is None:
            return [[Span("this deploy is gone", "stale")]]
        text = [*self._stale(deploy, width), *self._text(deploy, width)]
        if not self._gone:
            return text
        said = "gone: its source does not tell of it any more; this is the last that was known"
        head: list[Line] = [[Span(line, "bold stale")] for line in wrap(said, width, self.session.glyphs)]
        return [*head, [], *([Span(span.text, "dim") for span in line] for line in text)]

    def copied_text(self) -> str:
        """The text, not cut to the width of the screen."""
        deploy = self._find()
        if deploy is None:
            return ""
        return "\n".join(plain(line).rstrip() for line in self._text(deploy, _COPIED_CELLS))

    def topic(self) -> Topic:
        """The service that was deployed, and when."""
        deploy = self._find()
        return Topic() if deploy is None else Topic(service=deploy.service, at=deploy.at)

    def action_next_row(self) -> None:
        """The next deploy of the overview that matches or did not go well."""
        self._go(1)

    def action_previous_row(self) -> None:
        """The one before."""
        self._go(-1)

    def ask_again(self) -> None:
        """Ask its sources now."""
        deploy = self._find()
        names = deploy.sources if deploy is not None else ()
        for name in names:
            self.session.live.refresh(name)
        self.flash(f"asking {', '.join(names)}" if names else "no source to ask", "dim")

    def _go(self, way: int) -> None:
        key = self._step(way)
        if key is None:
            self.flash("no other", "dim")
            return
        self._show(key)
        self.page.move_to(0)
        self.take()

    def _show(self, key: str) -> None:
        self._key, self._last, self._gone, self._looked_into = key, None, False, None

    def _find(self) -> Deploy | None:
        """What there is now, else the last there was; None when it was never seen."""
        snapshot = self.session.snapshot
        if self._looked_into is not None and snapshot.deploys is self._looked_into.deploys:
            return self._last
        self._looked_into = snapshot
        found = next((deploy for deploy in snapshot.deploys if deploy.id == self._key), None)
        self._gone = found is None
        self._last = found or self._last
        return self._last

    def _stale(self, deploy: Deploy, width: int) -> list[Line]:
        """That a source of it does not answer now, so that nobody takes old news for new."""
        session = self.session
        lines: list[Line] = []
        for state in session.snapshot.deploy_sources:
            if state.name in deploy.sources and state.state in ("down", "auth", "stale"):
                said = f"{state.name} {titles.source_words(state, session.clock(), session.config.refresh)}"
                text = wrap(f"{said}: this is what it said last", width, session.glyphs)
                lines += [[Span(line, "stale")] for line in text]
        return lines

    def _text(self, deploy: Deploy, width: int) -> list[Line]:
        session = self.session
        return list(deploy_detail.deploy_detail(deploy, width, session.clock(), session.zone, session.glyphs))

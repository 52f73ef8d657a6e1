"""Every source: its state, how it answers, how often it is asked, and its newest failure, also after it has passed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType

from sreconsole.present.cells import Span, wrap
from sreconsole.present.source_block import source_block
from sreconsole.tui.keys import Place
from sreconsole.tui.screens.base import bindings
from sreconsole.tui.screens.page import PageScreen
from sreconsole.tui.session import Session
from sreconsole.tui.strips import Line


class SourcesScreen(PageScreen, inherit_bindings=False):
    """All sources in config order; one of them is chosen, and asked by `r`."""

    PLACE: Place = "sources"
    BINDINGS: ClassVar[list[BindingType]] = bindings("sources")

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._chosen = 0
        self._starts: list[int] = []
        """The first line of each block."""

    def title_spans(self) -> Sequence[Span]:
        """What this is."""
        return [Span("sources", "bold foreground")]

    def title_end(self) -> str:
        """How many of them fail."""
        sources = self.session.snapshot.sources
        failing = sum(source.error is not None for source in sources)
        said = f"{failing} of {len(sources)} failing" if failing else "all answer" if sources else "none"
        return f"paused, {said}" if self.session.live.paused else said

    def lines(self, width: int, height: int) -> Sequence[Line]:
        """A block a source."""
        session = self.session
        lines: list[Line] = []
        self._starts = []
        if session.defect:
            lines += [[Span(line, "page")] for line in wrap(session.defect, width, session.glyphs)]
        for place, source in enumerate(session.snapshot.sources):
            self._starts.append(len(lines))
            chosen = place == self._chosen
            now, refresh = session.clock(), session.config.refresh
            lines.extend(source_block(source, width, now, refresh, session.zone, session.glyphs, chosen))
            lines.append([])
        return lines or [[Span("no source in the config", "dim")]]

    def action_next_source(self) -> None:
        """Choose the next source."""
        self._choose(1)

    def action_previous_source(self) -> None:
        """Choose the source before."""
        self._choose(-1)

    def ask_again(self) -> None:
        """Ask the chosen source now."""
        sources = self.session.snapshot.sources
        if not sources:
            self.flash("no source to ask", "dim")
            return
        name = sources[min(self._chosen, len(sources) - 1)].name
        self.session.live.refresh(name)
        self.flash(f"asking {name}")

    def _choose(self, way: int) -> None:
        if not self._starts:
            return
        self._chosen = (self._chosen + way) % len(self._starts)
        self.take()
        start = self._starts[self._chosen]
        end = (*self._starts, self.page.count)[self._chosen + 1] - 1
        self.page.reveal(max(start, end - 1))
        self.page.reveal(start)

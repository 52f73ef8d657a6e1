"""Toil and load on call in full."""

from __future__ import annotations

from collections.abc import Sequence

from sreconsole.present import titles
from sreconsole.present.cells import Span, fit_spans
from sreconsole.present.toil_lines import toil_lines
from sreconsole.tui.screens.page import PageScreen
from sreconsole.tui.strips import Line


class ToilScreen(PageScreen):
    """Every figure, every reason, and the sources."""

    def title_spans(self) -> Sequence[Span]:
        """What it is, and how its sources are."""
        session = self.session
        spans = [Span("toil", "bold foreground")]
        for state in session.snapshot.toil_sources:
            said = titles.source_words(state, session.clock(), session.config.refresh)
            spans += [Span(f" {session.glyphs.dot} {state.name} ", "dim"), Span(said, titles.source_token(state))]
        return spans

    def title_end(self) -> str:
        """Whether it moves."""
        return "paused" if self.session.live.paused else ""

    def lines(self, width: int, height: int) -> Sequence[Line]:
        """All lines, cut at the right; what is wider than the screen wraps in no case to something else."""
        session, report = self.session, self.session.snapshot.toil
        if report is None:
            return [[Span("unknown: nothing was counted yet", "unknown")]]
        made = toil_lines(report, width, session.zone, session.glyphs, full=True)
        return [fit_spans(line.spans, width, session.glyphs) for line in made]

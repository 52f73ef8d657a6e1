"""What is wrong, in full: with the console and its config, then every source with the server's own words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sreconsole.domain.snapshot import SourceState
from sreconsole.present import titles, words
from sreconsole.present.cells import Span, wrap
from sreconsole.tui.screens.page import PageScreen
from sreconsole.tui.strips import Line


class ErrorScreen(PageScreen):
    """All sources, the failing ones first."""

    def title_spans(self) -> Sequence[Span]:
        """What this is."""
        return [Span("sources", "bold foreground")]

    def title_end(self) -> str:
        """How many of them fail."""
        sources = self.session.snapshot.sources
        failing = sum(source.error is not None for source in sources)
        return f"{failing} of {len(sources)} failing" if failing else "all answer"

    def lines(self, width: int, height: int) -> Sequence[Line]:
        """What the console says of itself, then a block a source."""
        sources = sorted(self.session.snapshot.sources, key=lambda source: source.error is None)
        lines: list[Line] = []
        if self.session.defect:
            lines += [[Span(line, "page")] for line in wrap(self.session.defect, width, self.session.glyphs)]
        for notice in self.session.snapshot.notices:
            lines += [[Span(line, "warn")] for line in wrap(notice, width, self.session.glyphs)] + [[]]
        for source in sources:
            lines.extend(self._block(source, width))
        return lines or [[Span("no source in the config", "dim")]]

    def _block(self, source: SourceState, width: int) -> Iterator[Line]:
        session = self.session
        now = session.clock()
        state = titles.source_words(source, now, session.config.refresh)
        yield [
            Span(source.name, "bold foreground"),
            Span(f" {source.kind} ", "dim"),
            Span(state, titles.source_token(source)),
        ]
        good = "never" if source.last_good is None else words.moment(source.last_good, session.zone)
        yield [Span(f"  last good answer: {good}", "dim")]
        if said := titles.failure(source, now):
            yield from self._wrapped(said, width, "foreground")
        for note in source.notes:
            yield from self._wrapped(words.local(note, session.zone), width, "warn")
        for line in (source.detail or "").splitlines():
            yield from self._wrapped(line, width, "dim")
        yield []

    def _wrapped(self, text: str, width: int, style: str) -> Iterator[Line]:
        for line in wrap(text, max(1, width - 2), self.session.glyphs):
            yield [Span(f"  {line}", style)]

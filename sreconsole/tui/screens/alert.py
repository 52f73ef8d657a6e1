"""One alert or one silence in full."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import BindingType

from sreconsole.domain.alert import Alert
from sreconsole.domain.silence import Silence
from sreconsole.domain.snapshot import Snapshot
from sreconsole.present import alert_detail, alert_words, titles, words
from sreconsole.present.alert_words import References
from sreconsole.present.cells import Span, plain, wrap
from sreconsole.tui.keys import Place
from sreconsole.tui.panels.alert_rows import AlertKey, key_of
from sreconsole.tui.screens.base import bindings
from sreconsole.tui.screens.page import PageScreen
from sreconsole.tui.session import Session
from sreconsole.tui.strips import Line
from sreconsole.tui.topic import Topic

Step = Callable[[int], AlertKey | None]
_COPIED_CELLS = 100


class AlertScreen(PageScreen, inherit_bindings=False):
    """The alert or silence it is turned to."""

    PLACE: Place = "alert"
    BINDINGS: ClassVar[list[BindingType]] = bindings("alert")

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._key: AlertKey = ("alert", "", "")
        self._step: Step = lambda _: None
        self._last: Alert | Silence | None = None
        self._looked_into: Snapshot | None = None
        self._known = References()
        self._known_from: tuple[object, object] | None = None
        self._gone_at: float | None = None

    def turn_to(self, key: AlertKey, step: Step) -> None:
        """Show this one; `step(1)` gives the next."""
        self._step = step
        self._show(key)
        self.begin()

    def title_spans(self) -> Sequence[Span]:
        """What it is."""
        item = self._find()
        if isinstance(item, Alert):
            return [Span(alert_words.name(item), "bold foreground"), Span(f" {item.service or ''}", "foreground")]
        return [Span(self._key[0], "bold foreground")]

    def title_end(self) -> str:
        """How it stands."""
        item = self._find()
        said = "gone" if item is None or self._gone_at is not None else item.state
        return f"paused, {said}" if self.session.live.paused else said

    def lines(self, width: int, height: int) -> Sequence[Line]:
        """All that is known; of what is gone, the last that was, faint."""
        item = self._find()
        if item is None:
            return [[Span(f"this {self._key[0]} is gone", "stale")]]
        text = [*self._stale(item, width), *self._text(item, width)]
        if self._gone_at is None:
            return text
        said: list[Line] = [[Span(line, "bold stale")] for line in wrap(self._gone(item), width, self.session.glyphs)]
        return [*said, [], *([Span(span.text, "dim") for span in line] for line in text)]

    def copied_text(self) -> str:
        """The text, not cut to the width of the screen."""
        item = self._find()
        if item is None:
            return ""
        lines = [plain(line).rstrip() for line in self._text(item, _COPIED_CELLS)]
        return "\n".join([self._gone(item), *lines] if self._gone_at is not None else lines)

    def topic(self) -> Topic:
        """The alert or silence shown."""
        item = self._find()
        if item is None or self._gone_at is not None:
            return Topic()
        return Topic(silence=item) if isinstance(item, Silence) else Topic(alerts=(item,), service=item.service)

    def action_next_row(self) -> None:
        """The next alert of the overview."""
        self._go(1)

    def action_previous_row(self) -> None:
        """The one before."""
        self._go(-1)

    def ask_again(self) -> None:
        """Ask its source now."""
        self.session.live.refresh(self._key[1])
        self.flash(f"asking {self._key[1]}")

    def _go(self, way: int) -> None:
        key = self._step(way)
        if key is None:
            self.flash("no other", "dim")
            return
        self._show(key)
        self.page.move_to(0)
        self.take()

    def _show(self, key: AlertKey) -> None:
        self._key, self._last, self._gone_at, self._looked_into = key, None, None, None

    def _find(self) -> Alert | Silence | None:
        """What there is now, else the last there was; None when it was never seen."""
        snapshot = self.session.snapshot
        if snapshot is self._looked_into:
            return self._last
        self._looked_into = snapshot
        items: Sequence[Alert | Silence] = snapshot.silences if self._key[0] == "silence" else snapshot.alerts
        found = next((item for item in items if key_of(item) == self._key), None)
        if found is not None:
            self._last, self._gone_at = found, None
        elif self._gone_at is None:
            self._gone_at = self.session.clock()
        return self._last

    def _stale(self, item: Alert | Silence, width: int) -> list[Line]:
        """That its source does not answer now, so that nobody takes old news for new."""
        session = self.session
        state = next((one for one in session.snapshot.alert_sources if one.name == item.source), None)
        if state is None or state.state not in ("down", "auth", "stale"):
            return []
        said = f"{state.name} {titles.source_words(state, session.clock(), session.config.refresh)}"
        lines = wrap(f"{said}: this is what it said last", width, session.glyphs)
        return [[Span(line, "stale")] for line in lines]

    def _gone(self, item: Alert | Silence) -> str:
        at = words.clock_and_zone(self._gone_at, self.session.zone)
        if isinstance(item, Silence):
            return f"gone: expired or taken away, noticed at {at}; this is the last that was known"
        return f"gone: resolved or lost at {at}; this is the last that was known"

    def _text(self, item: Alert | Silence, width: int) -> list[Line]:
        session = self.session
        now, zone, glyphs = session.snapshot.time_at(item.source, session.clock()), session.zone, session.glyphs
        known = self._references()
        if isinstance(item, Silence):
            muted = [
                alert
                for alert in session.snapshot.alerts
                if alert.source == item.source and item.id in alert.silenced_by
            ]
            return list(alert_detail.silence_detail(item, muted, width, now, zone, glyphs))
        return list(alert_detail.alert_detail(item, known, width, now, zone, glyphs))

    def _references(self) -> References:
        snapshot = self.session.snapshot
        taken = (snapshot.alerts, snapshot.silences)
        if self._known_from is None or any(a is not b for a, b in zip(taken, self._known_from, strict=True)):
            self._known_from, self._known = taken, References(*taken)
        return self._known

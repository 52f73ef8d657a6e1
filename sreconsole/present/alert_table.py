"""The alert table by line: which columns there is room for, one alert, one silence.

A row is always exactly as wide as the layout. A layout depends on the width and on names only, so a refresh never moves
a column. Status stands where the SLO table has it.
"""

from __future__ import annotations

from collections.abc import Iterable

from sreconsole.domain.alert import Alert
from sreconsole.domain.nonce import unsigned
from sreconsole.domain.silence import Silence
from sreconsole.present import alert_words, marks, words
from sreconsole.present.cells import Align, Span, fit, fit_spans, width
from sreconsole.present.marks import WORD_CELLS, Glyphs
from sreconsole.records import dataclass

ORDERS = ("worst", "age", "name", "service")
"""What key `o` goes through."""

_STEPS = (
    ("word", WORD_CELLS),
    ("name", 12),
    ("since", 4),
    ("mark", 1),
    ("service", 8),
    ("note", 10),
    ("source", 8),
    ("name", 20),
    ("service", 16),
    ("note", 22),
    ("name", 28),
    ("note", 36),
    ("service", 20),
    ("name", 40),
    ("source", 14),
    ("note", 80),
    ("name", 60),
    ("note", 1_000),
)
"""What room is spent on, in this order. `note` is why an alert is quiet or whom it notifies, then what it says."""
_ORDER = ("mark", "word", "name", "service", "source", "since", "note")
_WHEN_CELLS = 18
_MUTES_CELLS = 7
_MOST = 60


@dataclass(frozen=True, slots=True)
class Layout:
    """The cells of every column for one width."""

    width: int
    columns: tuple[tuple[str, int], ...]

    def cells(self, key: str) -> int:
        """Cells of a column; 0 when there is none."""
        return next((cells for column, cells in self.columns if column == key), 0)


def layout(cells: int, alerts: Iterable[Alert], sources: int = 1) -> Layout:
    """Choose the columns that `cells` have room for; `sources`: how many sources of alerts there are."""
    caps = _needs(alerts)
    if sources < 2:
        caps["source"] = 0
    widths: dict[str, int] = {}
    room = max(0, cells) + 1
    for key, target in _STEPS:
        target = min(target, caps.get(key, target))
        have = widths.get(key)
        if target == 0:
            continue
        if have is None:
            if target + 1 <= room or key == "word":
                widths[key] = target
                room -= target + 1
        elif target > have and room > 0:
            widths[key] = have + min(target - have, room)
            room -= widths[key] - have
    return Layout(max(0, cells), tuple((key, widths[key]) for key in _ORDER if key in widths))


def alert_row(
    alert: Alert, note: str, since: str, layout: Layout, glyphs: Glyphs, stale: bool = False, marked: bool = False
) -> list[Span]:
    """One alert in exactly the layout's width; `stale` dims what a source said before it failed, `marked`: by a person,
    to do something with several."""
    what = alert_words.told(alert)
    token = marks.alert_token(alert)
    loud = alert.severity == "page" and alert.state != "pending"
    cells: dict[str, tuple[str, str, Align]] = {
        "mark": ("*", "bold mark", "left") if marked else (marks.alert_glyph(alert, glyphs), token, "left"),
        "word": (marks.alert_word(alert), f"bold {token}" if alert.pages else token, "left"),
        "name": (alert_words.name(alert), "bold foreground" if loud else "foreground", "left"),
        "service": (alert.service or words.UNKNOWN, "foreground" if alert.service else "dim", "left"),
        "source": (alert.source, "dim", "left"),
        "since": (since, "foreground" if alert.state == "firing" else "dim", "right"),
        "note": (f"{note}  {what}" if note and what != note else what, "dim", "left"),
    }
    spans: list[Span] = []
    for index, (key, room) in enumerate(layout.columns):
        text, style, align = cells[key]
        spans.append(Span((" " if index else "") + fit(text, room, align, glyphs), style))
    return _finished(spans, layout.width, glyphs, stale)


def silence_row(silence: Silence, when: str, layout: Layout, glyphs: Glyphs, stale: bool = False) -> list[Span]:
    """One silence in exactly the layout's width: who, until when, how many it mutes, why, which labels."""
    ended = silence.state == "expired"
    idle = silence.state == "active" and silence.mutes_now == 0
    spans = []
    if layout.cells("mark"):
        spans.append(Span((glyphs.pending if silence.state == "pending" else glyphs.mute) + " ", "dim"))
    room = layout.width - len(spans) * 2 - WORD_CELLS - 1
    who = min(layout.cells("name"), max(12, room - _WHEN_CELLS - _MUTES_CELLS - 24))
    spans += [
        Span(fit("silence", WORD_CELLS, "left", glyphs) + " ", "dim"),
        Span(fit(silence.created_by or "somebody", who, "left", glyphs) + " ", "dim" if ended else "foreground"),
        Span(fit(when, max(width(when), _WHEN_CELLS), "left", glyphs) + " ", "dim" if ended else "foreground"),
    ]
    if silence.state == "active":
        said = alert_words.mutes(silence)
        spans.append(Span(fit(said, max(width(said), _MUTES_CELLS), "left", glyphs) + " ", "warn" if idle else "dim"))
    spans += [Span(unsigned(silence.comment) + "  ", "dim"), Span(alert_words.matchers(silence), "dim")]
    return _finished(spans, layout.width, glyphs, stale)


def _finished(spans: list[Span], cells: int, glyphs: Glyphs, stale: bool) -> list[Span]:
    """Exactly as wide as asked, neighbours of one style joined, faint where it is old."""
    out: list[Span] = []
    for text, style in fit_spans(spans, cells, glyphs):
        if stale and style and not style.startswith(("bold ", "dim")):
            style = f"dim {style}"
        if out and out[-1].style == style:
            out[-1] = Span(out[-1].text + text, style)
        else:
            out.append(Span(text, style))
    return out


def _needs(alerts: Iterable[Alert]) -> dict[str, int]:
    """The most cells each column of names can use."""
    caps = {"name": 8, "service": 7, "source": 6}
    seen: set[tuple[str, str | None, str]] = set()
    for alert in alerts:
        names = (alert.name, alert.service, alert.source)
        if names in seen:
            continue
        seen.add(names)
        for key, text in zip(("name", "service", "source"), names, strict=True):
            if text and caps[key] < _MOST:
                caps[key] = min(_MOST, max(caps[key], width(text)))
    return caps

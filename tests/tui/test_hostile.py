"""Text from outside reaches every place of the screen harmlessly and shifts no column."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from rich.cells import cell_len

from sreconsole.domain.alert import Alert
from sreconsole.domain.change import StatusChange
from sreconsole.domain.cleaning import clean
from sreconsole.domain.selector import Matcher
from sreconsole.domain.silence import Silence
from sreconsole.domain.snapshot import SourceState
from sreconsole.domain.status import Status
from tests.tui import scripted
from tests.tui.driving import Driven, driven

HOSTILE = {
    "click": "[@click=app.leave]x[/]",
    "closing": "[/]",
    "opening": "[red",
    "colour": "[red]alarm[/red]",
    "escape": "\x1b[31mred\x1b[0m\x1b]0;title\x07",
    "c1": "\x9b31mred\x85",
    "bidi": "\u202etxet desrever",
    "zero": "a\u200bb\u2060c\ufeff",
    "wide": "全角サービス名前の長い",
    "combining": "e\u0301" + "\u0300" * 40,
    "newline": "one\ntwo\r\tthree",
    "variable": "$background {danger} %s",
    "emoji": "👩‍💻🇩🇪☎️",
    "long": "x" * 3_000,
}
_DANGEROUS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def harmless(on: Driven, columns: int) -> None:
    """Nothing that acts is on the screen, and every line is as wide as it."""
    for strip in on.app.screen._compositor.render_strips():
        assert not _DANGEROUS.search(strip.text), strip.text
        assert sum(cell_len(segment.text) for segment in strip) == columns, strip.text
        for segment in strip:
            assert segment.style is None or not segment.style.meta.get("@click"), strip.text
            assert segment.style is None or segment.style.link is None


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("cleaned", [True, False], ids=["cleaned", "raw"])
async def test_everywhere(kind: str, cleaned: bool) -> None:
    """Raw text too: the edge cleans, but the screen must not depend on it."""
    text = clean(HOSTILE[kind]) if cleaned else HOSTILE[kind]
    bad = scripted.report(text, text, 20.0, reasons=(text, text))
    source = SourceState(text, "prometheus", "down", None, text, f"{text}\n{text}", None, scripted.NOW + 9, (text,))
    config = scripted.config([bad], environment=text, author=text)
    shown = scripted.snapshot([bad, *scripted.estate(4)], sources=[source])
    shown = replace(shown, notices=(text,))
    async with driven(config=config, live=scripted.ScriptedLive(shown)) as on:
        harmless(on, 80)
        header = next(line for line in on.text.splitlines() if "burn 1h" in line)
        column = header.index("burn 1h")
        row = next(
            strip
            for strip in on.app.screen._compositor.render_strips()
            if "20.0x" in strip.text or "15.2x" in strip.text
        )
        before = row.crop(0, column).text
        assert cell_len(before) == column
        assert row.text.lstrip().startswith("✗")
        for keys in (("enter",), ("G",), ("escape", "e"), ("G",), ("escape", "y"), ("question_mark",)):
            await on.press(*keys)
            harmless(on, 80)


@pytest.mark.parametrize("kind", HOSTILE)
async def test_in_every_field_of_alerts_silences_sources_and_changes(kind: str) -> None:
    """As it is on the wire: the edge cleans, but the screen must not depend on it."""
    text = HOSTILE[kind]
    labels, since = {text: text, "alertname": text}, scripted.NOW - 47 * 60
    held = Silence(text, text, "active", (Matcher(text, "=~", text),), text, text, scripted.NOW, scripted.NOW + 9e3, 1)
    firing = Alert(
        text, "firing", "page", text, text, labels, labels, {text: text, "summary": text}, since, text,
        (), (), (), (text,), (labels,), text, text, text,
    )  # fmt: skip
    quiet = replace(firing, state="silenced", silenced_by=(text, "other"), muted_by=(text,), inhibited_by=(text,))
    alerts = [firing, replace(quiet, fingerprint="2"), scripted.alert("Plain", "plain", since=since)]
    state = SourceState(text, "alertmanager", "down", scripted.NOW, text, f"{text}\n{text}", notes=(text,), where=text)
    state = replace(state, last_error=text + " before", last_error_at=scripted.NOW)
    states = [state, replace(state, error=None, state="live")]
    report = scripted.report(text, "availability", 20.0)
    shown = scripted.snapshot([report], sources=states, alerts=alerts, silences=[held], alert_sources=states)
    changes = (StatusChange(report.key, None, Status.PAGE, scripted.NOW, text),)
    services = tuple(replace(service, reason=text) for service in shown.services)
    shown = replace(shown, changes=changes, services=services)
    async with driven(live=scripted.ScriptedLive(shown), config=scripted.config([report])) as on:
        harmless(on, 80)
        rows = [strip.text for strip in on.app.screen._compositor.render_strips() if " 47m " in strip.text]
        assert len(rows) == 3
        assert len({cell_len(row[: row.index(" 47m ")]) for row in rows}) == 1, "columns must not shift"
        walk = (
            ("2", "2"), ("enter",), ("G",), ("y",), ("n",), ("escape", "G", "enter"), ("G", "y"), ("escape", "y"),
            ("escape", "1", "enter"), ("G",), ("escape", "S"), ("G", "n", "r"), ("escape", "e"),
        )  # fmt: skip
        for keys in walk:
            await on.press(*keys)
            harmless(on, 80)
        assert on.app.is_running


@pytest.mark.parametrize("kind", HOSTILE)
async def test_typed_into_the_filter(kind: str) -> None:
    async with driven() as on:
        await on.press("slash")
        from textual.events import Paste

        on.app.post_message(Paste(HOSTILE[kind]))
        await on.settle()
        harmless(on, 80)
        await on.press("enter")
        harmless(on, 80)
        assert on.app.is_running

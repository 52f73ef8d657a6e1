"""What a command that acts tells on stderr before it acts: the preview that the console shows, in lines."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

from sreconsole.config.model import Config
from sreconsole.domain.actor import Actor
from sreconsole.domain.alert import Alert
from sreconsole.domain.cleaning import clean
from sreconsole.domain.duration import format_duration
from sreconsole.domain.matching import shown
from sreconsole.domain.nonce import unsigned
from sreconsole.domain.silence import Silence
from sreconsole.engine.actions.preview import Amendment, Preview, drifted
from sreconsole.present import words
from sreconsole.present.cells import plain
from sreconsole.present.marks import Glyphs, glyph_set
from sreconsole.present.reach_lines import reach_lines

_CELLS = 100
_MOST = 20


def tell_preview(preview: Preview, config: Config, actor: Actor | None, before: Preview | None = None) -> None:
    """What a new silence would do; `before`: what was told last, where that has changed."""
    zone, draft = ZoneInfo(config.timezone), preview.draft
    if before is not None:
        _put(_changes(before, preview))
    else:
        by = "nobody" if actor is None else f"{actor.name} ({actor.origin})"
        until = words.moment(draft.ends_at, zone)
        _put([f"silence for {format_duration(round(preview.length))}, until {until}, by {by}"])
        _put(f"  {shown(matcher)}" for matcher in draft.matchers)
    glyphs = _glyphs()
    lines = reach_lines(preview.reaches, preview.silences, preview.length, _CELLS, preview.made_at, glyphs)
    _put(plain(line).rstrip() for line in lines)


def tell_amendment(amendment: Amendment, config: Config) -> None:
    """What extending or ending a silence would do."""
    zone, silence = ZoneInfo(config.timezone), amendment.silence
    _put([f"{silence.id} at {silence.source}, by {silence.created_by}: {unsigned(silence.comment)}"])
    _put(f"  {shown(matcher)}" for matcher in silence.matchers)
    ends = words.moment(silence.ends_at, zone)
    if amendment.kind == "extend":
        _put([f"  ends {ends}; would end {words.moment(amendment.ends_at, zone)}"])
    else:
        _put([f"  ends {ends}; would end now"])
    _put([f"mutes now {amendment.matched} of {amendment.of} alerts"])
    _put(_named(amendment.muted, "  "))
    if amendment.heard:
        _put([f"first seen under it, so {len(amendment.heard)} notify at once, {len(amendment.pages)} of them page:"])
        _put(_named(amendment.heard, "  ! "))


def silence_line(silence: Silence, config: Config) -> str:
    """One silence of a list."""
    zone = ZoneInfo(config.timezone)
    when = (
        f"from {words.moment(silence.starts_at, zone)} until"
        if silence.state == "pending"
        else f"{silence.state} until"
    )
    mutes = "mutes unknown" if silence.mutes_now is None else f"mutes {silence.mutes_now}"
    what = " ".join(shown(matcher) for matcher in silence.matchers)
    said = f"{silence.created_by}: {unsigned(silence.comment)}"
    return f"{silence.id}  {silence.source}  {when} {words.moment(silence.ends_at, zone)}  {mutes}  {what}  {said}"


def _changes(before: Preview, after: Preview) -> Iterable[str]:
    """What became different since it was told."""
    yield "what it mutes has changed meanwhile:"
    for source, drift in drifted(before, after).items():
        yield from (f"  + {alert.name} at {source}" for alert in drift.added[:_MOST])
        yield from (f"  - {alert.name} at {source}" for alert in drift.gone[:_MOST])


def _named(alerts: Sequence[Alert], before: str) -> Iterable[str]:
    for alert in alerts[:_MOST]:
        labels = ", ".join(f"{name}={value}" for name, value in alert.labels.items() if name != "alertname")
        yield f"{before}{alert.severity:5} {alert.name} {labels}"
    if len(alerts) > _MOST:
        yield f"{before}and {len(alerts) - _MOST} more"


def _glyphs() -> Glyphs:
    return glyph_set("auto", "utf" in (sys.stderr.encoding or "").lower())


def _put(lines: Iterable[str]) -> None:
    for line in lines:
        sys.stderr.write(f"{clean(line, 2000)}\n")

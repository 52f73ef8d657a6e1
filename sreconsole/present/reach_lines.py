"""The reach of a silence in lines: how much it mutes now, who hears nothing, what else it would mute, what is at risk.

What matters most stands first, as a small screen shows only the first lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sreconsole.domain.duration import format_duration
from sreconsole.domain.nonce import unsigned
from sreconsole.domain.reach import Danger, Reach
from sreconsole.domain.silence import Silence
from sreconsole.present import words
from sreconsole.present.alert_detail import alert_line, wrapped
from sreconsole.present.cells import Span
from sreconsole.present.marks import Glyphs

Lines = list[list[Span]]
DANGERS: Mapping[Danger, str] = {
    "everything": "mutes EVERY alert of {source}",
    "page": "mutes {pages} of page severity",
    "never": "mutes what the config says never to silence (silences.never_silence)",
    "negative": "only says what an alert is not: alerts without these labels are muted too",
    "any name": "any alertname is muted",
    "nothing": "matches no alert now, and no rule that is known: a typing error?",
}
_MOST_ALERTS = 50
_MOST_NAMES = 6


def reach_lines(
    reaches: Sequence[Reach], silences: Sequence[Silence], length: float, cells: int, now: float, glyphs: Glyphs
) -> Lines:
    """What a draft would do at each cluster. `silences`: those known now, to name what covers it already; `length`:
    seconds for which it lasts; `now`: Unix seconds."""
    known = {(silence.source, silence.id): silence for silence in silences}
    several = len(reaches) > 1
    lines: Lines = []
    for reach in reaches:
        where = f" at {reach.source}" if several else ""
        style = "bold page" if reach.dangers else "bold foreground"
        lines.append([Span(f"mutes now {counted(reach)}{where}", style)])
        for danger in reach.dangers:
            lines.extend(wrapped(danger_words(danger, reach), "page", cells, glyphs, "  ! "))
        lines.extend(_quiet(reach, cells, glyphs))
        lines.extend(_unseen(reach, length, cells, glyphs))
        for ident in reach.covered_by:
            lines.extend(_covered(known.get((reach.source, ident)), ident, cells, glyphs))
        for alert in reach.muted[:_MOST_ALERTS]:
            lines.append([Span("  ", ""), *alert_line(alert, alert.service or "", now, glyphs)])
        if len(reach.muted) > _MOST_ALERTS:
            lines.append([Span(f"  and {len(reach.muted) - _MOST_ALERTS} more", "dim")])
        lines.extend(_rules(reach, cells, glyphs))
    return lines


def counted(reach: Reach) -> str:
    """`3 of 41 alerts`."""
    return f"{len(reach.muted)} of {reach.of} alert{'' if reach.of == 1 else 's'}"


def danger_words(danger: Danger, reach: Reach) -> str:
    """Why a count must be typed, in a sentence."""
    pages = sum(alert.severity == "page" for alert in reach.muted)
    return DANGERS[danger].format(source=reach.source, pages=f"{pages} alert{'' if pages == 1 else 's'}")


def _quiet(reach: Reach, cells: int, glyphs: Glyphs) -> Iterator[list[Span]]:
    """Receivers that hear less."""
    said = ", ".join(f"{one.name} {one.muted} of {one.of}" for one in reach.receivers if one.muted)
    if said:
        yield from wrapped(f"goes quiet: {said}", "foreground", cells, glyphs, "  ")


def _unseen(reach: Reach, length: float, cells: int, glyphs: Glyphs) -> Iterator[list[Span]]:
    """What burns meanwhile."""
    if reach.unseen is None:
        return
    said = f"{format_duration(round(length))} at this rate: {words.percent(reach.unseen)} of the budget"
    style = "warn" if reach.unseen >= 0.01 else "dim"
    yield from wrapped(f"{said} of {reach.unseen_slo}, unseen", style, cells, glyphs, "  ")


def _covered(silence: Silence | None, ident: str, cells: int, glyphs: Glyphs) -> Iterator[list[Span]]:
    """A silence that does it already."""
    if silence is None:
        said = f"silence {ident[:8]} covers it already"
    else:
        said = (
            f"{silence.created_by or 'somebody'}'s silence {ident[:8]} covers it already: {unsigned(silence.comment)}"
        )
    yield from wrapped(f"{said} (+ on it extends it)", "warn", cells, glyphs, "  ")


def _rules(reach: Reach, cells: int, glyphs: Glyphs) -> Iterator[list[Span]]:
    """Rules that do not fire yet."""
    if reach.rules_missing is not None:
        yield from wrapped(f"what it mutes later is not known: {reach.rules_missing}", "unknown", cells, glyphs, "  ")
        return
    if not reach.rules:
        return
    names = [f"{rule.name}{' (page)' if rule.severity == 'page' else ''}" for rule in reach.rules[:_MOST_NAMES]]
    more = f" and {len(reach.rules) - _MOST_NAMES} more" if len(reach.rules) > _MOST_NAMES else ""
    yield from wrapped(f"when they fire, also: {', '.join(names)}{more}", "foreground", cells, glyphs, "  ")

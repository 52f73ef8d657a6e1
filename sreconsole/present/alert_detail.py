"""One alert or one silence in full, as lines of spans. Links are written out, never cut and never opened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo

from sreconsole.domain.alert import Alert
from sreconsole.domain.cleaning import clean
from sreconsole.domain.nonce import unsigned
from sreconsole.domain.silence import Silence
from sreconsole.present import alert_words, marks, words
from sreconsole.present.alert_words import References
from sreconsole.present.cells import Span, fit, fit_spans, width, wrap
from sreconsole.present.marks import Glyphs

_LABEL_CELLS = 24
_FACT_CELLS = 10
_MOST = 50
Lines = list[list[Span]]


def alert_detail(alert: Alert, known: References, cells: int, now: float, zone: tzinfo, glyphs: Glyphs) -> Lines:
    """Everything known of one alert, each line exactly `cells` wide."""
    cells = max(0, cells)
    token = marks.alert_token(alert)
    severity = "" if alert.severity == "other" else f"{alert.severity}, "
    lines: Lines = [
        [
            Span(f"{marks.alert_glyph(alert, glyphs)} {marks.alert_word(alert)}", f"bold {token}"),
            Span(f" {alert_words.name(alert)}", "bold foreground"),
            Span(f"  {alert.service or 'of no service here'}", "dim"),
        ]
    ]
    lines.extend(wrapped(f"{severity}{_state(alert, now, zone)}", "foreground", cells, glyphs))
    lines.extend(wrapped(alert_words.what(alert), "bold foreground", cells, glyphs) if alert_words.what(alert) else ())
    for title, block in (
        ("Silenced", _silenced(alert, known, cells, now, zone, glyphs)),
        ("Inhibited by", _names(known.inhibitors(alert), cells, glyphs)),
        ("Muted by time interval", _names(alert.muted_by, cells, glyphs)),
        ("Links", _links(alert, cells, glyphs)),
        ("Annotations", pairs(_other_annotations(alert), cells, glyphs)),
        ("Labels", pairs(alert.labels, cells, glyphs)),
        ("Notified", _notified(alert, cells, glyphs)),
        ("From", _origin(alert, cells, glyphs)),
    ):
        made = list(block)
        if made:
            lines.extend(([], [Span(title, "accent")], *made))
    return [fit_spans(line, cells, glyphs) for line in lines]


def silence_detail(
    silence: Silence, muted: Sequence[Alert], cells: int, now: float, zone: tzinfo, glyphs: Glyphs
) -> Lines:
    """Everything known of one silence, with the alerts it mutes now."""
    cells = max(0, cells)
    sign = glyphs.pending if silence.state == "pending" else glyphs.mute
    lines: Lines = [
        [
            Span(f"{sign} silence", "bold foreground"),
            Span(f" of {silence.created_by or 'somebody'}", "bold foreground"),
            Span(f"  {silence.state}, {alert_words.when(silence, now, zone)}", "dim"),
        ]
    ]
    lines.extend(_silence(silence, cells, now, zone, glyphs))
    if silence.state == "active" and silence.mutes_now == 0:
        lines.extend(wrapped("It mutes nothing now.", "warn", cells, glyphs))
    if muted:
        lines.extend(([], [Span("Mutes now", "accent")]))
        for alert in muted[:_MOST]:
            lines.append([Span("  ", ""), *alert_line(alert, "", now, glyphs)])
        if len(muted) > _MOST:
            lines.append([Span(f"  and {len(muted) - _MOST} more", "dim")])
    return [fit_spans(line, cells, glyphs) for line in lines]


def _other_annotations(alert: Alert) -> dict[str, str]:
    """Those that do not stand among the links."""
    links = (alert.runbook, alert.dashboard)
    return {name: value for name, value in alert.annotations.items() if value not in links}


def alert_line(alert: Alert, note: str, now: float, glyphs: Glyphs, noun: str = "") -> list[Span]:
    """One alert among others: sign, word, name (after `noun`), how long, and a note."""
    token = marks.alert_token(alert)
    return [
        Span(f"{marks.alert_glyph(alert, glyphs)} ", token),
        Span(marks.alert_word(alert), f"bold {token}" if alert.pages else token),
        Span(f" {noun} " if noun else " ", "dim"),
        Span(alert_words.name(alert), "foreground"),
        Span(f" {alert_words.since(alert, now)}", "dim"),
        Span(f"  {note}" if note else "", "dim"),
    ]


def summary(alert: Alert, known: References, now: float, zone: tzinfo) -> str:
    """One alert in one line to paste to others."""
    said = [_state(alert, now, zone), alert_words.why_quiet(alert, known, now, zone), alert_words.told(alert)]
    of = f" ({alert.service})" if alert.service else ""
    text = f"{marks.alert_word(alert)} {alert_words.name(alert)}{of}: {'; '.join(filter(None, said))}"
    return f"{text}; runbook {alert.runbook}" if alert.runbook else text


def silence_summary(silence: Silence, now: float, zone: tzinfo) -> str:
    """One silence in one line to paste to others."""
    said = [alert_words.when(silence, now, zone), alert_words.mutes(silence), unsigned(silence.comment)]
    head = f"silence {clean(silence.id)} of {silence.created_by or 'somebody'} on {silence.source}"
    return f"{head}: {'; '.join(filter(None, said))}; {alert_words.matchers(silence)}"


def pairs(values: Mapping[str, str], cells: int, glyphs: Glyphs) -> Iterator[list[Span]]:
    """Names and values below each other; a long value is wrapped, never cut."""
    room = min(_LABEL_CELLS, max(4, cells // 3), max(_FACT_CELLS, *map(width, values)) if values else 0)
    for name, value in values.items():
        yield from _fact(name, value, cells, glyphs, room)


def wrapped(text: str, style: str, cells: int, glyphs: Glyphs, lead: str = "") -> Iterator[list[Span]]:
    """A sentence in as many lines as it needs, each after `lead`."""
    for line in wrap(text, max(1, cells - width(lead)), glyphs):
        yield [Span(lead + line, style)]


def _state(alert: Alert, now: float, zone: tzinfo) -> str:
    """`firing for 12m, since 2026-11-23 03:00 CET`; `silenced, active for 2h, since ...`."""
    if alert.since is None:
        return f"{alert.state}, it is not said since when"
    state = alert.state if alert.state in ("firing", "pending") else f"{alert.state}, active"
    return f"{state} for {words.age(now - alert.since)}, since {words.moment(alert.since, zone)}"


def _silenced(
    alert: Alert, known: References, cells: int, now: float, zone: tzinfo, glyphs: Glyphs
) -> Iterator[list[Span]]:
    silences = known.silences(alert)
    for place, silence in enumerate(silences):
        if place:
            yield []
        yield from wrapped(
            f"by {silence.created_by or 'somebody'}, {alert_words.when(silence, now, zone)}",
            "foreground",
            cells,
            glyphs,
            "  ",
        )
        yield from _silence(silence, cells, now, zone, glyphs)
    named = {silence.id for silence in silences}
    for ident in alert.silenced_by:
        if ident not in named:
            yield from wrapped(f"silence {clean(ident)}, of which nothing is known here", "stale", cells, glyphs, "  ")


def _silence(silence: Silence, cells: int, now: float, zone: tzinfo, glyphs: Glyphs) -> Iterator[list[Span]]:
    facts = (
        ("why", silence.comment or "no comment"),
        ("from", words.moment(silence.starts_at, zone)),
        ("until", words.moment(silence.ends_at, zone)),
        ("matches", alert_words.matchers(silence)),
        ("mutes now", words.count(silence.mutes_now) if silence.mutes_now is not None else "not known"),
        ("id", clean(silence.id)),
        ("source", silence.source),
    )
    for name, value in facts:
        yield from _fact(name, value, cells, glyphs)


def _names(names: Sequence[str], cells: int, glyphs: Glyphs) -> Iterator[list[Span]]:
    for name in names[:_MOST]:
        yield from wrapped(name, "foreground", cells, glyphs, "  ")


def _links(alert: Alert, cells: int, glyphs: Glyphs) -> Iterator[list[Span]]:
    for name, link in (("runbook", alert.runbook), ("dashboard", alert.dashboard), ("raised by", alert.generator)):
        if link:
            yield from _fact(name, link, cells, glyphs, style="accent")


def _notified(alert: Alert, cells: int, glyphs: Glyphs) -> Iterator[list[Span]]:
    if alert.receivers:
        yield from _fact("receivers", ", ".join(alert.receivers), cells, glyphs)
    for group in alert.groups[:_MOST]:
        said = ", ".join(f'{name}="{value}"' for name, value in group.items()) or "all alerts of the route"
        yield from _fact("group", said, cells, glyphs)


def _origin(alert: Alert, cells: int, glyphs: Glyphs) -> Iterator[list[Span]]:
    yield from _fact("source", alert.source, cells, glyphs)
    yield from _fact("id", alert.fingerprint, cells, glyphs)


def _fact(
    name: str, value: str, cells: int, glyphs: Glyphs, room: int = _FACT_CELLS, style: str = "foreground"
) -> Iterator[list[Span]]:
    """A name and what stands for it, wrapped beside or, where the name is long, below it."""
    if width(name) > room:
        yield from wrapped(name, "dim", cells, glyphs, "  ")
        name = ""
    for place, line in enumerate(wrap(value, max(1, cells - room - 3), glyphs)):
        yield [Span("  " + fit("" if place else name, room, "left", glyphs) + " ", "dim"), Span(line, style)]

"""What taking an action on a silence back would do: once, for ten minutes, while nobody has changed it since.

A silence that was made is ended, one that was extended ends when it did before, one that was ended is made again for
what was left of it; of one that took the place of another, the other is made again first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sreconsole.domain.alert import Alert
from sreconsole.domain.entry import Entry, Recorded
from sreconsole.domain.matching import parse_matcher, test_of
from sreconsole.domain.nonce import unsigned
from sreconsole.domain.selector import Matcher
from sreconsole.domain.silence import Silence
from sreconsole.records import dataclass

UNDO = 600.0
"""Seconds for which an action can be taken back."""
_SLACK = 1.0
"""Seconds by which two ends are the same."""
_RANK = {"page": 0, "warn": 1, "other": 2}


@dataclass(frozen=True, slots=True)
class Again:
    """A silence that is to be made again."""

    source: str
    matchers: tuple[Matcher, ...]
    ends_at: float
    """Unix seconds: when the one before would have ended."""
    comment: str
    """Without a nonce."""


@dataclass(frozen=True, slots=True)
class Undoing:
    """What is to be done, in this order; at one cluster."""

    entry: str
    """Id of the entry that is taken back."""
    source: str
    until: float
    """Unix seconds until when it can be taken back."""
    again: Again | None = None
    """Is made."""
    shorten: Silence | None = None
    """Is made to end at `ends_at` instead."""
    ends_at: float = 0.0
    """Unix seconds."""
    expire: Silence | None = None
    """Is ended now."""
    heard: tuple[Alert, ...] = ()
    """Alerts that notify at once when that is done, page severity first."""

    @property
    def pages(self) -> tuple[Alert, ...]:
        """Of those the ones of page severity: it will page somebody."""
        return tuple(alert for alert in self.heard if alert.severity == "page")


def undoing(recorded: Recorded, silences: Iterable[Silence], alerts: Iterable[Alert], now: float) -> Undoing | str:
    """What taking it back would do, or a sentence why it cannot be taken back.

    `silences`: what every source lists now, expired ones as well; `now`: Unix seconds by the clock of the source.
    """
    entry, outcome = recorded.entry, recorded.outcome
    if not entry.kind.startswith("silence."):
        return "only what was done to a silence can be taken back"
    if outcome is None or outcome.ending == "unknown":
        return "it is not known yet what came of it"
    if outcome.ending != "done":
        return "it changed nothing"
    until = outcome.at + UNDO
    if now > until:
        return "it was done more than ten minutes ago"
    source = _text(entry, "source")
    known = {silence.id: silence for silence in silences if silence.source == source}
    ident = str(outcome.facts.get("silence_id") or _text(entry, "silence_id"))
    here = [alert for alert in alerts if alert.source == source]
    if entry.kind == "silence.expire":
        return _remade(entry, known.get(ident), source, until, now)
    silence = known.get(ident)
    if silence is None:
        return "its server does not list it (yet)"
    if silence.state == "expired" or silence.ends_at <= now:
        return "it has ended already"
    if abs(silence.ends_at - _number(entry, "ends_at")) > _SLACK:
        return "it was changed since"
    if entry.kind == "silence.create":
        return _unmade(entry, silence, known, here, until, now)
    before = _number(entry, "ended_at")
    if before <= now + _SLACK:
        return Undoing(entry.id, source, until, expire=silence, heard=heard(silence, here))
    return Undoing(entry.id, source, until, shorten=silence, ends_at=before)


def heard(silence: Silence, alerts: Iterable[Alert]) -> tuple[Alert, ...]:
    """Alerts that notify as soon as it ends: muted by nothing else, and first seen under it; page severity first.

    One that notified before the silence began is not notified of again before its `repeat_interval`; one first seen
    under it is at once. Source: Alertmanager's notification log, as watched with version 0.25.
    """
    found = (
        alert
        for alert in alerts
        if alert.source == silence.source
        and alert.silenced_by == (silence.id,)
        and not alert.inhibited_by
        and not alert.muted_by
        and (alert.since is None or alert.since >= silence.starts_at)
    )
    return tuple(sorted(found, key=lambda alert: (_RANK[alert.severity], alert.name, alert.fingerprint)))


def _remade(entry: Entry, silence: Silence | None, source: str, until: float, now: float) -> Undoing | str:
    """One that was ended is made again."""
    if silence is not None and silence.state != "expired" and silence.ends_at > now:
        return "its server lists it as active (yet)"
    ends_at = _number(entry, "ended_at")
    if ends_at <= now + _SLACK:
        return "it would have ended by now"
    try:
        matchers = silence.matchers if silence is not None else _matchers(entry)
    except ValueError:
        return "the journal does not say what it matched"
    comment = unsigned(silence.comment) if silence is not None else entry.text
    return Undoing(entry.id, source, until, Again(source, matchers, ends_at, comment))


def _unmade(
    entry: Entry, silence: Silence, known: dict[str, Silence], alerts: Sequence[Alert], until: float, now: float
) -> Undoing | str:
    """One that was made is ended; the one that it took the place of is made again."""
    replaced = _text(entry, "replaces")
    if not replaced:
        return Undoing(entry.id, silence.source, until, expire=silence, heard=heard(silence, alerts))
    old, ends_at = known.get(replaced), _number(entry, "replaced_until") or silence.ends_at
    if old is None or ends_at <= now + _SLACK:
        return "the silence that it took the place of is over"
    again = Again(silence.source, old.matchers, ends_at, unsigned(old.comment))
    loud = [alert for alert in alerts if not _mutes(again, alert)]
    return Undoing(entry.id, silence.source, until, again, expire=silence, heard=heard(silence, loud))


def _mutes(again: Again, alert: Alert) -> bool:
    """Whether it would stay muted; in doubt it would not."""
    try:
        return test_of(again.matchers)(alert.raw)
    except ValueError:
        return False


def _matchers(entry: Entry) -> tuple[Matcher, ...]:
    texts = entry.facts.get("matchers")
    if not isinstance(texts, Sequence) or isinstance(texts, str) or not texts:
        raise ValueError("no matchers")
    return tuple(parse_matcher(str(text)) for text in texts)


def _text(entry: Entry, fact: str) -> str:
    found = entry.facts.get(fact)
    return found if isinstance(found, str) else ""


def _number(entry: Entry, fact: str) -> float:
    found = entry.facts.get(fact)
    return float(found) if isinstance(found, (int, float)) else 0.0

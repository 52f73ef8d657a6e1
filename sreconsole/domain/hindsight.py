"""Which silences were in force at a moment of the past, and which alerts they muted then.

An Alertmanager ends a silence that is expired early by setting its end to that moment, and one whose matchers or start
are changed by making another, so that `starts_at <= T < ends_at` tells who was silenced at T for as long as it is
remembered (Alertmanager `silence/silence.go`). What else was changed since (comment, a later end) is told as it is now.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from sreconsole.domain.alert import Alert
from sreconsole.domain.silence import Silence, SilenceState
from sreconsole.records import replace


def as_of(silences: Iterable[Silence], at: float) -> tuple[Silence, ...]:
    """The silences as they stood at `at` (Unix seconds): one that was to begin later is known by then only when nobody
    touched it since. `mutes_now` is not known."""
    found = []
    for silence in silences:
        if silence.starts_at <= at:
            state: SilenceState = "active" if at < silence.ends_at else "expired"
        elif silence.updated_at is not None and silence.updated_at <= at:
            state = "pending"
        else:
            continue
        found.append(replace(silence, state=state, mutes_now=None))
    return tuple(found)


def silenced(alerts: Sequence[Alert], silences: Sequence[Silence]) -> tuple[tuple[Alert, ...], tuple[Silence, ...]]:
    """Alerts that fired, silenced where a silence in force matches them; silences with how many they muted.

    An alert that is silenced belongs to the source of the silence: nobody else knows which Alertmanagers it was sent
    to. Matchers that cannot be read match nothing, so that nothing that may have paged is hidden.
    """
    active = [silence for silence in silences if silence.state == "active"]
    judged: list[Alert] = []
    muted: Counter[tuple[str, str]] = Counter()
    for alert in alerts:
        by = [silence for silence in active if _matches(silence, alert)] if alert.state == "firing" else []
        if by:
            source = by[0].source
            ids = tuple(sorted(silence.id for silence in by if silence.source == source))
            judged.append(replace(alert, state="silenced", source=source, silenced_by=ids))
            muted.update((silence.source, silence.id) for silence in by)
        else:
            judged.append(alert)
    counted = (
        replace(silence, mutes_now=muted[silence.source, silence.id]) if silence.state == "active" else silence
        for silence in silences
    )
    return tuple(judged), tuple(counted)


def _matches(silence: Silence, alert: Alert) -> bool:
    try:
        return all(matcher.matches(alert.raw.get(matcher.name, "")) for matcher in silence.matchers)
    except ValueError:
        return False

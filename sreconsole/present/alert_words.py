"""What is said of alerts in few words: why one does not notify, until when, how many there are of each kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo

from sreconsole.domain.alert import Alert, AlertState
from sreconsole.domain.cleaning import clean
from sreconsole.domain.nonce import unsigned
from sreconsole.domain.silence import Silence
from sreconsole.domain.snapshot import Snapshot, SourceState
from sreconsole.present import titles, words
from sreconsole.present.marks import UNICODE, Glyphs

NAMELESS = "(no name)"
_STATES: tuple[AlertState, ...] = ("firing", "silenced", "inhibited", "muted", "pending")
_WHAT = ("summary", "description", "message")


class References:
    """The silences and alerts that others name: by source and id."""

    def __init__(self, alerts: Iterable[Alert] = (), silences: Iterable[Silence] = ()) -> None:
        self._silences = {(silence.source, silence.id): silence for silence in silences}
        self._names = {(alert.source, alert.fingerprint): alert.name for alert in alerts}

    def silences(self, alert: Alert) -> list[Silence]:
        """Those known of the silences that mute the alert, the one that ends last first."""
        found = [self._silences.get((alert.source, ident)) for ident in alert.silenced_by]
        return sorted((silence for silence in found if silence is not None), key=lambda one: -one.ends_at)

    def inhibitors(self, alert: Alert) -> list[str]:
        """The names of the alerts that inhibit it; `another alert` for one that is not known (any more)."""
        names = (self._names.get((alert.source, fingerprint)) for fingerprint in alert.inhibited_by)
        return [(name or NAMELESS) if name is not None else "another alert" for name in names]


def name(alert: Alert) -> str:
    """The alert's name; a stand-in where it has none."""
    return alert.name or NAMELESS


def what(alert: Alert) -> str:
    """The annotation that says in a sentence what is wrong; empty without one."""
    return next((alert.annotations[key] for key in _WHAT if alert.annotations.get(key)), "")


def told(alert: Alert) -> str:
    """What is wrong; of an alert that does not say it the labels that tell it from others of its name."""
    if said := what(alert):
        return said
    pairs = (f"{name}={value}" for name, value in alert.labels.items() if value != alert.service)
    return " ".join(pair for pair in pairs if not pair.startswith(("alertname=", "severity=")))


def why_quiet(alert: Alert, known: References, now: float, zone: tzinfo) -> str:
    """`ana until 05:00: reindexing OPS-7`, `by NodeDown`, `by interval nights`; empty for what notifies."""
    if alert.state == "silenced":
        silences = known.silences(alert)
        if not silences:
            return f"by silence {clean(alert.silenced_by[0])[:8]}" if alert.silenced_by else "by a silence"
        more = f" (+{len(alert.silenced_by) - 1} more)" if len(alert.silenced_by) > 1 else ""
        return _by(silences[0], now, zone) + more
    if alert.state == "inhibited":
        return f"by {', '.join(known.inhibitors(alert)) or 'another alert'}"
    if alert.state == "muted":
        return f"by interval {', '.join(alert.muted_by)}" if alert.muted_by else "by a time interval"
    return "not for long enough yet" if alert.state == "pending" else ""


def note(alert: Alert, known: References, now: float, zone: tzinfo) -> str:
    """The one thing to know beside name and age: why it is quiet, else whom it notifies."""
    return why_quiet(alert, known, now, zone) or ", ".join(alert.receivers)


def since(alert: Alert, now: float) -> str:
    """How long it has been active, in coarse steps; `-` where the server does not say."""
    return words.UNKNOWN if alert.since is None else words.age(now - alert.since)


def when(silence: Silence, now: float, zone: tzinfo) -> str:
    """`until 05:00 (1h)`, `from 05:00 (in 1h)`, `ended 12m ago`."""
    if silence.state == "expired":
        return f"ended {words.age(now - silence.ends_at)} ago"
    if silence.state == "pending":
        return f"from {words.near(silence.starts_at, now, zone)} (in {words.age(silence.starts_at - now)})"
    return f"until {words.near(silence.ends_at, now, zone)} ({words.age(silence.ends_at - now)})"


def mutes(silence: Silence) -> str:
    """`mutes 2`; `mutes ?` while the alerts of its source are not known."""
    return f"mutes {words.count(silence.mutes_now) if silence.mutes_now is not None else '?'}"


def matchers(silence: Silence) -> str:
    """All matchers in one line, as a person would type them."""
    return " ".join(clean(str(matcher)) for matcher in silence.matchers)


def tally(states: Mapping[AlertState, int], whole: bool, dot: str = "·", short: bool = False) -> str:
    """`3 firing · 1 silenced`, short `3 firing · 2 mute`; `no alerts` only where that is known, else `unknown`."""
    if short:
        mute = sum(states.get(state, 0) for state in _STATES[1:4])
        counts = [(states.get("firing", 0), "firing"), (mute, "mute"), (states.get("pending", 0), "pending")]
        said = [f"{number} {word}" for number, word in counts if number]
    else:
        said = [f"{states[state]} {state}" for state in _STATES if states.get(state)]
    if not whole:
        said.append("the rest unknown" if said else "unknown")
    return f" {dot} ".join(said) or "no alerts"


def none_known(sources: Sequence[SourceState], now: float, refresh: float, cells: int, glyphs: Glyphs = UNICODE) -> str:
    """Why there is no alert to show although that does not mean that there is none."""
    if not sources:
        return "unknown: no source of alerts in the config (sources: kind: alertmanager)"
    return titles.unanswered(sources, now, refresh, cells, glyphs)


def by_state(alerts: Iterable[Alert], severity: str | None = None) -> dict[AlertState, int]:
    """How many alerts are in each state; with `severity` only those of it."""
    counts: dict[AlertState, int] = {}
    for alert in alerts:
        if severity is None or alert.severity == severity:
            counts[alert.state] = counts.get(alert.state, 0) + 1
    return counts


def missing(snapshot: Snapshot) -> str | None:
    """Why the alerts are not all there are, for JSON and text; None when they are."""
    if snapshot.alerts_whole:
        return None
    if not snapshot.alert_sources:
        return "no source of alerts configured"
    if snapshot.alerts_past and snapshot.missing.get("alerts"):
        return snapshot.missing["alerts"]
    said = [
        f"{source.name}: {source.error or ('not asked yet' if source.state == 'waiting' else source.state)}"
        for source in snapshot.alert_sources
        if source.state != "live"
    ]
    return "; ".join(said) or "no source of alerts answered"


def _by(silence: Silence, now: float, zone: tzinfo) -> str:
    comment = f": {unsigned(silence.comment)}" if silence.comment else ""
    return f"{silence.created_by or 'somebody'} until {words.near(silence.ends_at, now, zone)}{comment}"

"""What a source of alerts promises the engine: the alerts and silences that it knows now, and how whole that is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from sreconsole.domain.alert import Alert, AlertState
from sreconsole.domain.silence import Silence
from sreconsole.records import dataclass, replace

MOST_ALERTS, MOST_SILENCES = 20_000, 5_000
"""So many of one source are read; that there are more is said."""
MOST_GROUPS = 100
"""Groups of one alert that are told."""


@dataclass(frozen=True, slots=True)
class AlertReading:
    """One answer. The tuples stay the same objects from answer to answer until they differ."""

    alerts: tuple[Alert, ...] = ()
    """By fingerprint; not tied to services."""
    silences: tuple[Silence, ...] = ()
    """By id."""
    partial: str | None = None
    """Why this is not all there is, as a sentence; None: it is whole."""
    parts: tuple[int, int] | None = None
    """Members that answered, and all; None where alerts are missing from the answer itself, or there are no members."""
    notes: tuple[str, ...] = ()
    """Remarks that are no failures."""
    silences_missing: str | None = None
    """Why the silences are not known, or not those of now; None: they are."""


def state_of(state: str, silenced: object, inhibited: object, muted: object) -> AlertState:
    """The state of an alert that a server calls `state`, by what keeps it from notifying.

    States we do not know count as firing; a suppressed one whose reason we do not know as muted.
    """
    if state != "suppressed":
        return "pending" if state == "pending" else "firing"
    return "silenced" if silenced else "inhibited" if inhibited else "muted"


def merged(one: Alert, other: Alert) -> Alert:
    """The same alert seen twice: in two groups, or by two members of a cluster. Where one notifies, it fires."""
    if one is other or one == other:
        return one
    first, second = (other, one) if other.state == "firing" and one.state != "firing" else (one, other)
    found = replace(
        first,
        groups=_groups(first, second),
        receivers=_union(first.receivers, second.receivers),
        since=min((at for at in (first.since, second.since) if at is not None), default=None),
    )
    if first.state == "firing":
        return found
    silenced = _union(first.silenced_by, second.silenced_by)
    inhibited = _union(first.inhibited_by, second.inhibited_by)
    muted = _union(first.muted_by, second.muted_by)
    return replace(
        found,
        state=state_of("suppressed", silenced, inhibited, muted),
        silenced_by=silenced,
        inhibited_by=inhibited,
        muted_by=muted,
    )


def _union(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return one if one == other else tuple(sorted({*one, *other}))


def _groups(one: Alert, other: Alert) -> tuple[Mapping[str, str], ...]:
    if len(one.groups) >= MOST_GROUPS:
        return one.groups
    return one.groups + tuple(group for group in other.groups if group not in one.groups)


def counted(silences: Iterable[Silence], alerts: Iterable[Alert]) -> tuple[Silence, ...]:
    """The silences with how many of these alerts each mutes."""
    mutes = Counter(name for alert in alerts for name in alert.silenced_by)
    return tuple(
        silence if silence.mutes_now == mutes[silence.id] else replace(silence, mutes_now=mutes[silence.id])
        for silence in silences
    )

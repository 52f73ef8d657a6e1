"""A silence that is there: what letting it end later, or now, would do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sreconsole.domain.alert import Alert
from sreconsole.domain.duration import format_duration
from sreconsole.domain.outcome import Result
from sreconsole.domain.silence import Silence
from sreconsole.domain.undoing import heard
from sreconsole.engine.actions.preview import Amendment
from sreconsole.errors import SourceError

if TYPE_CHECKING:
    from sreconsole.engine.actions.cluster import Cluster

_RANK = {"page": 0, "warn": 1, "other": 2}


async def extension(
    cluster: Cluster, silence: Silence, by: float, longest: float, barred: Sequence[str]
) -> Amendment | Result:
    """Letting it end `by` seconds later than its end now; a Result says why that cannot be told."""
    found = await _known(cluster, silence, barred)
    if isinstance(found, Result):
        return found
    silence, alerts = found
    now = cluster.writer.now()
    ends_at = round(silence.ends_at + by, 3)
    said = list(barred)
    if over(silence, now):
        said.append(f"{silence.id} has ended already: make a new one")
    elif by <= 0:
        said.append("it would not end later")
    elif ends_at - now > longest + 1:
        said.append(
            f"it would end in {format_duration(round(ends_at - now))}, the longest silence is "
            f"{format_duration(longest)}; silences.longest in the config changes that"
        )
    return Amendment("extend", silence, ends_at, _muted(silence, alerts), len(alerts), refusals=tuple(said))


async def expiry(cluster: Cluster, silence: Silence, barred: Sequence[str]) -> Amendment | Result:
    """Ending it now; a Result says why that cannot be told."""
    found = await _known(cluster, silence, barred)
    if isinstance(found, Result):
        return found
    silence, alerts = found
    now = cluster.writer.now()
    muted = _muted(silence, alerts)
    return Amendment(
        "expire", silence, now, muted, len(alerts), heard(silence, muted), tuple(barred), over=over(silence, now)
    )


def over(silence: Silence, now: float) -> bool:
    """Whether it has ended (`now` by the cluster's clock)."""
    return silence.state == "expired" or silence.ends_at <= now


async def _known(cluster: Cluster, silence: Silence, barred: Sequence[str]) -> tuple[Silence, list[Alert]] | Result:
    """The silence as it stands now, and all alerts of its cluster."""
    newest = await cluster.writer.fetch(silence.id)
    if isinstance(newest, Result):
        return newest
    try:
        reading = await cluster.reader.read(cluster.writer.now())
    except SourceError as error:
        return Result(cluster.name, "unreached", error=str(error))
    return newest, list(reading.alerts)


def _muted(silence: Silence, alerts: Sequence[Alert]) -> tuple[Alert, ...]:
    found = (alert for alert in alerts if silence.id in alert.silenced_by)
    return tuple(sorted(found, key=lambda alert: (_RANK[alert.severity], alert.name, alert.fingerprint)))

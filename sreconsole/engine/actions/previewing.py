"""Asks what a draft would do: every cluster it is meant for, now, by the cluster's own filter; and the rules."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sreconsole.domain.draft import Draft
from sreconsole.domain.guards import refusals
from sreconsole.domain.reaching import reach
from sreconsole.engine.actions.preview import At, Preview
from sreconsole.engine.actions.surroundings import Surroundings
from sreconsole.errors import SourceError
from sreconsole.records import replace

if TYPE_CHECKING:
    from sreconsole.domain.reach import Danger
    from sreconsole.engine.actions.cluster import Cluster
    from sreconsole.engine.actions.rules import Known
    from sreconsole.sources.alert_reading import AlertReading


async def previewed(
    draft: Draft, clusters: Sequence[Cluster], around: Surroundings, clock: Callable[[], float], barred: Sequence[str]
) -> Preview:
    """The preview at these clusters. `barred`: why nothing can be written whatever the draft says.

    `draft.ends_at` is by the clock here; each cluster is told of it by its own.
    """
    now = clock()
    rules = await around.rules()
    at = await asyncio.gather(*(_at(draft, cluster, around, now, rules) for cluster in clusters))
    understood = next((one.reach for one in at if one.reach is not None), None)
    said = [*barred, *refusals(draft, understood, around.config.silences, now)]
    return Preview(draft, tuple(at), draft.ends_at - now, tuple(dict.fromkeys(said)), to_type(at), now)


def to_type(at: Sequence[At]) -> int | None:
    """The number to be typed; None: an ordinary confirmation will do.

    That nothing is matched is dangerous only where no cluster has anything that is: of two, one is often not concerned.
    """
    reaches = [one.reach for one in at if one.reach is not None]
    count = sum(reach.count for reach in reaches)
    ignored: set[Danger] = {"nothing"} if any("nothing" not in reach.dangers for reach in reaches) else set()
    asked = any(set(reach.dangers) - ignored or reach.unlisted for reach in reaches)
    return count if asked else None


async def _at(draft: Draft, cluster: Cluster, around: Surroundings, now: float, rules: Known) -> At:
    """What it would do at one cluster."""
    try:
        reading, matched = await asyncio.gather(cluster.reader.read(now), cluster.writer.matching(draft.matchers))
    except SourceError as error:
        return At(cluster.name, None, str(error))
    missing = _lacking(reading)
    if missing is not None and matched is None:
        return At(cluster.name, None, missing)
    try:
        found = reach(
            draft,
            around.tied(reading.alerts),
            reading.silences,
            source=cluster.name,
            now=now,
            severities=around.config.severities,
            never=around.config.silences.never_silence,
            rules=rules.rules,
            rules_missing=rules.missing,
            slos=around.slos(),
            matches=around.matches,
            matched=matched,
        )
    except ValueError as error:
        # Only the server understands the matchers, and it did not say what they mean.
        return At(cluster.name, None, cluster.writer.trouble or str(error))
    return At(cluster.name, found, silences=reading.silences)


def _lacking(reading: AlertReading) -> str | None:
    """Why alerts are missing from an answer; a member that is down is made good by the others."""
    return reading.partial if reading.partial is not None and reading.parts is None else None


def for_cluster(draft: Draft, cluster: Cluster) -> Draft:
    """The draft by the clock of a cluster, to the millisecond."""
    return replace(draft, ends_at=round(draft.ends_at + (cluster.writer.skew or 0.0), 3))

"""How the SLOs burn that a silence would hide: asked once, of these services alone, and not waited for long."""

from __future__ import annotations

import os

from sreconsole.cli.wiring import clock, wire
from sreconsole.config.model import Config, Deploys, Oncall, Toil
from sreconsole.domain.snapshot import Snapshot
from sreconsole.engine.actions.preview import Preview
from sreconsole.records import replace

PATIENCE = 2.0
"""Seconds: what pages now does not wait for a Prometheus."""


async def burning(config: Config, preview: Preview) -> Snapshot | None:
    """A snapshot of the services whose alerts would be muted, or that the matchers name; None: none of them has an SLO.

    Members of fleets are not asked for: all of a fleet are measured together, and there may be thousands.
    """
    named = {matcher.name: matcher.value for matcher in preview.draft.matchers if matcher.op == "="}
    muted = {alert.service for reach in preview.reaches for alert in reach.muted}
    services = tuple(
        service
        for service in config.services
        if service.slos and (service.name in muted or (service.match and service.match.items() <= named.items()))
    )
    if not services:
        return None
    asked = {slo.source for service in services for slo in service.slos}
    only = replace(
        config,
        services=services,
        fleets=(),
        sources={name: source for name, source in config.sources.items() if name in asked},
        deploys=Deploys(),
        toil=Toil(),
        oncall=Oncall(),
    )
    console = wire(only, clock, os.environ, trends=False)
    try:
        return await console.once(PATIENCE)
    finally:
        await console.aclose()

"""Deploys in `status --format json`. All text is cleaned; a time that is not known is null."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sreconsole.domain.snapshot import Snapshot
from sreconsole.plain.alerts_json import moment

if TYPE_CHECKING:
    from sreconsole.domain.deploy import Deploy

NO_SOURCE = "the config names no source of deploys"


def unknown_deploys(snapshot: Snapshot) -> dict[str, str]:
    """Why there can be none."""
    return {} if snapshot.deploy_sources else {"deploys": NO_SOURCE}


def deploy_object(deploy: Deploy) -> dict[str, Any]:
    """One deploy. The verdict is not judged yet."""
    return {
        "id": deploy.id,
        "service": deploy.service,
        "owned": deploy.owned,
        "environment": deploy.environment,
        "namespace": deploy.namespace or None,
        "production": deploy.is_prod,
        "version": deploy.version,
        "prev_version": deploy.prev_version,
        "sha": deploy.sha,
        "status": deploy.status,
        "raw_status": deploy.raw_status or None,
        "kind": deploy.kind,
        "attempt": deploy.attempt,
        "created_at": moment(deploy.created_at),
        "started_at": moment(deploy.started_at),
        "finished_at": moment(deploy.finished_at),
        "margin_seconds": deploy.margin,
        "actor": deploy.actor,
        "url": deploy.url,
        "message": deploy.message,
        "confidence": deploy.confidence,
        "sources": list(deploy.sources),
        "remarks": list(deploy.remarks),
        "verdict": None,
    }

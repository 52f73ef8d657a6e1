"""A deploy: one change of what runs in one environment, as far as any source can tell.

The rules that tell deploys apart (redeploy, rollback, attempts) and put together what several sources say are in
`domain.deploy_history`.
"""

from __future__ import annotations

from typing import Literal

from sreconsole.records import dataclass

DeployStatus = Literal["queued", "running", "succeeded", "failed", "cancelled", "unknown"]
DeployKind = Literal["deploy", "redeploy", "rollback", "canary", "config", "restart", "unknown"]
Confidence = Literal["exact", "inferred", "manual"]
"""exact: the source calls it a deployment; inferred: concluded from metrics; manual: a person wrote it down."""


@dataclass(frozen=True, slots=True)
class Deploy:
    """One deploy. Every time is Unix seconds or None: not known. Every text is cleaned."""

    id: str
    """`SOURCE:KEY`; the same whenever the same deploy is seen again."""
    service: str
    """The service of the config that owns it; where none does, the name that the source gave."""
    version: str
    """What a person calls it: tag, image tag, chart version."""
    environment: str = ""
    namespace: str = ""
    """Where it was seen in Kubernetes; which environment that is, if any, is told by `domain.namespace`."""
    is_prod: bool = True
    """Whether the environment is among those that the config calls production; an unnamed one is."""
    owned: bool = True
    """Whether a service of the config owns it."""
    status: DeployStatus = "succeeded"
    raw_status: str = ""
    """The source's own word."""
    kind: DeployKind = "deploy"
    created_at: float | None = None
    started_at: float | None = None
    finished_at: float | None = None
    sha: str | None = None
    """7 to 40 hex digits."""
    prev_sha: str | None = None
    prev_version: str | None = None
    """What ran there before, where that is known."""
    actor: str | None = None
    actor_is_bot: bool = False
    url: str | None = None
    message: str = ""
    commit_at: float | None = None
    oldest_commit_at: float | None = None
    attempt: int = 1
    confidence: Confidence = "exact"
    margin: float = 0.0
    """Seconds by which its times may be off, where they come from samples; the screen says `~`."""
    sources: tuple[str, ...] = ()
    """Names of the sources that tell of it, the first to have told first."""
    remarks: tuple[str, ...] = ()
    """What does not fit: `finished before it started`."""

    @property
    def at(self) -> float:
        """The moment it is shown at: when it finished, else started, else was created; 0 where nothing is known."""
        return next((time for time in (self.finished_at, self.started_at, self.created_at) if time is not None), 0.0)

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self.status in ("queued", "running")

    @property
    def seconds(self) -> float | None:
        """How long it took; None: not known, or not ended."""
        if self.started_at is None or self.finished_at is None:
            return None
        return max(0.0, self.finished_at - self.started_at)

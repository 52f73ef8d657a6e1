"""Actions over clusters in memory, which answer as they are told to."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sreconsole.config.model import AlertmanagerSource, Config, Service
from sreconsole.domain.actor import Actor
from sreconsole.domain.alert import Alert
from sreconsole.domain.author import Nameless
from sreconsole.domain.draft import Draft
from sreconsole.domain.outcome import Result
from sreconsole.domain.selector import Matcher
from sreconsole.domain.silence import Silence
from sreconsole.engine.actions.actions import Actions
from sreconsole.engine.actions.cluster import Cluster
from sreconsole.engine.logbook import Logbook
from sreconsole.errors import SourceError, Unreachable
from sreconsole.records import replace
from sreconsole.sources.alert_reading import AlertReading
from sreconsole.sources.silence_writer import Expected
from tests.engine.journaling import ANA, MemoryJournal

NOW = 1_795_000_000.0


def alert(name: str, severity: Any = "warn", source: str = "am", **labels: str) -> Alert:
    raw = {"alertname": name, "severity": severity, **labels}
    mark = hashlib.md5(str(sorted(raw.items())).encode()).hexdigest()[:16]
    return Alert(name, "firing", severity, source, mark, raw, raw, since=NOW - 600, receivers=("chat",))


def at(source: str, *alerts: Alert) -> list[Alert]:
    return [replace(one, source=source) for one in alerts]


class FakeCluster:
    """Implements reader and writer. `log` is shared with the journal, to see what came first."""

    def __init__(self, name: str, alerts: Sequence[Alert], log: list[str]) -> None:
        self.name, self.alerts, self.log = name, list(alerts), log
        self.silences: dict[str, Silence] = {}
        self.down: str | None = None
        self.answer: Result | None = None
        """What the next write answers instead of doing it."""
        self.later: Result | None = None
        """What `settle` finds."""
        self.read_only: str | None = None
        self.trouble: str | None = None
        self.skew: float | None = 0.0
        self.created: list[Draft] = []
        self.closed = False

    def now(self) -> float:
        return NOW + (self.skew or 0.0)

    async def read(self, now: float) -> AlertReading:
        if self.down is not None:
            raise Unreachable(self.down)
        return AlertReading(tuple(self.alerts), tuple(self.silences.values()))

    async def matching(self, matchers: Sequence[Matcher]) -> frozenset[str] | None:
        if self.down is not None:
            return None
        try:
            hits = [one for one in self.alerts if all(m.matches(one.raw.get(m.name, "")) for m in matchers)]
        except ValueError as error:
            self.trouble = str(error)
            return None
        return frozenset(one.fingerprint for one in hits)

    async def fetch(self, id_: str) -> Silence | Result:
        if self.down is not None:
            return Result(self.name, "unreached", error=self.down)
        return self.silences.get(id_) or Result(self.name, "refused", error="there is none")

    async def create(self, draft: Draft) -> Result:
        self.log.append(f"create {self.name}")
        if self.answer is not None:
            return self.answer
        self.created.append(draft)
        ident = f"{self.name}-{len(self.created)}"
        self.silences[ident] = Silence(
            ident, self.name, "active", draft.matchers, draft.created_by, draft.signed, NOW, draft.ends_at
        )
        return Result(self.name, "done", ident)

    async def edit(self, silence: Silence, draft: Draft) -> Result:
        made = await self.create(draft)
        if made.outcome == "done":
            await self.expire(silence.id)
        return made

    async def extend(self, silence: Silence, ends_at: float) -> Result:
        self.log.append(f"extend {self.name}")
        if self.answer is not None:
            return self.answer
        self.silences[silence.id] = replace(self.silences[silence.id], ends_at=ends_at)
        return Result(self.name, "done", silence.id)

    async def expire(self, id_: str) -> Result:
        self.log.append(f"expire {self.name}")
        if self.answer is not None:
            return self.answer
        self.silences[id_] = replace(self.silences[id_], state="expired", ends_at=self.now())
        return Result(self.name, "done", id_)

    async def settle(self, what: Draft | Expected) -> Result:
        return self.later or Result(self.name, "unknown", error="still nobody knows")

    def dry(self, what: Draft | Expected) -> str:
        return f"curl {what}"

    async def aclose(self) -> None:
        self.closed = True


class Desk:
    """Actions of one start, with what they act on."""

    def __init__(
        self,
        clusters: Mapping[str, Sequence[Alert]],
        who: Actor | Nameless = ANA,
        settings: Mapping[str, Any] | None = None,
        **config: Any,
    ) -> None:
        self.journal = MemoryJournal()
        self.log = self.journal.log
        self.clusters = {name: FakeCluster(name, alerts, self.log) for name, alerts in clusters.items()}
        for name in (settings or {}).get("locked", ()):
            self.clusters[name].read_only = f"source {name} is read-only"
        sources = {
            name: AlertmanagerSource(name, ("http://127.0.0.1:9",), read_only=cluster.read_only is not None)
            for name, cluster in self.clusters.items()
        }
        services = (Service("checkout", match={"service": "checkout"}),)
        self.looked: list[str | None] = []
        self.now = NOW
        self.actions = Actions(
            Config(Path("x.yaml"), sources=sources, services=services, **config),
            Logbook(lambda: self.journal),
            who,
            lambda: self.now,
            written=self.looked.append,
            connect=lambda source, *_: self._cluster(source.name),
        )

    def draft(self, *matchers: Matcher, seconds: float = 3600, comment: str = "reindexing OPS-7") -> Draft:
        return self.actions.draft(matchers, NOW + seconds, comment)

    def _cluster(self, name: str) -> Cluster:
        one = self.clusters[name]
        return Cluster(name, one, one)


__all__ = ["ANA", "NOW", "Desk", "FakeCluster", "Matcher", "SourceError", "alert", "at"]
